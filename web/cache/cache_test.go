package cache

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var page = []byte(strings.Repeat("<p>une page</p>", 200))

func show(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(page)))
	_, err := w.Write(page)
	return err
}

func listening() *Pages {
	p := New()
	p.reset(true)
	return p
}

func ask(method, path string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (p *Pages) kept(path string) bool {
	return p.Serve(httptest.NewRecorder(), ask("GET", path))
}

func TestServedAsItWasWritten(t *testing.T) {
	t.Parallel()
	p := listening()
	first := httptest.NewRecorder()
	if err := p.Keep(first, ask("GET", "/"), show); err != nil {
		t.Fatal(err)
	}
	etag := first.Header().Get("Etag")
	for _, c := range []struct {
		name    string
		r       *http.Request
		status  int
		zipped  bool
		nothing bool
	}{
		{"plain", ask("GET", "/"), 200, false, false},
		{"gzip", ask("GET", "/", "Accept-Encoding", "br, gzip"), 200, true, false},
		{"gzip, weighed", ask("GET", "/", "Accept-Encoding", "gzip; q=0.5"), 200, true, false},
		{"gzip refused", ask("GET", "/", "Accept-Encoding", "gzip;q=0, br"), 200, false, false},
		{"gzip refused otherwise", ask("GET", "/", "Accept-Encoding", "gzip; q=0.000"), 200, false, false},
		{"not gzip", ask("GET", "/", "Accept-Encoding", "x-gzipped"), 200, false, false},
		{"HEAD", ask("HEAD", "/"), 200, false, true},
		{"same tag", ask("GET", "/", "If-None-Match", etag), 304, false, true},
		{"one of the tags", ask("GET", "/", "If-None-Match", `"a", `+etag), 304, false, true},
		{"strong tag", ask("GET", "/", "If-None-Match", strings.TrimPrefix(etag, "W/")), 304, false, true},
		{"any tag", ask("GET", "/", "If-None-Match", "*"), 304, false, true},
		{"another tag", ask("GET", "/", "If-None-Match", `W/"autre"`), 200, false, false},
	} {
		w := httptest.NewRecorder()
		if !p.Serve(w, c.r) {
			t.Errorf("%s: not kept", c.name)
			continue
		}
		h := w.Header()
		if w.Code != c.status || h.Get("Etag") != etag || h.Get("Cache-Control") != "no-cache" || !strings.Contains(h.Get("Vary"), "Cookie") {
			t.Errorf("%s: %d %v", c.name, w.Code, h)
		}
		body := w.Body.Bytes()
		switch {
		case c.status == 304:
			if h.Get("Content-Length") != "" || h.Get("Content-Encoding") != "" {
				t.Errorf("%s: a 304 describes a body: %v", c.name, h)
			}
		case h.Get("Content-Type") != "text/html; charset=utf-8" || (h.Get("Content-Encoding") == "gzip") != c.zipped:
			t.Errorf("%s: %v", c.name, h)
		case !c.nothing && h.Get("Content-Length") != fmt.Sprint(len(body)):
			t.Errorf("%s: Content-Length %s for %d bytes", c.name, h.Get("Content-Length"), len(body))
		}
		if c.nothing {
			if len(body) != 0 {
				t.Errorf("%s: %d bytes", c.name, len(body))
			}
			continue
		}
		if c.zipped {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, page) {
			t.Errorf("%s: another body", c.name)
		}
	}
}

func TestNotKept(t *testing.T) {
	t.Parallel()
	failure := errors.New("non")
	for name, next := range map[string]func(http.ResponseWriter, *http.Request) error{
		"error":     func(http.ResponseWriter, *http.Request) error { return failure },
		"not found": func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(404); return nil },
		"redirection": func(w http.ResponseWriter, r *http.Request) error {
			http.Redirect(w, r, "/a", http.StatusSeeOther)
			return nil
		},
		"cookie": func(w http.ResponseWriter, r *http.Request) error {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			return show(w, r)
		},
	} {
		p, w := listening(), httptest.NewRecorder()
		err := p.Keep(w, ask("GET", "/"), next)
		if (err != nil) != (name == "error") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (w.Body.Len() > 0 || len(w.Header()) > 0) {
			t.Errorf("%s: answered %d %v", name, w.Code, w.Header())
		}
		if name == "cookie" && (w.Header().Get("Set-Cookie") == "" || !bytes.Equal(w.Body.Bytes(), page)) {
			t.Errorf("%s: its reader was not answered", name)
		}
		if p.kept("/") {
			t.Errorf("%s is kept", name)
		}
	}
}

func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*Pages){
		"a change": func(p *Pages) { p.reset(true) }, "the connection lost": func(p *Pages) { p.reset(false) },
	} {
		p, w := listening(), httptest.NewRecorder()
		err := p.Keep(w, ask("GET", "/"), func(w http.ResponseWriter, r *http.Request) error {
			meanwhile(p)
			return show(w, r)
		})
		if err != nil || !bytes.Equal(w.Body.Bytes(), page) {
			t.Errorf("%s: its reader got %v %q", name, err, w.Body)
		}
		if p.kept("/") {
			t.Errorf("%s while the page was made, and it is kept", name)
		}
	}
	p := New() // nobody listens
	if err := p.Keep(httptest.NewRecorder(), ask("GET", "/"), show); err != nil || p.kept("/") {
		t.Errorf("kept while nobody listens: %v", err)
	}
	p = listening()
	if err := p.Keep(httptest.NewRecorder(), ask("GET", "/"), show); err != nil || !p.kept("/") {
		t.Fatalf("not kept: %v", err)
	}
	p.reset(true)
	if p.kept("/") {
		t.Error("kept after a change")
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	p := listening()
	for i := range 3 * maxEntries {
		if err := p.Keep(httptest.NewRecorder(), ask("GET", fmt.Sprintf("/%d", i)), show); err != nil {
			t.Fatal(err)
		}
		if len(p.entries) > maxEntries {
			t.Fatalf("%d pages kept, at most %d", len(p.entries), maxEntries)
		}
	}
	if !p.kept(fmt.Sprintf("/%d", 3*maxEntries-1)) {
		t.Error("the last page is not kept")
	}
}

// A page says what is true today, in Paris.
func TestValidUntil(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, paris)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for now, want := range map[string]string{
		"2026-11-23 12:00:00": "2026-11-23 12:01:00",
		"2026-11-23 23:58:59": "2026-11-23 23:59:59",
		"2026-11-23 23:59:30": "2026-11-24 00:00:00",
		"2026-11-24 00:00:00": "2026-11-24 00:01:00",
		"2026-12-31 23:59:59": "2027-01-01 00:00:00",
		"2027-03-27 23:59:50": "2027-03-28 00:00:00", // the clock changes that night
		"2026-10-24 23:59:50": "2026-10-25 00:00:00",
		"2027-03-28 01:59:30": "2027-03-28 03:00:30",
	} {
		for _, in := range []*time.Location{paris, time.UTC, time.FixedZone("", -5*3600)} {
			if got := validUntil(at(now).In(in)); !got.Equal(at(want)) {
				t.Errorf("a page of %s is good until %s, want %s", now, got.In(paris), want)
			}
		}
	}
	p := listening()
	if err := p.Keep(httptest.NewRecorder(), ask("GET", "/"), show); err != nil {
		t.Fatal(err)
	}
	p.entries["/"].until = time.Now().Add(-time.Nanosecond)
	if p.kept("/") {
		t.Error("served past its time")
	}
}
