package web

// importTable is imports and the national file.
func (p pages) importTable() []Route {
	return []Route{}
}
