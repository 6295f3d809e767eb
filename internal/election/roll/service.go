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

// Contact is somebody who is written to about a structure: who holds its seat, who
// manages it.
type Contact struct {
	Structure access.OrganisationID `db:"organisation_id"`
	Person    access.PersonID       `db:"person_id"`
	Name      string                `db:"name"`
	Email     string                `db:"email"`
}

// Contacts returns who is written to about the structures, with an address that takes
// mail: each once for each structure.
func Contacts(ctx context.Context, q postgres.Querier, ids []access.OrganisationID) ([]Contact, error) {
	all, err := postgres.List[Contact](ctx, q, `
		SELECT h.organisation_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email
		FROM (SELECT s.organisation_id, m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id
		      WHERE s.organisation_id = ANY ($1) AND s.kind = 'structure' AND m.kind = 'titular' AND m.during @> paris_today()
		      UNION SELECT n.organisation_id, n.person_id FROM membership n
		      WHERE n.organisation_id = ANY ($1) AND n.manager AND n.during @> paris_today()) h
		JOIN person p ON p.id = h.person_id ORDER BY h.organisation_id, p.id`, ids)
	var out []Contact
	for _, c := range all {
		if notify.Deliverable(c.Email) {
			out = append(out, c)
		}
	}
	return out, postgres.Wrap(err, "contacts of structures")
}
