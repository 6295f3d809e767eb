package minutes

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Rows of what a meeting left, as the assembly reads them.
type (
	matMeeting struct {
		Body               governance.BodyCode `db:"body"`
		ShortName          string              `db:"short_name"`
		StartsAt           time.Time           `db:"starts_at"`
		EndsAt             time.Time           `db:"ends_at"`
		OpenedAt           *time.Time          `db:"opened_at"`
		ClosedAt           *time.Time          `db:"closed_at"`
		Place              string              `db:"place"`
		Remote             bool                `db:"remote"`
		Theme              string              `db:"theme"`
		ChairPresent       bool                `db:"chair_present"`
		StatePresent       bool                `db:"state_present"`
		NeedsChairAndState bool                `db:"needs_chair_and_state"`
	}
	matPoint struct {
		ID         meeting.ItemID   `db:"id"`
		Number     string           `db:"number"`
		Sub        bool             `db:"sub"`
		Title      string           `db:"title"`
		Kind       meeting.ItemKind `db:"kind"`
		Rapporteur string           `db:"rapporteur"`
		Moved      bool             `db:"moved"`
		Note       string           `db:"note"`
	}
	matDecision struct {
		Item         meeting.ItemID `db:"item_id"` // 0: of no point
		Kind         string         `db:"kind"`
		Year         int            `db:"year"`
		Number       int            `db:"number"`
		Title        string         `db:"title"`
		Text         string         `db:"text"`
		Outcome      string         `db:"outcome"`
		Method       string         `db:"method"`
		VotesFor     int            `db:"votes_for"`
		VotesAgainst int            `db:"votes_against"`
		Abstentions  int            `db:"abstentions"`
	}
	matPosition struct {
		Item      meeting.ItemID `db:"item_id"`
		Kind      string         `db:"kind"`
		Year      int            `db:"year"`
		Number    int            `db:"number"`
		Title     string         `db:"title"`
		Text      string         `db:"text"`
		Addressee string         `db:"addressee"`
	}
	matAction struct {
		Item  meeting.ItemID `db:"item_id"`
		What  string         `db:"what"`
		Owner string         `db:"owner"`
		DueOn day.Day        `db:"due_on"`
	}
	// matGroup counts a group of the roll: attendance by person is never public.
	matGroup struct {
		Name        string `db:"group_name"`
		Guests      bool   `db:"guests"`
		Total       int    `db:"total"`
		Present     int    `db:"present"`
		Remote      int    `db:"remote"`
		Represented int    `db:"represented"`
		Proxies     int    `db:"proxies"`
		Excused     int    `db:"excused"`
		Absent      int    `db:"absent"`
	}
)

// mat is what a meeting left.
type mat struct {
	Meeting   matMeeting
	Groups    []matGroup
	Points    []matPoint
	Decisions []matDecision
	Positions []matPosition
	Actions   []matAction
}

// material reads what a meeting left, in one round trip.
func material(ctx context.Context, db postgres.DB, id meeting.ID) (mat, error) {
	var (
		m mat
		b postgres.Batch
	)
	postgres.AddOne(&b, &m.Meeting, `
		SELECT g.body, b.short_name, g.starts_at, g.ends_at, g.opened_at, g.closed_at, g.place, g.video_url <> '' AS remote, g.theme,
		       g.chair_present, g.state_present, b.needs_chair_and_state
		FROM meeting g JOIN body b ON b.code = g.body WHERE g.id = $1`, id)
	postgres.AddList(&b, &m.Groups, `
		SELECT c.group_name, c.kind = 'invitation' AS guests, count(*)::int AS total,
		       (count(*) FILTER (WHERE a.status = 'present'))::int AS present, (count(*) FILTER (WHERE a.status = 'remote'))::int AS remote,
		       (count(*) FILTER (WHERE a.status = 'represented'))::int AS represented, (count(*) FILTER (WHERE a.status = 'proxy'))::int AS proxies,
		       (count(*) FILTER (WHERE a.status = 'excused'))::int AS excused,
		       (count(*) FILTER (WHERE a.status = 'absent' OR a.status IS NULL))::int AS absent
		FROM convocation c LEFT JOIN attendance a ON a.convocation_id = c.id
		WHERE c.meeting_id = $1
		GROUP BY c.group_name, c.kind = 'invitation' ORDER BY min(c.group_position), c.group_name`, id)
	postgres.AddList(&b, &m.Points, `
		SELECT i.id, CASE WHEN p.id IS NULL THEN i.position::text ELSE p.position || '.' || i.position END AS number, p.id IS NOT NULL AS sub,
		       i.title, i.kind, i.rapporteur, i.moved_to_id IS NOT NULL AS moved, coalesce(n.text, '') AS note
		FROM agenda_item i
		LEFT JOIN agenda_item p ON p.id = i.parent_id
		LEFT JOIN item_note n ON n.item_id = i.id
		WHERE i.meeting_id = $1
		ORDER BY coalesce(p.position, i.position), p.id IS NOT NULL, i.position, i.id`, id)
	postgres.AddList(&b, &m.Decisions, `
		SELECT coalesce(item_id, 0) AS item_id, kind, year, number, title, text, outcome, method, coalesce(votes_for, 0) AS votes_for,
		       coalesce(votes_against, 0) AS votes_against, coalesce(abstentions, 0) AS abstentions
		FROM decision WHERE meeting_id = $1 AND superseded_by IS NULL ORDER BY kind, number`, id)
	postgres.AddList(&b, &m.Positions, `
		SELECT coalesce(item_id, 0) AS item_id, kind, year, number, title, text, addressee
		FROM position_taken WHERE meeting_id = $1 ORDER BY number`, id)
	postgres.AddList(&b, &m.Actions, `
		SELECT coalesce(item_id, 0) AS item_id, what, owner, due_on FROM asked_action WHERE meeting_id = $1 ORDER BY due_on, id`, id)
	err := b.Run(ctx, db)
	if postgres.IsNoRows(err) {
		return mat{}, meeting.ErrNotFound
	}
	return m, postgres.Wrap(err, "what meeting %d left", id)
}

// Assemble writes minutes out of what the meeting left: points with their notes,
// decisions, positions, actions asked, and who was there in numbers.
func (s *Service) Assemble(ctx context.Context, by access.Actor, id meeting.ID) (string, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return "", err
	}
	m, err := material(ctx, s.db, id)
	if err != nil {
		return "", err
	}
	return compose(m), nil
}
