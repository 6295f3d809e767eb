package network

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// gniWorld is a register of its own, filled through the governance's own acts.
type gniWorld struct {
	t   testing.TB
	db  postgres.DB
	gov *governance.Service
	s   *Service
}

var gniTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newGNIWorld(t testing.TB) *gniWorld {
	db := pgtest.Tx(t)
	gov := governance.New(db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	return &gniWorld{t: t, db: db, gov: gov, s: New(db)}
}

func (w *gniWorld) in(f func(tx pgx.Tx) error) {
	w.t.Helper()
	if err := postgres.InTx(w.t.Context(), w.db, f); err != nil {
		w.t.Fatal(err)
	}
}

// joins records a structure with its sheet and seats it from a day on.
func (w *gniWorld) joins(name, insee string, c governance.College, from day.Day) (id structure.ID) {
	w.t.Helper()
	w.in(func(tx pgx.Tx) (err error) {
		if id, err = w.gov.RecordStructure(w.t.Context(), tx, gniTeam, name, ""); err != nil {
			return err
		}
		if _, err = postgres.Exec(w.t.Context(), tx, `
			INSERT INTO structure (organisation_id, state, origin, college, insee) VALUES ($1, 'accepted', 'before', $2, nullif($3, ''))`,
			id, string(c), insee); err != nil {
			return err
		}
		_, err = w.gov.SeatStructure(w.t.Context(), tx, gniTeam, id, c, name, from)
		return err
	})
	return id
}

func (w *gniWorld) leaves(id structure.ID, on day.Day) {
	w.t.Helper()
	w.in(func(tx pgx.Tx) error {
		return w.gov.Unseat(w.t.Context(), tx, gniTeam, governance.Departure{Organisation: id, On: on, Reason: "départ"})
	})
}

func (w *gniWorld) moves(id structure.ID, to governance.College, on day.Day) {
	w.t.Helper()
	w.in(func(tx pgx.Tx) error { return w.gov.ChangeCollege(w.t.Context(), tx, gniTeam, id, to, on) })
}

func (w *gniWorld) overTime() OverTime {
	w.t.Helper()
	o, err := w.s.OverTime(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

const testBordeaux, testPessac = "33063", "33318"

// The counts of each quarter are those of the composition of its last day, whatever
// joined, left or changed college around it.
func TestOverTimeIsTheComposition(t *testing.T) {
	t.Parallel()
	w := newGNIWorld(t)
	social, mediation := governance.SocialAction, governance.DigitalMediation
	w.joins("Reste, exemple", testBordeaux, social, day.Of(2024, 12, 6))
	w.joins("Entre le dernier jour, exemple", testBordeaux, mediation, day.Of(2025, 3, 31))
	w.joins("Entre le lendemain, exemple", testPessac, mediation, day.Of(2025, 4, 1))
	w.joins("Sans commune, exemple", "", social, day.Of(2025, 5, 1))
	gone := w.joins("Part, exemple", testPessac, social, day.Of(2024, 12, 6))
	w.leaves(gone, day.Of(2025, 9, 30)) // no longer there on that day
	other := w.joins("Change, exemple", testPessac, social, day.Of(2025, 1, 15))
	w.moves(other, mediation, day.Of(2025, 6, 30))
	brief := w.joins("Passe entre deux trimestres, exemple", testBordeaux, social, day.Of(2025, 10, 5))
	w.leaves(brief, day.Of(2025, 11, 5))

	o := w.overTime()
	for _, on := range o.Days {
		for _, c := range []governance.College{social, mediation, ""} {
			want, err := postgres.Value[int](t.Context(), w.db, `
				SELECT count(*)::int FROM composition('gni', $1) WHERE $2 = '' OR college = $2`, on, string(c))
			if err != nil {
				t.Fatal(err)
			}
			if got := o.Count(on, c, ""); got != want {
				t.Errorf("%s, college %q: got %d, the composition has %d", on, c, got, want)
			}
		}
	}
	for _, x := range []struct {
		on                day.Day
		social, mediation int
		bordeaux, pessac  int
	}{
		{day.Of(2025, 3, 31), 3, 1, 2, 2},
		{day.Of(2025, 6, 30), 3, 3, 2, 3},
		{day.Of(2025, 9, 30), 2, 3, 2, 2},
		{day.Of(2025, 12, 31), 2, 3, 2, 2},
	} {
		got := [4]int{o.Count(x.on, social, ""), o.Count(x.on, mediation, ""), o.Count(x.on, "", testBordeaux), o.Count(x.on, "", testPessac)}
		if want := [4]int{x.social, x.mediation, x.bordeaux, x.pessac}; got != want {
			t.Errorf("%s: got %v, wanted %v (action sociale, médiation, Bordeaux, Pessac)", x.on, got, want)
		}
	}
	if n := o.Unplaced(day.Of(2025, 6, 30)); n != 1 {
		t.Errorf("without commune: got %d, wanted 1", n)
	}
	if n := len(o.Without(o.Today())); n != 26 {
		t.Errorf("communes without structure: got %d, wanted 26", n)
	}
}

// The days are the ends of quarters since January 2025, then today, each once.
func TestOverTimeDays(t *testing.T) {
	t.Parallel()
	w := newGNIWorld(t)
	o := w.overTime()
	today, err := postgres.Value[day.Day](t.Context(), w.db, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	if o.Days[0] != day.Of(2025, 3, 31) || o.Today() != today || len(o.Communes) != 28 || len(o.Without(today)) != 28 {
		t.Errorf("got days %v, %d communes", o.Days, len(o.Communes))
	}
	for i, on := range o.Days[:len(o.Days)-1] {
		if want := day.Of(2025, time.Month(4+3*i), 1).AddDays(-1); on != want {
			t.Errorf("day %d: got %s, wanted %s", i, on, want)
		}
		if !on.Before(o.Days[i+1]) {
			t.Errorf("%s is not before %s", on, o.Days[i+1])
		}
	}
}

func (w *gniWorld) set(id structure.ID, aladdin string, posts int, programme, shown bool) {
	w.t.Helper()
	w.in(func(tx pgx.Tx) error {
		_, err := postgres.Exec(w.t.Context(), tx, `
			UPDATE structure SET aladdin = $2, adviser_posts = $3, publish_sheet = $5,
			       programmes = CASE WHEN $4 THEN ARRAY['Conseillers numériques'] ELSE '{}' END WHERE organisation_id = $1`,
			id, aladdin, posts, programme, shown)
		return err
	})
}

// Who did not agree to publish its sheet is counted and never named; who is not
// accepted is neither.
func TestAladdinNamesThoseWhoAgreed(t *testing.T) {
	t.Parallel()
	w := newGNIWorld(t)
	from := day.Of(2025, 1, 1)
	shown := w.joins("Publie, exemple", testBordeaux, governance.SocialAction, from)
	w.set(shown, "mediation", 0, false, true)
	w.set(w.joins("Discrète, exemple", testBordeaux, governance.SocialAction, from), "mediation", 0, false, false)
	w.set(w.joins("Relais, exemple", testPessac, governance.SocialAction, from), "relay", 0, false, true)
	left := w.joins("Suspendue, exemple", testPessac, governance.SocialAction, from)
	w.set(left, "prescriber", 4, true, true)
	w.in(func(tx pgx.Tx) error {
		_, err := postgres.Exec(t.Context(), tx, `UPDATE structure SET state = 'suspended' WHERE organisation_id = $1`, left)
		return err
	})
	a, err := w.s.Aladdin(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(a.Counts), "[{mediation 2 1} {prescriber 0 0} {relay 1 1}]"; got != want {
		t.Errorf("counts: got %s, wanted %s", got, want)
	}
	if len(a.Members) != 2 || a.Members[0].ID != shown || a.Members[0].Commune != "Bordeaux" || a.Members[1].Role != structure.AladdinRelay || a.Paging.Total != 2 {
		t.Errorf("members: got %+v", a.Members)
	}
	now := w.overTime().Now
	if now != (GNIToday{Accepted: 3, UpToDate: 3, Mediation: 2, Relays: 1}) {
		t.Errorf("today: got %+v", now)
	}
}

func TestAdviserPosts(t *testing.T) {
	t.Parallel()
	w := newGNIWorld(t)
	from := day.Of(2025, 1, 1)
	w.set(w.joins("Deux postes, exemple", testBordeaux, governance.SocialAction, from), "", 2, true, false)
	w.set(w.joins("Trois postes, exemple", testPessac, governance.SocialAction, from), "", 3, true, false)
	missing := w.joins("Aucun poste, exemple", testBordeaux, governance.SocialAction, from)
	w.set(missing, "", 0, true, false)
	w.joins("Hors programme, exemple", testBordeaux, governance.SocialAction, from)
	a, err := w.s.Advisers(t.Context(), gniTeam, 1)
	if err != nil {
		t.Fatal(err)
	}
	if a.Structures != 3 || a.Posts != 5 || a.Missing != 1 || len(a.Undeclared) != 1 || a.Undeclared[0].ID != missing {
		t.Errorf("got %+v", a)
	}
	if got, want := fmt.Sprint(a.Communes), "[{33318 Pessac 1 3} {33063 Bordeaux 2 2}]"; got != want {
		t.Errorf("communes: got %s, wanted %s", got, want)
	}
	if len(a.Lines) != 3 || a.Lines[0].Commune != "Bordeaux" || a.Lines[2].Posts != 3 {
		t.Errorf("lines: got %+v", a.Lines)
	}
	beyond, err := w.s.Advisers(t.Context(), gniTeam, 2)
	if err != nil || len(beyond.Lines) != 0 || beyond.Posts != 5 {
		t.Errorf("the page after the last: got %+v, %v", beyond, err)
	}
}

func TestBodyPagesAreTheTeams(t *testing.T) {
	t.Parallel()
	w := newGNIWorld(t)
	for _, who := range []access.Actor{{}, {Account: 2, Acting: access.Capacity{Role: access.Structure, Organisation: 1}}} {
		_, advisers := w.s.Advisers(t.Context(), who, 1)
		_, communes := w.s.ByCommune(t.Context(), who)
		for _, err := range []error{advisers, communes} {
			if k := problem.KindOf(err); k != problem.Forbidden && k != problem.NotFound {
				t.Errorf("%v: got %v, wanted a refusal", who.Acting.Role, err)
			}
		}
	}
}
