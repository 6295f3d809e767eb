package web

// followUpTable is notes, decisions, positions and asked actions, and their registers.
func (p pages) followUpTable() []Route {
	return []Route{}
}
