package web

// directoryTable is the public directory of structures.
func (p pages) directoryTable() []Route {
	return []Route{}
}
