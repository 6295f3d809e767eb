// Package pagetest serves the pages of one area to its tests, without a session or a
// socket: any actor, any form, and every page that is read is checked (uitest).
package pagetest

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

// Site serves the handlers given to Handle to Actor.
type Site struct {
	T      testing.TB
	Actor  access.Actor // who asks; the public when zero
	Kit    *page.Kit
	router chi.Router
	flash  string
}

// New returns a site without any page.
func New(t testing.TB) *Site {
	s := &Site{T: t, router: chi.NewRouter()}
	s.Kit = &page.Kit{Sessions: s, SessionEnd: func(context.Context) time.Time { return time.Time{} },
		Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Accueil", Href: "/"}} }}
	return s
}

// Handle serves a pattern as chi reads it.
func (s *Site) Handle(method, pattern string, h page.Handler) {
	s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.Kit.Fail(w, r, err)
		}
	}))
}

// PutFlash, PopFlash and PeekFlash make the site the session of its kit.
func (s *Site) PutFlash(_ context.Context, m string) { s.flash = m }

// PopFlash takes the message.
func (s *Site) PopFlash(context.Context) string { m := s.flash; s.flash = ""; return m }

// PeekFlash reads the message.
func (s *Site) PeekFlash(context.Context) string { return s.flash }

// Do sends a request in the name of Actor.
func (s *Site) Do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.T.Context(), s.Actor)))
	return w
}

// Get reads a page, which must be sound and have the status; entities are decoded.
func (s *Site) Get(path string, status int) string {
	s.T.Helper()
	w := s.Do(httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != status {
		s.T.Fatalf("GET %s: got %d, wanted %d\n%s", path, w.Code, status, w.Body)
	}
	return s.sound(path, w)
}

// Post sends a form of names and values in turn. It returns where it leads when status
// is 303, else the page.
func (s *Site) Post(path string, status int, pairs ...string) string {
	s.T.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := s.Do(r)
	if w.Code != status {
		s.T.Fatalf("POST %s %v: got %d, wanted %d\n%s", path, pairs, w.Code, status, w.Body)
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	return s.sound(path, w)
}

func (s *Site) sound(path string, w *httptest.ResponseRecorder) string {
	s.T.Helper()
	body := w.Body.String()
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return body
	}
	for _, p := range uitest.Problems(strings.NewReader(body)) {
		s.T.Errorf("%s: %s", path, p)
	}
	return html.UnescapeString(body)
}

// Holds checks that a page says each of the texts.
func (s *Site) Holds(body string, wants ...string) {
	s.T.Helper()
	for _, w := range wants {
		if !strings.Contains(body, w) {
			s.T.Errorf("the page lacks %q", w)
		}
	}
}

// Lacks checks that a page says none of the texts.
func (s *Site) Lacks(body string, nots ...string) {
	s.T.Helper()
	for _, n := range nots {
		if strings.Contains(body, n) {
			s.T.Errorf("the page says %q", n)
		}
	}
}
