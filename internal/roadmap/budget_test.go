package roadmap_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// TestCentsReadBack: what is printed is read back, exactly.
func TestCentsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := roadmap.Cents(rapid.Int64Range(0, int64(roadmap.MaxAmount)).Draw(t, "cents"))
		for _, s := range []string{c.String(), c.Plain(), strings.ReplaceAll(c.Plain(), "\u202f", " "), fmt.Sprintf("%d.%02d euros", c/100, c%100)} {
			if got, err := roadmap.ParseCents(s); err != nil || got != c {
				t.Fatalf("ParseCents(%q) = %d, %v; wanted %d", s, got, err, c)
			}
		}
	})
}

func TestParseCents(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]roadmap.Cents{"12 000,50 €": 12_000_50, "12000.5": 12_000_50, "0": 0, " 7€ ": 7_00, "1 000 000 000": roadmap.MaxAmount, "00012": 12_00} {
		if got, err := roadmap.ParseCents(s); err != nil || got != want {
			t.Errorf("ParseCents(%q) = %d, %v; wanted %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-5", "douze", "1,234", "12 00", "1 000 000 000,01", "1e9", "99999999999999999999", "12,000,50", "€", "12 $"} {
		if got, err := roadmap.ParseCents(s); err == nil {
			t.Errorf("ParseCents(%q) = %d, wanted a refusal", s, got)
		}
	}
}

func FuzzParseCents(f *testing.F) {
	for _, s := range []string{"12 000,50 €", "0", "1 000 000 000", "12.5 euros", "-3", "９", strings.Repeat("9", 400)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := roadmap.ParseCents(s)
		if err != nil {
			return
		}
		if c < 0 || c > roadmap.MaxAmount {
			t.Fatalf("ParseCents(%q) = %d, out of bounds", s, c)
		}
		if again, err := roadmap.ParseCents(c.String()); err != nil || again != c {
			t.Fatalf("%q reads %d, then %d, %v", s, c, again, err)
		}
	})
}

// TestTotalsAtAnyGrouping: however lines are grouped, the sums of the groups add up to
// the same totals.
func TestTotalsAtAnyGrouping(t *testing.T) {
	t.Parallel()
	amount := rapid.Custom(func(t *rapid.T) roadmap.Cents {
		return roadmap.Cents(rapid.Int64Range(0, int64(roadmap.MaxAmount)).Draw(t, "cents"))
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.Custom(func(t *rapid.T) roadmap.Line {
			return roadmap.Line{Action: roadmap.ID(rapid.IntRange(1, 4).Draw(t, "action")), Year: rapid.IntRange(2024, 2031).Draw(t, "year"),
				FunderID: roadmap.OrganisationID(rapid.IntRange(0, 3).Draw(t, "funder")), Nature: rapid.SampledFrom(roadmap.Natures).Draw(t, "nature"),
				Planned: amount.Draw(t, "planned"), Obtained: amount.Draw(t, "obtained"), Spent: amount.Draw(t, "spent")}
		})).Draw(t, "lines")
		whole := roadmap.Sum(lines)
		for name, key := range map[string]func(roadmap.Line) any{
			"year": func(l roadmap.Line) any { return l.Year }, "funder": func(l roadmap.Line) any { return l.FunderID },
			"nature": func(l roadmap.Line) any { return l.Nature }, "action": func(l roadmap.Line) any { return l.Action },
		} {
			groups := map[any][]roadmap.Line{}
			for _, l := range lines {
				groups[key(l)] = append(groups[key(l)], l)
			}
			var sum roadmap.Totals
			var gap roadmap.Cents
			for _, g := range groups {
				s := roadmap.Sum(g)
				sum.Planned, sum.Obtained, sum.Spent = sum.Planned+s.Planned, sum.Obtained+s.Obtained, sum.Spent+s.Spent
				gap += s.Gap()
			}
			if sum != whole || gap != whole.Gap() {
				t.Fatalf("by %s: %v, in all %v", name, sum, whole)
			}
		}
		var sum roadmap.Cents
		before := 0
		for _, y := range roadmap.SumByYear(lines) {
			if y.Year <= before {
				t.Fatalf("year %d after %d", y.Year, before)
			}
			before, sum = y.Year, sum+y.Planned
		}
		if sum != whole.Planned {
			t.Fatalf("years add up to %v, lines to %v", sum, whole.Planned)
		}
	})
}

// TestBudgetLines writes, changes and removes a line, and refuses what may not be.
func TestBudgetLines(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s, ctx := roadmap.New(w.DB), t.Context()
	line := roadmap.Line{Action: w.Local, Year: 2027, FunderName: "caisse exemple", Nature: roadmap.Running, Planned: 100_00, Obtained: 150_00, Spent: 160_00}
	if len(line.Doubts()) != 2 {
		t.Errorf("doubts: %v", line.Doubts())
	}
	id, err := s.AddLine(ctx, w.Team, line)
	if err != nil {
		t.Fatal(err)
	}
	got := w.Whole(w.Local).Budget
	if len(got) != 1 || got[0].FunderID != w.Partner || got[0].FunderName != "Caisse Exemple" || got[0].Spent != 160_00 {
		t.Fatalf("a funder typed by its name is the organisation: %+v", got)
	}
	line.ID, line.Version = id, 1
	if _, err := s.AddLine(ctx, w.Team, line); problem.KindOf(err) != problem.Invalid {
		t.Errorf("the same line twice: %v", err)
	}
	line.FunderName, line.Note = "", "À demander"
	if err := s.ChangeLine(ctx, w.Team, line); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeLine(ctx, w.Team, line); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("a stale change: %v", err)
	}
	if l := w.Whole(w.Local).Budget[0]; l.Funder() != roadmap.NoFunder || l.Version != 2 || l.Note != "À demander" {
		t.Errorf("changed: %+v", l)
	}
	other := line
	other.Action, other.Version = w.Coming, 2
	for name, err := range map[string]error{
		"line of another action": s.RemoveLine(ctx, w.Team, other), "mayor": s.RemoveLine(ctx, w.MayorBegles, line),
		"structure as funder": s.ChangeLine(ctx, w.Team, roadmap.Line{ID: id, Action: w.Local, Year: 2027, FunderID: 1 << 40, Nature: roadmap.Running, Version: 2}),
		"year":                s.ChangeLine(ctx, w.Team, roadmap.Line{ID: id, Action: w.Local, Year: 1789, Nature: roadmap.Running, Version: 2}),
	} {
		if err == nil || problem.KindOf(err) == problem.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	line.Version = 2
	if err := s.RemoveLine(ctx, w.Team, line); err != nil {
		t.Fatal(err)
	}
	var acts int
	if err := w.DB.QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE action = 'roadmap.budget' AND object_id = $1`, w.Local).Scan(&acts); err != nil || acts != 3 {
		t.Errorf("%d acts journalled, %v", acts, err)
	}
}
