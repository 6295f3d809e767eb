// Package candidacy is the pages of one subject of the election.
package candidacy

import (
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *candidacy.Service
}
