package web

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/election/voting"
)

// electionVotingTable is where structures vote, where anybody looks for a ballot, and the
// assisted desk.
func (p pages) electionVotingTable() []Route {
	const (
		vote = "/elections/{id:[0-9]+}/vote"
		desk = "/equipe/elections/{id:[0-9]+}/bureau-de-vote"
	)
	x := p.electionVoting
	voters, keepers := access.Only(access.Structure), access.Only(access.Team, access.Scrutineer)
	return []Route{
		{Method: get, Pattern: vote, Who: voters, Handle: x.ShowVote},
		{Method: post, Pattern: vote, Who: voters, Handle: x.Vote, MaxBody: voting.MaxBody, Ballot: x.Expired},
		{Method: get, Pattern: "/elections/{id:[0-9]+}/verifier", Who: anyone, Handle: x.ShowFind},
		{Method: get, Pattern: desk, Who: keepers, Handle: x.ShowDesk},
		{Method: post, Pattern: desk, Who: keepers, Handle: x.Desk, MaxBody: voting.MaxBody, Ballot: x.Expired},
	}
}
