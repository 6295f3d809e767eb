// Package watch is the pages of the alerts of the team.
package watch

import (
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Watch *watch.Service
}
