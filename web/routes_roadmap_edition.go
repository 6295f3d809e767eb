package web

// editionTable is the programme of a year, from proposals to the frozen edition.
func (p pages) editionTable() []Route {
	return nil
}
