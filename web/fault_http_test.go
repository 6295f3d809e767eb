package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web"
	"bordeaux-metropole.fr/portal/web/static"
)

// with sends a request with headers put on it ("Host" too).
func (b *browser) with(method, path string, headers ...string) answer {
	b.t.Helper()
	r := b.request(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

// french fails the test unless the answer is a whole French page of the status.
func (a answer) french(t *testing.T, what string, status int) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, `<html lang="fr"`) || !strings.Contains(a.body, "</html>") {
		t.Errorf("%s: status %d, want a French page of status %d\n%s", what, a.status, status, a.text())
	}
}

// TestHeadersOnEveryAnswer: whatever the address, the method and the outcome.
func TestHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	nobody := s.browser(t)
	type try struct {
		name   string
		a      answer
		status int
	}
	tries := []try{
		{"page", nobody.get("/"), 200},
		{"HEAD", nobody.with("HEAD", "/"), 200},
		{"redirection", nobody.get("/tableau-de-bord"), 303},
		{"forbidden", team.get("/administration/comptes"), 403},
		{"not found", nobody.get("/rien"), 404},
		{"method", nobody.with("DELETE", "/"), 405},
		{"unknown host", nobody.with("GET", "/", "Host", "autre.example"), 400},
		{"another site", nobody.with("POST", "/connexion", "Sec-Fetch-Site", "cross-site"), 403},
		{"form", team.post("/equipe/organisations/nouvelle", url.Values{}), 422},
		{"static", nobody.get(static.Path("app.css")), 200},
		{"static, HEAD", nobody.with("HEAD", static.Path("app.css")), 200},
		{"static, unknown", nobody.get("/static/rien.css"), 404},
		{"static, POST", nobody.with("POST", static.Path("app.css")), 405},
		{"health", nobody.get("/healthz"), 200},
		{"health, HEAD", nobody.with("HEAD", "/healthz"), 200},
		{"ready", nobody.get("/readyz"), 200},
		{"metrics", nobody.get("/metrics"), 200},
		{"spreadsheet", nobody.get("/instances/cmtin.csv"), 200},
		{"robots", nobody.get("/robots.txt"), 200},
	}
	seen := map[string]bool{}
	for _, try := range tries {
		h := try.a.header
		if try.a.status != try.status {
			t.Errorf("%s: status %d, want %d", try.name, try.a.status, try.status)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", try.name, name, h.Get(name), want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", try.name, csp)
		}
		if h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", try.name)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: Strict-Transport-Security in clear", try.name)
		}
		id := h.Get("X-Request-Id")
		if id == "" || seen[id] {
			t.Errorf("%s: request id %q", try.name, id)
		}
		seen[id] = true
	}
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	a := b.with("GET", "/instances", "Host", "autre.example")
	a.french(t, "unknown host", 400)
	if !strings.Contains(a.body, s.URL) || strings.Contains(a.body, "autre.example") {
		t.Errorf("the page of an unknown host must name ours and not theirs\n%s", a.text())
	}
	b.with("GET", static.Path("app.css"), "Host", "autre.example").french(t, "static on an unknown host", 400)
	b.with("GET", "/", "Host", "").french(t, "own host", 200) // Go puts the URL's
	b.get("/rien").french(t, "unknown page", 404)
	b.get("/static/../server.go").french(t, "file outside", 404)
	b.get("/static/app.00000000.css").french(t, "old fingerprint", 404)
	a = b.with("POST", "/connexion", "Origin", "https://autre.example", "Sec-Fetch-Site", "cross-site")
	a.french(t, "form from another site", 403)
	if !strings.Contains(a.body, "vient d’un autre site") {
		t.Errorf("the page does not say why\n%s", a.text())
	}
	a = b.with("POST", "/connexion", "Origin", "https://autre.example", "Sec-Fetch-Site", "")
	a.french(t, "form from another site, old browser", 403)
	team := s.signIn(t, "equipe@example.org")
	if a := team.get("/rien"); !strings.Contains(a.body, "/equipe/sieges") {
		t.Error("the page of a 404 lost the navigation of who is signed in")
	}
}

