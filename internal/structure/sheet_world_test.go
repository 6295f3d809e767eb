package structure

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// sheetWorld is a register with one member of the GNI, in a transaction.
type sheetWorld struct {
	t       testing.TB
	s       *Service
	db      pgx.Tx
	id      ID
	team    access.Actor
	manager access.Actor // its person in charge
	member  access.Actor // of it, who only reads
	other   access.Actor // of another structure
}

func newSheetWorld(t testing.TB) *sheetWorld {
	t.Helper()
	w := &sheetWorld{t: t, db: pgtest.Tx(t), team: access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}}
	gov := governance.New(w.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	w.s = New(w.db, gov, nil, "https://portail.example.org")
	today, err := postgres.Value[day.Day](t.Context(), w.db, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	sheet := fullSheet()
	w.id, err = w.s.Record(t.Context(), w.team, NewRecord{Sheet: sheet, From: today, People: []Contact{
		{First: "Alex", Last: "Référent", Email: "alex@example.org", InCharge: true},
		{First: "Lou", Last: "Membre", Email: "lou@example.org"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.manager, w.member = w.actor("alex@example.org", w.id), w.actor("lou@example.org", w.id)
	w.other = w.actor("alex@example.org", w.id+1000)
	return w
}

func (w *sheetWorld) actor(email string, of ID) access.Actor {
	w.t.Helper()
	p, err := postgres.Value[access.PersonID](w.t.Context(), w.db, `SELECT id FROM person WHERE email = $1`, email)
	if err != nil {
		w.t.Fatal(err)
	}
	c := access.Capacity{Role: access.Structure, Organisation: of}
	return access.Actor{Account: access.AccountID(p) + 10, Person: p, Name: email, Acting: c, Capacities: []access.Capacity{c}}
}

func (w *sheetWorld) sheet() Sheet {
	w.t.Helper()
	s, err := load(w.t.Context(), w.db, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// change updates a section after f changed it, on the sheet as it is.
func (w *sheetWorld) change(by access.Actor, section Section, f func(*Sheet)) error {
	w.t.Helper()
	s := w.sheet()
	f(&s)
	return w.s.UpdateSection(w.t.Context(), by, s, section)
}

func (w *sheetWorld) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *sheetWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func wantRefusal(t testing.TB, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		t.Errorf("%s: got %v, want kind %d on %q", doing, err, kind, field)
	}
}

// storyOf returns the story of a structure and of those merged into it, the latest
// first; notes of the team are left out for others.
func storyOf(ctx context.Context, q postgres.Querier, id ID, notes bool) ([]Step, error) {
	steps, err := postgres.List[Step](ctx, q, storySQL, id, notes)
	return steps, postgres.Wrap(err, "story of structure %d", id)
}
