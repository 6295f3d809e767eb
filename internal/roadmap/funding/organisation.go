package funding

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Involved is an action that involves an organisation: it pilots it, takes part in it,
// funds it, or several of them. The sums are those of what it funds.
type Involved struct {
	ID      roadmap.ID     `db:"id"`
	Number  int            `db:"number"`
	Title   string         `db:"title"`
	Status  roadmap.Status `db:"status"`
	Late    bool           `db:"late"`
	Percent *int           `db:"percent"`
	Pilots  bool           `db:"pilots"`
	Takes   bool           `db:"takes"` // takes part
	Part    string         `db:"part"`  // what it does then
	Sums
	Total int `db:"total"`
}

// Organisation is what involves one organisation.
type Organisation struct {
	ID       roadmap.OrganisationID
	Name     string
	Kind     governance.OrganisationKind
	Actions  []Involved
	Paging   postgres.Paging
	Years    []YearSums // those it funds something in
	Total    Sums
	Meetings []meeting.MyLine // its next ones
}

// YearSums are the sums of a year.
type YearSums struct {
	Year int `db:"year"`
	Sums
}

const nextMeetings = 3

var errNoOrganisation = problem.New(problem.NotFound, "Cette organisation n’existe pas, ou ne finance pas d’action.")

// Organisation returns what involves an organisation, in one round trip. Structures
// have no page: none funds an action.
func (s *Service) Organisation(ctx context.Context, by access.Actor, id roadmap.OrganisationID, page int) (Organisation, error) {
	v := Organisation{ID: id}
	if err := by.Require(May(by)); err != nil {
		return v, err
	}
	var b postgres.Batch
	var named []struct{ Name, Kind string }
	postgres.AddList(&b, &named, `SELECT name, kind FROM organisation WHERE id = $1 AND kind <> 'structure'`, id)
	postgres.AddList(&b, &v.Actions, involvedSQL, id, postgres.Limit(page), postgres.Offset(page))
	postgres.AddList(&b, &v.Years, `
		SELECT l.year, sum(l.planned_cents)::bigint AS planned, sum(l.obtained_cents)::bigint AS obtained, sum(l.spent_cents)::bigint AS spent,
		       count(*)::int AS lines
		FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id
		WHERE l.funder_id = $1 AND `+counted+` GROUP BY l.year ORDER BY l.year`, id)
	meeting.AddOrganisationMeetings(&b, &v.Meetings, id, nextMeetings)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "organisation %d", id)
	}
	if len(named) == 0 {
		return v, errNoOrganisation
	}
	v.Name, v.Kind = named[0].Name, governance.OrganisationKind(named[0].Kind)
	total := 0
	if len(v.Actions) > 0 {
		total = v.Actions[0].Total
	}
	v.Paging = postgres.PagingOf(page, total)
	for _, y := range v.Years {
		v.Total = v.Total.plus(y.Sums)
	}
	v.withhold(by)
	return v, nil
}

// withhold takes away what an organisation answered to its convocations: it is its own
// affair and the team's.
func (v *Organisation) withhold(by access.Actor) {
	if by.RunsBodies() || by.ActsFor(v.ID) {
		return
	}
	for i := range v.Meetings {
		v.Meetings[i].Answer, v.Meetings[i].For = "", ""
	}
}

// counted are the lines the view counts, of l and a.
const counted = `a.validated_on IS NOT NULL AND (a.status <> 'abandoned' OR l.year <= extract(year FROM a.status_since))`

const involvedSQL = `
	WITH fund AS (
		SELECT l.action_id, sum(l.planned_cents)::bigint AS planned, sum(l.obtained_cents)::bigint AS obtained,
		       sum(l.spent_cents)::bigint AS spent, count(*)::int AS lines
		FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id WHERE l.funder_id = $1 AND ` + counted + ` GROUP BY l.action_id
	), involved AS (
		SELECT action_id FROM fund UNION SELECT action_id FROM action_partner WHERE organisation_id = $1
		UNION SELECT id FROM roadmap_action WHERE pilot_id = $1
		UNION SELECT action_id FROM action_commune WHERE organisation_id = $1
	)
	SELECT a.id, a.number, a.title, a.status, action_late(a.status, a.starts_on, a.ends_on, paris_today()) AS late, a.percent,
	       coalesce(a.pilot_id = $1, false) AS pilots, p.action_id IS NOT NULL AS takes, coalesce(p.part, '') AS part,
	       coalesce(f.planned, 0) AS planned, coalesce(f.obtained, 0) AS obtained, coalesce(f.spent, 0) AS spent, coalesce(f.lines, 0) AS lines,
	       count(*) OVER ()::int AS total
	FROM involved i JOIN roadmap_action a ON a.id = i.action_id AND a.validated_on IS NOT NULL
	LEFT JOIN fund f ON f.action_id = a.id LEFT JOIN action_partner p ON p.action_id = a.id AND p.organisation_id = $1
	ORDER BY a.status IN ('done', 'abandoned'), a.number LIMIT $2 OFFSET $3`
