package meeting

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Following is one line under « Suivi des décisions »: a decision still open, or an
// action that is late.
type Following struct {
	Kind      string              `db:"kind"` // decision, opinion, action
	ID        int64               `db:"id"`   // decision.id or asked_action.id
	Body      governance.BodyCode `db:"body"`
	Year      int                 `db:"year"` // of the reference, with Number; 0 for an action
	Number    int                 `db:"number"`
	Title     string              `db:"title"`
	State     string              `db:"state"` // open, in_progress
	Note      string              `db:"note"`
	Owner     string              `db:"owner"`      // of an action
	DueOn     day.Day             `db:"due_on"`     // of an action
	Meeting   ID                  `db:"meeting_id"` // where it comes from
	StartsAt  time.Time           `db:"starts_at"`
	Published bool                `db:"published"` // the minutes it stands in are published
}

// Reference names a decision or an opinion for good, « GNI 2026-3 »; "" for an action.
func (f Following) Reference() string {
	switch f.Kind {
	case "action":
		return ""
	case "opinion":
		return f.Body.Reference(f.Year, "A", f.Number)
	}
	return f.Body.Reference(f.Year, "", f.Number)
}

// StateLabel returns the French name of the state.
func (f Following) StateLabel() string {
	switch {
	case f.Kind == "action":
		return "En retard"
	case f.State == "in_progress":
		return "En cours"
	}
	return "À engager"
}

// followSQL lists what body $1 has open of its meetings before $2; $3: what is not
// published too, and the actions, which name people.
const followSQL = `
	SELECT x.*, EXISTS (SELECT FROM minutes_publication p WHERE p.meeting_id = x.meeting_id) AS published
	FROM (
		SELECT d.kind, d.id, d.body, d.year, d.number, d.title, d.follow_up AS state,
		       d.follow_up_note AS note, '' AS owner, NULL::date AS due_on, m.id AS meeting_id, m.starts_at
		FROM decision d JOIN meeting m ON m.id = d.meeting_id
		WHERE d.body = $1 AND d.follow_up IN ('open', 'in_progress') AND d.superseded_by IS NULL AND m.starts_at < $2
		UNION ALL
		SELECT 'action', a.id, m.body, 0, 0, a.what, a.state, a.note, a.owner, a.due_on, m.id, m.starts_at
		FROM asked_action a JOIN meeting m ON m.id = a.meeting_id
		WHERE $3 AND m.body = $1 AND a.state = 'open' AND a.due_on < paris_today() AND m.starts_at < $2
	) x
	WHERE $3 OR EXISTS (SELECT FROM minutes_publication p WHERE p.meeting_id = x.meeting_id)
	ORDER BY x.kind = 'action', x.starts_at, x.kind, x.id`

// addFollowing reads, within the batch of a page, what the body of a meeting has open
// of its meetings before: its decisions not yet carried out, then the actions that are
// late. Whoever is Outside knows only of what is published, and of no action.
func addFollowing(b *postgres.Batch, dst *[]Following, m Meeting, sight Sight) {
	postgres.AddList(b, dst, followSQL, m.Body, m.StartsAt, sight >= Inside)
}
