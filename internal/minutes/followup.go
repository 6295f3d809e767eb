package minutes

import (
	"context"
	"slices"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// OpenCount says what waits, for the dashboard and the tabs of the follow-up.
type OpenCount struct {
	OpenDecisions    int `db:"open_decisions"`    // adopted or put off, and not settled
	OpenActions      int `db:"open_actions"`      // late ones included
	LateActions      int `db:"late_actions"`      // past their date
	WaitingPositions int `db:"waiting_positions"` // to send, or without an answer
}

const openCountsSQL = `
	SELECT (SELECT count(*) FROM decision WHERE follow_up IN ('open', 'in_progress') AND superseded_by IS NULL)::int AS open_decisions,
	       (SELECT count(*) FROM asked_action WHERE state = 'open')::int AS open_actions,
	       (SELECT count(*) FROM asked_action WHERE state = 'open' AND due_on < paris_today())::int AS late_actions,
	       (SELECT count(*) FROM position_taken WHERE answered_on IS NULL AND closed_on IS NULL)::int AS waiting_positions`

// FollowUpView is one of the three lists of the team's follow-up.
type FollowUpView string

// The closed set of lists.
const (
	ViewDecisions FollowUpView = "decisions"
	ViewActions   FollowUpView = "actions"
	ViewPositions FollowUpView = "positions"
)

// FollowUpViews lists them in display order.
var FollowUpViews = []FollowUpView{ViewDecisions, ViewActions, ViewPositions}

// Label returns the French name of the list.
func (v FollowUpView) Label() string {
	switch v {
	case ViewDecisions:
		return "Décisions"
	case ViewActions:
		return "Actions demandées"
	case ViewPositions:
		return "Positions sans réponse"
	}
	return string(v)
}

// When chooses asked actions by their date.
type When string

// The closed set of choices.
const (
	AnyTime When = ""
	Late    When = "late"
	Soon    When = "soon" // within seven days
)

// FollowUpFilter chooses lines of the team's follow-up.
type FollowUpFilter struct {
	View FollowUpView // ViewDecisions when unknown
	Body governance.BodyCode
	When When
}

// FollowUpPage is one page of one list: what is open, the oldest first.
type FollowUpPage struct {
	View      FollowUpView
	Today     day.Day
	Counts    OpenCount
	Decisions []Decision
	Actions   []AskedAction
	Positions []Position
	Paging    postgres.Paging
}

// FollowUp returns what the team has to follow.
func (s *Service) FollowUp(ctx context.Context, by access.Actor, f FollowUpFilter, page int) (FollowUpPage, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return FollowUpPage{}, err
	}
	if !slices.Contains(FollowUpViews, f.View) {
		f.View = ViewDecisions
	}
	var (
		b     postgres.Batch
		total int
		v     = FollowUpPage{View: f.View}
		skip  = postgres.Offset(page)
		size  = postgres.Limit(page)
	)
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	postgres.AddOne(&b, &v.Counts, openCountsSQL)
	switch f.View {
	case ViewActions:
		const open = actionTables + ` WHERE d.state = 'open' AND ($1 = '' OR m.body = $1)
			AND ($2 = '' OR $2 = 'late' AND d.due_on < paris_today() OR $2 = 'soon' AND d.due_on BETWEEN paris_today() AND paris_today() + 7)`
		postgres.AddValue(&b, &total, `SELECT count(*)::int`+open, f.Body, f.When)
		postgres.AddList(&b, &v.Actions, `SELECT `+actionColumns+open+` ORDER BY d.due_on, d.id LIMIT $4 OFFSET $3`, f.Body, f.When, skip, size)
	case ViewPositions:
		const open = positionTables + ` WHERE d.answered_on IS NULL AND d.closed_on IS NULL AND ($1 = '' OR m.body = $1)`
		postgres.AddValue(&b, &total, `SELECT count(*)::int`+open, f.Body)
		postgres.AddList(&b, &v.Positions, `SELECT `+positionColumns+open+` ORDER BY coalesce(d.sent_on, '-infinity'), d.id LIMIT $3 OFFSET $2`, f.Body, skip, size)
	default:
		const open = decisionTables + ` WHERE d.follow_up IN ('open', 'in_progress') AND d.superseded_by IS NULL AND ($1 = '' OR d.body = $1)`
		postgres.AddValue(&b, &total, `SELECT count(*)::int`+open, f.Body)
		postgres.AddList(&b, &v.Decisions, `SELECT `+decisionColumns+open+`
			ORDER BY array_position(ARRAY['cmtin', 'partenaires', 'gni', 'communes'], d.body), m.starts_at, d.kind, d.number LIMIT $3 OFFSET $2`, f.Body, skip, size)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return FollowUpPage{}, postgres.Wrap(err, "follow-up")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// OwnerChoice is somebody convened or invited, of whom an action can be asked.
type OwnerChoice struct {
	ID    meeting.ConvocationID `db:"id"`
	Name  string                `db:"name"`
	Label string                `db:"seat_label"`
}

// Session is a meeting with its points and all it leaves so far.
type Session struct {
	Origin // of the meeting itself: no point
	Points []meeting.Item
	Record
	Voices int // members the roll has present, remote, represented or by proxy
	Owners []OwnerChoice
}

// SessionOf returns the page of the notes of a meeting, in one round trip.
func (s *Service) SessionOf(ctx context.Context, by access.Actor, id meeting.ID) (Session, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Session{}, err
	}
	var (
		b    postgres.Batch
		v    Session
		host []Origin
	)
	postgres.AddList(&b, &host, `
		SELECT id AS meeting_id, 0::bigint AS item_id, '' AS item_number, '' AS item_title, body, kind AS meeting_kind, state AS meeting_state, starts_at
		FROM meeting WHERE id = $1`, id)
	meeting.AddItems(&b, &v.Points, id, meeting.Backstage)
	postgres.AddValue(&b, &v.Voices, voicesSQL, id)
	postgres.AddList(&b, &v.Owners, `
		SELECT id, name, seat_label FROM convocation WHERE meeting_id = $1 ORDER BY group_position, fold(name), id`, id)
	v.addAll(&b, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Session{}, postgres.Wrap(err, "notes of meeting")
	}
	if len(host) == 0 {
		return Session{}, meeting.ErrNotFound
	}
	v.Origin = host[0]
	return v, nil
}
