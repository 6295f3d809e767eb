package web

// actionTable is the team’s sheets of actions: axes, fields, status, history.
func (p pages) actionTable() []Route {
	const (
		list = "/equipe/feuille-de-route"
		axes = list + "/axes"
		axis = axes + "/{id:[0-9]+}"
		one  = list + "/actions/{id:[0-9]+}"
	)
	a := p.actions
	return []Route{
		{Method: get, Pattern: list, Who: teamOnly, Handle: a.List, Label: "Feuille de route (équipe)", Group: teamPages},
		{Method: get, Pattern: axes, Who: teamOnly, Handle: a.ListAxes, Label: "Axes de la feuille de route", Group: teamPages},
		{Method: get, Pattern: axes + "/nouveau", Who: teamOnly, Handle: a.ShowNewAxis},
		{Method: post, Pattern: axes + "/nouveau", Who: teamOnly, Handle: a.AddAxis},
		{Method: get, Pattern: axis + "/modification", Who: teamOnly, Handle: a.ShowAxis},
		{Method: post, Pattern: axis + "/modification", Who: teamOnly, Handle: a.ChangeAxis},
		{Method: post, Pattern: axis + "/ordre", Who: teamOnly, Handle: a.MoveAxis},
		{Method: get, Pattern: axis + "/retrait", Who: teamOnly, Handle: a.ShowAxisRemoval},
		{Method: post, Pattern: axis + "/retrait", Who: teamOnly, Handle: a.RemoveAxis},

		{Method: get, Pattern: list + "/actions/nouvelle", Who: teamOnly, Handle: a.ShowNew, Label: "Ajouter une action", Group: teamPages},
		{Method: post, Pattern: list + "/actions/nouvelle", Who: teamOnly, Handle: a.Add},
		{Method: get, Pattern: one, Who: teamOnly, Handle: a.Show},
		{Method: get, Pattern: one + "/modification", Who: teamOnly, Handle: a.ShowEdit},
		{Method: post, Pattern: one + "/modification", Who: teamOnly, Handle: a.Edit},
		{Method: get, Pattern: one + "/etat", Who: teamOnly, Handle: a.ShowStatus},
		{Method: post, Pattern: one + "/etat", Who: teamOnly, Handle: a.ChangeStatus},
		{Method: get, Pattern: one + "/confiance", Who: teamOnly, Handle: a.ShowConfidence},
		{Method: post, Pattern: one + "/confiance", Who: teamOnly, Handle: a.ChangeConfidence},
		{Method: get, Pattern: one + "/historique", Who: teamOnly, Handle: a.ShowHistory},
	}
}
