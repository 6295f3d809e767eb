package web

// planTable is the dates of meetings: what the public reads, and what the team plans.
func (p pages) planTable() []Route {
	return []Route{}
}
