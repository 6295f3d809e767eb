// Package report is the pages of the point d’avancement: one action, one page, two minutes.
package report

import (
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit      *page.Kit
	Progress *progress.Service
}
