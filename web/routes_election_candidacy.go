package web

import (
	"bordeaux-metropole.fr/portal/internal/access"
	elcandidacy "bordeaux-metropole.fr/portal/web/election/candidacy"
)

// electionCandidacyTable is the pages of web/election/candidacy.
func (p pages) electionCandidacyTable() []Route {
	const (
		list = "/elections/{id:[0-9]+}/candidatures"
		mine = "/elections/{id:[0-9]+}/ma-candidature"
		desk = "/equipe/elections/{id:[0-9]+}/candidatures"
		one  = desk + "/{c:[0-9]+}"
	)
	x := p.electionCandidacy
	structures := access.Only(access.Structure)
	return []Route{
		{Method: get, Pattern: list, Who: anyone, Handle: x.Show, Cached: true},
		{Method: get, Pattern: list + "/{c:[0-9]+}/photo", Who: anyone, Handle: x.Photo},

		{Method: get, Pattern: mine, Who: structures, Handle: x.ShowMine},
		{Method: get, Pattern: mine + "/saisie", Who: structures, Handle: x.ShowForm},
		{Method: post, Pattern: mine + "/saisie", Who: structures, Handle: x.Save, MaxBody: elcandidacy.MaxBody},
		{Method: get, Pattern: mine + "/verification", Who: structures, Handle: x.ShowCheck},
		{Method: post, Pattern: mine + "/verification", Who: structures, Handle: x.Submit},
		{Method: post, Pattern: mine + "/brouillon", Who: structures, Handle: x.Drop},
		{Method: get, Pattern: mine + "/brouillon/photo", Who: structures, Handle: x.OwnPhoto(true)},
		{Method: get, Pattern: mine + "/photo", Who: structures, Handle: x.OwnPhoto(false)},
		{Method: get, Pattern: mine + "/retrait", Who: structures, Handle: x.ShowWithdrawal},
		{Method: post, Pattern: mine + "/retrait", Who: structures, Handle: x.Withdraw},

		{Method: get, Pattern: desk, Who: teamOnly, Handle: x.ShowDesk},
		{Method: get, Pattern: desk + "/ouverture", Who: teamOnly, Handle: x.ShowOpening},
		{Method: post, Pattern: desk + "/ouverture", Who: teamOnly, Handle: x.Open},
		{Method: get, Pattern: desk + "/prolongation", Who: teamOnly, Handle: x.ShowExtension},
		{Method: post, Pattern: desk + "/prolongation", Who: teamOnly, Handle: x.Extend},
		{Method: get, Pattern: desk + "/arret", Who: teamOnly, Handle: x.ShowSealing},
		{Method: post, Pattern: desk + "/arret", Who: teamOnly, Handle: x.Seal},
		{Method: get, Pattern: one, Who: teamOnly, Handle: x.ShowOne},
		{Method: post, Pattern: one, Who: teamOnly, Handle: x.Decide},
		{Method: get, Pattern: one + "/photo", Who: teamOnly, Handle: x.PhotoForTeam},
		{Method: get, Pattern: one + "/retrait", Who: teamOnly, Handle: x.ShowWithdrawalFor},
		{Method: post, Pattern: one + "/retrait", Who: teamOnly, Handle: x.WithdrawFor},
	}
}
