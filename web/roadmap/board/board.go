// Package board is the pages of what everybody reads of the roadmap.
package board

import (
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Board *board.Service
}
