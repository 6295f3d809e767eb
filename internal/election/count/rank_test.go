package count

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/election"
)

func rules(change func(*election.Rules)) election.Rules {
	r := election.DefaultRules()
	if change != nil {
		change(&r)
	}
	return r
}

// say writes an outcome in one line: who is elected, then the others, by rank.
func say(o Outcome) string {
	s := ""
	for _, st := range o.Standings {
		mark := ""
		switch {
		case st.Elected:
			mark = "*"
		case st.Undecided:
			mark = "?"
		case st.Withdrawn:
			mark = "-"
		}
		if st.Tied {
			mark += "="
		}
		s += fmt.Sprintf("%d%s ", st.ID, mark)
	}
	return s + fmt.Sprintf("vacant %d", o.Vacant)
}

func TestRank(t *testing.T) {
	t.Parallel()
	minimum := rules(func(r *election.Rules) { r.Gender = "minimum" })
	for name, c := range map[string]struct {
		entries []Entry
		poll    Poll
		want    string
		draw    bool
	}{
		"relative majority":                                   {[]Entry{{ID: 1, Votes: 3}, {ID: 2, Votes: 9}, {ID: 3, Votes: 5}}, Poll{Rules: rules(nil), Seats: 2}, "2* 3* 1 vacant 0", false},
		"fewer candidates than seats":                         {[]Entry{{ID: 1, Votes: 3}, {ID: 2, Votes: 1}}, Poll{Rules: rules(nil), Seats: 5}, "1* 2* vacant 3", false},
		"nobody stands":                                       {nil, Poll{Rules: rules(nil), Seats: 5}, "vacant 5", false},
		"blank ballots only":                                  {[]Entry{{ID: 1}, {ID: 2}}, Poll{Rules: rules(nil), Seats: 5, Registered: 9, Voted: 9}, "2 1 vacant 5", false},
		"one vote is needed":                                  {[]Entry{{ID: 1, Votes: 1}, {ID: 2}}, Poll{Rules: rules(nil), Seats: 5}, "1* 2 vacant 4", false},
		"who withdrew is passed over":                         {[]Entry{{ID: 1, Votes: 9, Withdrawn: true}, {ID: 2, Votes: 2}, {ID: 3, Votes: 1}}, Poll{Rules: rules(nil), Seats: 1}, "2* 3 1- vacant 0", false},
		"no tie with who withdrew":                            {[]Entry{{ID: 1, Votes: 2, Withdrawn: true}, {ID: 2, Votes: 2}}, Poll{Rules: rules(nil), Seats: 1}, "2* 1- vacant 0", false},
		"the quorum is not met":                               {[]Entry{{ID: 1, Votes: 9}}, Poll{Rules: rules(func(r *election.Rules) { r.Quorum = 50 }), Seats: 1, Registered: 100, Voted: 49}, "1 vacant 1", false},
		"the quorum is just met":                              {[]Entry{{ID: 1, Votes: 9}}, Poll{Rules: rules(func(r *election.Rules) { r.Quorum = 50 }), Seats: 1, Registered: 100, Voted: 50}, "1* vacant 0", false},
		"elected without vote":                                {[]Entry{{ID: 1}, {ID: 2}}, Poll{Rules: rules(func(r *election.Rules) { r.Shortage, r.Quorum = "unopposed", 50 }), Seats: 2, Registered: 10}, "2* 1* vacant 0", false},
		"a vote all the same when they are more":              {[]Entry{{ID: 1}, {ID: 2, Votes: 1}, {ID: 3}}, Poll{Rules: rules(func(r *election.Rules) { r.Shortage = "unopposed" }), Seats: 2}, "2* 3 1 vacant 1", false},
		"a tie among the elected is shown, and needs no draw": {[]Entry{{ID: 1, Votes: 2}, {ID: 2, Votes: 2}, {ID: 3, Votes: 1}}, Poll{Rules: rules(nil), Seats: 2}, "2*= 1*= 3 vacant 0", false},
		"a tie at the last seat waits for the draw":           {[]Entry{{ID: 1, Votes: 5}, {ID: 2, Votes: 2}, {ID: 3, Votes: 2}}, Poll{Rules: rules(nil), Seats: 2}, "1* 3?= 2?= vacant 1", true},
		// sha256("7h|2") = 9116…, sha256("7h|3") = 7e08…: printf '%s' '7h|3' | sha256sum
		"the draw settles it": {[]Entry{{ID: 1, Votes: 5}, {ID: 2, Votes: 2}, {ID: 3, Votes: 2}}, Poll{Rules: rules(nil), Seats: 2, Value: "7", Head: "h"}, "1* 3*= 2= vacant 0", false},
		"a tie after the last seat needs the draw for the order of who follows": {[]Entry{{ID: 1, Votes: 5}, {ID: 2, Votes: 2}, {ID: 3, Votes: 2}}, Poll{Rules: rules(nil), Seats: 1}, "1* 3= 2= vacant 0", true},
		"the commune with fewer elected first, without draw": {[]Entry{{ID: 1, Votes: 5, Commune: "Bègles"}, {ID: 2, Votes: 2, Commune: "Bègles"}, {ID: 3, Votes: 2, Commune: "Cenon"}},
			Poll{Rules: rules(func(r *election.Rules) { r.Tie = "commune" }), Seats: 2}, "1* 3*= 2= vacant 0", false},
		"the gender with fewer elected first, without draw": {[]Entry{{ID: 1, Votes: 5, Gender: "f"}, {ID: 2, Votes: 2, Gender: "f"}, {ID: 3, Votes: 2, Gender: "m"}},
			Poll{Rules: rules(func(r *election.Rules) { r.Tie = "gender" }), Seats: 2}, "1* 3*= 2= vacant 0", false},
		"neither woman nor man has no advantage": {[]Entry{{ID: 1, Votes: 5, Gender: "f"}, {ID: 2, Votes: 2, Gender: "x"}, {ID: 3, Votes: 2, Gender: "m"}},
			Poll{Rules: rules(func(r *election.Rules) { r.Tie = "gender" }), Seats: 2}, "1* 3*= 2= vacant 0", false},
		"two of each gender": {[]Entry{{ID: 1, Votes: 9, Gender: "f"}, {ID: 2, Votes: 8, Gender: "f"}, {ID: 3, Votes: 7, Gender: "f"}, {ID: 4, Votes: 6, Gender: "f"},
			{ID: 5, Votes: 5, Gender: "f"}, {ID: 6, Votes: 4, Gender: "m"}, {ID: 7, Votes: 3, Gender: "f"}, {ID: 8, Votes: 2, Gender: "m"}}, Poll{Rules: minimum, Seats: 5}, "1* 2* 3* 4 5 6* 7 8* vacant 0", false},
		"two of each gender, as far as there are": {[]Entry{{ID: 1, Votes: 9, Gender: "f"}, {ID: 2, Votes: 8, Gender: "f"}, {ID: 3, Votes: 7, Gender: "f"}, {ID: 4, Votes: 6, Gender: "m"},
			{ID: 5, Votes: 5, Gender: "f"}, {ID: 6, Gender: "m"}}, Poll{Rules: minimum, Seats: 3}, "1* 2* 3 4* 5 6 vacant 0", false},
	} {
		o := Rank(c.entries, c.poll)
		if name == "no tie with who withdrew" && len(o.Ties) > 0 {
			t.Errorf("%s: %v", name, o.Ties)
		}
		if got := say(o); got != c.want || o.DrawNeeded != c.draw {
			t.Errorf("%s: got %s (draw needed %v), wanted %s (%v)", name, got, o.DrawNeeded, c.want, c.draw)
		}
	}
}

