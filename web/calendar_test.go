package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// events decodes a calendar by a library that did not write it.
func (a answer) events(t testing.TB) []ical.Event {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("status %d, %s: %s", a.status, a.header.Get("Content-Type"), a.text())
	}
	c, err := ical.NewDecoder(strings.NewReader(a.body)).Decode()
	if err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return c.Events()
}

// TestPublicFeeds reads every public calendar, kept in memory or not: the same tag,
// 304 for who has it, and a change seen at once.
func TestPublicFeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	all := len(b.get("/agenda.ics").events(t))
	var sum int
	for _, code := range []string{"cmtin", "partenaires", "gni", "communes"} {
		sum += len(b.get("/instances/" + code + "/agenda.ics").events(t))
	}
	if all < 7 || sum != all {
		t.Errorf("%d meetings in all, %d by body; want a year of them, the same", all, sum)
	}
	for path, want := range map[string]int{"/instances/inconnue/agenda.ics": 404, "/reunions/999999999.ics": 404, "/reunions/99999999999999999999.ics": 404} {
		if a := b.get(path); a.status != want {
			t.Errorf("%s: status %d, want %d", path, a.status, want)
		}
	}
	first := b.get("/agenda.ics")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go s.portal.ListenForChanges(ctx)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		before := s.queries.Load()
		if b.get("/agenda.ics"); s.queries.Load() == before {
			break // from memory
		}
	}
	kept := b.get("/agenda.ics")
	for name, a := range map[string]answer{"fresh": first, "kept": kept} {
		if a.header.Get("Cache-Control") != "public, max-age=300" || a.header.Get("Etag") == "" || a.header.Get("Etag") != first.header.Get("Etag") || a.body != first.body {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	r := b.request(http.MethodGet, "/agenda.ics", nil)
	r.Header.Set("If-None-Match", kept.header.Get("Etag"))
	if a := b.do(r); a.status != http.StatusNotModified || a.body != "" {
		t.Errorf("who has it already: status %d, %d bytes", a.status, len(a.body))
	}
	if a := b.do(b.request(http.MethodHead, "/agenda.ics", nil)); a.status != http.StatusOK || a.body != "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/calendar") {
		t.Errorf("HEAD: status %d, %d bytes, %v", a.status, len(a.body), a.header)
	}
	if _, err := postgres.Exec(t.Context(), s.pool, `UPDATE meeting SET state = 'cancelled', announced = true WHERE starts_at > now()`); err != nil {
		t.Fatal(err)
	}
	var a answer
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if a = b.do(r.Clone(t.Context())); a.status == http.StatusOK {
			break
		}
	}
	if !strings.Contains(a.body, "STATUS:CANCELLED") {
		t.Errorf("after a cancellation: status %d", a.status)
	}
}

