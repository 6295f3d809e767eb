// Package board is a room of the election.
package board

import (
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of the room.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}
