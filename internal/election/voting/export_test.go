package voting

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

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
