package web

// roadmapTable is what everybody reads of the roadmap.
func (p pages) roadmapTable() []Route {
	return nil
}
