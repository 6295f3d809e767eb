package election_test

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// world is an election, its service, and accounts that hold their roles.
type world struct {
	*electiontest.World
	s      *election.Service
	outbox *notify.Outbox
}

const baseURL = "https://portail.example.org"

func newWorld(t testing.TB, phase election.Phase) *world {
	t.Helper()
	return worldOf(t, electiontest.New(t, phase))
}

func worldOf(t testing.TB, base *electiontest.World) *world {
	t.Helper()
	w := &world{World: base}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.outbox = notify.NewOutbox(jobs)
	w.s = election.New(w.DB, nil, w.outbox, baseURL)
	for _, a := range append([]access.Actor{w.Team, w.Team2}, w.Keepers[:]...) {
		w.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, $2)`, a.Account, string(a.Role()))
	}
	w.Exec(`UPDATE membership SET manager = true`)
	return w
}

// want fails unless err is of the kind, and about the field when it is on one.
func (w *world) want(err error, kind problem.Kind, field string) {
	w.T.Helper()
	p, _ := err.(*problem.Error)
	if problem.KindOf(err) != kind || field != "" && (p == nil || p.Field != field) {
		w.T.Errorf("got %v (%d), wanted kind %d on %q", err, problem.KindOf(err), kind, field)
	}
}

func (w *world) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) mails(kind string) int {
	w.T.Helper()
	return electiontest.Value[int](w.World, `SELECT count(*)::int FROM mail WHERE kind = $1`, kind)
}

// at is days from now, on the hour.
func (w *world) at(days int) *time.Time {
	t := w.Load().Now.Truncate(time.Hour).AddDate(0, 0, days)
	return &t
}

func (w *world) dates() election.Dates {
	return election.Dates{ClaimsUntil: w.at(12), CandidaciesFrom: w.at(14), CandidaciesUntil: w.at(28), WithdrawUntil: w.at(30), OpensAt: w.at(40), ClosesAt: w.at(50)}
}

// jump takes the world from its candidacies to a later phase, without boxes nor keys: the
// acts of the organiser look at neither.
func jump(t testing.TB, phase election.Phase) *world {
	t.Helper()
	w := newWorld(t, election.Candidacies)
	w.Exec(`UPDATE election SET phase = $2, candidacies_from = now() - interval '30 days', candidacies_until = now() - interval '20 days', withdraw_until = now() - interval '19 days',
		claims_until = now() - interval '20 days', opens_at = now() - interval '1 hour', closes_at = now() + interval '9 days', sealed_at = now() WHERE id = $1`, w.ID, string(phase))
	return w
}

func (w *world) phase() election.Phase { w.T.Helper(); return w.Load().Phase }
