// Package funding is the long-term view of money the partners' group has to keep
// (deliberation 2024-677: « assure une réflexion sur les financements à long terme »)
// and its note to the whole governance (« informer la gouvernance globale »).
package funding

import (
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of this room.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}
