package web

import "bordeaux-metropole.fr/portal/internal/access"

// electionDeskTable is the pages of web/election/desk.
func (p pages) electionDeskTable() []Route {
	const (
		list   = "/elections"
		one    = list + "/{id:[0-9]+}"
		office = one + "/bureau"
		act    = office + "/{acte:(?:ouverture|prolongation|cloture|depouillement|destruction)}"
		team   = "/equipe/elections"
		desk   = team + "/{id:[0-9]+}"
	)
	x := p.electionDesk
	board := access.Only(access.Team, access.Scrutineer)
	return []Route{
		{Method: get, Pattern: list, Who: anyone, Handle: x.List, Label: "Élections", Group: publicPages, Menu: "Élections"},
		{Method: get, Pattern: one, Who: anyone, Handle: x.Show},
		{Method: get, Pattern: one + "/reglement", Who: anyone, Handle: x.Rules},
		{Method: get, Pattern: one + "/reglement.json", Who: anyone, Handle: x.RulesFile},

		{Method: get, Pattern: office, Who: board, Handle: x.Office},
		{Method: get, Pattern: office + "/incident", Who: board, Handle: x.ShowIncident},
		{Method: post, Pattern: office + "/incident", Who: board, Handle: x.AddIncident},
		{Method: get, Pattern: act, Who: board, Handle: x.ShowProposal},
		{Method: post, Pattern: act, Who: board, Handle: x.Propose},
		{Method: get, Pattern: office + "/actes/{acte:[0-9]+}", Who: board, Handle: x.ShowConfirmation},
		{Method: post, Pattern: office + "/actes/{acte:[0-9]+}", Who: board, Handle: x.Confirm},
		{Method: post, Pattern: office + "/actes/{acte:[0-9]+}/retrait", Who: board, Handle: x.Withdraw},

		{Method: get, Pattern: team, Who: teamOnly, Handle: x.TeamList, Label: "Élections à conduire", Group: teamPages},
		{Method: get, Pattern: team + "/nouvelle", Who: teamOnly, Handle: x.ShowNew, Label: "Préparer une élection", Group: teamPages},
		{Method: post, Pattern: team + "/nouvelle", Who: teamOnly, Handle: x.Add},
		{Method: get, Pattern: desk, Who: teamOnly, Handle: x.Desk},
		{Method: get, Pattern: desk + "/reglement", Who: teamOnly, Handle: x.ShowRules},
		{Method: post, Pattern: desk + "/reglement", Who: teamOnly, Handle: x.ChangeRules},
		{Method: get, Pattern: desk + "/dates", Who: teamOnly, Handle: x.ShowDates},
		{Method: post, Pattern: desk + "/dates", Who: teamOnly, Handle: x.ChangeDates},
		{Method: get, Pattern: desk + "/tirages", Who: teamOnly, Handle: x.ShowDraws},
		{Method: post, Pattern: desk + "/tirages", Who: teamOnly, Handle: x.NameDraws},
		{Method: get, Pattern: desk + "/risque", Who: teamOnly, Handle: x.ShowRisk},
		{Method: post, Pattern: desk + "/risque", Who: teamOnly, Handle: x.SetRisk},
		{Method: get, Pattern: desk + "/publication", Who: teamOnly, Handle: x.ShowPublication},
		{Method: post, Pattern: desk + "/publication", Who: teamOnly, Handle: x.Publish},
		{Method: get, Pattern: desk + "/abandon", Who: teamOnly, Handle: x.ShowCancel},
		{Method: post, Pattern: desk + "/abandon", Who: teamOnly, Handle: x.Cancel},
	}
}
