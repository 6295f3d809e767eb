package web

// watchTable is the alerts of the team.
func (p pages) watchTable() []Route {
	return []Route{
		{Method: get, Pattern: "/equipe/alertes", Who: teamOnly, Handle: p.watch.List, Label: "Alertes de la feuille de route", Group: teamPages},
	}
}
