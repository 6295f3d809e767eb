package web

// rollTable is the roll call, the check-in and the attendance over time.
func (p pages) rollTable() []Route {
	return []Route{}
}
