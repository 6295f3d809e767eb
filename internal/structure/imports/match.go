package imports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// known is the register by what a line may say of a structure. Who was refused or
// has left may come again: those records are found by our own identifier only.
type known struct {
	byID       map[structure.ID]*structure.Sheet // those that are gone too
	bySIRET    map[string]*structure.Sheet
	byRNA      map[string]*structure.Sheet
	byNational map[string]*structure.Sheet
	byName     map[string][]*structure.Sheet // see nameKey
	taken      map[structure.ID]int          // lines that a structure was found for
}

func living(s structure.State) bool {
	switch s {
	case structure.Refused, structure.Left, structure.Merged, structure.Lapsed:
		return false
	}
	return true
}

func nameKey(name, insee string) string { return insee + " " + fold(name) }

func (k *known) index(register []structure.Sheet) {
	*k = known{map[structure.ID]*structure.Sheet{}, map[string]*structure.Sheet{}, map[string]*structure.Sheet{},
		map[string]*structure.Sheet{}, map[string][]*structure.Sheet{}, map[structure.ID]int{}}
	for i := range register {
		s := &register[i]
		k.byID[s.ID] = s
		if !living(s.State) {
			continue
		}
		if s.SIRET != "" {
			k.bySIRET[s.SIRET] = s
		}
		if s.RNA != "" {
			k.byRNA[s.RNA] = s
		}
		if s.NationalID != "" {
			k.byNational[s.NationalID] = s
		}
		n := nameKey(s.Name, s.INSEE)
		k.byName[n] = append(k.byName[n], s)
	}
}

// key is what a line says of which structure it is about.
type key struct {
	row        int
	siret, rna string
	nationalID string
	own        structure.ID
	name       string
	insee      string
	gone       Field  // the cell of its identifier, when the structure was refused, has left…
	wrong      []Cell // what is wrong in these cells
}

// setGone makes the line one about a record that is gone: the numbers it shares with
// it may be those of another record now, which the line does not speak of.
func (k *key) setGone(s structure.Sheet, by Field) {
	k.gone = by
	if k.siret == s.SIRET {
		k.siret = ""
	}
	if k.rna == s.RNA {
		k.rna = ""
	}
	if k.nationalID == s.NationalID {
		k.nationalID = ""
	}
}

// anonymous tells a line that carries no identifier.
func (k key) anonymous() bool {
	return k.siret == "" && k.rna == "" && k.nationalID == "" && k.own == 0
}

// bad makes a bad cell of a line.
func (p *planner) bad(row int, f Field, message string) Cell {
	c := p.mapping.Column(f)
	cell := Cell{Line: p.table.Line(row), Message: message}
	if c >= 0 {
		cell.Column, cell.Value = p.headings[c], clip(p.table.Cell(row, c))
	}
	return cell
}

func (p *planner) value(row int, f Field) string { return p.table.Cell(row, p.mapping.Column(f)) }

// readKeys reads the identifiers of every line, and tells on both lines what two of
// them share.
func (p *planner) readKeys() {
	for row := range p.table.Rows {
		if p.table.Blank(row) {
			continue
		}
		k := key{row: row, name: strings.Join(strings.Fields(p.value(row, Name)), " ")}
		p.readSIRET(&k)
		p.readIDs(&k)
		p.readCommune(&k)
		p.keys = append(p.keys, k)
	}
	p.twice(SIRET, "Ce numéro", func(k key) string { return k.siret + k.rna })
	p.twice(NationalID, "Cet identifiant", func(k key) string { return k.nationalID })
	p.twice(OwnID, "Cet identifiant", func(k key) string {
		if k.own == 0 {
			return ""
		}
		return strconv.FormatInt(int64(k.own), 10)
	})
	p.twice(Name, "Ce nom, dans cette commune et sans identifiant,", func(k key) string {
		if !k.anonymous() || k.insee == "" || k.name == "" {
			return ""
		}
		return nameKey(k.name, k.insee)
	})
}

func (p *planner) twice(f Field, subject string, of func(key) string) {
	first := map[string]int{}
	for i := range p.keys {
		v := of(p.keys[i])
		if v == "" {
			continue
		}
		j, again := first[v]
		if !again {
			first[v] = i
			continue
		}
		k, other := &p.keys[i], &p.keys[j]
		k.wrong = append(k.wrong, p.bad(k.row, f, fmt.Sprintf("%s est aussi à la ligne %d.", subject, p.table.Line(other.row))))
		if len(other.wrong) < 20 { // enough of them to see what happens
			other.wrong = append(other.wrong, p.bad(other.row, f, fmt.Sprintf("%s est aussi à la ligne %d.", subject, p.table.Line(k.row))))
		}
	}
}

