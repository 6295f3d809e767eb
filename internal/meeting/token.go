package meeting

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNoLink says that a personal link is nobody's, or no longer works.
var ErrNoLink = problem.New(problem.NotFound, "Ce lien n’est pas ou n’est plus valable. Reprenez le dernier message reçu : le lien doit être entier.")

// RecipientOf returns whose a personal link is, and of which meeting: ErrNoLink
// when it is nobody's.
func (s *Service) RecipientOf(ctx context.Context, q postgres.Querier, token string) (ConvocationID, ID, error) {
	c, id, err := recipientByToken(ctx, q, token)
	if postgres.IsNoRows(err) {
		return 0, 0, ErrNoLink
	}
	return c, id, postgres.Wrap(err, "read personal link")
}
