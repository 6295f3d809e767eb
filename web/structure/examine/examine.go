// Package examine is the team's work on the register: the queue, the examination, the life of a structure.
package examine

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for the register's team pages.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Governance *governance.Service
}
