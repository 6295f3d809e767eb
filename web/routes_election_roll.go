package web

import "bordeaux-metropole.fr/portal/internal/access"

// electionRollTable is the pages of web/election/roll.
func (p pages) electionRollTable() []Route {
	const (
		list   = "/elections/{id:[0-9]+}/liste"
		claims = "/elections/{id:[0-9]+}/reclamations"
		desk   = "/equipe/elections/{id:[0-9]+}/liste"
		answer = desk + "/reclamations/{reclamation:[0-9]+}"
	)
	x := p.electionRoll
	structures := access.Only(access.Structure)
	return []Route{
		{Method: get, Pattern: list, Who: anyone, Handle: x.Show, Cached: true},
		{Method: get, Pattern: list + ".{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.File},
		{Method: get, Pattern: claims, Who: structures, Handle: x.ShowClaims},
		{Method: post, Pattern: claims, Who: structures, Handle: x.Claim},
		{Method: get, Pattern: desk, Who: teamOnly, Handle: x.ShowDesk},
		{Method: get, Pattern: desk + "/ouverture", Who: teamOnly, Handle: x.ShowOpening},
		{Method: post, Pattern: desk + "/ouverture", Who: teamOnly, Handle: x.Open},
		{Method: post, Pattern: desk + "/actualisation", Who: teamOnly, Handle: x.Refresh},
		{Method: get, Pattern: desk + "/reclamation", Who: teamOnly, Handle: x.ShowPaper},
		{Method: post, Pattern: desk + "/reclamation", Who: teamOnly, Handle: x.AddPaper},
		{Method: get, Pattern: answer, Who: teamOnly, Handle: x.ShowAnswer},
		{Method: post, Pattern: answer, Who: teamOnly, Handle: x.Answer},
	}
}
