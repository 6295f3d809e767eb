// Package directory is the public directory of structures, and the sheet of each.
package directory

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for the directory.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Directory  *directory.Service
	Governance *governance.Service
}
