// Package indicator is the observatory's figures (deliberation 2024-677: « Un
// observatoire des inégalités numériques a été mis en place »): each dated, with its
// source and its method.
package indicator

import "bordeaux-metropole.fr/portal/internal/postgres"

// Service is the use cases of the observatory.
type Service struct {
	db postgres.DB
}

// New returns the service.
func New(db postgres.DB) *Service { return &Service{db: db} }
