package web

// minutesTable is the minutes, from draft to publication.
func (p pages) minutesTable() []Route {
	return []Route{}
}
