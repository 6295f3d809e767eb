package web

// agendaTable is agendas, standing points and proposals.
func (p pages) agendaTable() []Route {
	return []Route{}
}
