// Package count is what follows the close of an election: the encrypted sums, their
// opening by the key holders, who is elected, the procès-verbal, the proclamation, and
// who follows when a seat falls vacant.
package count

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Service is the use cases of the room.
type Service struct {
	governance *governance.Service
	structures *structure.Service
	db         postgres.DB
	outbox     *notify.Outbox
	baseURL    string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, gov *governance.Service, structures *structure.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{governance: gov, structures: structures, db: db, outbox: outbox, baseURL: baseURL}
}

var _ = notify.NameKinds(map[string]string{
	"election_open_sums": "Ouverture des sommes d’une élection",
	"election_counted":   "Élection dépouillée",
	"election_result":    "Résultat d’une élection",
	"election_succeed":   "Appel à siéger",
})

// counts tells whether the actor follows the count: the team, key holders, the chair.
func counts(by access.Actor) bool {
	return by.RunsBodies() || by.Is(access.Scrutineer, access.Chair)
}

func refuse(message string) error { return problem.New(problem.Conflict, message) }
