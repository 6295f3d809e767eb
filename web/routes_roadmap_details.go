package web

// actionLineTable is what hangs on a sheet: steps, indicators, documents, decisions and meetings.
func (p pages) actionLineTable() []Route {
	return nil
}
