package sheetfile

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Examples is a few lines that show how to fill the table. Their type begins with
// « exemple »: an import leaves them out.
func Examples() [][]Cell {
	base, ten := roadmap.Number(0), 10
	year := day.Today().Year()
	out := rows([]roadmap.Axis{{Title: "Accompagner les habitants", Strategy: "Le texte de la stratégie pour cet axe."}}, []roadmap.Whole{{
		Action: roadmap.Action{Axis: "Accompagner les habitants", Title: "Ouvrir des permanences d’aide aux démarches",
			Objective: "Un lieu d’aide à moins de quinze minutes.", Pilot: "Bordeaux Métropole", Body: governance.Communes,
			Status: roadmap.Validated, StartsOn: day.Of(year+1, 1, 1), EndsOn: day.Of(year+2, 12, 31), Priority: roadmap.High,
			Percent: &ten, ValidatedOn: day.Of(year, 12, 1), Validation: "Décision du CMTIN"},
		Communes: []roadmap.Party{{Name: "Bègles"}, {Name: "Pessac"}},
		Steps:    []roadmap.Step{{Title: "Ouvrir les deux premières permanences", Milestone: true, DueOn: day.Of(year+1, 6, 30)}},
		Budget:   []roadmap.Line{{Year: year + 1, FunderName: "Mécénat", Nature: roadmap.Running, Planned: 12_000_50}},
		Indicators: []roadmap.Indicator{{Name: "Permanences ouvertes", Unit: "permanences", Direction: roadmap.Up, Baseline: &base, BaselineOn: day.Of(year, 12, 31),
			Targets:  []roadmap.Target{{Year: year + 1, Value: 2_0000}},
			Readings: []roadmap.Reading{{On: day.Of(year+1, 3, 31), Value: 1_0000, Source: "Relevé de la commune"}}}},
	}}, names{})
	for _, row := range out {
		row[cType] = text("exemple (" + row[cType].Text + ")")
	}
	return out
}
