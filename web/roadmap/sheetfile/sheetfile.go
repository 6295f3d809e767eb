// Package sheetfile is the pages of the roadmap in and out of a spreadsheet.
package sheetfile

import (
	"bordeaux-metropole.fr/portal/internal/roadmap/sheetfile"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Files *sheetfile.Service
}
