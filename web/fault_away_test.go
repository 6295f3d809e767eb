package web_test

import (
	"context"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/local"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web"
)

// privatePostgres is a server of the test's own, which may be killed.
type privatePostgres struct {
	t    *testing.T
	dir  string
	opts local.Options
	url  string
	data string
}

func startPostgres(t *testing.T) *privatePostgres {
	t.Helper()
	// Not ephemeral: such a server loses what was committed just before the kill.
	p := &privatePostgres{t: t, dir: t.TempDir(), opts: local.Options{KeepRunning: true}}
	t.Cleanup(func() {
		if err := local.Remove(context.Background(), p.dir, p.opts); err != nil {
			t.Error(err)
		}
	})
	p.start()
	return p
}

// start starts the server and leaves it alone: local does not watch over it.
func (p *privatePostgres) start() {
	p.t.Helper()
	c, err := local.Start(p.t.Context(), p.dir, p.opts)
	if err != nil {
		p.t.Fatal(err)
	}
	p.url, p.data = c.URL(), c.DataDir()
	if err := c.Stop(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *privatePostgres) kill() {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil || pid < 2 {
		p.t.Fatalf("pid %q", line)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
}

// siteAt serves the portal with demo data on the database at url.
func siteAt(t *testing.T, dbURL string) *site {
	t.Helper()
	s := &site{}
	var err error
	if s.pool, err = postgres.Open(t.Context(), dbURL, postgres.Options{MaxConns: 6}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.pool.Close)
	s.Server = httptest.NewServer(nil)
	t.Cleanup(s.Server.Close)
	c := testConfig(s.URL)
	areas, err := web.NewAreas(s.pool, c)
	if err != nil {
		t.Fatal(err)
	}
	if s.portal, err = web.New(c, areas); err != nil {
		t.Fatal(err)
	}
	s.Server.Config.Handler = s.portal
	return s
}

// TestPostgresAway kills the server while pages are read: a polite page, what was
// typed is kept but passwords, and all comes back by itself.
func TestPostgresAway(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Postgres of its own")
	}
	p := startPostgres(t)
	if err := migrations.Apply(t.Context(), p.url); err != nil {
		t.Fatal(err)
	}
	s := siteAt(t, p.url)
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	loader := demo.Loader{DB: s.pool, Governance: areas.Governance, Accounts: areas.Accounts, Meetings: areas.Meetings, Minutes: areas.Minutes, Structures: areas.Structures, Indicators: areas.Indicators,
		Progress: areas.Progress, Campaigns: areas.Campaigns, Editions: areas.Editions, Funding: areas.Funding}
	if err := loader.Load(t.Context(), demoDay); err != nil {
		t.Fatal(err)
	}
	err = s.portal.AddRoutes(0, web.Route{Method: "GET", Pattern: "/lent", Who: access.Anyone,
		Handle: func(_ http.ResponseWriter, r *http.Request) error {
			_, err := s.pool.Exec(r.Context(), `SELECT pg_sleep(4)`)
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	listened := make(chan struct{})
	go func() { s.portal.ListenForChanges(ctx); close(listened) }()
	defer func() { cancel(); <-listened }()

	nobody, team := s.browser(t), s.signIn(t, "equipe@example.org")
	path := s.vacantSeat(t)
	v := formOf(t, team.get(path).body)
	v.Set("prenom", "Gardée <b>")
	v.Set("nom", "Malgré-Tout")
	eventually(t, 5*time.Second, "the home is kept", func() bool { return nobody.get("/").header.Get("Etag") != "" })
	s.pool.Reset()
	nobody.http.CloseIdleConnections()
	team.http.CloseIdleConnections()
	before := runtime.NumGoroutine()

	cut := make(chan answer, 1) // a page that is waiting for its data
	go func() { cut <- s.browser(t).get("/lent") }()
	eventually(t, 5*time.Second, "a page waits", func() bool { return s.pool.Stat().AcquiredConns() == 1 })
	p.kill()
	a := <-cut
	a.french(t, "a page that was waiting", 503)
	// A page in memory may still be served for an instant; then nothing is.
	eventually(t, time.Second, "the home is a 503", func() bool { return nobody.get("/").status == 503 })
	for _, who := range []*browser{nobody, team} {
		for _, path := range []string{"/", "/instances/cmtin", "/communes/33039", "/instances/cmtin.csv"} {
			start := time.Now()
			a := who.get(path)
			a.french(t, path, 503)
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, `href="`+path+`"`) || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v\n%s", path, a.header, a.text())
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%s: 503 after %s", path, took)
			}
		}
	}
	team.get("/equipe/sieges").french(t, "/equipe/sieges", 503)
	nobody.get("/aide").french(t, "a page that needs no data", 200)
	if a := nobody.get("/healthz"); a.status != 200 {
		t.Errorf("/healthz: %d", a.status)
	}
	if a := nobody.get("/readyz"); a.status != 503 {
		t.Errorf("/readyz: %d", a.status)
	}

	kept := team.post(path, v)
	kept.french(t, "a form", 503)
	again := formOf(t, kept.body)
	for name := range v {
		if again.Get(name) != v.Get(name) {
			t.Errorf("the field %s came back as %q, want %q", name, again.Get(name), v.Get(name))
		}
	}
	if !strings.Contains(kept.body, `action="`+html.EscapeString(path)+`"`) || !strings.Contains(kept.body, "Réessayer") {
		t.Errorf("no way to send it again\n%s", kept.text())
	}
	for where, a := range map[string]answer{
		"sign-in":  nobody.post("/connexion", url.Values{"courriel": {"equipe@example.org"}, "mot_de_passe": {"un-secret-bien-garde"}}),
		"password": team.post("/mon-compte/mot-de-passe", url.Values{"mot_de_passe_actuel": {"un-secret-bien-garde"}, "mot_de_passe": {"un-secret-bien-garde"}}),
		"code":     nobody.post("/connexion/code", url.Values{"code": {"un-secret-bien-garde"}}),
	} {
		if a.status != 503 || strings.Contains(a.body, "un-secret-bien-garde") {
			t.Errorf("%s: status %d\n%s", where, a.status, a.text())
		}
	}
	if a := nobody.get("//autre.example/"); strings.Contains(a.body, `"//autre`) {
		t.Error("the page links to another site")
	}
	if a := team.get("//autre.example/"); strings.Contains(a.body, `"//autre`) {
		t.Error("the page links to another site")
	}
	// A crowd does not hang.
	var wg sync.WaitGroup
	start := time.Now()
	for range 200 {
		wg.Go(func() {
			if a := nobody.get("/instances"); a.status != 503 {
				t.Errorf("in the crowd: %d", a.status)
			}
		})
	}
	wg.Wait()
	t.Logf("200 readers were told in %s", time.Since(start))
	if time.Since(start) > 5*time.Second {
		t.Error("a crowd waits too long")
	}

	p.start()
	back := time.Now()
	eventually(t, 5*time.Second, "the home is back", func() bool { return nobody.get("/").status == 200 })
	eventually(t, 5*time.Second, "the session is back", func() bool { return team.get("/equipe/sieges").status == 200 })
	t.Logf("pages are back after %s", time.Since(back))
	if a := team.post(path, again); a.status != 303 {
		t.Errorf("sent again: %d\n%s", a.status, a.text())
	}
	if n := s.mandatesOf(t, "Malgré-Tout"); n != 1 {
		t.Errorf("%d mandates, want 1", n)
	}
	eventually(t, 5*time.Second, "the home is kept again", func() bool { return nobody.get("/").header.Get("Etag") != "" })
	t.Logf("kept in memory after %s", time.Since(back))

	nobody.http.CloseIdleConnections()
	team.http.CloseIdleConnections()
	s.pool.Reset()
	eventually(t, 5*time.Second, "goroutines ended", func() bool {
		nobody.http.CloseIdleConnections()
		return runtime.NumGoroutine() <= before+3
	})
}

// TestPostgresMute: a server that takes connections and says nothing is answered
// for within the deadline of a request, crowd or not.
func TestPostgresMute(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	s := siteAt(t, "postgres://portal@"+l.Addr().String()+"/portal?sslmode=disable")
	s.portal.SetDeadline(time.Second)
	b := s.browser(t)
	start := time.Now()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { b.get("/").french(t, "mute", 503) })
	}
	wg.Wait()
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("answered after %s", took)
	}
}
