package web

// electionRollTable is the pages of web/election/roll.
func (p pages) electionRollTable() []Route {
	return nil
}
