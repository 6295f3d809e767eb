package web

// reportTable is the point d’avancement: one action, one page, two minutes.
func (p pages) reportTable() []Route {
	return nil
}
