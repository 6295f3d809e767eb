package roadmap_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

var team = access.Actor{Name: "Équipe Exemple", Acting: access.Capacity{Role: access.Team}}

// TestInsertReadsBack writes an action with every line and reads it back whole.
func TestInsertReadsBack(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	axes, err := roadmap.InsertAxes(t.Context(), tx, []roadmap.Axis{{Title: "Accompagner", Strategy: "Le texte."}, {Title: "Équiper"}})
	if err != nil {
		t.Fatal(err)
	}
	communes, err := postgres.Values[roadmap.OrganisationID](t.Context(), tx, `SELECT organisation_id FROM commune ORDER BY insee LIMIT 2`)
	if err != nil || len(communes) != 2 {
		t.Fatal(communes, err)
	}
	ten, base := 40, roadmap.Number(125_000)
	w := roadmap.Whole{
		Action: roadmap.Action{AxisID: axes[1], Title: "Prêter des ordinateurs", Body: governance.Communes, Status: roadmap.InProgress,
			StartsOn: day.Of(2026, 1, 1), EndsOn: day.Of(2026, 12, 31), ValidatedOn: day.Of(2025, 12, 1), Validation: "Délibération", Percent: &ten},
		Communes: []roadmap.Party{{ID: communes[0]}},
		Partners: []roadmap.Party{{ID: communes[1], Part: "prête des salles"}},
		Steps:    []roadmap.Step{{Title: "Choisir"}, {Title: "Livrer", Milestone: true, DueOn: day.Of(2026, 6, 30)}},
		Budget: []roadmap.Line{{Year: 2026, FunderName: "Mécénat", Nature: roadmap.Running, Planned: 12_000_50, Obtained: 5_000_00},
			{Year: 2026, FunderID: communes[0], Nature: roadmap.Investment, Planned: 1}},
		Indicators: []roadmap.Indicator{{Name: "Ordinateurs prêtés", Unit: "ordinateurs", Direction: roadmap.Up, Baseline: &base, BaselineOn: day.Of(2025, 12, 31),
			Targets:  []roadmap.Target{{Year: 2026, Value: 100_0000}},
			Readings: []roadmap.Reading{{On: day.Of(2026, 3, 31), Value: 30_2500, Source: "Inventaire"}}}},
	}
	all := w
	all.AllCommunes, all.Communes, all.Title = true, nil, "Partout"
	ids, err := roadmap.Insert(t.Context(), tx, team, []roadmap.Whole{w, all})
	if err != nil || len(ids) != 2 {
		t.Fatal(ids, err)
	}
	got, err := roadmap.ReadWhole(t.Context(), tx, ids)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	a := got[0]
	if a.Number != 1 || got[1].Number != 2 || a.Axis != "Équiper" || *a.Percent != 40 || len(a.Communes) != 1 || len(got[1].Communes) != 28 {
		t.Errorf("read %+v", a)
	}
	if sum := roadmap.Sum(a.Budget); sum.Planned != 12_000_51 || sum.Gap() != 7_000_51 {
		t.Errorf("budget %+v", a.Budget)
	}
	i := a.Indicators[0]
	if *i.Baseline != base || i.Targets[0].Value != 100_0000 || i.Readings[0].Value != 30_2500 || a.Steps[1].DueOn != day.Of(2026, 6, 30) || a.Partners[0].Part == "" {
		t.Errorf("lines %+v %+v %+v", i, a.Steps, a.Partners)
	}
}