// TestMethods: 405 says what the address takes, and HEAD is GET without a body.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.paths(t)
	b := s.browser(t)
	takes := map[string][]string{}
	for _, r := range s.portal.Routes() {
		p := address(r.Pattern)
		takes[p] = append(takes[p], r.Method)
		if r.Method == http.MethodGet {
			takes[p] = append(takes[p], http.MethodHead)
		}
	}
	for path, want := range takes {
		for _, m := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			if slices.Contains(want, m) {
				continue
			}
			a := b.with(m, path)
			if m == "BREW" && a.status == 404 {
				continue
			}
			a.french(t, m+" "+path, 405)
			got := strings.Split(a.header.Get("Allow"), ", ")
			slices.Sort(got)
			sorted := slices.Sorted(slices.Values(want))
			if !slices.Equal(got, sorted) {
				t.Errorf("%s %s: Allow is %v, want %v", m, path, got, sorted)
			}
		}
	}
	if a := b.with("BREW", "/rien"); a.status != 404 {
		t.Errorf("an unknown method on an unknown address: %d, want 404", a.status)
	}
	for _, path := range []string{"/", "/instances", "/aide", "/connexion", "/robots.txt", "/communes.csv", "/healthz", "/readyz", "/metrics"} {
		got, head := b.get(path), b.with("HEAD", path)
		if head.status != got.status || head.body != "" || head.header.Get("Content-Type") != got.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %q %q; GET: %d %q", path, head.status, head.body, head.header.Get("Content-Type"), got.status, got.header.Get("Content-Type"))
		}
	}
}

// captureLog collects what is logged while the test runs. The test must not be
// parallel: the log is the program's.
func captureLog(t *testing.T) *logged {
	t.Helper()
	l, before := &logged{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestPanic(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	err := s.portal.AddRoutes(0,
		web.Route{Method: "POST", Pattern: "/panique", Who: access.Anyone, Handle: func(http.ResponseWriter, *http.Request) error { panic("boum") }},
		web.Route{Method: "GET", Pattern: "/moitie", Who: access.Anyone, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 100<<10))
			_ = http.NewResponseController(w).Flush()
			panic("trop tard")
		}},
		web.Route{Method: "GET", Pattern: "/erreur", Who: access.Anyone, Handle: func(http.ResponseWriter, *http.Request) error {
			return errors.New("détail interne")
		}},
		web.Route{Method: "GET", Pattern: "/lien/{token}", Who: access.Anyone, Handle: func(http.ResponseWriter, *http.Request) error {
			return errors.New("lien")
		}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	a := b.post("/panique?jeton=dans-la-requete", url.Values{"mot_de_passe": {"dans-le-corps"}})
	a.french(t, "panic", 500)
	id := a.header.Get("X-Request-Id")
	if !strings.Contains(a.body, id) || strings.Contains(a.body, "boum") {
		t.Errorf("the page must give the reference %s and no detail\n%s", id, a.text())
	}
	if a.header.Get("Content-Security-Policy") == "" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers of a 500: %v", a.header)
	}
	if n := strings.Count(l.String(), "boum"); n != 1 {
		t.Errorf("the panic is logged %d times, want once:\n%s", n, l)
	}
	if !strings.Contains(l.String(), "fault_http_test.go") {
		t.Error("the log does not say where the panic was")
	}
	for _, secret := range []string{"dans-la-requete", "dans-le-corps"} {
		if strings.Contains(l.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
	a = b.get("/erreur")
	a.french(t, "error", 500)
	if !strings.Contains(a.body, a.header.Get("X-Request-Id")) || strings.Contains(a.body, "détail interne") {
		t.Errorf("the page of an error\n%s", a.text())
	}
	b.get("/lien/jeton-du-lien").french(t, "error of a personal link", 500)
	if strings.Contains(l.String(), "jeton-du-lien") {
		t.Errorf("the log holds the token of a link that failed:\n%s", l)
	}
	// Half an answer that looks whole would be worse than a broken one.
	r := b.request("GET", "/moitie", nil)
	if res, err := b.http.Do(r); err == nil {
		defer res.Body.Close()
		if _, err = io.ReadAll(res.Body); err == nil {
			t.Error("a page that broke half way looks whole")
		}
	}
	if n := strings.Count(l.String(), "trop tard"); n != 1 {
		t.Errorf("the late panic is logged %d times, want once", n)
	}
}

var personalLink = regexp.MustCompile(`/(?:invitation|mot-de-passe|adresse)/([A-Za-z0-9_-]{20,})`)

// TestLogsHoldNoSecret signs in, asks for a new password and accepts an
// invitation, and looks in the log for what must not be there.
func TestLogsHoldNoSecret(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	b := s.browser(t)
	secrets := []string{demo.Password, "mauvais-mot-de-passe-1", "nouveau-mot-de-passe-42", "jeton-de-requete", "@example.org", "%40example.org"}
	b.post("/connexion?suite=jeton-de-requete", url.Values{"courriel": {"equipe@example.org"}, "mot_de_passe": {"mauvais-mot-de-passe-1"}})
	admin := s.signIn(t, "admin@example.org")
	admin.get("/administration/comptes?q=equipe@example.org&jeton=jeton-de-requete")
	b.get("/rien/equipe@example.org?jeton=jeton-de-requete")
	b.post("/mot-de-passe-oublie", url.Values{"courriel": {"equipe@example.org"}})
	if a := admin.post("/administration/comptes/inviter", url.Values{
		"prenom": {"Lou"}, "nom": {"Nouvelle"}, "courriel": {"lou@example.org"}, "roles": {"team"}}); a.status != 303 {
		t.Fatalf("invite: %d\n%s", a.status, a.text())
	}
	sent, err := postgres.Values[string](t.Context(), s.pool,
		`SELECT secret_link FROM mail WHERE secret_link <> '' AND to_address IN ('lou@example.org', 'equipe@example.org')`)
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]string{}
	for _, link := range sent {
		if m := personalLink.FindStringSubmatch(link); m != nil {
			links[m[0]] = m[1]
		}
	}
	if len(links) < 2 {
		t.Fatalf("found the links %v; want one to reset and one to accept", links)
	}
	for path, token := range links {
		secrets = append(secrets, token, token[:16])
		b.get(path)
		b.get(path + "/")
		b.with("DELETE", path)
		b.post(path, url.Values{"mot_de_passe": {"court"}})
		b.post(path, url.Values{"mot_de_passe": {"nouveau-mot-de-passe-42"}})
	}
	for _, c := range b.http.Jar.Cookies(mustParse(s.URL)) {
		secrets = append(secrets, c.Value)
	}
	log := l.String()
	for _, secret := range secrets {
		if i := strings.Index(log, secret); secret != "" && i >= 0 {
			t.Errorf("the log holds %q: …%s…", secret, log[max(0, i-200):min(len(log), i+60)])
		}
	}
	lines := 0
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not a line of JSON: %s", line)
		}
		lines++
	}
	if lines < 10 || !strings.Contains(log, `"path":"/connexion"`) {
		t.Errorf("%d lines logged: the test looks at nothing", lines)
	}
}

