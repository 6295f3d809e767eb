package web

// roadmapTable is what everybody reads of the roadmap.
func (p pages) roadmapTable() []Route {
	x := p.board
	return []Route{
		{Method: get, Pattern: "/feuille-de-route", Who: anyone, Handle: x.List, Cached: true, Label: "Feuille de route", Group: publicPages, Menu: "Feuille de route"},
		{Method: get, Pattern: "/feuille-de-route.{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.File},
		{Method: get, Pattern: "/feuille-de-route/calendrier", Who: anyone, Handle: x.Calendar, Cached: true, Label: "Calendrier de la feuille de route", Group: publicPages},
		{Method: get, Pattern: "/feuille-de-route/actions/{id:[0-9]+}", Who: anyone, Handle: x.Action, Cached: true},
	}
}
