package web

// indicatorTable is the observatory, the networks, and the GNI as a body over time.
func (p pages) indicatorTable() []Route {
	const (
		one       = "/equipe/indicateurs/{id:[0-9]+}"
		value     = one + "/valeurs/{valeur:[0-9]+}"
		advisers  = "/equipe/structures/conseillers-numeriques"
		byCommune = "/equipe/structures/communes"
	)
	x := p.figures
	return []Route{
		{Method: get, Pattern: "/indicateurs", Who: anyone, Handle: x.List, Cached: true, Label: "Observatoire", Group: publicPages, Menu: "Indicateurs"},
		{Method: get, Pattern: "/indicateurs.{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.ListFile},
		{Method: get, Pattern: "/indicateurs/{slug:[a-z0-9-]+}", Who: anyone, Handle: x.Show, Cached: true},
		{Method: get, Pattern: "/indicateurs/{slug:[a-z0-9-]+}.{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.File},
		{Method: get, Pattern: "/reseaux/aladdin", Who: anyone, Handle: x.Aladdin, Cached: true, Label: "Le réseau Aladdin", Group: publicPages},
		{Method: get, Pattern: "/reseaux/aladdin.{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.AladdinFile},

		{Method: get, Pattern: advisers, Who: teamOnly, Handle: x.Advisers, Label: "Conseillers numériques", Group: teamPages},
		{Method: get, Pattern: advisers + ".{ext:(csv|xlsx)}", Who: teamOnly, Handle: x.AdvisersFile},
		{Method: get, Pattern: byCommune, Who: teamOnly, Handle: x.Communes, Label: "Structures par commune", Group: teamPages},
		{Method: get, Pattern: byCommune + ".{ext:(csv|xlsx)}", Who: teamOnly, Handle: x.CommunesFile},

		{Method: get, Pattern: "/equipe/indicateurs", Who: teamOnly, Handle: x.TeamList, Label: "Saisie des indicateurs", Group: teamPages},
		{Method: get, Pattern: "/equipe/indicateurs/nouveau", Who: teamOnly, Handle: x.ShowNew, Label: "Ajouter un indicateur", Group: teamPages},
		{Method: post, Pattern: "/equipe/indicateurs/nouveau", Who: teamOnly, Handle: x.Add},
		{Method: get, Pattern: one, Who: teamOnly, Handle: x.TeamShow},
		{Method: get, Pattern: one + "/modification", Who: teamOnly, Handle: x.ShowChange},
		{Method: post, Pattern: one + "/modification", Who: teamOnly, Handle: x.Change},
		{Method: post, Pattern: one + "/ordre", Who: teamOnly, Handle: x.Move},
		{Method: get, Pattern: one + "/valeurs/nouvelle", Who: teamOnly, Handle: x.ShowNewValue},
		{Method: post, Pattern: one + "/valeurs/nouvelle", Who: teamOnly, Handle: x.AddValue},
		{Method: get, Pattern: value + "/correction", Who: teamOnly, Handle: x.ShowCorrection},
		{Method: post, Pattern: value + "/correction", Who: teamOnly, Handle: x.Correct},
		{Method: get, Pattern: value + "/retrait", Who: teamOnly, Handle: x.ShowRemoval},
		{Method: post, Pattern: value + "/retrait", Who: teamOnly, Handle: x.Remove},
	}
}
