package board

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// CommuneActions is what the page of a commune says of the roadmap.
type CommuneActions struct {
	Counts []Tally        // one: of all the public actions that concern the commune
	First  []CommuneEntry // the first of them: late, then in progress, then the others
}

// Tally counts the actions.
func (c CommuneActions) Tally() Tally {
	if len(c.Counts) == 0 {
		return Tally{}
	}
	return c.Counts[0]
}

// CommuneEntry is an action with what the commune last said of it.
type CommuneEntry struct {
	ID        roadmap.ID         `db:"id"`
	Number    int                `db:"number"`
	Title     string             `db:"title"`
	Status    roadmap.Status     `db:"status"`
	Late      bool               `db:"late"`
	Percent   *int               `db:"percent"`   // of the action
	Situation progress.Situation `db:"situation"` // of the commune; "" when it has said nothing yet
	Reported  *int               `db:"reported"`  // its own percent
	On        day.Day            `db:"on_day"`    // the day it said so
}

// MaxCommune is how many actions the page of a commune shows: the list has the others.
const MaxCommune = 10

// AddCommune asks in a batch for the public actions that concern a commune.
func AddCommune(b *postgres.Batch, dst *CommuneActions, insee string) {
	postgres.AddList(b, &dst.Counts, `SELECT `+tallyColumns+`
		FROM (SELECT `+stateOf+` AS state FROM commune k JOIN action_commune c USING (organisation_id) JOIN roadmap_action a ON a.id = c.action_id
		      WHERE k.insee = $1 AND a.validated_on IS NOT NULL) s`, insee)
	postgres.AddList(b, &dst.First, `
		SELECT p.id, p.number, p.title, p.status, p.state = 'late' AS late, p.percent, coalesce(r.situation, '') AS situation,
		       r.percent AS reported, (r.at AT TIME ZONE 'Europe/Paris')::date AS on_day
		FROM (SELECT a.id, a.number, a.title, a.status, a.percent, c.organisation_id, `+stateOf+` AS state
		      FROM commune k JOIN action_commune c USING (organisation_id) JOIN roadmap_action a ON a.id = c.action_id
		      WHERE k.insee = $1 AND a.validated_on IS NOT NULL
		      ORDER BY array_position('{late,in_progress,validated,suspended,done,abandoned}'::text[], `+stateOf+`), a.number LIMIT $2) p
		LEFT JOIN LATERAL (SELECT situation, percent, at FROM progress_report
		                   WHERE organisation_id = p.organisation_id AND action_id = p.id AND state = 'accepted' ORDER BY at DESC LIMIT 1) r ON true
		ORDER BY array_position('{late,in_progress,validated,suspended,done,abandoned}'::text[], p.state), p.number`, insee, MaxCommune)
}
