package voting_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// The codes' public parts are in the archive: who tries each with a ballot that is none
// of theirs must not learn, between two heads, which have served.
func TestCodesAreNotProbed(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	voted, other, prober := w.Voters[0], w.Voters[1], w.Voters[2]
	cast(t, w, s, voted)
	// A ballot with the right credential and a wrong signature, of a used code and of one
	// that is not.
	used, unused := altered(t, w.Ballot(voted, 1)), altered(t, w.Ballot(other, 1))
	ask := func(raw []byte) string {
		_, err := s.Cast(t.Context(), prober.Member, w.ID, raw, voting.Browser)
		if err == nil {
			t.Fatal("a false ballot was taken")
		}
		already, _ := errors.AsType[voting.AlreadyVoted](err)
		return err.Error() + already.Tracker
	}
	if a, b := ask(used), ask(unused); a != b {
		t.Errorf("who has not voted learns which code served:\n%s\n%s", a, b)
	}
	cast(t, w, s, prober)
	if a, b := ask(used), ask(unused); a != b {
		t.Errorf("who has voted learns which code served:\n%s\n%s", a, b)
	}
}

// One structure keeps no processor busy: the same ballot sent many times is checked
// once, and false ones are refused without being looked at past a number.
func TestBallotsAreCheckedSoMany(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	v, next := w.Voters[0], w.Voters[1]
	// Refused at its form: it costs little here, and counts as one that costs.
	noise := bytes.Repeat([]byte("9"), 1000)
	refused := 0
	for range voting.MostChecks + 5 {
		_, err := s.Cast(t.Context(), v.Member, w.ID, noise, voting.Browser)
		if problem.KindOf(err) == problem.TooMany {
			refused++
		} else if problem.KindOf(err) != problem.Conflict {
			t.Fatal(err)
		}
	}
	if refused < 5 {
		t.Errorf("%d ballots refused without a check, wanted 5", refused)
	}
	cast(t, w, s, next) // the others vote

	turns := voting.NewTurns()
	var all sync.WaitGroup
	one := make(chan struct{}, 1)
	for range 20 {
		all.Go(func() {
			done, err := turns.Take(t.Context(), 1, 2)
			if err != nil {
				t.Error(err)
				return
			}
			select {
			case one <- struct{}{}:
			default:
				t.Error("two at once")
			}
			<-one
			done()
		})
	}
	all.Wait()
	done, err := turns.Take(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := turns.Take(late, 1, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waits for its turn for ever: %v", err)
	}
	done()
	if n := turns.Held(); n != 0 {
		t.Errorf("%d senders are remembered", n)
	}
}

// Who sees the trackers must not be told, by the minute, that a ballot was replaced.
func TestReplacementIsToldWithTheHead(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	revote(w)
	s := service(t, w.DB)
	v := w.Voters[0]
	first, err := s.Cast(t.Context(), v.Member, w.ID, w.Ballot(v, 1), voting.Browser)
	if err != nil {
		t.Fatal(err)
	}
	publish := func() {
		w.Exec(`INSERT INTO head_publication (box_id, published_at, height, head, ballots) SELECT id, clock_timestamp(), next_height - 1, head, ballots FROM ballot_box WHERE election_id = $1 AND next_height > 0`, w.ID)
	}
	replaced := func() bool {
		f, err := s.Find(t.Context(), access.Actor{}, w.ID, first.Tracker)
		if err != nil || len(f.Ballots) != 1 {
			t.Fatalf("%+v, %v", f, err)
		}
		return f.Ballots[0].Replaced
	}
	publish()
	cast(t, w, s, v)
	if replaced() {
		t.Error("told before the head that covers the second ballot")
	}
	publish()
	if !replaced() {
		t.Error("not told once the head is published")
	}
}
