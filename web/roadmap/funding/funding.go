// Package funding is the pages of the money of the roadmap: budget lines, the partners’ view, the note.
package funding

import (
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit     *page.Kit
	Roadmap *roadmap.Service
	Funding *funding.Service
}
