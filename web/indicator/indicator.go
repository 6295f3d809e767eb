// Package indicator is the pages of the observatory: its figures, with their source,
// their date and their method.
package indicator

import (
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for the observatory.
type Pages struct {
	Kit        *page.Kit
	Indicators *indicator.Service
	Structures *structure.Service
}
