package web

// convocationTable is convening, and answering by a personal link.
func (p pages) convocationTable() []Route {
	return []Route{}
}
