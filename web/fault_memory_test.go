package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web"
)

// eventually polls until ok, for at most the time given, and returns how long it
// took.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > within {
			t.Fatalf("after %s still not: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(start)
}

// remember makes the site keep public pages, and waits until it does.
func (s *site) remember(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.portal.ListenForChanges(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	s.awaitMemory(t, 5*time.Second)
}

func (s *site) awaitMemory(t testing.TB, within time.Duration) time.Duration {
	b := s.browser(t)
	return eventually(t, within, "pages are kept", func() bool { return b.get("/aide").status == 200 && s.fromMemory(b, "/") })
}

// fromMemory asks twice for a page and tells whether the second time asked
// nothing of the database. No other request may run.
func (s *site) fromMemory(b *browser, path string) bool {
	b.get(path)
	before := s.queries.Load()
	a := b.get(path)
	return a.status == 200 && a.header.Get("Etag") != "" && s.queries.Load() == before
}

func TestPagesFromMemory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.remember(t)
	b := s.browser(t)
	for _, path := range []string{"/", "/instances", "/instances/cmtin", "/communes", "/communes/33039", "/deliberation"} {
		if !s.fromMemory(b, path) {
			t.Errorf("%s is not kept", path)
		}
		a := b.get(path)
		again := b.with("GET", path, "If-None-Match", a.header.Get("Etag"))
		if again.status != 304 || again.body != "" || again.header.Get("Content-Security-Policy") == "" || again.header.Get("X-Request-Id") == a.header.Get("X-Request-Id") {
			t.Errorf("%s with its tag: %d %v", path, again.status, again.header)
		}
		if head := b.with("HEAD", path); head.status != 200 || head.body != "" || head.header.Get("Etag") != a.header.Get("Etag") {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
		if a.header.Get("Set-Cookie") != "" || len(a.body) < 1024 || !strings.Contains(a.header.Get("Vary"), "Cookie") {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	// What is no page is no page from memory either.
	for range 3 {
		b.get("/instances/inconnue").french(t, "unknown body", 404)
		b.get("/communes/99999").french(t, "unknown commune", 404)
	}
	if a := b.with("GET", "/", "Host", "autre.example"); a.status != 400 {
		t.Errorf("an unknown host is served from memory: %d", a.status)
	}
	if a := b.with("POST", "/"); a.status != 405 {
		t.Errorf("POST / is served from memory: %d", a.status)
	}
	if s.fromMemory(b, "/instances/cmtin?le=2026-01-01") {
		t.Error("a page with a query is kept")
	}
	// Nobody else gets the page of somebody.
	team := s.signIn(t, "equipe@example.org")
	for range 2 {
		a := team.get("/")
		if !strings.Contains(a.body, "/deconnexion") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the home of somebody signed in: %v\n%s", a.header, a.text())
		}
		if a := b.get("/"); strings.Contains(a.body, "/deconnexion") {
			t.Fatal("the page of somebody signed in is served to all")
		}
	}
	// A message for one reader is not for all.
	team.post("/deconnexion", url.Values{})
	if a := team.get("/"); !strings.Contains(a.body, "Vous êtes déconnecté") {
		t.Errorf("the message is lost\n%s", a.text())
	}
	if a := b.get("/"); strings.Contains(a.body, "Vous êtes déconnecté") {
		t.Error("a message for one is shown to all")
	}
}

// TestChangeIsSeenWithinASecond, made by the other instance or by anybody.
func TestChangeIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := s.twin(t)
	path := s.vacantSeat(t)
	s.remember(t)
	b := s.browser(t)
	if !s.fromMemory(b, "/instances/communes") {
		t.Fatal("not kept")
	}
	team := s.signIn(t, "equipe@example.org").at(other)
	v := formOf(t, b.at(s).as(team).get(path).body)
	v.Set("prenom", "Toute")
	v.Set("nom", "Nouvelle")
	r := team.request("POST", path, v)
	r.Host = strings.TrimPrefix(s.URL, "http://")
	if a := team.do(r); a.status != 303 {
		t.Fatalf("designate on the other instance: %d\n%s", a.status, a.text())
	}
	took := eventually(t, time.Second, "the new mandate shows", func() bool {
		return strings.Contains(b.get("/instances/communes").body, "Toute Nouvelle")
	})
	t.Logf("seen after %s", took)
	if !s.fromMemory(b, "/instances/communes") {
		t.Error("not kept again")
	}
}

// as is the person of another browser, at this one's instance.
func (b *browser) as(who *browser) *browser {
	c := *who
	c.base = b.base
	return &c
}

// TestChangeWhileThePageIsMade: a page that was read before a change and written
// after it is not kept.
func TestChangeWhileThePageIsMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reading, goOn := make(chan struct{}), make(chan struct{})
	var changed atomic.Bool
	err := s.portal.AddRoutes(0, web.Route{Method: "GET", Pattern: "/page", Who: access.Anyone, Cached: true,
		Handle: func(w http.ResponseWriter, r *http.Request) error {
			text := "après"
			if !changed.Load() {
				text = "avant"
				reading <- struct{}{}
				<-goOn
			}
			_, err := w.Write([]byte(text))
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.remember(t)
	b := s.browser(t)
	got := make(chan answer, 1)
	go func() { got <- b.get("/page") }()
	<-reading
	b.get("/instances")
	if !s.fromMemory(b, "/instances") {
		t.Fatal("not kept")
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE organisation SET name = name WHERE id = (SELECT min(id) FROM organisation)`); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Second, "the change is told", func() bool {
		before := s.queries.Load()
		b.get("/instances")
		return s.queries.Load() > before
	})
	changed.Store(true)
	close(goOn)
	if a := <-got; a.body != "avant" {
		t.Fatalf("read %q", a.body)
	}
	if a := b.get("/page"); a.body != "après" {
		t.Errorf("the page read before the change is served after it: %q", a.body)
	}
}

// TestNothingKeptWhileDeaf: while the database does not tell of changes no page
// is kept; then they are again, by themselves.
func TestNothingKeptWhileDeaf(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.remember(t)
	b := s.browser(t)
	config := s.pool.Config()
	database := config.ConnConfig.Database
	elsewhere := mustParse(config.ConnString())
	elsewhere.Path = "/postgres"
	var owner *pgxpool.Pool = pgtest.Open(t, elsewhere.String())
	setAllowed := func(allowed string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), `ALTER DATABASE `+database+` WITH ALLOW_CONNECTIONS `+allowed); err != nil {
			t.Fatal(err)
		}
	}
	setAllowed("false")
	defer setAllowed("true")
	var killed int
	if err := owner.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = $1 AND query LIKE 'LISTEN%'`, database).Scan(&killed); err != nil || killed != 1 {
		t.Fatalf("ended %d listeners, %v", killed, err)
	}
	eventually(t, 2*time.Second, "the memory is empty", func() bool { return !s.fromMemory(b, "/") })
	for range 5 {
		if a := b.get("/"); a.status != 200 || s.fromMemory(b, "/") {
			t.Errorf("deaf, the home is served from memory, or not at all: %d", a.status)
		}
	}
	setAllowed("true")
	t.Logf("kept again after %s", s.awaitMemory(t, 5*time.Second))
}
