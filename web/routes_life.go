package web

// lifeTable is the life of a structure in the register: college, merging, leaving.
func (p pages) lifeTable() []Route {
	return []Route{}
}
