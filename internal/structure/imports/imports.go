// Package imports takes structures from a spreadsheet into the register, after a
// preview: which columns mean what, what is new, what changes, what is wrong.
package imports

import (
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Service is the use cases of imports.
type Service struct {
	db         postgres.DB
	structures *structure.Service
}

// New returns the service.
func New(db postgres.DB, structures *structure.Service) *Service {
	return &Service{db: db, structures: structures}
}
