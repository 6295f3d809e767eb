package web

// electionVotingTable is the pages of web/election/voting.
func (p pages) electionVotingTable() []Route {
	return nil
}
