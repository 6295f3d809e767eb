// Package board is what is shown of the roadmap: the public page and its filters, an
// action, the timeline of a year, what a commune does.
package board

import (
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of this room.
type Service struct {
	db postgres.DB
}

// New returns the service.
func New(db postgres.DB) *Service {
	return &Service{db: db}
}
