package web

// electionCandidacyTable is the pages of web/election/candidacy.
func (p pages) electionCandidacyTable() []Route {
	return nil
}
