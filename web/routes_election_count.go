package web

import "bordeaux-metropole.fr/portal/internal/access"

// electionCountTable is the pages of web/election/count.
func (p pages) electionCountTable() []Route {
	const (
		one  = "/elections/{id:[0-9]+}"
		desk = "/equipe/elections/{id:[0-9]+}"
		pv   = one + "/proces-verbal"
		sums = desk + "/depouillement"
		next = desk + "/suites"
		seat = next + "/{siege:[0-9]+}"
	)
	x := p.electionCount
	keepers, board := access.Only(access.Scrutineer), access.Only(access.Team, access.Scrutineer)
	signers, chair := access.Only(access.Scrutineer, access.Chair), access.Only(access.Chair)
	return []Route{
		{Method: get, Pattern: one + "/depouillement", Who: keepers, Handle: x.ShowOpening},
		{Method: post, Pattern: one + "/depouillement", Who: keepers, Handle: x.Open, MaxBody: 2 << 20},
		{Method: get, Pattern: one + "/resultats", Who: anyone, Handle: x.Result, Cached: true},
		{Method: get, Pattern: one + "/resultats.{ext:(csv|xlsx|json)}", Who: anyone, Handle: x.ResultFile, Cached: true},
		{Method: get, Pattern: pv, Who: anyone, Handle: x.PV, Cached: true},
		{Method: get, Pattern: pv + ".{ext:(json|pdf)}", Who: anyone, Handle: x.PVFile},
		{Method: get, Pattern: pv + "/signature", Who: signers, Handle: x.ShowSign},
		{Method: post, Pattern: pv + "/signature", Who: signers, Handle: x.Sign},
		{Method: get, Pattern: sums, Who: board, Handle: x.ShowCount},
		{Method: post, Pattern: sums + "/somme", Who: board, Handle: x.Prepare},
		{Method: post, Pattern: sums + "/tirage", Who: board, Handle: x.ProposeDraw},
		{Method: post, Pattern: sums + "/tirage/confirmation", Who: board, Handle: x.ConfirmDraw},
		{Method: post, Pattern: sums + "/proces-verbal", Who: board, Handle: x.MakePV},
		{Method: get, Pattern: desk + "/proclamation", Who: access.Only(access.Team, access.Chair), Handle: x.ShowProclamation},
		{Method: post, Pattern: desk + "/proclamation", Who: chair, Handle: x.Proclaim},
		{Method: get, Pattern: next, Who: teamOnly, Handle: x.ShowFollowing},
		{Method: get, Pattern: seat, Who: teamOnly, Handle: x.ShowSuccession},
		{Method: post, Pattern: seat, Who: teamOnly, Handle: x.Succeed},
		{Method: post, Pattern: next + "/complementaire", Who: teamOnly, Handle: x.Complement},
	}
}
