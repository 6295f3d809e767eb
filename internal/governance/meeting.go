package governance

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Meeting is a meeting as far as the cadence of the year needs it.
type Meeting struct {
	ID           MeetingID    `json:"id" db:"id"` // 0 when recording
	Body         BodyCode     `json:"instance" db:"body"`
	StartsAt     time.Time    `json:"debut" db:"starts_at"`
	EndsAt       time.Time    `json:"fin" db:"ends_at"`
	Place        string       `json:"lieu" db:"place"`
	Theme        string       `json:"theme" db:"theme"`
	State        MeetingState `json:"etat" db:"state"`
	ChairPresent bool         `json:"presidence_presente" db:"chair_present"`
	StatePresent bool         `json:"etat_present" db:"state_present"`
}

// RecordMeeting records a meeting. Fields: instance, debut, fin, lieu, theme,
// etat.
func (s *Service) RecordMeeting(ctx context.Context, by access.Actor, m Meeting) (MeetingID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	switch {
	case !m.Body.known():
		return 0, problem.OnField("instance", "Choisissez une instance.")
	case !slices.Contains(MeetingStates, m.State):
		return 0, problem.OnField("etat", "Choisissez un état.")
	case m.StartsAt.IsZero():
		return 0, problem.OnField("debut", "Saisissez la date et l’heure de début.")
	case !m.EndsAt.After(m.StartsAt):
		return 0, problem.OnField("fin", "La fin doit venir après le début.")
	case len([]rune(m.Place)) > 200:
		return 0, problem.OnField("lieu", "Gardez 200 caractères au plus.")
	case len([]rune(m.Theme)) > 200:
		return 0, problem.OnField("theme", "Gardez 200 caractères au plus.")
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		m.ID, err = postgres.Value[MeetingID](ctx, tx, `
			INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, chair_present, state_present, announced)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true) RETURNING id`,
			m.Body, m.StartsAt, m.EndsAt, m.Place, m.Theme, m.State, m.ChairPresent, m.StatePresent)
		if err != nil {
			return postgres.Wrap(err, "insert meeting")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.record", Object: "meeting", ID: int64(m.ID),
			Label: m.Body.Label() + ", " + m.State.Label(), After: m})
	})
	return m.ID, err
}

// MeetingsOfYear returns the meetings of a calendar year in Paris, in order.
func (s *Service) MeetingsOfYear(ctx context.Context, by access.Actor, year int) ([]Meeting, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Meeting](ctx, s.db, `
		SELECT id, body, starts_at, ends_at, place, theme, state, chair_present, state_present
		FROM meeting
		WHERE starts_at >= make_date($1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
		  AND starts_at < make_date($1 + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
		ORDER BY starts_at, id LIMIT 500`, min(max(year, 1900), 2200))
	return v, postgres.Wrap(err, "meetings of %d", year)
}
