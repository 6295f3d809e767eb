package structure

import "bordeaux-metropole.fr/portal/internal/problem"

// Check returns what is wrong in a section of the sheet, in the order of its fields.
func (s Sheet) Check(section Section) []*problem.Error {
	return nil
}
