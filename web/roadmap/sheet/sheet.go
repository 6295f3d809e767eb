// Package sheet is the pages of the team’s sheets of actions: axes, fields, status, history.
package sheet

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit        *page.Kit
	Roadmap    *roadmap.Service
	Governance *governance.Service
}
