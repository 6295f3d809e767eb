package voting

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// TellAt is TellVoted for one election, open, at a moment.
func TellAt(ctx context.Context, s *Service, id election.ID, now time.Time) (n int, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		n, err = s.tellVoted(ctx, tx, calling{ID: id, Title: "Élection", ClosesAt: now.AddDate(0, 0, 5), Now: now, Open: true})
		return err
	})
	return n, err
}

// ReminderDue is reminderDue.
func ReminderDue(now, closes time.Time) string { return reminderDue(now, closes) }

// MostChecks is mostChecks.
const MostChecks = mostChecks

// Turns is turns.
type Turns struct{ t *turns }

// NewTurns is newTurns.
func NewTurns() Turns { return Turns{newTurns()} }

// Take is take.
func (t Turns) Take(ctx context.Context, person, structure int64) (func(), error) {
	return t.t.take(ctx, sender{access.PersonID(person), access.OrganisationID(structure)})
}

// Held is how many senders have a line.
func (t Turns) Held() int { return len(t.t.lines) }
