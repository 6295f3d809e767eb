package web

// indicatorTable is the observatory.
func (p pages) indicatorTable() []Route {
	return []Route{}
}
