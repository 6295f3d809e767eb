// Package ceremony is the pages of one subject of the election.
package ceremony

import (
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *ceremony.Service
}
