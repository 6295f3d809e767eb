package watch

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// BenchmarkAlerts3000 reads a page of alerts over 3,000 actions with their lines.
func BenchmarkAlerts3000(b *testing.B) {
	w := roadmaptest.New(b)
	base := roadmap.Number(0)
	all := make([]roadmap.Whole, 3000)
	for i := range all {
		all[i] = roadmap.Whole{Action: roadmap.Action{AxisID: w.Axes[i%3], Title: "Action", Body: governance.GNI, Status: roadmap.InProgress, ValidatedOn: w.Today.AddDays(-i % 200),
			StartsOn: w.Today.AddDays(-400), EndsOn: w.Today.AddDays(i%500 - 100)}}
		for n := range 4 {
			all[i].Steps = append(all[i].Steps, roadmap.Step{Title: "Étape", Milestone: true, DueOn: w.Today.AddDays(i%300 - 50)})
			all[i].Budget = append(all[i].Budget, roadmap.Line{Year: 2026 + n, Nature: roadmap.Running, FunderID: w.Partner, Planned: 1})
		}
		in := roadmap.Indicator{Name: "Nombre", Direction: roadmap.Up, Baseline: &base, BaselineOn: w.Today.AddDays(-800), Targets: []roadmap.Target{{Year: 2027, Value: 10_0000}, {Year: 2028, Value: 20_0000}}}
		for n := range 10 {
			in.Readings = append(in.Readings, roadmap.Reading{On: w.Today.AddDays(-n * 30), Value: roadmap.Number(i * 50), Source: "Relevé"})
		}
		all[i].Indicators = []roadmap.Indicator{in}
	}
	if _, err := roadmap.Insert(b.Context(), w.DB, w.Team, all); err != nil {
		b.Fatal(err)
	}
	if _, err := w.DB.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	s := New(w.DB, nil, "")
	for b.Loop() {
		if p, err := s.List(b.Context(), w.Team, Filter{Page: 1}); err != nil || len(p.Alerts) != 50 {
			b.Fatal(len(p.Alerts), err)
		}
	}
}
