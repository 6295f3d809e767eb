package minutes

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Duty is something about one meeting that waits for somebody.
type Duty struct {
	Meeting  meeting.ID          `json:"id"`
	Body     governance.BodyCode `json:"body"`
	Kind     meeting.Kind        `json:"kind"`
	StartsAt time.Time           `json:"starts_at"`
	Until    day.Day             `json:"until"` // zero: no day
	State    string              `json:"state"` // of the minutes, "" when not begun; for the team
}

// Day returns the day of the meeting in Paris.
func (d Duty) Day() day.Day { return day.In(d.StartsAt) }

// Todo is what meetings ask of a member: see AddTodo.
type Todo struct {
	Answer   []Duty `json:"answer"`   // convened, no answer yet
	Review   []Duty `json:"review"`   // minutes to read again, until a day
	Validate []Duty `json:"validate"` // minutes that wait for the chair
	Actions  int    `json:"actions"`  // asked of them, open
	Late     int    `json:"late"`     // of which past their day
}

// AddTodo asks what waits for the actor, as the person convened or as one of the
// people of a convened organisation, within the batch of a home page.
func AddTodo(b *postgres.Batch, dst *Todo, by access.Actor) {
	postgres.AddValue(b, dst, `
		WITH live AS ( -- the few meetings that can ask something, whatever the past
			SELECT m.id, m.body, m.kind, m.state, m.starts_at FROM meeting m WHERE m.state = 'convened' AND m.starts_at > now()
			UNION
			SELECT m.id, m.body, m.kind, m.state, m.starts_at FROM minutes k JOIN meeting m ON m.id = k.meeting_id WHERE k.state = 'review'
		), mine AS (
			SELECT DISTINCT ON (m.id) m.*, c.answer, c.chairs AND c.person_id = $1 AS chairs
			FROM live m JOIN convocation c ON c.meeting_id = m.id
			WHERE c.person_id = $1 OR c.alternate_person_id = $1 OR ($2 <> 0 AND c.organisation_id = $2)
			ORDER BY m.id, (c.person_id = $1) DESC NULLS LAST, c.id
		)
		SELECT json_build_object(
			'answer', (SELECT json_agg(x ORDER BY x.starts_at) FROM mine x
			           WHERE x.state = 'convened' AND x.answer IS NULL AND x.starts_at > now()),
			'review', (SELECT json_agg(json_build_object('id', x.id, 'body', x.body, 'kind', x.kind, 'starts_at', x.starts_at, 'until', k.review_until) ORDER BY x.starts_at)
			           FROM mine x JOIN minutes k ON k.meeting_id = x.id
			           WHERE k.state = 'review' AND k.review_until >= paris_today()),
			'validate', (SELECT json_agg(x ORDER BY x.starts_at) FROM mine x JOIN minutes k ON k.meeting_id = x.id
			             WHERE x.chairs AND k.state = 'review'),
			'actions', (SELECT count(*) FROM asked_action a WHERE a.owner_person_id = $1 AND a.state = 'open'),
			'late', (SELECT count(*) FROM asked_action a WHERE a.owner_person_id = $1 AND a.state = 'open' AND a.due_on < paris_today()))`,
		by.Person, by.Acting.Organisation)
}

// TeamTodo is what meetings ask of the metropole's team.
type TeamTodo struct {
	Convene     []Duty `json:"convene"`     // no convocation yet, the latest day is near or past (Until)
	Minutes     []Duty `json:"minutes"`     // held, not published; State says what is next
	Proposals   int    `json:"proposals"`   // points proposed that nobody answered
	Corrections int    `json:"corrections"` // asked by participants, not decided
	LateActions int    `json:"late_actions"`
}

// AddTeamTodo asks what waits for the team; the caller has checked that the actor
// runs the bodies.
func AddTeamTodo(b *postgres.Batch, dst *TeamTodo) {
	postgres.AddValue(b, dst, `
		SELECT json_build_object(
			'convene', (SELECT json_agg(x ORDER BY x.until) FROM (
			                SELECT m.id, m.body, m.kind, m.starts_at,
			                       (m.starts_at AT TIME ZONE 'Europe/Paris')::date - coalesce(s.value, 0) AS until
			                FROM meeting m LEFT JOIN body_setting s ON s.body = m.body AND s.key = 'notice_days'
			                WHERE m.state = 'draft' AND m.starts_at > now()) x
			            WHERE x.until <= paris_today() + 21),
			'minutes', (SELECT json_agg(x ORDER BY x.starts_at) FROM (
			                SELECT m.id, m.body, m.kind, m.starts_at, coalesce(k.state, '') AS state, k.review_until AS until
			                FROM meeting m LEFT JOIN minutes k ON k.meeting_id = m.id
			                WHERE m.state = 'held' ORDER BY m.starts_at LIMIT 20) x),
			'proposals', (SELECT count(*) FROM agenda_proposal WHERE state = 'waiting'),
			'corrections', (SELECT count(*) FROM correction WHERE state = 'waiting'),
			'late_actions', (SELECT count(*) FROM asked_action WHERE state = 'open' AND due_on < paris_today()))`)
}
