// Package edition is the programme of a year: bodies propose, the team examines, the
// CMTIN validates the actions of the next year in a meeting (deliberation 2024-677),
// and the edition is frozen for ever.
package edition

import (
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of this room.
type Service struct {
	db      postgres.DB
	minutes *minutes.Service
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service.
func New(db postgres.DB, minutes *minutes.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, minutes: minutes, outbox: outbox, baseURL: baseURL}
}
