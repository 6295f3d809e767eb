package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// EndFreeze ends the freeze in force, if there is one, in the transaction of the act
// that no longer needs it: an election that is given up.
func EndFreeze(ctx context.Context, tx pgx.Tx, by access.Actor) error {
	type ended struct {
		ID     int64
		Reason string
	}
	list, err := postgres.List[ended](ctx, tx, `UPDATE college_freeze SET ended_at = now(), ended_by = $1 WHERE ended_at IS NULL RETURNING id, reason`, by.Name)
	if err != nil || len(list) == 0 {
		return postgres.Wrap(err, "end a freeze")
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "structure.unfreeze", Object: "college_freeze", ID: list[0].ID, Label: list[0].Reason})
}
