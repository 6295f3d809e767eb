package examine

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// site is the pages of the register over a database of their own.
type site struct {
	t       testing.TB
	db      *pgxpool.Pool
	gni     *structure.Service
	router  chi.Router
	actor   access.Actor
	flash   string
	made    int
	queries *atomic.Int64 // round trips so far
}

// PutFlash, PopFlash, PeekFlash make site the session of the kit.
func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *site) PeekFlash(context.Context) string     { return s.flash }

type roundTrips struct{ n *atomic.Int64 }

func (r roundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.n.Add(1)
	return ctx
}
func (r roundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a batch as the one round trip it is.
func (r roundTrips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.n.Add(1)
	return ctx
}
func (r roundTrips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (r roundTrips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

var teamActor = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, actor: teamActor, router: chi.NewRouter(), queries: new(atomic.Int64)}
	var err error
	if s.db, err = postgres.Open(t.Context(), pgtest.New(t), postgres.Options{MaxConns: 4, Tracer: roundTrips{s.queries}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.db.Close)
	jobs, err := notify.NewInserter(s.db)
	if err != nil {
		t.Fatal(err)
	}
	gov := governance.New(s.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	s.gni = structure.New(s.db, gov, notify.NewOutbox(jobs), "https://gni.example.org")
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }, SessionEnd: func(context.Context) time.Time { return time.Time{} }}
	p := &Pages{Kit: kit, Structures: s.gni, Governance: gov}
	const one, link = registerPath + "/{id:[0-9]+}", "/structures/demande/{token:[A-Z2-7]{26}}"
	for _, route := range []struct {
		method, pattern string
		handle          page.Handler
	}{
		{"GET", registerPath, p.ListRegister}, {"GET", registerPath + ".{ext:(csv|xlsx)}", p.RegisterFile},
		{"GET", acceptancePath, p.ShowAcceptance}, {"POST", acceptancePath, p.AcceptMany},
		{"GET", one, p.ShowStructure}, {"POST", one + "/decision", p.Decide}, {"POST", one + "/reouverture", p.Reopen}, {"POST", one + "/note", p.AddNote},
		{"GET", link, p.ShowApplication}, {"POST", link, p.AnswerTeam},
		{"GET", link + "/retrait", p.ShowWithdrawal}, {"POST", link + "/retrait", p.Withdraw},
		{"GET", link + "/{section:[a-z]+}", p.ShowApplicationSection}, {"POST", link + "/{section:[a-z]+}", p.ChangeApplicationSection},
	} {
		s.router.Method(route.method, route.pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
			if err := route.handle(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	return s
}

// request lays a request before the team.
func (s *site) request(name string) structure.ID {
	s.t.Helper()
	s.made++
	id, err := s.gni.Record(s.t.Context(), teamActor, structure.NewRecord{
		Sheet: structure.Sheet{Name: name, College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"},
			Services: []string{"Aide aux démarches administratives"}},
		People: []structure.Contact{{First: "Alix", Last: "Référente", Email: fmt.Sprintf("alix%d@example.org", s.made), InCharge: true, Manager: true}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// link asks the structure something, and returns the address of its personal link.
func (s *site) link(id structure.ID) string {
	s.t.Helper()
	if err := s.gni.Ask(s.t.Context(), teamActor, id, 0, "Recevez-vous du public ?"); err != nil {
		s.t.Fatal(err)
	}
	secret := s.text(`SELECT secret_link FROM mail WHERE kind = 'structure_asked' ORDER BY created_at DESC LIMIT 1`)
	return strings.TrimPrefix(secret, "https://gni.example.org")
}

func (s *site) text(sql string, args ...any) (v string) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

type answer struct {
	t    testing.TB
	code int
	body string
	to   string
	head http.Header
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	return answer{s.t, w.Code, w.Body.String(), w.Header().Get("Location"), w.Header()}
}

func (s *site) get(path string) answer {
	s.t.Helper()
	return s.do(httptest.NewRequest("GET", path, nil))
}

func (s *site) post(path string, pairs ...string) answer {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return s.postForm(path, v)
}

func (s *site) postForm(path string, v url.Values) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// status fails the test when the answer has another status.
func (a answer) status(want int) answer {
	a.t.Helper()
	if a.code != want {
		a.t.Fatalf("status %d, want %d\n%s", a.code, want, words(a.body))
	}
	return a
}

// has fails the test when the page does not say each of the texts; lacks, when it
// says one.
func (a answer) has(texts ...string) answer {
	a.t.Helper()
	for _, want := range texts {
		if !strings.Contains(words(a.body), plain(want)) {
			a.t.Errorf("the page does not say %q:\n%s", want, words(a.body))
		}
	}
	return a
}

func (a answer) lacks(texts ...string) answer {
	a.t.Helper()
	for _, no := range texts {
		if strings.Contains(plain(html.UnescapeString(a.body)), plain(no)) {
			a.t.Errorf("the page says %q:\n%s", no, words(a.body))
		}
	}
	return a
}

var (
	tags   = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// plain writes every kind of space as one space.
func plain(s string) string {
	return blanks.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s), " ")
}

func words(body string) string { return plain(html.UnescapeString(tags.ReplaceAllString(body, " "))) }
