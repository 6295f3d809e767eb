package web

// actionTable is the team’s sheets of actions: axes, fields, status, history.
func (p pages) actionTable() []Route {
	return nil
}
