package count_test

import (
	"os"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/structure"
)

type world struct {
	*electiontest.World
	s   *count.Service
	gov *governance.Service
}

// newWorld is an open election with its count.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: electiontest.New(t, election.Open)}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	w.gov = governance.New(w.DB, nil)
	w.s = count.New(w.DB, w.gov, structure.New(w.DB, w.gov, outbox, "https://portail.example.org"), outbox, "https://portail.example.org")
	return w
}

func (w *world) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// decide has two people confirm an act.
func (w *world) decide(act string) {
	w.T.Helper()
	w.Exec(`INSERT INTO election_act (election_id, act, reason, proposed_by, confirmed_by, confirmed_at) VALUES ($1, $2, 'Règlement', $3, $4, clock_timestamp())`,
		w.ID, act, w.Team.Person, w.Keepers[0].Person)
}

// partials are what a key holder gives.
func (w *world) partials(i int) map[election.BoxID][]byte {
	w.T.Helper()
	out := map[election.BoxID][]byte{}
	for _, b := range w.Boxes() {
		be, err := belenios.ParseElection(b.Raw)
		w.must(err)
		sum, err := election.SumOf(w.T.Context(), w.DB, b.ID)
		w.must(err)
		tally, err := be.ParseTally(sum.Raw)
		w.must(err)
		out[b.ID], err = be.Decrypt(tally, w.Keys[i])
		w.must(err)
	}
	return out
}

// counted closes and counts the election.
func (w *world) counted() {
	w.T.Helper()
	w.Close()
	w.decide("count")
	w.must(w.s.Prepare(w.T.Context(), w.Team, w.ID))
	for i, k := range w.Keepers {
		_, err := w.s.Open(w.T.Context(), k, w.ID, w.partials(i))
		w.must(err)
	}
}

// vote has action sociale give 3, 2 and 1 votes, and médiation numérique 2, 1 and 1,
// with a blank one each.
func (w *world) vote() {
	w.T.Helper()
	a, m := w.Of(governance.Colleges[0]), w.Of(governance.Colleges[1])
	w.Cast(a[0], 1, 2)
	w.Cast(a[1], 1, 2, 3)
	w.Cast(a[2], 1)
	w.Cast(a[3])
	w.Cast(m[0], 1, 2)
	w.Cast(m[1], 1, 3)
	w.Cast(m[2])
}

func (w *world) result() count.Result {
	w.T.Helper()
	r, err := w.s.Result(w.T.Context(), access.Actor{}, w.ID)
	w.must(err)
	return r
}

func create(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
