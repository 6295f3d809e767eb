package web

// watchTable is the alerts of the team.
func (p pages) watchTable() []Route {
	return nil
}
