package web_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web"
	"bordeaux-metropole.fr/portal/web/static"
)

func TestCompression(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for _, path := range []string{"/instances", "/aide", static.Path("app.css")} {
		plain := b.with("GET", path, "Accept-Encoding", "identity")
		if plain.header.Get("Content-Encoding") != "" || len(plain.body) < 1024 {
			t.Errorf("%s: compressed to whom refuses it", path)
		}
		if a := b.with("GET", path, "Accept-Encoding", "gzip;q=0, br"); a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed to whom refuses gzip", path)
		}
		z := b.with("GET", path, "Accept-Encoding", "gzip")
		if z.header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(z.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Fatalf("%s: %v, not compressed", path, z.header)
		}
		r, err := gzip.NewReader(strings.NewReader(z.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || len(text) != len(plain.body) && path != "/aide" && !strings.Contains(string(text), "<html") {
			t.Errorf("%s: %d bytes once opened, %v; want %d", path, len(text), err, len(plain.body))
		}
	}
	for _, path := range []string{"/healthz", "/robots.txt", "/readyz", "/tableau-de-bord"} {
		if a := b.with("GET", path, "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d bytes compressed", path, len(a.body))
		}
	}
}

func TestStaticIsKeptForever(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for _, encoding := range []string{"gzip", "identity"} {
		a := b.with("GET", static.Path("app.css"), "Accept-Encoding", encoding)
		if c := a.header.Get("Cache-Control"); !strings.Contains(c, "immutable") || !strings.Contains(c, "max-age=31536000") {
			t.Errorf("Cache-Control is %q", c)
		}
		again := b.with("GET", static.Path("app.css"), "Accept-Encoding", encoding, "If-None-Match", a.header.Get("Etag"))
		if again.status != 304 || again.body != "" {
			t.Errorf("asked again with its tag: %d, %d bytes", again.status, len(again.body))
		}
	}
	for _, path := range []string{"/static/", "/static/..%2f..%2fgo.mod", "/static/%2e%2e/go.mod", "/static//etc/passwd", "/static/app.css", "/static/%00"} {
		if a := b.get(path); a.status != 404 && a.status != 400 {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestMetricsAreNotForStrangers(t *testing.T) {
	t.Parallel()
	const here = "portal_http_request_seconds"
	for _, c := range []struct {
		name    string
		proxies int
		token   string
		headers []string
		want    int
	}{
		{"direct", 0, "", nil, 200},
		{"direct, behind a proxy for others", 1, "", nil, 200},
		{"through the proxy", 1, "", []string{"X-Forwarded-For", "203.0.113.7"}, 404},
		{"a forged loopback address", 1, "", []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.7"}, 404},
		{"a loopback address through the proxy", 1, "", []string{"X-Forwarded-For", "127.0.0.1"}, 404},
		{"a proxy nobody told us of", 0, "", []string{"X-Forwarded-For", "203.0.113.7"}, 404},
		{"another kind of proxy", 0, "", []string{"Forwarded", "for=203.0.113.7"}, 404},
		{"token asked, none", 0, "secret", nil, 404},
		{"token asked, another", 0, "secret", []string{"Authorization", "Bearer secre"}, 404},
		{"token asked, given", 1, "secret", []string{"Authorization", "Bearer secret", "X-Forwarded-For", "203.0.113.7"}, 200},
		{"no token, one given", 0, "", []string{"Authorization", "Bearer "}, 200},
	} {
		s := newSite(t, func(w *web.Config) { w.TrustedProxies, w.MetricsToken = c.proxies, c.token })
		a := s.browser(t).with("GET", "/metrics", c.headers...)
		if a.status != c.want || (c.want == 200) != strings.Contains(a.body, "go_goroutines") {
			t.Errorf("%s: status %d, want %d", c.name, a.status, c.want)
		}
		if c.want == 404 {
			a.french(t, c.name, 404)
		}
	}
	// Strangers cannot fill the memory with methods they make up.
	s := newSite(t)
	b := s.browser(t)
	b.with("BREW", "/")
	b.get("/rien/du/tout")
	if a := b.get("/metrics"); strings.Contains(a.body, "BREW") || strings.Contains(a.body, "/rien") || !strings.Contains(a.body, here) {
		t.Error("a made-up method or address is a label of the metrics")
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	owner := pgtest.Open(t, s.pool.Config().ConnString())
	if a := b.get("/readyz"); a.status != 200 {
		t.Fatalf("ready: status %d %s", a.status, a.body)
	}
	if _, err := owner.Exec(t.Context(), `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	if a := b.get("/readyz"); a.status != 503 || !strings.Contains(a.body, "migration") {
		t.Errorf("with a migration missing: status %d %s", a.status, a.body)
	}
	if a := b.get("/healthz"); a.status != 200 {
		t.Errorf("/healthz: %d", a.status)
	}
	s.pool.Close()
	if a := b.get("/readyz"); a.status != 503 || strings.Contains(a.body, "closed pool") {
		t.Errorf("without a database: status %d %s", a.status, a.body)
	}
	if a := b.get("/healthz"); a.status != 200 {
		t.Errorf("/healthz without a database: %d", a.status)
	}
	b.get("/").french(t, "without a database", 503)
}
