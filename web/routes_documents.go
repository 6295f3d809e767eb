package web

// documentTable is the files of meetings.
func (p pages) documentTable() []Route {
	return []Route{}
}
