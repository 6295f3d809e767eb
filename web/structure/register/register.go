// Package register is how a structure registers, without an account: steps, check, confirmation.
package register

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for registrations.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Governance *governance.Service
}
