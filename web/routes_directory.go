package web

// directoryTable is the public directory of structures.
func (p pages) directoryTable() []Route {
	return []Route{
		{Method: get, Pattern: "/structures", Who: anyone, Handle: p.directory.List, Cached: true, Label: "Annuaire des structures", Group: publicPages, Menu: "Structures"},
		{Method: get, Pattern: "/structures.{ext:(csv|xlsx|json)}", Who: anyone, Handle: p.directory.ListFile},
	}
}
