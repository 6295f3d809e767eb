package roadmap_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// additions are what somebody may add to a sheet.
var additions = []func(t *rapid.T, w *roadmap.Whole){
	func(_ *rapid.T, w *roadmap.Whole) { w.Objective = "Un but" },
	func(_ *rapid.T, w *roadmap.Whole) { w.PilotID = 3 },
	func(_ *rapid.T, w *roadmap.Whole) { w.PilotPersonID = 4 },
	func(_ *rapid.T, w *roadmap.Whole) { w.AllCommunes = true },
	func(_ *rapid.T, w *roadmap.Whole) { w.Communes = append(w.Communes, roadmap.Party{ID: 5}) },
	func(_ *rapid.T, w *roadmap.Whole) { w.Body = governance.GNI },
	func(_ *rapid.T, w *roadmap.Whole) { w.StartsOn = day.Of(2026, 1, 1) },
	func(_ *rapid.T, w *roadmap.Whole) { w.EndsOn = day.Of(2026, 12, 31) },
	func(_ *rapid.T, w *roadmap.Whole) { w.Audience = "Les seniors" },
	func(t *rapid.T, w *roadmap.Whole) {
		w.Steps = append(w.Steps, roadmap.Step{Title: "Étape", Milestone: rapid.Bool().Draw(t, "milestone"), DueOn: day.Of(2026, 6, 1)})
	},
	func(t *rapid.T, w *roadmap.Whole) {
		w.Budget = append(w.Budget, roadmap.Line{Year: 2020 + len(w.Budget), Nature: roadmap.Running, FunderName: rapid.SampledFrom([]string{"", "Mécénat"}).Draw(t, "funder")})
	},
	func(t *rapid.T, w *roadmap.Whole) {
		i, base := roadmap.Indicator{Name: "Indicateur", Direction: roadmap.Up}, roadmap.Number(0)
		if rapid.Bool().Draw(t, "baseline") {
			i.Baseline, i.BaselineOn = &base, day.Of(2026, 1, 1)
		}
		if rapid.Bool().Draw(t, "target") {
			i.Targets = []roadmap.Target{{Year: 2026, Value: 10_000}}
		}
		w.Indicators = append(w.Indicators, i)
	},
}

// TestAddingNeverLowersCompleteness holds whatever is added, in whatever order.
func TestAddingNeverLowersCompleteness(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var w roadmap.Whole
		had, of, missing := w.Completeness()
		if had != 0 || of != 12 || len(missing) != of {
			t.Fatalf("an empty sheet: %d of %d, missing %v", had, of, missing)
		}
		for _, n := range rapid.SliceOf(rapid.IntRange(0, len(additions)-1)).Draw(t, "added") {
			additions[n](t, &w)
			have, of, missing := w.Completeness()
			if have < had || have+len(missing) != of {
				t.Fatalf("%d of %d after %d, missing %v", have, of, had, missing)
			}
			had = have
		}
	})
}

// TestListCountsAsTheSheet compares the completeness of the list, counted in SQL, with
// that of the sheet, on the world and on sheets that each have one thing.
func TestListCountsAsTheSheet(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	base, line := roadmap.Number(0), roadmap.Line{Year: 2026, Nature: roadmap.Running}
	named := line
	named.FunderName = "Mécénat"
	bare := func(change func(*roadmap.Whole)) roadmap.Whole {
		x := roadmap.Whole{Action: roadmap.Action{AxisID: w.Axes[0], Title: "Fiche", Body: governance.GNI}}
		change(&x)
		return x
	}
	sheets := []roadmap.Whole{bare(func(*roadmap.Whole) {})}
	for _, change := range []func(*roadmap.Whole){
		func(x *roadmap.Whole) { x.Objective = "But" }, func(x *roadmap.Whole) { x.PilotID = w.Pessac }, func(x *roadmap.Whole) { x.PilotPersonID = w.Team.Person },
		func(x *roadmap.Whole) { x.AllCommunes = true }, func(x *roadmap.Whole) { x.Communes = []roadmap.Party{{ID: w.Pessac}} },
		func(x *roadmap.Whole) { x.StartsOn = w.Today }, func(x *roadmap.Whole) { x.StartsOn, x.EndsOn = w.Today, w.Today },
		func(x *roadmap.Whole) { x.Steps = []roadmap.Step{{Title: "Étape"}} },
		func(x *roadmap.Whole) { x.Steps = []roadmap.Step{{Title: "Jalon", Milestone: true, DueOn: w.Today}} },
		func(x *roadmap.Whole) {
			x.Indicators = []roadmap.Indicator{{Name: "I", Direction: roadmap.Up, Baseline: &base, BaselineOn: w.Today}}
		},
		func(x *roadmap.Whole) {
			x.Indicators = []roadmap.Indicator{{Name: "I", Direction: roadmap.Up, Targets: []roadmap.Target{{Year: 2026}}}, {Name: "J", Direction: roadmap.Up, Baseline: &base, BaselineOn: w.Today}}
		},
		func(x *roadmap.Whole) {
			x.Indicators = []roadmap.Indicator{{Name: "I", Direction: roadmap.Up, Baseline: &base, BaselineOn: w.Today, Targets: []roadmap.Target{{Year: 2026}}}}
		},
		func(x *roadmap.Whole) { x.Budget = []roadmap.Line{line} }, func(x *roadmap.Whole) { x.Budget = []roadmap.Line{named} },
		func(x *roadmap.Whole) { x.Audience = "Tous" },
	} {
		sheets = append(sheets, bare(change))
	}
	if _, err := roadmap.Insert(t.Context(), w.DB, w.Team, sheets); err != nil {
		t.Fatal(err)
	}
	list, err := roadmap.New(w.DB).TeamList(t.Context(), w.Team, roadmap.ActionFilter{}, 1)
	if err != nil || len(list.Lines) != 4+len(sheets) {
		t.Fatal(len(list.Lines), err)
	}
	for _, l := range list.Lines {
		have, of, missing := l.Completeness()
		want, all, lacks := w.Whole(l.ID).Completeness()
		if have != want || of != all || fmt.Sprint(missing) != fmt.Sprint(lacks) {
			t.Errorf("%s: the list says %d of %d, %v; the sheet %d of %d, %v", l.Label(), have, of, missing, want, all, lacks)
		}
	}
}
