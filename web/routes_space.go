package web

// spaceTable is the space of a structure.
func (p pages) spaceTable() []Route {
	return []Route{}
}
