package imports

import (
	"slices"

	"bordeaux-metropole.fr/portal/internal/structure"
)

const (
	// nearEnough is how alike two names of one commune are to be told, as the register
	// has it (internal/structure, nearEnough): the same measure, made here because a
	// file compares thousands of names with thousands.
	nearEnough = 0.55
	maxNear    = 3
)

// trigrams returns the trigrams of a folded name as pg_trgm cuts it, sorted, each once.
func trigrams(folded string) []uint64 {
	var out []uint64
	word := []rune{' ', ' '}
	end := func() {
		if len(word) > 2 {
			word = append(word, ' ')
			for i := 0; i+3 <= len(word); i++ {
				out = append(out, uint64(word[i])<<42|uint64(word[i+1])<<21|uint64(word[i+2]))
			}
		}
		word = word[:2]
	}
	for _, r := range folded {
		if r == ' ' {
			end()
			continue
		}
		word = append(word, r)
	}
	end()
	slices.Sort(out)
	return slices.Compact(out)
}

// alike tells whether two names share enough trigrams (Jaccard).
func alike(a, b []uint64) bool {
	least := float64(min(len(a), len(b)))
	if least == 0 || least < nearEnough*float64(max(len(a), len(b))) {
		return false
	}
	shared, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			shared++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return float64(shared) >= nearEnough*float64(len(a)+len(b)-shared)
}

// named is a name to compare with.
type named struct {
	grams []uint64
	near  Near
}

// findNear tells of each new line which structures of its commune, and which new lines
// above it, have a name close to its own, and who left or was refused with its SIRET.
func (p *planner) findNear(register []structure.Sheet) {
	if p.plan.New == 0 {
		return
	}
	there := map[string][]named{}
	gone := map[string]*structure.Sheet{}
	for i := range register {
		s := &register[i]
		if s.State == structure.Merged || s.State == structure.Lapsed {
			continue
		}
		if !living(s.State) && s.SIRET != "" {
			gone[s.SIRET] = s
		}
		if s.State != structure.Refused {
			there[s.INSEE] = append(there[s.INSEE], named{trigrams(fold(s.Name)), Near{ID: s.ID, Name: s.Name, Note: s.State.Label()}})
		}
	}
	for i := range p.plan.Lines {
		l := &p.plan.Lines[i]
		if l.Kind != KindNew {
			continue
		}
		if s := gone[l.Sheet.SIRET]; s != nil {
			l.Near = append(l.Near, Near{ID: s.ID, Name: s.Name, Note: "Même SIRET, " + s.State.Label()})
		}
		grams := trigrams(fold(l.Sheet.Name))
		for _, other := range there[l.Sheet.INSEE] {
			if len(l.Near) >= maxNear {
				break
			}
			again := len(l.Near) > 0 && l.Near[0].ID != 0 && l.Near[0].ID == other.near.ID
			if !again && alike(grams, other.grams) {
				l.Near = append(l.Near, other.near)
			}
		}
		there[l.Sheet.INSEE] = append(there[l.Sheet.INSEE], named{grams, Near{Name: l.Sheet.Name, Line: l.Number}})
	}
}
