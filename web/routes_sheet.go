package web

// sheetTable is the public sheet of a structure.
func (p pages) sheetTable() []Route {
	return []Route{
		{Method: get, Pattern: "/structures/{id:[0-9]+}", Who: anyone, Handle: p.directory.ShowSheet, Cached: true},
	}
}
