// Package roll is the pages of one subject of the election.
package roll

import (
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *roll.Service
}
