package dashboard

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
)

// TestElectionDuties: each role is led to what it can do now, and to nothing else.
func TestElectionDuties(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC)
	in := func(days int) *time.Time { d := now.AddDate(0, 0, days); return &d }
	open := election.Election{ID: 7, Phase: election.Open, Now: now, OpensAt: in(-1), ClosesAt: in(9), Rules: election.DefaultRules()}
	standing := election.Election{ID: 7, Phase: election.Candidacies, Now: now, CandidaciesFrom: in(-1), CandidaciesUntil: in(9), Rules: election.DefaultRules()}
	closed := election.Election{ID: 7, Phase: election.Closed, Now: now, Rules: election.DefaultRules()}
	sealed := election.Election{ID: 7, Phase: election.Sealed, Now: now, OpensAt: in(-1), ClosesAt: in(9), Rules: election.DefaultRules()}
	counted := election.Election{ID: 7, Phase: election.Counted, Now: now}
	for _, c := range []struct {
		name string
		role access.Role
		card election.Card
		want string // where it leads, "" to nothing
	}{
		{"vote", access.Structure, election.Card{Election: open, Mine: election.Mine{OnRoll: true}}, "/elections/7/vote"},
		{"voted", access.Structure, election.Card{Election: open, Mine: election.Mine{OnRoll: true, Voted: true}}, ""},
		{"not on the roll", access.Structure, election.Card{Election: open}, ""},
		{"stand", access.Structure, election.Card{Election: standing}, "/elections/7/ma-candidature"},
		{"stood", access.Structure, election.Card{Election: standing, Mine: election.Mine{Candidacy: "submitted"}}, ""},
		{"asked", access.Structure, election.Card{Election: standing, Mine: election.Mine{Candidacy: "asked"}}, "/elections/7/ma-candidature"},
		{"key", access.Scrutineer, election.Card{Election: sealed, Mine: election.Mine{Owner: 1}}, "/elections/7/cle"},
		{"key in", access.Scrutineer, election.Card{Election: sealed, Mine: election.Mine{Owner: 1, Key: true}}, ""},
		{"no key", access.Scrutineer, election.Card{Election: sealed}, ""},
		{"act", access.Scrutineer, election.Card{Election: open, Mine: election.Mine{Acts: 1}}, "/elections/7/bureau"},
		{"decrypt", access.Scrutineer, election.Card{Election: closed, Facts: election.Facts{CountDecided: true, Boxes: 2}, Mine: election.Mine{Owner: 1, Partials: 1}}, "/elections/7/depouillement"},
		{"count not decided", access.Scrutineer, election.Card{Election: closed, Facts: election.Facts{Boxes: 2}, Mine: election.Mine{Owner: 1}}, ""},
		{"team", access.Team, election.Card{Election: sealed}, "/equipe/elections/7"},
		{"team waits", access.Team, election.Card{Election: open}, ""},
		{"team confirms", access.Team, election.Card{Election: open, Mine: election.Mine{Acts: 1}}, "/elections/7/bureau"},
		{"chair", access.Chair, election.Card{Election: counted}, "/equipe/elections/7/proclamation"},
		{"chair waits", access.Chair, election.Card{Election: closed}, ""},
	} {
		got := ""
		for _, d := range electionDuties([]election.Card{c.card}, access.Actor{Account: 1, Acting: access.Capacity{Role: c.role}}) {
			got += d.Href
		}
		if got != c.want {
			t.Errorf("%s: led to %q, wanted %q", c.name, got, c.want)
		}
	}
}
