package campaign

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Open is the campaign in course, for the dashboard of the team; its ID is 0 when
// there is none.
type Open struct {
	ID       ID        `db:"id"`
	Title    string    `db:"title"`
	Deadline time.Time `db:"closes_at"`
	Over     bool      `db:"over"`     // the deadline passed: the pack is to be made
	Asked    int       `db:"asked"`    // communes
	Answered int       `db:"answered"` // communes with one report at least
	Waiting  int       `db:"waiting"`  // reports to read, of any campaign or none
}

// AddOpen asks for the campaign in course in a batch. The caller has checked that the
// team reads.
func AddOpen(b *postgres.Batch, dst *Open) {
	postgres.AddOne(b, dst, `
		SELECT coalesce(c.id, 0) AS id, coalesce(c.title, '') AS title, coalesce(c.closes_at, now()) AS closes_at, coalesce(now() >= c.closes_at, false) AS over,
		       n.asked, n.answered,
		       (SELECT count(*)::int FROM progress_report WHERE state = 'sent') AS waiting
		FROM (SELECT 1) one LEFT JOIN campaign c ON c.opened_at IS NOT NULL AND c.closed_at IS NULL
		CROSS JOIN LATERAL (
		     SELECT count(DISTINCT q.organisation_id)::int AS asked, count(DISTINCT r.organisation_id)::int AS answered
		     FROM campaign_question q LEFT JOIN progress_report r ON r.campaign_id = q.campaign_id AND r.action_id = q.action_id
		          AND r.organisation_id = q.organisation_id AND r.state <> 'replaced'
		     WHERE q.campaign_id = c.id) n`)
}
