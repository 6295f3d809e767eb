package count

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ArchiveDue archives the elections whose contest period is over, then lets colleges
// change again, for the chore of the portal.
//
// Colleges stay frozen until then and not only until the proclamation: whoever judges a
// contest may have the vote done again, on the same roll.
func (s *Service) ArchiveDue(ctx context.Context) error {
	by := access.System("archivage des élections")
	due, err := postgres.Values[election.ID](ctx, s.db, `SELECT id FROM election WHERE phase = 'proclaimed' AND contest_until <= clock_timestamp() ORDER BY id`)
	if err != nil {
		return postgres.Wrap(err, "elections to archive")
	}
	for _, id := range due {
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			e, err := election.Lock(ctx, tx, by, id)
			if err != nil || e.Phase != election.Proclaimed || e.Contesting() {
				return err
			}
			if err := election.SetPhase(ctx, tx, by, e, election.Archived); err != nil {
				return err
			}
			return election.Record(ctx, tx, by, "archive", e, nil, nil)
		})
		if err != nil {
			return err
		}
	}
	return s.unfreeze(ctx, by)
}

// unfreeze ends the freeze that the sealing of an election began, once no election
// stands on it any more: it began in the transaction of the sealing.
func (s *Service) unfreeze(ctx context.Context, by access.Actor) error {
	due, err := postgres.Value[bool](ctx, s.db, `
		SELECT EXISTS (SELECT FROM college_freeze f JOIN election e ON f.started_at BETWEEN e.sealed_at - interval '1 minute' AND e.sealed_at
		               WHERE f.ended_at IS NULL AND e.phase IN ('archived', 'destroyed', 'cancelled'))
		   AND NOT EXISTS (SELECT FROM election WHERE phase IN ('sealed', 'ready', 'open', 'closed', 'counted', 'proclaimed'))`)
	if err != nil || !due {
		return postgres.Wrap(err, "look for a freeze of colleges")
	}
	err = s.structures.UnfreezeColleges(ctx, by)
	if problem.KindOf(err) == problem.Conflict { // somebody ended it meanwhile
		return nil
	}
	return err
}
