// Package voting is the pages of one subject of the election.
package voting

import (
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *voting.Service
}
