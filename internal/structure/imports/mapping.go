package imports

import (
	"fmt"
	"slices"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// Mapping is what the person says of a file: what each column means, and what its
// new lines become.
type Mapping struct {
	Columns []Field            `json:"columns"` // one for each column of the file
	College governance.College `json:"college"` // of the new lines that say none
	// From, if set, makes the new lines members of the GNI from that day on; else they
	// wait to be examined.
	From day.Day `json:"from"`
}

// Guess recognises the columns of a file by their headings. Of two that mean the same
// the first is taken; the other is left out, for the person to choose.
func Guess(header []string) Mapping {
	m := Mapping{Columns: make([]Field, len(header))}
	for i, h := range header {
		if f := recognise(h); !slices.Contains(m.Columns[:i], f) {
			m.Columns[i] = f
		}
	}
	return m
}

// Column returns which column means the field, -1 for none.
func (m Mapping) Column(f Field) int { return slices.Index(m.Columns, f) }

// ColumnName is the name of the form field that asks what a column means.
func ColumnName(i int) string { return fmt.Sprintf("colonne_%d", i+1) }

// Check returns what keeps the mapping from being used. Fields: those of ColumnName,
// college, etat and debut.
func (m Mapping) Check(t spreadsheet.Table, today day.Day) []*problem.Error {
	var out []*problem.Error
	wrong := func(field, message string) { out = append(out, problem.OnField(field, message)) }
	seen := map[Field]int{}
	for i, f := range m.Columns {
		if f == Ignored {
			continue
		}
		if find(f) == nil {
			wrong(ColumnName(i), "Choisissez une des réponses proposées.")
		} else if first, twice := seen[f]; twice {
			wrong(ColumnName(i), fmt.Sprintf("La colonne « %s » donne déjà « %s » : gardez l’une des deux.", HeadingOf(t, first), f.Label()))
		} else {
			seen[f] = i
		}
	}
	if m.Column(Name) < 0 {
		wrong(ColumnName(0), "Dites quelle colonne donne le nom de la structure.")
	}
	if m.Column(Commune) < 0 && m.Column(INSEE) < 0 {
		wrong(ColumnName(0), "Dites quelle colonne donne la commune, par son nom ou son code Insee.")
	}
	if m.Column(CollegeField) < 0 && !slices.Contains(governance.Colleges, m.College) {
		wrong("college", "Aucune colonne ne donne le collège : choisissez celui de toutes les nouvelles structures.")
	}
	switch {
	case m.From.IsZero():
	case m.From.Before(governance.Founded):
		wrong("debut", "La gouvernance existe depuis le "+french.Date(governance.Founded)+" : choisissez une date à partir de ce jour.")
	case m.From.After(today):
		wrong("debut", "Ces structures sont déjà membres : choisissez aujourd’hui ou une date passée.")
	}
	return out
}

// HeadingOf names a column: its title, with its place when it has none or when another
// before it has the same.
func HeadingOf(t spreadsheet.Table, column int) string {
	if column < 0 || column >= len(t.Header) {
		return ""
	}
	switch h := t.Header[column]; {
	case h == "":
		return fmt.Sprintf("Colonne %d, sans titre", column+1)
	case slices.Contains(t.Header[:column], h):
		return fmt.Sprintf("%s (colonne %d)", clip(h), column+1)
	default:
		return clip(h)
	}
}

// clip keeps a value short enough for a page.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
