// Package desk is the pages of one subject of the election.
package desk

import (
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit       *page.Kit
	Elections *election.Service
}