// TestDrawHash holds the words of the procès-verbal: the command gives the same.
func TestDrawHash(t *testing.T) {
	t.Parallel()
	// printf '%s' '4 8 15 16 23 42e3b0|12' | sha256sum
	if got, want := DrawHash("4 8 15 16 23 42e3b0", 12), "c07fd8128b130bf7438035095c58645774020df5ca58d8207ca2160fc496d797"; got != want {
		t.Errorf("got %s", got)
	}
}

func drawEntries(t *rapid.T) ([]Entry, Poll) {
	n := rapid.IntRange(0, 9).Draw(t, "candidates")
	var entries []Entry
	for i := range n {
		entries = append(entries, Entry{ID: election.CandidacyID(i + 1), Commune: rapid.SampledFrom([]string{"Bègles", "Cenon", "Lormont"}).Draw(t, "commune"),
			Gender: rapid.SampledFrom([]string{"f", "m", "x", ""}).Draw(t, "gender"), Votes: rapid.IntRange(0, 4).Draw(t, "votes"), Withdrawn: rapid.IntRange(0, 5).Draw(t, "withdrawn") == 0})
	}
	return entries, Poll{Seats: rapid.IntRange(1, 5).Draw(t, "seats"), Registered: 10, Voted: rapid.IntRange(0, 10).Draw(t, "voted"), Head: "ab",
		Value: rapid.SampledFrom([]string{"", "7", "12"}).Draw(t, "value"), Rules: rules(func(r *election.Rules) {
			r.Tie = rapid.SampledFrom([]string{"draw", "commune", "gender"}).Draw(t, "tie")
			r.Gender = rapid.SampledFrom([]string{"none", "pair", "minimum"}).Draw(t, "rule of gender")
			r.Shortage = rapid.SampledFrom([]string{"vote", "unopposed"}).Draw(t, "shortage")
			r.Quorum = rapid.SampledFrom([]int{0, 50}).Draw(t, "quorum")
		})}
}

func TestRankProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries, p := drawEntries(t)
		before := slices.Clone(entries)
		o := Rank(entries, p)
		if !slices.Equal(before, entries) {
			t.Fatal("the entries were changed")
		}
		shuffled := slices.Clone(entries)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := Rank(shuffled, p); !reflect.DeepEqual(o, again) {
			t.Fatalf("the order of entries counts: %s, then %s", say(o), say(again))
		}
		checkOutcome(t, entries, p, o)
	})
}

// checkOutcome holds what any result must be.
func checkOutcome(t *rapid.T, entries []Entry, p Poll, o Outcome) {
	elected := o.Elected()
	if len(elected)+o.Vacant != p.Seats || o.Vacant < 0 {
		t.Fatalf("%d elected and %d vacant for %d seats", len(elected), o.Vacant, p.Seats)
	}
	if len(o.Standings) != len(entries) {
		t.Fatalf("%d of %d candidates are ranked", len(o.Standings), len(entries))
	}
	swapped := map[election.CandidacyID]bool{}
	for _, s := range o.Swaps {
		swapped[s.In], swapped[s.Out] = true, true
	}
	for i, s := range o.Standings {
		e := find(entries, s.ID)
		switch {
		case s.Rank != i+1 || s.Votes != e.Votes:
			t.Fatalf("%+v of %+v", s, e)
		case s.Elected && (e.Withdrawn || s.Undecided || e.Votes == 0 && !o.Unopposed || !o.QuorumMet && !o.Unopposed):
			t.Fatalf("elected: %+v of %+v", s, e)
		}
		for _, before := range o.Standings[:i] {
			if s.Elected && !before.Elected && !before.Undecided && !before.Withdrawn && !swapped[s.ID] && !swapped[before.ID] {
				t.Fatalf("%d is elected after %d who is not: %s", s.ID, before.ID, say(o))
			}
		}
	}
	if p.Value != "" && (o.DrawNeeded || slices.ContainsFunc(o.Standings, func(s Standing) bool { return s.Undecided })) {
		t.Fatalf("the draw is known and something waits: %s", say(o))
	}
}
