// Package count is the pages of one subject of the election.
package count

import (
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *count.Service
}
