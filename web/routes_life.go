package web

// lifeTable is the life of a structure in the register: college, merging, leaving.
func (p pages) lifeTable() []Route {
	const one = "/equipe/structures/{id:[0-9]+}"
	routes := []Route{
		{Method: get, Pattern: "/equipe/structures/nouvelle", Who: teamOnly, Handle: p.examine.ShowNew, Label: "Créer la fiche d’une structure", Group: teamPages},
		{Method: post, Pattern: "/equipe/structures/nouvelle", Who: teamOnly, Handle: p.examine.Create},
		{Method: get, Pattern: "/equipe/structures/gel", Who: teamOnly, Handle: p.examine.ShowFreeze, Label: "Figer les collèges", Group: teamPages},
		{Method: post, Pattern: "/equipe/structures/gel", Who: teamOnly, Handle: p.examine.ChangeFreeze},
		{Method: get, Pattern: one + "/fusion", Who: teamOnly, Handle: p.examine.ShowMerge},
		{Method: post, Pattern: one + "/fusion", Who: teamOnly, Handle: p.examine.Merge},
	}
	for _, act := range []string{"college", "suspension", "retour", "depart"} {
		routes = append(routes, Route{Method: get, Pattern: one + "/" + act, Who: teamOnly, Handle: p.examine.ShowLife(act)},
			Route{Method: post, Pattern: one + "/" + act, Who: teamOnly, Handle: p.examine.Live(act)})
	}
	return routes
}
