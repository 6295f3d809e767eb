package roadmap

import "slices"

// Missing is something a sheet does not say yet.
type Missing struct {
	Key   string // closed set: those of needs
	Words string // « l’objectif »: after « il manque »
	Path  string // where it is put right, below the team's page of the action
}

// need is one of the things a complete sheet says.
type need struct {
	Missing
	met func(Whole) bool
}

// needs are read in the order of the sheet. Every one asks that something be there and
// none that something be not: adding to a sheet never makes it less complete.
// missingSQL says the same in SQL, for lists; a test holds them equal.
var needs = []need{
	{Missing{"objective", "l’objectif", "modification#objectif"}, func(w Whole) bool { return w.Objective != "" }},
	{Missing{"pilot", "l’organisation pilote", "modification#pilote"}, func(w Whole) bool { return w.PilotID != 0 }},
	{Missing{"person", "la personne pilote", "modification#personne"}, func(w Whole) bool { return w.PilotPersonID != 0 }},
	{Missing{"communes", "les communes concernées", "modification#perimetre"}, func(w Whole) bool { return w.AllCommunes || len(w.Communes) > 0 }},
	{Missing{"body", "l’instance qui suit l’action", "modification#instance"}, func(w Whole) bool { return w.Body != "" }},
	{Missing{"dates", "le début et la fin", "modification#debut"}, func(w Whole) bool { return !w.StartsOn.IsZero() && !w.EndsOn.IsZero() }},
	{Missing{"step", "une étape", "etapes"}, func(w Whole) bool { return len(w.Steps) > 0 }},
	{Missing{"milestone", "un jalon", "etapes"}, func(w Whole) bool { return slices.ContainsFunc(w.Steps, func(s Step) bool { return s.Milestone }) }},
	{Missing{"indicator", "un indicateur avec sa valeur de départ et une cible", "indicateurs"}, func(w Whole) bool {
		return slices.ContainsFunc(w.Indicators, func(i Indicator) bool { return i.Baseline != nil && len(i.Targets) > 0 })
	}},
	{Missing{"budget", "une ligne de budget", "budget"}, func(w Whole) bool { return len(w.Budget) > 0 }},
	{Missing{"funder", "un financeur nommé", "budget"}, func(w Whole) bool {
		return slices.ContainsFunc(w.Budget, func(l Line) bool { return l.FunderID != 0 || l.FunderName != "" })
	}},
	{Missing{"audience", "le public servi", "modification#public"}, func(w Whole) bool { return w.Audience != "" }},
}

// Completeness tells how many of the things a complete sheet says this one says, out
// of how many, and what is missing in the order of the sheet.
func (w Whole) Completeness() (have, of int, missing []Missing) {
	for _, n := range needs {
		if n.met(w) {
			have++
		} else {
			missing = append(missing, n.Missing)
		}
	}
	return have, len(needs), missing
}

// missingSQL is the keys of what is missing of the action a.
const missingSQL = `array_remove(ARRAY[
	CASE WHEN a.objective = '' THEN 'objective' END,
	CASE WHEN a.pilot_id IS NULL THEN 'pilot' END,
	CASE WHEN a.pilot_person_id IS NULL THEN 'person' END,
	CASE WHEN NOT a.all_communes AND NOT EXISTS (SELECT FROM action_commune k WHERE k.action_id = a.id) THEN 'communes' END,
	CASE WHEN a.starts_on IS NULL OR a.ends_on IS NULL THEN 'dates' END,
	CASE WHEN NOT EXISTS (SELECT FROM action_step k WHERE k.action_id = a.id) THEN 'step' END,
	CASE WHEN NOT EXISTS (SELECT FROM action_step k WHERE k.action_id = a.id AND k.milestone) THEN 'milestone' END,
	CASE WHEN NOT EXISTS (SELECT FROM action_indicator k JOIN indicator_target t ON t.indicator_id = k.id
	                      WHERE k.action_id = a.id AND k.baseline IS NOT NULL) THEN 'indicator' END,
	CASE WHEN NOT EXISTS (SELECT FROM budget_line k WHERE k.action_id = a.id) THEN 'budget' END,
	CASE WHEN NOT EXISTS (SELECT FROM budget_line k WHERE k.action_id = a.id AND (k.funder_id IS NOT NULL OR k.funder <> '')) THEN 'funder' END,
	CASE WHEN a.audience = '' THEN 'audience' END], NULL)`

// missingOf gives the keys of missingSQL their words.
func missingOf(keys []string) []Missing {
	var out []Missing
	for _, n := range needs {
		if slices.Contains(keys, n.Key) {
			out = append(out, n.Missing)
		}
	}
	return out
}
