package board

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
)

// Sum returns the encrypted sum of a box, computed when two people decided the count,
// as the archive will hold it. NotFound before: there is nothing to open while ballots
// are taken. Those of a rehearsal are for key holders alone.
func (s *Service) Sum(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) (election.Sum, error) {
	if _, err := election.Load(ctx, s.db, by, id); err != nil {
		return election.Sum{}, err
	}
	if _, err := election.LoadBox(ctx, s.db, id, box); err != nil {
		return election.Sum{}, err
	}
	return election.SumOf(ctx, s.db, box)
}
