package web

// registerTable is how a structure registers.
func (p pages) registerTable() []Route {
	return []Route{}
}
