package structure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// spaceWorld is a member of the GNI with three people: one in charge, one who
// manages, one who does not.
type spaceWorld struct {
	t       testing.TB
	db      postgres.DB
	s       *Service
	gov     *governance.Service
	today   day.Day
	id      ID
	mu      sync.Mutex
	invited []string

	charge, manager, member access.Actor
}

var spaceTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// newSpace is a world whose structure entered so many days ago.
func newSpace(t testing.TB, daysAgo int) *spaceWorld {
	t.Helper()
	db := pgtest.Pool(t)
	w := &spaceWorld{t: t, db: db}
	w.gov = governance.New(db, func(_ context.Context, _ pgx.Tx, _ access.Actor, p governance.PersonRef) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.invited = append(w.invited, p.Email)
		return nil
	})
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	w.s = New(db, w.gov, notify.NewOutbox(jobs), "https://portail.example.org")
	if w.today, err = postgres.Value[day.Day](t.Context(), db, `SELECT paris_today()`); err != nil {
		t.Fatal(err)
	}
	w.id = w.structure("Atelier du Lac", "", w.today.AddDays(-daysAgo))
	w.charge, w.manager, w.member = w.actor(w.id, "charge"), w.actor(w.id, "gestion"), w.actor(w.id, "membre")
	return w
}

// structure records a member of the GNI from a day on; prefix makes the addresses of
// its three people its own.
func (w *spaceWorld) structure(name, prefix string, from day.Day) ID {
	w.t.Helper()
	id, err := w.s.Record(w.t.Context(), spaceTeam, NewRecord{
		Sheet: Sheet{Name: name, College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"}, Services: []string{"Aide aux démarches administratives"}},
		People: []Contact{
			{First: "Camille", Last: "Charge" + prefix, Email: prefix + "charge@example.org", InCharge: true},
			{First: "Dominique", Last: "Gestion" + prefix, Email: prefix + "gestion@example.org", Manager: true},
			{First: "Sacha", Last: "Membre" + prefix, Email: prefix + "membre@example.org", Title: "Médiation"},
		}, From: from})
	if err != nil {
		w.t.Fatalf("record %s: %v", name, err)
	}
	return id
}

// actor is somebody of a structure, by the beginning of their address.
func (w *spaceWorld) actor(id ID, who string) access.Actor {
	w.t.Helper()
	p, err := postgres.Value[access.PersonID](w.t.Context(), w.db, `SELECT id FROM person WHERE email = $1`, who+"@example.org")
	if err != nil {
		w.t.Fatal(err)
	}
	return access.Actor{Account: 100 + access.AccountID(p), Person: p, Name: "Personne " + who, Email: who + "@example.org",
		Acting: access.Capacity{Role: access.Structure, Organisation: id, OrganisationName: "Atelier du Lac"}}
}

func (w *spaceWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *spaceWorld) count(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (w *spaceWorld) people() SpacePeople {
	w.t.Helper()
	v, err := w.s.People(w.t.Context(), spaceTeam, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// of returns the line of somebody by the beginning of their address.
func (w *spaceWorld) of(who string) SpacePerson {
	w.t.Helper()
	for _, p := range w.people().People {
		if p.Email == who+"@example.org" {
			return p
		}
	}
	return SpacePerson{}
}

// names lists who acts, the managers marked.
func (w *spaceWorld) names() string {
	w.t.Helper()
	var out []string
	for _, p := range w.people().People {
		mark := ""
		switch {
		case p.InCharge:
			mark = "!"
		case p.Manager:
			mark = "*"
		}
		out = append(out, mark+strings.TrimSuffix(p.Email, "@example.org"))
	}
	return strings.Join(out, " ")
}

func (w *spaceWorld) state() State {
	w.t.Helper()
	v, err := postgres.Value[State](w.t.Context(), w.db, `SELECT state FROM structure WHERE organisation_id = $1`, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// seated tells whether the structure is in the GNI on a day.
func (w *spaceWorld) seated(on day.Day) bool {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.during @> $2::date
		WHERE s.organisation_id = $1 AND s.during @> $2::date`, w.id, on) == 1
}

// request is an access request that waits.
func (w *spaceWorld) request(email string) AccessID {
	w.t.Helper()
	return AccessID(w.count(`
		INSERT INTO access_request (structure_id, first_name, last_name, email, title, message)
		VALUES ($1, 'Alix', 'Demande', $2, 'Accueil', 'Je viens d’arriver.') RETURNING id`, w.id, email))
}

// spaceRefused checks the kind and field of a refusal.
func spaceRefused(t testing.TB, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field || p.Message == "" {
		t.Errorf("%s: got %s, wanted a problem of kind %d on field %q", doing, fmt.Sprint(err), kind, field)
	}
}
