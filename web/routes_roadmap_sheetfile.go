package web

// roadmapFileTable is the roadmap in and out of a spreadsheet.
func (p pages) roadmapFileTable() []Route {
	return nil
}
