package web

// sheetTable is the public sheet of a structure.
func (p pages) sheetTable() []Route {
	return []Route{}
}
