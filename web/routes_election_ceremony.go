package web

import "bordeaux-metropole.fr/portal/internal/access"

// electionCeremonyTable is the pages of web/election/ceremony.
func (p pages) electionCeremonyTable() []Route {
	const (
		desk = "/equipe/elections/{id:[0-9]+}/ceremonie"
		key  = "/elections/{id:[0-9]+}/cle"
		file = key + "/repetition/{box:[0-9]+}"
	)
	x := p.electionCeremony
	keepers := access.Only(access.Scrutineer)
	readers := access.Only(access.Team, access.Scrutineer)
	return []Route{
		{Method: get, Pattern: desk, Who: readers, Handle: x.Show},
		{Method: get, Pattern: desk + "/fiche", Who: readers, Handle: x.Sheet},
		{Method: get, Pattern: desk + "/fiche.pdf", Who: readers, Handle: x.SheetPDF},
		{Method: get, Pattern: desk + "/porteurs", Who: teamOnly, Handle: x.ShowHolders},
		{Method: post, Pattern: desk + "/porteurs", Who: teamOnly, Handle: x.SaveHolders},
		{Method: get, Pattern: desk + "/codes", Who: teamOnly, Handle: x.ShowCodes},
		{Method: post, Pattern: desk + "/codes", Who: teamOnly, Handle: x.SaveCodes, MaxBody: 1 << 20},
		{Method: post, Pattern: desk + "/liste", Who: teamOnly, Handle: x.ExportRoll},
		{Method: get, Pattern: desk + "/repetition", Who: teamOnly, Handle: x.ShowRehearsal},
		{Method: post, Pattern: desk + "/repetition", Who: teamOnly, Handle: x.Rehearse},
		{Method: get, Pattern: desk + "/mise-en-place", Who: teamOnly, Handle: x.ShowSetUp},
		{Method: post, Pattern: desk + "/mise-en-place", Who: teamOnly, Handle: x.SetUp},
		{Method: get, Pattern: desk + "/urne-vide", Who: teamOnly, Handle: x.ShowEmpty},
		{Method: post, Pattern: desk + "/urne-vide", Who: teamOnly, Handle: x.RecordEmpty},
		{Method: get, Pattern: desk + "/fin", Who: teamOnly, Handle: x.ShowFinish},
		{Method: post, Pattern: desk + "/fin", Who: teamOnly, Handle: x.Finish},

		{Method: get, Pattern: key, Who: keepers, Handle: x.ShowKey},
		{Method: post, Pattern: key, Who: keepers, Handle: x.GiveKey},
		{Method: post, Pattern: key + "/repetition", Who: keepers, Handle: x.Open, MaxBody: 1 << 20},
		{Method: get, Pattern: file + "/election.json", Who: keepers, Handle: x.RehearsalElection},
		{Method: get, Pattern: file + "/somme.json", Who: keepers, Handle: x.RehearsalSum},
		{Method: post, Pattern: key + "/constat", Who: keepers, Handle: x.Sign},
	}
}
