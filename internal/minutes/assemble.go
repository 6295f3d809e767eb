package minutes

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// mat is what a meeting left.
type mat struct {
	Meeting matMeeting
	Groups  []matGroup
	Points  []meeting.Item
	Record
}

// matMeeting is the meeting, as the heading of its minutes tells it.
type matMeeting struct {
	StartsAt           time.Time  `db:"starts_at"`
	EndsAt             time.Time  `db:"ends_at"`
	OpenedAt           *time.Time `db:"opened_at"`
	ClosedAt           *time.Time `db:"closed_at"`
	Place              string     `db:"place"`
	Remote             bool       `db:"remote"`
	Theme              string     `db:"theme"`
	ChairPresent       bool       `db:"chair_present"`
	StatePresent       bool       `db:"state_present"`
	NeedsChairAndState bool       `db:"needs_chair_and_state"`
}

// matGroup counts a group of the roll: attendance by person is never public.
type matGroup struct {
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

// ownerSeat is how minutes, which are public, name the owner of an action who speaks
// for a structure or was invited: by their organisation or their seat.
type ownerSeat struct {
	Action ActionID `db:"id"`
	Seat   string   `db:"seat"`
}

const ownerSeats = `
	SELECT a.id, coalesce(nullif(c.organisation_name, ''), c.seat_label) AS seat
	FROM asked_action a
	JOIN convocation c ON c.meeting_id = a.meeting_id AND c.name = a.owner AND c.person_id IS NOT DISTINCT FROM a.owner_person_id
	LEFT JOIN seat s ON s.id = c.seat_id
	WHERE a.meeting_id = $1 AND coalesce(s.kind, 'structure') = 'structure'
	  AND NOT EXISTS (SELECT FROM convocation o JOIN seat t ON t.id = o.seat_id
	                  WHERE o.meeting_id = a.meeting_id AND o.person_id = a.owner_person_id AND t.kind <> 'structure')
	ORDER BY c.id`

// material reads what a meeting left, in one round trip.
func material(ctx context.Context, db postgres.DB, id meeting.ID) (mat, error) {
	var (
		m mat
		b postgres.Batch
	)
	postgres.AddOne(&b, &m.Meeting, `
		SELECT g.starts_at, g.ends_at, g.opened_at, g.closed_at, g.place, g.video_url <> '' AS remote, g.theme,
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
	meeting.AddItems(&b, &m.Points, id, meeting.Backstage)
	m.addAll(&b, id)
	var seats []ownerSeat
	postgres.AddList(&b, &seats, ownerSeats, id)
	err := b.Run(ctx, db)
	if postgres.IsNoRows(err) {
		return mat{}, meeting.ErrNotFound
	}
	for _, s := range seats {
		for i := range m.Actions {
			if m.Actions[i].ID == s.Action {
				m.Actions[i].Owner = s.Seat
			}
		}
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
