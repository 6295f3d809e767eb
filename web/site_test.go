package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(browsertest.Main(m))
}

// site is a whole portal on a database of its own with demo data, on loopback.
type site struct {
	*httptest.Server
	portal  *web.Server
	pool    *pgxpool.Pool
	queries *atomic.Int64 // round trips so far
}

// demoDatabase returns the URL of a fresh database with demo data.
func demoDatabase(t testing.TB) string {
	t.Helper()
	return pgtest.NewFrom(t, "demo-"+demoDay.String()+"-"+program(), loadDemo)
}

func loadDemo(ctx context.Context, dbURL string) error {
	pool, err := postgres.Open(ctx, dbURL, postgres.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer pool.Close()
	areas, err := web.NewAreas(pool, testConfig("http://127.0.0.1"))
	if err != nil {
		return err
	}
	l := demo.Loader{DB: pool, Governance: areas.Governance, Accounts: areas.Accounts, Meetings: areas.Meetings, Minutes: areas.Minutes, Structures: areas.Structures, Indicators: areas.Indicators,
		Progress: areas.Progress, Campaigns: areas.Campaigns, Editions: areas.Editions, Funding: areas.Funding, Count: areas.Count, FewBallots: true}
	if err := l.Load(ctx, demoDay); err != nil {
		return err
	}
	// The mails of the demonstration would leave before those a test waits for.
	if _, err := pool.Exec(ctx, `DELETE FROM river_job`); err != nil {
		return err
	}
	return postgres.Analyze(ctx, dbURL)
}

// program names this build of the tests: demo data made by another is not reused.
var program = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		panic(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
})

// demoDay is the day the demo data is made for in tests: today, as the portal
// judges mandates by the database clock.
var demoDay = day.Today()

func testConfig(base string) web.Config {
	u, err := url.Parse(base)
	if err != nil {
		panic(err)
	}
	return web.Config{BaseURL: u, Demo: true, Contact: "inclusion-numerique@example.org"}
}

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

// newSite starts a portal. change may alter its configuration.
func newSite(t testing.TB, change ...func(*web.Config)) *site {
	t.Helper()
	s := &site{queries: new(atomic.Int64)}
	var err error
	s.pool, err = postgres.Open(t.Context(), demoDatabase(t), postgres.Options{MaxConns: 6, Tracer: roundTrips{s.queries}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.pool.Close)
	s.Server = httptest.NewUnstartedServer(nil)
	s.Server.Start()
	t.Cleanup(s.Server.Close)
	c := testConfig(s.URL)
	for _, f := range change {
		f(&c)
	}
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

// browser is somebody at a browser: it keeps cookies and does not follow
// redirections.
type browser struct {
	t    testing.TB
	base string
	http *http.Client
}

func (s *site) browser(t testing.TB) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: s.URL, http: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// bareTransport asks for no compression.
var bareTransport = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	return t
}()

// bare makes the browser read answers that are not compressed: with the race detector,
// compressing thousands of them took a third of the time of the tests that ask every
// route. The others go through it, TestCrawl first.
func (b *browser) bare() *browser {
	b.http.Transport = bareTransport
	return b
}

// signIn returns a browser signed in with the demo password; "" stays public.
func (s *site) signIn(t testing.TB, email string) *browser {
	t.Helper()
	b := s.browser(t)
	if email == "" {
		return b
	}
	a := b.post("/connexion", url.Values{"courriel": {email}, "mot_de_passe": {demo.Password}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("sign in as %s: status %d\n%s", email, a.status, a.text())
	}
	return b
}

// accountOf is a demo account that acts in the role.
var accountOf = map[access.Role]string{
	access.Public:        "",
	access.Administrator: "admin@example.org",
	access.Team:          "equipe@example.org",
	access.Chair:         "presidente@example.org",
	access.Mayor:         "maire-begles@example.org",
	access.Delegate:      "agent-begles@example.org",
	access.Structure:     "structure-002@example.org",
	access.Partner:       "partenaire-01@example.org",
	access.State:         "prefecture@example.org",
	access.Scrutineer:    "scrutatrice@example.org",
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) location() string { return a.header.Get("Location") }

// text returns the beginning of the body, for messages of failed tests.
func (a answer) text() string {
	if i := strings.Index(a.body, "<main"); i >= 0 {
		return a.body[i:min(len(a.body), i+1500)]
	}
	return a.body[:min(len(a.body), 1500)]
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	return b.do(b.request(http.MethodPost, path, form))
}
