// Package space is the space of a structure: its sheet, its people, whether it is up to date.
package space

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for the space of a structure.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Governance *governance.Service
}
