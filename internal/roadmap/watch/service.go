// Package watch is what goes wrong in the roadmap: late, no news, off its path,
// without funder. Each alert names its remedy.
package watch

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
