// Package roll is who votes: the roll of an election, which follows the register until
// the lists are sealed, and the claims it receives.
package roll

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Service is the use cases of the room.
type Service struct {
	db         postgres.DB
	governance *governance.Service
	outbox     *notify.Outbox
	baseURL    string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, gov *governance.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, governance: gov, outbox: outbox, baseURL: baseURL}
}

const (
	kindRoll  = "election_roll"
	kindClaim = "election_claim"
)

var _ = notify.NameKinds(map[string]string{
	kindRoll:  "Liste électorale à vérifier",
	kindClaim: "Réclamation sur la liste électorale",
})

var (
	errSealed   = problem.New(problem.Conflict, "Les listes sont arrêtées : la liste électorale ne change plus.")
	errNoRoll   = problem.New(problem.Conflict, "La liste électorale n’est pas encore montrée.")
	errNotClaim = problem.New(problem.NotFound, "Cette réclamation n’existe pas.")
)

// lockForTeam locks an election for an act of the team.
func lockForTeam(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID) (election.Election, error) {
	if !by.RunsBodies() {
		return election.Election{}, election.ErrNotFound
	}
	return election.Lock(ctx, tx, by, id)
}

// lockProvisional locks an election whose roll is shown and still changes.
func lockProvisional(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID) (election.Election, error) {
	e, err := lockForTeam(ctx, tx, by, id)
	switch {
	case err != nil:
		return e, err
	case e.Phase.Reached(election.Sealed):
		return e, errSealed
	case e.Phase != election.Roll && e.Phase != election.Candidacies:
		return e, errNoRoll
	}
	return e, nil
}

// registered is the register of structures in a transaction.
func (s *Service) registered(tx pgx.Tx) *structure.Service {
	return structure.New(tx, s.governance, s.outbox, s.baseURL)
}
