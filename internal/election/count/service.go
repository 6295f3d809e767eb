// Package count is a room of the election.
package count

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of the room.
type Service struct {
	governance *governance.Service
	db         postgres.DB
	outbox     *notify.Outbox
	baseURL    string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, gov *governance.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{governance: gov, db: db, outbox: outbox, baseURL: baseURL}
}
