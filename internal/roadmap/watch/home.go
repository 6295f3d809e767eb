package watch

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Course is the campaign that is open and the programme that is made, for the home of
// the team.
type Course struct {
	Campaign  int64      `db:"campaign_id"` // 0: none is open
	Title     string     `db:"title"`
	ClosesAt  *time.Time `db:"closes_at"`
	Asked     int        `db:"asked"` // organisations
	Answered  int        `db:"answered"`
	Waiting   int        `db:"waiting"` // reports to read, of any campaign or none
	Year      int        `db:"year"`    // of the programme that is made; 0: none
	Proposals int        `db:"proposals"`
}

// AddCourse asks for it in a batch. The caller has checked that the team reads.
func AddCourse(b *postgres.Batch, dst *Course) {
	postgres.AddOne(b, dst, `
		SELECT coalesce(c.id, 0) AS campaign_id, coalesce(c.title, '') AS title, c.closes_at,
		       (SELECT count(*)::int FROM campaign_target t WHERE t.campaign_id = c.id) AS asked,
		       (SELECT count(DISTINCT r.organisation_id)::int FROM progress_report r WHERE r.campaign_id = c.id AND r.state <> 'replaced') AS answered,
		       (SELECT count(*)::int FROM progress_report WHERE state = 'sent') AS waiting,
		       coalesce(e.year, 0) AS year,
		       (SELECT count(*)::int FROM edition_line l WHERE l.year = e.year AND l.outcome = 'proposed') AS proposals
		FROM (VALUES (1)) one LEFT JOIN campaign c ON c.opened_at IS NOT NULL AND c.closed_at IS NULL
		LEFT JOIN LATERAL (SELECT year FROM edition WHERE state <> 'frozen' ORDER BY year LIMIT 1) e ON true`)
}

// Mine is what the roadmap asks of an organisation.
type Mine struct {
	Actions   int        `db:"actions"` // it answers for, and that are not over
	Asked     int        `db:"asked"`   // by the open campaign, and not answered
	ClosesAt  *time.Time `db:"closes_at"`
	AskedBack int        `db:"asked_back"` // reports the team asks to complete
}

// AddMine asks for it in a batch.
func AddMine(b *postgres.Batch, dst *Mine, org roadmap.OrganisationID) {
	postgres.AddOne(b, dst, `
		SELECT (SELECT count(*)::int FROM action_answerer w JOIN roadmap_action a ON a.id = w.action_id
		        WHERE w.organisation_id = $1 AND a.status IN ('validated', 'in_progress', 'suspended')) AS actions,
		       (SELECT count(*)::int FROM campaign_question q WHERE q.campaign_id = c.id AND q.organisation_id = $1
		        AND NOT EXISTS (SELECT FROM progress_report r WHERE r.campaign_id = q.campaign_id AND r.action_id = q.action_id
		                        AND r.organisation_id = q.organisation_id AND r.state <> 'replaced')) AS asked,
		       c.closes_at,
		       (SELECT count(*)::int FROM progress_report r WHERE r.organisation_id = $1 AND r.state = 'asked_back') AS asked_back
		FROM (VALUES (1)) one LEFT JOIN campaign c ON c.opened_at IS NOT NULL AND c.closed_at IS NULL AND c.closes_at > now()`, int64(org))
}

// Sum is the roadmap in three figures, for who presides.
type Sum struct {
	Public int `db:"public"`
	Late   int `db:"late"`
	Done   int `db:"done"`
}

// AddSum asks for it in a batch.
func AddSum(b *postgres.Batch, dst *Sum) {
	postgres.AddOne(b, dst, `
		SELECT count(*)::int AS public, (count(*) FILTER (WHERE late_from <= (SELECT paris_today())))::int AS late,
		       (count(*) FILTER (WHERE status = 'done'))::int AS done
		FROM roadmap_action WHERE validated_on IS NOT NULL`)
}
