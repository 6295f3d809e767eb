// Package board is the pages of one subject of the election.
package board

import (
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *board.Service
}
