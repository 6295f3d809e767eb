package governance

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
)

// EndTerm leaves a seat without titular and without alternate from a day on, in the
// transaction of an act that supposes the right of by checked: what was to end later
// ends that day, and what begins that day or later is as if it had never been.
func (s *Service) EndTerm(ctx context.Context, tx pgx.Tx, by access.Actor, seat SeatID, on day.Day, reason string) error {
	p, err := lockSeat(ctx, tx, seat)
	if err != nil {
		return err
	}
	held, err := tenuresOf(ctx, tx, seat)
	if err != nil {
		return err
	}
	for _, t := range held {
		switch {
		case !t.From.Before(on):
			err = dropTenure(ctx, tx, by, p, t, reason)
		case t.Until.IsZero() || t.Until.After(on):
			err = endTenure(ctx, tx, by, p, t, on, reason)
		}
		if err != nil {
			return err
		}
	}
	return settle(ctx, tx)
}
