package sheetfile

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// FuzzRow reads any cells as each type of line, below an action: what is wrong is told,
// what is kept is what the schema takes.
func FuzzRow(f *testing.F) {
	for _, s := range []string{"", "12 000,50 €", "-1", "31/02/2026", "2026-12-31", "1.250", "toutes", "a;;b ; c", "'=x", "''", "oui", "n° 12", "99999999999999999999", "é\u202f%", "\x00", "[n° 1]"} {
		f.Add(s, s, s, true)
		f.Add(s, "2027", "Investissement", false)
	}
	f.Fuzz(func(t *testing.T, a, b, c string, dotted bool) {
		headings := make([]string, columnCount)
		for i, x := range Columns {
			headings[i] = x.Heading
		}
		table := spreadsheet.Table{Header: headings, FirstLine: 2}
		values := []string{a, b, c}
		first := make([]string, columnCount)
		first[cType], first[cAxis], first[cTitle], first[cBody] = "action", "Axe", "Titre", "GNI"
		table.Rows = append(table.Rows, first)
		for _, typ := range Types {
			for shift := range values {
				cells := make([]string, columnCount)
				for _, i := range uses[typ] {
					cells[i] = values[(i+shift)%len(values)]
				}
				cells[cType] = string(typ)
				table.Rows = append(table.Rows, cells)
			}
		}
		var p Plan
		all, err := lines(table, dotted, &p)
		if err != nil {
			t.Fatal(err)
		}
		makePlan(&p, all, known{axes: []roadmap.Axis{{Title: "Axe"}}})
		for _, x := range append(p.Errors, p.Warnings...) {
			if x.Line < 2 || x.Column == "" || x.Message == "" {
				t.Errorf("%+v", x)
			}
		}
		for _, x := range p.Actions {
			x.AxisID = 1
			if x.Bad {
				continue
			}
			if err := x.Check(); err != nil {
				t.Errorf("kept %+v: %v", x, err)
			}
			for _, l := range x.Budget {
				if l.Year < 2020 || l.Year > 2100 || l.Planned < 0 || l.Planned > roadmap.MaxAmount || l.Nature == "" {
					t.Errorf("kept %+v", l)
				}
			}
		}
	})
}

func TestReadingDatesAndLists(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]day.Day{"31/12/2026": day.Of(2026, 12, 31), "1-2-2027": day.Of(2027, 2, 1), "2026-12-31": day.Of(2026, 12, 31),
		"2026-12-31 00:00": day.Of(2026, 12, 31)} {
		if got, ok := parseDate(in); !ok || got != want {
			t.Errorf("%q is %v %t", in, got, ok)
		}
	}
	for _, in := range []string{"31/04/2027", "12/31/2026", "demain", "1/1/26", "0/1/2026", "2026-13-01"} {
		if got, ok := parseDate(in); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
	for _, list := range [][]string{{"a"}, {"a", "b;c"}, {";a", "b;"}, {"", "b", ""}, {"a;;;b", "c"}} {
		if got := split(strings.TrimSpace(join(list))); strings.Join(got, "|") != strings.Join(list, "|") {
			t.Errorf("%q came back %q", list, got)
		}
	}
}
