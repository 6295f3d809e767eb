package structure_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
)

// stormAct is an act of the register that writes in several tables, once made ready.
type stormAct struct {
	name  string
	every bool // cut before each statement, else before one in four: the time of CI
	ready func(w *storm) func(context.Context, *structure.Service, *imports.Service) error
}

func stormActs() []stormAct {
	since := day.Of(2025, 1, 15)
	type run = func(context.Context, *structure.Service, *imports.Service) error
	return []stormAct{
		{"accept", true, func(w *storm) run {
			r := w.request()
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Accept(ctx, stormTeam, r.ID, r.Version, since)
			}
		}},
		{"accept several", false, func(w *storm) run {
			a, b := w.request(), w.request()
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				done, err := s.AcceptMany(ctx, stormTeam, []structure.ID{a.ID, b.ID}, since)
				if err == nil && len(done.Accepted) == 0 {
					return problem.New(problem.Conflict, "Déjà fait.")
				}
				return err
			}
		}},
		{"refuse", false, func(w *storm) run {
			r := w.request()
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Refuse(ctx, stormTeam, r.ID, r.Version, "Hors du territoire")
			}
		}},
		{"suspend", false, func(w *storm) run {
			m := w.member(since)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Suspend(ctx, stormTeam, m.ID, m.Version, "Sans nouvelles")
			}
		}},
		{"return", false, func(w *storm) run {
			m := w.member(since)
			w.must(w.s.Suspend(w.t.Context(), stormTeam, m.ID, m.Version, "Sans nouvelles"))
			m = w.load(m.ID)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Return(ctx, stormTeam, m.ID, m.Version)
			}
		}},
		{"college", false, func(w *storm) run {
			m := w.member(since)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.ChangeCollege(ctx, stormTeam, m.ID, m.Version, "Erreur de saisie")
			}
		}},
		{"merge", true, func(w *storm) run {
			a, b := w.member(since), w.member(since)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Merge(ctx, stormTeam, a.ID, b.ID, a.Version, b.Version)
			}
		}},
		{"leave", false, func(w *storm) run {
			m := w.member(since)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.Leave(ctx, stormTeam, m.ID, m.Version, day.Today(), "Fin de l’activité")
			}
		}},
		{"grant", false, func(w *storm) run {
			m := w.member(since)
			w.must(w.s.RequestAccess(w.t.Context(), access.Actor{}, m.ID, structure.AccessInput{First: "Lou", Last: "Demande", Email: fmt.Sprintf("lou%d@example.org", w.made)}, "198.51.100.7"))
			list, err := w.s.AccessRequests(w.t.Context(), stormTeam, m.ID)
			w.must(err)
			return func(ctx context.Context, s *structure.Service, _ *imports.Service) error {
				return s.DecideAccess(ctx, stormTeam, list[0].ID, true, true, "")
			}
		}},
		{"import", true, func(w *storm) run {
			_, _, in := w.through(w.pool)
			old := w.member(since)
			w.made++
			file := fmt.Sprintf("Nom;Commune\nImportée %d A;Bègles\nImportée %d B;Bègles\n%s;Bègles\n", w.made, w.made, old.Name)
			id, err := in.Upload(w.t.Context(), stormTeam, "essai.csv", strings.NewReader(file))
			w.must(err)
			i, err := in.Show(w.t.Context(), stormTeam, id)
			w.must(err)
			m := i.Known()
			m.College, m.From = governance.DigitalMediation, since
			if wrong, err := in.SetMapping(w.t.Context(), stormTeam, id, i.Version, m); err != nil || len(wrong) > 0 {
				w.t.Fatal(wrong, err)
			}
			_, p, err := in.Preview(w.t.Context(), stormTeam, id)
			w.must(err)
			if p.New != 2 || p.Wrong != 0 {
				w.t.Fatalf("the import is not what it should be: %+v", p)
			}
			return func(ctx context.Context, _ *structure.Service, in *imports.Service) error {
				_, _, err := in.Apply(ctx, stormTeam, id, imports.Choice{Seen: p.Stamp})
				return err
			}
		}},
	}
}

// unlocked waits until the server has noticed that the last connection was cut, and let
// go of its locks: an import in course refuses another.
func (w *storm) unlocked() {
	w.t.Helper()
	for w.value(`SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`) != "0" {
	}
}

// TestConnectionCutAtEveryStatement breaks the connection before each statement of
// an act in turn, its COMMIT included: nothing is half written. Then the act is
// done, and the answer to its COMMIT is lost: done again, it is refused, not doubled.
func TestConnectionCutAtEveryStatement(t *testing.T) {
	t.Parallel()
	w := newStorm(t)
	for _, act := range stormActs() {
		run := act.ready(w)
		before := w.written()
		cuts, nth := 0, 0
		for done := false; !done; {
			if nth++; cuts > 0 && !act.every {
				nth += 3
			}
			line := &badLine{Pool: w.pool, t: t, nth: nth}
			s, _, in := w.through(line)
			w.unlocked()
			err := run(t.Context(), s, in)
			if done = line.seen < line.nth; done { // it reached its end
				if err != nil || w.written() == before {
					t.Fatalf("%s: %v", act.name, err)
				}
				continue
			}
			cuts++
			if err == nil || problem.KindOf(err) == problem.Invalid || w.written() != before {
				t.Fatalf("%s, cut at statement %d: %v; half written: %v", act.name, nth, err, w.written() != before)
			}
		}
		if cuts < 2 || act.every && cuts < 8 {
			t.Errorf("%s: only %d statements", act.name, cuts)
		}
		w.lostCommit(act)
	}
	w.must(w.s.CheckInvariants(t.Context()))
	w.must(w.gov.CheckInvariants(t.Context()))
	if r, err := audit.Verify(t.Context(), w.pool); err != nil || !r.OK() {
		t.Errorf("journal: %+v, %v", r, err)
	}
}

// lostCommit does a fresh act of the kind whose COMMIT is done and not answered.
func (w *storm) lostCommit(act stormAct) {
	w.t.Helper()
	run := act.ready(w)
	s, _, in := w.through(&badLine{Pool: w.pool, t: w.t, lost: true})
	before := w.written()
	if err := run(w.t.Context(), s, in); err == nil {
		w.t.Fatalf("%s: the answer to COMMIT was not lost", act.name)
	}
	after := w.written()
	if after == before {
		w.t.Fatalf("%s: nothing was committed", act.name)
	}
	s, _, in = w.through(w.pool)
	if err := run(w.t.Context(), s, in); problem.KindOf(err) != problem.Conflict && problem.KindOf(err) != problem.Invalid {
		w.t.Errorf("%s, done again after a lost answer: %v", act.name, err)
	}
	if w.written() != after {
		w.t.Errorf("%s, done again after a lost answer, wrote twice", act.name)
	}
}
