package web

import "bordeaux-metropole.fr/portal/web/election"

// electionBoardTable is the pages of web/election/board. The archive and the sum are
// not kept in memory: they are long, and have tags of their own.
func (p pages) electionBoardTable() []Route {
	const (
		one = "/elections/{id:[0-9]+}"
		box = one + "/urne/{box:[0-9]+}"
	)
	x := p.electionBoard
	return []Route{
		{Method: get, Pattern: election.SecretPath, Who: anyone, Handle: x.SecretHelp, Cached: true, Label: "Comment est protégé mon vote\u202f?", Group: aboutPages},
		{Method: get, Pattern: one + "/urne", Who: anyone, Handle: x.Board, Cached: true},
		{Method: get, Pattern: box + "/election.json", Who: anyone, Handle: x.ElectionFile, Cached: true},
		{Method: get, Pattern: box + "/somme.json", Who: anyone, Handle: x.Sum},
		{Method: get, Pattern: one + "/archive", Who: anyone, Handle: x.Archive},
	}
}