func mustParse(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// TestProductionCookies: over https every cookie is bound to the host.
func TestProductionCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.BaseURL = mustParse("https://portail.example.org") })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	b.http.Jar = jar
	r := b.request("POST", "/connexion", url.Values{"courriel": {"equipe@example.org"}, "mot_de_passe": {demo.Password}})
	r.Host = "portail.example.org"
	a := b.do(r)
	cookies := a.header.Values("Set-Cookie")
	if a.status != 303 || len(cookies) == 0 {
		t.Fatalf("sign in: status %d, cookies %v\n%s", a.status, cookies, a.text())
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c, "__Host-") || !strings.Contains(c, "Secure") || !strings.Contains(c, "HttpOnly") ||
			!strings.Contains(c, "Path=/") || !strings.Contains(c, "SameSite=Lax") || strings.Contains(c, "Domain") {
			t.Errorf("cookie %s", c)
		}
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
}

// A reader who leaves is no incident of ours.
func TestReaderLeaves(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	started, left := make(chan struct{}), make(chan struct{})
	err := s.portal.AddRoutes(0, web.Route{Method: "GET", Pattern: "/lent", Who: access.Anyone,
		Handle: func(_ http.ResponseWriter, r *http.Request) error {
			close(started)
			<-r.Context().Done()
			defer close(left)
			return r.Context().Err()
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/lent", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-started; cancel() }()
	if res, err := http.DefaultClient.Do(r); err == nil {
		res.Body.Close()
		t.Error("answered a reader who left")
	}
	<-left
	s.Server.Close() // waits for the handler
	if strings.Contains(l.String(), `"ERROR"`) || strings.Contains(l.String(), `"status":500`) {
		t.Errorf("logged as an incident:\n%s", l)
	}
}

// A page that takes too long answers 503, and the page that says so is whole.
func TestDeadline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.portal.SetDeadline(20 * time.Millisecond)
	err := s.portal.AddRoutes(0, web.Route{Method: "POST", Pattern: "/lent", Who: access.Anyone,
		Handle: func(_ http.ResponseWriter, r *http.Request) error {
			_, err := s.pool.Exec(r.Context(), `SELECT pg_sleep(4)`)
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	a := s.browser(t).post("/lent", url.Values{"texte": {"déjà <tapé>"}, "mot_de_passe": {"secret"}})
	a.french(t, "too slow", 503)
	if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Réessayer") || !strings.Contains(a.body, "déjà &lt;tapé&gt;") || strings.Contains(a.body, "secret") {
		t.Errorf("the page must keep what was typed, but the password, and offer to retry\n%s", a.text())
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("answered after %s", took)
	}
}
