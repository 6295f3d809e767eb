package web

// examineTable is the examination of requests by the team.
func (p pages) examineTable() []Route {
	return []Route{}
}
