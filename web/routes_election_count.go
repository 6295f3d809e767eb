package web

// electionCountTable is the pages of web/election/count.
func (p pages) electionCountTable() []Route {
	return nil
}