// TestOneMeetingFile: what the public and the team may save of one meeting.
func TestOneMeetingFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, err := postgres.Value[string](t.Context(), s.pool, `SELECT id::text FROM meeting WHERE announced AND state = 'published' ORDER BY id LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	public, team := s.browser(t).get("/reunions/"+id+".ics"), s.signIn(t, "equipe@example.org").get("/reunions/"+id+".ics")
	if len(public.events(t)) != 1 || len(team.events(t)) != 1 || public.header.Get("Content-Disposition") != `attachment; filename="reunion-`+id+`.ics"` {
		t.Errorf("public %v", public.header)
	}
	if public.header.Get("Cache-Control") != "public, max-age=300" || team.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("kept by others: public %q, team %q", public.header.Get("Cache-Control"), team.header.Get("Cache-Control"))
	}
	if _, err := postgres.Exec(t.Context(), s.pool, `UPDATE meeting SET announced = false, state = 'draft' WHERE id = $1::bigint`, id); err != nil {
		t.Fatal(err)
	}
	if a := s.browser(t).get("/reunions/" + id + ".ics"); a.status != http.StatusNotFound {
		t.Errorf("a meeting not announced: status %d", a.status)
	}
}

var secretAddress = regexp.MustCompile(`<code>http://[^/]+(/agenda/[^<]+\.ics)</code>`)

// TestMyAgenda: a secret address is made, shown once, read without signing in,
// replaced and stopped.
func TestMyAgenda(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mayor, program := s.signIn(t, "maire-begles@example.org"), s.browser(t)
	if a := mayor.get("/mon-compte/agenda"); a.status != http.StatusOK || !strings.Contains(a.body, "Créer mon adresse secrète") ||
		!strings.Contains(a.body, `href="webcal://`) || !strings.Contains(a.body, "/instances/gni/agenda.ics") {
		t.Errorf("before: status %d, %s", a.status, a.text())
	}
	make := func() string {
		t.Helper()
		a := mayor.post("/mon-compte/agenda", url.Values{"faire": {"nouvelle"}})
		found := secretAddress.FindStringSubmatch(a.body)
		if a.status != http.StatusOK || found == nil || a.header.Get("Cache-Control") != "no-store" || strings.Contains(a.body, "webcal:") {
			t.Fatalf("status %d, %v: %s", a.status, a.header, a.text())
		}
		return found[1]
	}
	first := make()
	a := program.get(first)
	if len(a.events(t)) == 0 || a.header.Get("Cache-Control") != "private, no-cache" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("my meetings: %v\n%s", a.header, a.body)
	}
	if a := mayor.get("/mon-compte/agenda"); strings.Contains(a.body, first) || !strings.Contains(a.body, "Remplacer") {
		t.Errorf("the address is shown again, or cannot be replaced: %s", a.text())
	}
	for _, act := range []string{"nouvelle", "arret"} {
		if a := mayor.get("/mon-compte/agenda?faire=" + act); a.status != http.StatusOK || !strings.Contains(a.body, "ne seront plus mis à jour") {
			t.Errorf("asked before %s: status %d, %s", act, a.status, a.text())
		}
	}
	second := make()
	if a := program.get(first); a.status != http.StatusNotFound || !strings.Contains(a.body, "remplacée ou arrêtée") || strings.Contains(a.body, first) {
		t.Errorf("replaced: status %d, %s", a.status, a.text())
	}
	if a := mayor.post("/mon-compte/agenda", url.Values{"faire": {"arret"}}); a.status != http.StatusSeeOther {
		t.Errorf("stop: status %d", a.status)
	}
	for _, path := range []string{second, "/agenda/inconnu.ics", "/agenda/%00", "/agenda/" + strings.Repeat("x", 3000)} {
		if a := program.get(path); a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
			t.Errorf("%.40s: status %d", path, a.status)
		}
	}
	if a := mayor.post("/mon-compte/agenda", url.Values{"faire": {"autre"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("something else: status %d", a.status)
	}
}

func TestMyMails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signIn(t, "maire-begles@example.org")
	checked := func() string {
		t.Helper()
		found := regexp.MustCompile(`value="(each|daily|weekly)"[^>]*checked`).FindStringSubmatch(b.get("/mon-compte/courriels").body)
		if found == nil {
			return ""
		}
		return found[1]
	}
	if got := checked(); got != "each" {
		t.Errorf("at first: %q", got)
	}
	if a := b.post("/mon-compte/courriels", url.Values{"rythme": {"weekly"}}); a.status != http.StatusSeeOther || checked() != "weekly" {
		t.Errorf("choose: status %d, then %q", a.status, checked())
	}
	for _, bad := range []url.Values{{}, {"rythme": {"hourly"}}} {
		if a := b.post("/mon-compte/courriels", bad); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "summary-err") {
			t.Errorf("%v: status %d", bad, a.status)
		}
	}
	if a := b.post("/mon-compte/courriels", url.Values{"rythme": {"daily"}, "autre": {"1"}}); a.status != http.StatusBadRequest || checked() != "weekly" {
		t.Errorf("a field nobody asked for: status %d", a.status)
	}
	if a := b.get("/mon-compte"); !strings.Contains(a.body, `href="/mon-compte/agenda"`) || !strings.Contains(a.body, `href="/mon-compte/courriels"`) {
		t.Error("« Mon compte » leads to neither")
	}
}
