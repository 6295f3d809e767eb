package imports

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/spreadsheet"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Kind says what an import does of a line.
type Kind string

// The closed set of kinds.
const (
	KindNew       Kind = "new"
	KindChanged   Kind = "changed"
	KindUnchanged Kind = "unchanged"
	KindWrong     Kind = "wrong"
)

// Cell is a cell that is wrong.
type Cell struct {
	Line    int    // as a spreadsheet numbers it
	Column  string // its heading; "" when the line itself is wrong
	Value   string // clipped
	Message string // what is wrong, in French
}

// Change is a field of a sheet that a line changes.
type Change struct{ Label, Before, After string }

// Near is a structure that a new line looks like.
type Near struct {
	ID   structure.ID // 0: another new line of the file
	Name string
	Line int // of the file, when ID is 0
	Note string
}

// Line is a line of the file and what the import does of it.
type Line struct {
	Number  int
	Kind    Kind
	Sheet   structure.Sheet // as it will be
	Changes []Change
	Near    []Near
	ByName  bool // no identifier said so: the same name in the same commune
	College bool // says another college than the register's, which stays
}

// Plan is what an import would do, told before it is done.
type Plan struct {
	Lines                          []Line
	Cells                          []Cell // in the order of lines and columns
	New, Changed, Unchanged, Wrong int
	OtherCollege                   int // lines whose college is not the register's
	Stamp                          string
}

// Empty tells whether the import would change nothing.
func (p Plan) Empty() bool { return p.New+p.Changed == 0 }

// Of returns the lines of a kind.
func (p Plan) Of(kind Kind) []Line {
	var out []Line
	for _, l := range p.Lines {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

// CommuneName is a commune of the metropole.
type CommuneName struct{ INSEE, Name string }

// Make works out what importing the table would do to the register.
func Make(t spreadsheet.Table, m Mapping, register []structure.Sheet, communes []CommuneName) Plan {
	p := &planner{table: t, mapping: m, places: communeIndex(communes)}
	for i := range t.Header {
		p.headings = append(p.headings, HeadingOf(t, i))
	}
	p.index(register)
	p.readKeys()
	p.plan.Lines = make([]Line, 0, len(p.keys))
	for i := range p.keys {
		p.line(&p.keys[i])
	}
	p.findNear(register)
	p.plan.Stamp = p.plan.stamp()
	return p.plan
}

type planner struct {
	table   spreadsheet.Table
	mapping Mapping
	places
	known
	headings []string
	keys     []key
	plan     Plan
}

// line reads a line over what the register says of its structure.
func (p *planner) line(k *key) {
	l := Line{Number: p.table.Line(k.row), Kind: KindNew}
	cells := slices.Clone(k.wrong)
	base, found := structure.Sheet{}, (*structure.Sheet)(nil)
	if len(cells) == 0 {
		found, l.ByName, cells = p.match(k)
	}
	if found != nil {
		base, l.Kind = *found, KindUnchanged
	}
	r := reader{planner: p, key: k, sheet: base, cells: cells}
	r.fields()
	r.settle(found == nil)
	l.Sheet = r.sheet
	if len(r.cells) > 0 {
		l.Kind = KindWrong
		slices.SortStableFunc(r.cells, func(a, b Cell) int { return p.order(a.Column) - p.order(b.Column) })
		p.plan.Cells = append(p.plan.Cells, r.cells...)
	} else if found != nil {
		l.Changes = p.changes(*found, r.sheet)
		l.College = r.otherCollege
		switch {
		case len(l.Changes) == 0:
		case k.gone != Ignored:
			l.Kind = KindWrong
			p.plan.Cells = append(p.plan.Cells, p.bad(k.row, k.gone, "Cette structure n’est plus inscrite ("+found.State.Label()+
				") : un import ne change pas sa fiche. Pour l’inscrire de nouveau, videz la case de son identifiant."))
		default:
			l.Kind = KindChanged
		}
	}
	p.count(l)
}

func (p *planner) count(l Line) {
	switch l.Kind {
	case KindNew:
		p.plan.New++
	case KindChanged:
		p.plan.Changed++
	case KindUnchanged:
		p.plan.Unchanged++
	case KindWrong:
		p.plan.Wrong++
	}
	if l.College {
		p.plan.OtherCollege++
	}
	p.plan.Lines = append(p.plan.Lines, l)
}

// order places a column by its heading.
func (p *planner) order(heading string) int { return slices.Index(p.headings, heading) }

// changes returns what of the mapped fields differs.
func (p *planner) changes(before, after structure.Sheet) []Change {
	var out []Change
	for _, f := range p.mapping.Columns {
		d := find(f)
		if d == nil || f == CollegeField || f == OwnID {
			continue
		}
		b, a := d.show(before), d.show(after)
		if f == Commune || f == INSEE {
			if b == a || p.mapping.Column(INSEE) >= 0 && f == Commune {
				continue // said once
			}
			b, a = before.Commune, after.Commune
		}
		if b != a {
			out = append(out, Change{d.label, b, a})
		}
	}
	return out
}

// note says a change in the story of the structure.
func (l Line) note() string {
	parts := make([]string, len(l.Changes))
	for i, c := range l.Changes {
		before := clip(c.Before)
		if before == "" {
			before = "vide"
		}
		parts[i] = c.Label + " : " + before + " → " + clip(c.After)
	}
	s := []rune(strings.Join(parts, "\n"))
	if len(s) > 2000 {
		return string(s[:1999]) + "…"
	}
	return string(s)
}

// stamp is a short word for what the plan does: the same while nothing that matters
// to it has changed.
func (p Plan) stamp() string {
	h := sha256.New()
	for _, l := range p.Lines {
		fmt.Fprintf(h, "%d %s %d %d\n", l.Number, l.Kind, l.Sheet.ID, l.Sheet.Version)
		for _, c := range l.Changes {
			fmt.Fprintf(h, "%q %q %q\n", c.Label, c.Before, c.After)
		}
	}
	_, _ = io.WriteString(h, fmt.Sprint(len(p.Cells)))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}