func (p *planner) readSIRET(k *key) {
	typed := p.value(k.row, SIRET)
	digits, ok := national.SIRET(typed)
	switch {
	case strings.Trim(digits, "0") == "": // « 00000000000000 »: unknown, in national files
	case ok:
		k.siret = digits
	case strings.HasPrefix(strings.ToUpper(digits), "W"):
		if k.rna, ok = national.RNA(typed); !ok {
			k.rna = ""
			k.wrong = append(k.wrong, p.bad(k.row, SIRET, "Un numéro RNA commence par W, suivi de 9 chiffres ou lettres."))
		}
	case strings.ContainsAny(digits, "eE"):
		k.wrong = append(k.wrong, p.bad(k.row, SIRET, "Le tableur a remplacé ce SIRET par un nombre arrondi : mettez la colonne au format texte et saisissez-le de nouveau."))
	case len(digits) == 9:
		k.wrong = append(k.wrong, p.bad(k.row, SIRET, "9 chiffres : c’est un SIREN. Le SIRET en compte 14, il désigne l’établissement."))
	default:
		advice := national.SIRETAdvice(typed)
		if advice == "" {
			advice = "Ce SIRET n’est pas valide : vérifiez ses 14 chiffres."
		}
		k.wrong = append(k.wrong, p.bad(k.row, SIRET, advice))
	}
}

func (p *planner) readIDs(k *key) {
	k.nationalID = p.value(k.row, NationalID)
	if len([]rune(k.nationalID)) > 100 || strings.ContainsAny(k.nationalID, "\n\t") {
		k.wrong = append(k.wrong, p.bad(k.row, NationalID, "Gardez 100 caractères au plus, sur une ligne."))
	}
	ownField := OwnID
	if own := structure.OwnIDOf(k.nationalID); own != 0 { // a line of our own national file
		k.own, k.nationalID, ownField = own, "", NationalID
	}
	if typed := p.value(k.row, OwnID); typed != "" {
		n, err := strconv.ParseInt(typed, 10, 64)
		if err != nil || n <= 0 {
			k.wrong = append(k.wrong, p.bad(k.row, OwnID, "L’identifiant du portail est un nombre."))
			return
		}
		k.own, ownField = structure.ID(n), OwnID
	}
	switch s := p.byID[k.own]; {
	case k.own == 0:
	case s == nil:
		k.wrong = append(k.wrong, p.bad(k.row, ownField, "Aucune structure n’a cet identifiant."))
	case !living(s.State):
		k.setGone(*s, ownField)
	}
}

// match finds the structure a line is about: by its SIRET or RNA, then by the national
// identifier, then by ours, then by the same name in the same commune when one of the
// two carries no identifier. Two answers that differ are wrong.
func (p *planner) match(k *key) (found *structure.Sheet, byName bool, wrong []Cell) {
	for _, by := range []struct {
		f Field
		s *structure.Sheet
	}{
		{SIRET, p.bySIRET[k.siret]}, {SIRET, p.byRNA[k.rna]}, {NationalID, p.byNational[k.nationalID]}, {OwnID, p.byID[k.own]},
	} {
		switch {
		case by.s == nil:
		case found == nil:
			found = by.s
		case found != by.s:
			return nil, false, []Cell{p.bad(k.row, by.f, fmt.Sprintf("Cet identifiant est celui de « %s », le précédent celui de « %s ».", by.s.Name, found.Name))}
		}
	}
	if found == nil {
		found = p.sameName(k)
		byName = found != nil
	}
	if found == nil {
		return nil, false, nil
	}
	if line, again := p.taken[found.ID]; again {
		return nil, false, []Cell{p.bad(k.row, Name, fmt.Sprintf("La ligne %d parle déjà de cette structure, « %s ».", line, found.Name))}
	}
	p.taken[found.ID] = p.table.Line(k.row)
	return found, byName, nil
}

// sameName finds the only structure of that name and commune that no identifier tells
// from the line.
func (p *planner) sameName(k *key) *structure.Sheet {
	at := slices.Concat(p.byName[nameKey(k.name, k.insee)], p.byName[nameKey(k.name, "")])
	var found *structure.Sheet
	for _, s := range at {
		differs := k.siret != "" && s.SIRET != "" || k.rna != "" && s.RNA != "" || k.nationalID != "" && s.NationalID != "" || k.own != 0
		if _, again := p.taken[s.ID]; differs || again && !k.anonymous() {
			continue
		}
		if found != nil {
			return nil // which of the two?
		}
		found = s
	}
	return found
}
