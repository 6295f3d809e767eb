package structure

import (
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Choices is what the fields of a section offer that the database knows.
type Choices struct {
	Communes []ui.Option // value: INSEE code
}

// Fill gives the fields of a section what the sheet says.
func Fill(f *form.Form, section structure.Section, s structure.Sheet) {}

// Read reads the fields of a section into the sheet, with a message on each field
// that is wrong: what a form can tell, then what structure.Sheet.Check says.
func Read(f *form.Form, section structure.Section, s *structure.Sheet) {}

// Rows says a section in words, for a page of check or a sheet.
func Rows(section structure.Section, s structure.Sheet) []ui.SummaryRow { return nil }
