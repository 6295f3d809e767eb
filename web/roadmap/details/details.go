// Package details is the pages of what hangs on a sheet: steps, indicators, documents, decisions and meetings.
package details

import (
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit     *page.Kit
	Roadmap *roadmap.Service
}
