package web

import "bordeaux-metropole.fr/portal/internal/access"

// fundingTable is the money of the roadmap: budget lines, the partners’ view, the note.
func (p pages) fundingTable() []Route {
	const (
		budget = "/equipe/feuille-de-route/actions/{id:[0-9]+}/budget"
		line   = budget + "/{ligne:[0-9]+}"
		note   = "/equipe/note"
	)
	var (
		x       = p.funding
		funders = access.Only(access.Team, access.Chair, access.Partner, access.State, access.Mayor)
		members = access.Only(access.Team, access.Chair, access.Mayor, access.Delegate, access.Structure, access.Partner, access.State)
	)
	return []Route{
		{Method: get, Pattern: "/financements", Who: funders, Handle: x.List, Label: "Financements", Group: myPages},
		{Method: get, Pattern: "/financements.{ext:(csv|xlsx)}", Who: funders, Handle: x.ListFile},
		{Method: get, Pattern: "/financements/organisations/{id:[0-9]+}", Who: funders, Handle: x.ShowOrganisation},
		{Method: get, Pattern: "/notes", Who: members, Handle: x.Notes, Label: "Notes à la gouvernance", Group: myPages},
		{Method: get, Pattern: "/notes/{id:[0-9]+}", Who: members, Handle: x.ShowNote},

		{Method: get, Pattern: budget, Who: teamOnly, Handle: x.ShowBudget},
		{Method: get, Pattern: budget + "/nouvelle", Who: teamOnly, Handle: x.ShowNewLine},
		{Method: post, Pattern: budget + "/nouvelle", Who: teamOnly, Handle: x.AddLine},
		{Method: get, Pattern: line + "/modification", Who: teamOnly, Handle: x.ShowLine},
		{Method: post, Pattern: line + "/modification", Who: teamOnly, Handle: x.ChangeLine},
		{Method: get, Pattern: line + "/retrait", Who: teamOnly, Handle: x.ShowRemoval},
		{Method: post, Pattern: line + "/retrait", Who: teamOnly, Handle: x.RemoveLine},
		{Method: get, Pattern: note, Who: teamOnly, Handle: x.ShowDraft, Label: "Note à toute la gouvernance", Group: teamPages},
		{Method: post, Pattern: note, Who: teamOnly, Handle: x.CheckNote},
		{Method: post, Pattern: note + "/envoi", Who: teamOnly, Handle: x.SendNote},
		{Method: get, Pattern: note + "/{id:[0-9]+}", Who: teamOnly, Handle: x.ShowNote},
	}
}
