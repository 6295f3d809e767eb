package web

// electionBoardTable is the pages of web/election/board.
func (p pages) electionBoardTable() []Route {
	return nil
}
