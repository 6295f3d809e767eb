// Package sheetfile reads and writes the roadmap as a spreadsheet; what it writes it
// reads back without loss.
package sheetfile

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
