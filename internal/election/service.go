package election

import (
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Service is the use cases of the organiser: rules, phases, acts of two people,
// incidents. The rooms of this area have services of their own.
type Service struct {
	db         postgres.DB
	structures *structure.Service
	outbox     *notify.Outbox
	baseURL    string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, structures *structure.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, structures: structures, outbox: outbox, baseURL: baseURL}
}
