package governance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// world is a governance of its own for one test.
type world struct {
	t       testing.TB
	s       *Service
	db      postgres.DB
	today   day.Day
	invited []PersonRef
}

var team = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// setup gives a world whose writes are really committed.
func setup(t testing.TB) *world { return worldOn(t, pgtest.Pool(t)) }

func worldOn(t testing.TB, db postgres.DB) *world {
	t.Helper()
	w := &world{t: t, db: db}
	w.s = New(db, func(_ context.Context, _ pgx.Tx, _ access.Actor, p PersonRef) error {
		w.invited = append(w.invited, p)
		return nil
	})
	var err error
	if _, err = db.Exec(t.Context(), `INSERT INTO person (first_name, last_name, email) VALUES ('Camille', 'Équipe', 'equipe@exemple.fr')`); err != nil {
		t.Fatal(err)
	}
	if w.today, err = postgres.Value[day.Day](t.Context(), db, `SELECT paris_today()`); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) seat(kind SeatKind) SeatID {
	w.t.Helper()
	id, err := postgres.Value[SeatID](w.t.Context(), w.db, `SELECT min(id) FROM seat WHERE kind = $1`, kind)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// mandate is a mandate of somebody new on the seat.
func (w *world) mandate(seat SeatID, last string, from day.Day) NewMandate {
	return NewMandate{Seat: seat, Person: PersonInput{First: "Alix", Last: last}, Kind: Titular, From: from,
		Designation: "Désignation de test"}
}

func (w *world) start(m NewMandate) Started {
	w.t.Helper()
	done, err := w.s.StartMandate(w.t.Context(), team, m)
	if err != nil {
		w.t.Fatalf("start %+v: %v", m, err)
	}
	return done
}

func (w *world) version(id MandateID) int {
	w.t.Helper()
	v, err := postgres.Value[int](w.t.Context(), w.db, `SELECT version FROM mandate WHERE id = $1`, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// partner joins with a titular and, if alternate is not "", an alternate.
func (w *world) partner(name string, from day.Day, alternate string) Joined {
	w.t.Helper()
	n := NewPartner{Name: name, Category: "Bailleur", From: from, Titular: &PersonInput{First: "Dominique", Last: name},
		Designation: "Désignation par le partenaire"}
	if alternate != "" {
		n.Alternate = &PersonInput{First: "Sacha", Last: alternate}
	}
	j, err := w.s.AddPartner(w.t.Context(), team, n)
	if err != nil {
		w.t.Fatalf("add partner %s: %v", name, err)
	}
	return j
}

// acts counts the entries of the journal with the action.
func (w *world) acts(action string) int {
	w.t.Helper()
	n, err := postgres.Value[int](w.t.Context(), w.db, `SELECT count(*)::int FROM audit_entry WHERE action = $1`, action)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// wantProblem checks the kind and field of a refusal.
func wantProblem(t testing.TB, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field || p.Message == "" {
		t.Errorf("%s: got %v, wanted a problem of kind %d on field %q", doing, describe(err), kind, field)
	}
}

func describe(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return fmt.Sprintf("kind %d on field %q: %s", p.Kind, p.Field, p.Message)
	}
	return fmt.Sprint(err)
}

func d(year int, month time.Month, date int) day.Day { return day.Of(year, month, date) }

// addStructure is what the register does when it accepts a structure.
func (s *Service) addStructure(ctx context.Context, college College, n NewPartner) (Joined, error) {
	var j Joined
	err := s.write(ctx, func(tx pgx.Tx) (err error) {
		if j.Organisation, err = s.RecordStructure(ctx, tx, team, n.Name, n.Category); err != nil {
			return err
		}
		if j.Seat, err = s.SeatStructure(ctx, tx, team, j.Organisation, college, n.Name, n.From); err != nil {
			return err
		}
		done, err := s.Appoint(ctx, tx, team, NewMandate{Seat: j.Seat, Person: *n.Titular, Kind: Titular, From: n.From, Designation: n.Designation})
		j.People = append(j.People, done.Person)
		return err
	})
	return j, err
}
