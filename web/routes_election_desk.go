package web

// electionDeskTable is the pages of web/election/desk.
func (p pages) electionDeskTable() []Route {
	return nil
}
