// Package edition is the pages of the programme of a year, from proposals to the frozen edition.
package edition

import (
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit      *page.Kit
	Editions *edition.Service
	Printer  *printing.Printer
}
