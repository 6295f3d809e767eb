// Package imports is the pages of imports and of the national file.
package imports

import (
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for imports.
type Pages struct {
	Kit        *page.Kit
	Imports    *imports.Service
	Structures *structure.Service
}
