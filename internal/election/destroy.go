package election

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// destroy erases what must not be kept once two people decided it.
func destroy(ctx context.Context, tx pgx.Tx, by access.Actor, e Election) error {
	return problem.New(problem.Conflict, "La destruction n’est pas possible.")
}
