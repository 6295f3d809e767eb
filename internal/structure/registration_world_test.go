package structure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// registrationWorld is a register of its own for one test, really committed.
type registrationWorld struct {
	t  testing.TB
	s  *Service
	db *pgxpool.Pool
}

var registrationTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newRegistrationWorld(t testing.TB) *registrationWorld {
	t.Helper()
	db := pgtest.Pool(t)
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	gov := governance.New(db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	return &registrationWorld{t, New(db, gov, notify.NewOutbox(jobs), "https://portail.example.org"), db}
}

var registrationCount atomic.Int64

// fictionalSIRET makes a number that no establishment has, right by Luhn.
func fictionalSIRET() string {
	base := fmt.Sprintf("000%010d", registrationCount.Add(1))
	total := 0
	for i := range len(base) {
		n := int(base[len(base)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		total += n
	}
	return base + fmt.Sprint((10-total%10)%10)
}

// request is one that is right, of a structure whose name is like no other.
func request() Submission {
	n := registrationCount.Add(1)
	return Submission{
		Sheet: Sheet{Name: "Atelier " + strings.ToLower(rand.Text()), SIRET: fictionalSIRET(), INSEE: "33039",
			College: governance.SocialAction, Typology: []string{"ASSO"}, Services: []string{"Aide aux démarches administratives"}, PublishSheet: true},
		People: []Contact{{First: "Alix", Last: "Exemple", Email: fmt.Sprintf("alix-%d@example.org", n), InCharge: true},
			{First: "Dominique", Last: "Modèle", Email: fmt.Sprintf("dominique-%d@example.org", n), Title: "Animation"}},
	}
}

func (w *registrationWorld) start() string {
	w.t.Helper()
	token, err := w.s.StartRegistration(w.t.Context(), fmt.Sprintf("198.51.100.%d", registrationCount.Add(1)%250))
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// submit sends the request from a draft of its own, whose first answers are kept.
func (w *registrationWorld) submit(in Submission) (string, error) {
	w.t.Helper()
	token := w.start()
	r, err := w.s.SaveSection(w.t.Context(), token, Identity, url.Values{"nom_organisation": {in.Sheet.Name}})
	if err != nil {
		w.t.Fatal(err)
	}
	in.Version = r.Version
	return token, w.s.Submit(w.t.Context(), access.Actor{RequestID: "test"}, token, in)
}

// sent is submit, which must succeed; it returns the structure.
func (w *registrationWorld) sent(in Submission) (token string, id ID) {
	w.t.Helper()
	token, err := w.submit(in)
	if err != nil {
		w.t.Fatalf("submit: %v", err)
	}
	r, _, err := w.s.Registration(w.t.Context(), token)
	if err != nil || r.Sent == 0 {
		w.t.Fatalf("the draft says it is not sent: %+v, %v", r, err)
	}
	return token, r.Sent
}

// confirmed is a request whose address is confirmed.
func (w *registrationWorld) confirmed(in Submission) ID {
	w.t.Helper()
	_, id := w.sent(in)
	if _, err := w.s.ConfirmRegistration(w.t.Context(), access.Actor{}, w.linkOf("registration_confirm", in.People[0].Email)); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// accepted is a member of the GNI.
func (w *registrationWorld) accepted(in Submission) ID {
	w.t.Helper()
	id, err := w.s.Record(w.t.Context(), registrationTeam, NewRecord{Sheet: in.Sheet, People: in.People, From: governance.Founded})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *registrationWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *registrationWorld) text(sql string, args ...any) string {
	w.t.Helper()
	var v string
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (w *registrationWorld) count(sql string, args ...any) int {
	w.t.Helper()
	var v int
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (w *registrationWorld) state(id ID) State {
	w.t.Helper()
	return State(w.text(`SELECT state FROM structure WHERE organisation_id = $1`, id))
}

// linkOf is the token of the last mail of a kind to an address.
func (w *registrationWorld) linkOf(kind, email string) string {
	w.t.Helper()
	link := w.text(`SELECT secret_link FROM mail WHERE kind = $1 AND to_address = $2 ORDER BY created_at DESC, job_id DESC LIMIT 1`, kind, email)
	return link[strings.LastIndex(link, "/")+1:]
}

func (w *registrationWorld) mails(kind, email string) int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM mail WHERE kind = $1 AND to_address = $2`, kind, email)
}

func registrationRefused(t testing.TB, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field || p.Message == "" {
		t.Errorf("%s: got %v, wanted a problem of kind %d on field %q", doing, err, kind, field)
	}
}
