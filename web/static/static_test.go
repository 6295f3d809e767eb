package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/web/static"
)

func get(t *testing.T, method, url string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "portal.js": "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml", "logo.svg": "image/svg+xml",
	} {
		url := static.Path(name)
		if !regexp.MustCompile(`^/static/\w+\.[0-9a-f]{8}\.\w+$`).MatchString(url) {
			t.Errorf("%s: address %q", name, url)
		}
		r := get(t, "GET", url, nil)
		plain, _ := io.ReadAll(r.Body)
		h := r.Header
		if r.StatusCode != 200 || h.Get("Content-Type") != kind || h.Get("Content-Encoding") != "" ||
			h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == "" {
			t.Errorf("%s: %d %v", name, r.StatusCode, h)
		}
		r = get(t, "GET", url, map[string]string{"Accept-Encoding": "br, gzip"})
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if unzipped, _ := io.ReadAll(z); string(unzipped) != string(plain) {
				t.Errorf("%s: compressed content differs", name)
			}
		}
		if again := get(t, "GET", url, map[string]string{"Accept-Encoding": "gzip", "If-None-Match": r.Header.Get("ETag")}); again.StatusCode != 304 {
			t.Errorf("%s: %d for an ETag it gave", name, again.StatusCode)
		}
		if b, _ := io.ReadAll(get(t, "HEAD", url, nil).Body); len(b) > 0 {
			t.Errorf("%s: HEAD has a body", name)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	for _, url := range []string{"/static/", "/static/app.css", "/static/app.00000000.css", "/static/css/tokens.css", "/static/../static.go"} {
		if r := get(t, "GET", url, nil); r.StatusCode != 404 {
			t.Errorf("%s: %d", url, r.StatusCode)
		}
	}
	if r := get(t, "POST", static.Path("app.css"), nil); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
	r := get(t, "GET", static.Path("app.css"), map[string]string{"Accept-Encoding": "gzip;q=0, identity"})
	if r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip sent to who refuses it")
	}
}

func TestPathOfUnknownFilePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	static.Path("nothing.css")
}

// The budget of ux.md, compressed.
func TestWeight(t *testing.T) {
	for name, limit := range map[string]int{"app.css": 6144, "portal.js": 3072, "favicon.svg": 512} {
		if n := static.Size(name); n > limit {
			t.Errorf("%s: %d bytes compressed, at most %d", name, n, limit)
		}
	}
}

// Our own CSP: nothing comes from elsewhere, nothing is inline.
func TestStylesheetAsksForNothing(t *testing.T) {
	css := static.Stylesheet()
	for _, s := range []string{"url(", "@import", "@font-face", "expression("} {
		if strings.Contains(css, s) {
			t.Errorf("the style sheet holds %s", s)
		}
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("braces do not match")
	}
}
