package web

// electionCeremonyTable is the pages of web/election/ceremony.
func (p pages) electionCeremonyTable() []Route {
	return nil
}
