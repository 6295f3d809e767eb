package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/page"
)

// electionForms are the forms of the pages of elections that somebody sees, by address.
// TestHostileForms has those of the team.
func (s *site) electionForms(t testing.TB, b *browser) map[string]url.Values {
	t.Helper()
	get, post := map[string]bool{}, map[string]bool{}
	for _, r := range s.portal.Routes() {
		if !strings.HasPrefix(r.Pattern, "/elections/{id") && !strings.HasPrefix(r.Pattern, "/equipe/elections/{id") {
			continue
		}
		if r.Method == http.MethodGet {
			get[r.Pattern] = true
		} else {
			post[r.Pattern] = true
		}
	}
	ids, err := postgres.Values[string](t.Context(), s.pool, `SELECT id::text FROM election ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]url.Values{}
	for _, pattern := range slices.Sorted(maps.Keys(get)) {
		act := strings.Contains(pattern, "{acte:(")
		if !post[pattern] || strings.Count(pattern, "{") > 1 && !act {
			continue
		}
		for _, id := range ids {
			path := strings.ReplaceAll(pattern, "{id:[0-9]+}", id)
			if act {
				path = path[:strings.Index(path, "{")] + "prolongation"
			}
			for _, query := range []string{"", "?etape=bulletin"} {
				if v := formOf(t, b.get(path+query).body); v != nil {
					out[path] = v
				}
			}
		}
	}
	return out
}

// TestHostileElectionForms is TestHostileForms for those who vote, stand and hold keys.
func TestHostileElectionForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	bare := regexp.MustCompile(`<script>alert|<img src=x|onerror=alert\(1\)>'`)
	before := s.rows(t)
	var markup []func()
	for email, fewest := range map[string]int{"structure-001@example.org": 1, "scrutatrice@example.org": 2} {
		b := s.signIn(t, email).bare()
		forms := s.electionForms(t, b)
		t.Log(email, slices.Sorted(maps.Keys(forms)))
		if len(forms) < fewest {
			t.Errorf("%s sees %d forms: %v", email, len(forms), slices.Collect(maps.Keys(forms)))
		}
		for path, fields := range forms {
			roomy := s.roomy(path)
			for name := range fields {
				if strings.HasPrefix(name, "_") {
					continue
				}
				b.post(path, with(fields, name, "a\x00b")).french(t, fmt.Sprintf("%s, NUL in %s", path, name), 400)
				a := b.do(b.encoded(path, fields, name, megabyte))
				if !(a.status == 413 || roomy && (a.status == 422 || a.status == 400 || a.status == 409)) {
					t.Errorf("%s, 1 MB in %s: status %d", path, name, a.status)
				}
				if page.IsSecretField(name) {
					continue
				}
				if a = b.do(b.encoded(path, fields, name, hundredKB)); a.status != 422 && a.status != 400 && a.status != 409 {
					t.Errorf("%s, 100 KB in %s: status %d\n%s", path, name, a.status, a.text())
				}
			}
			b.post(path, with(fields, "administrateur", "1")).french(t, path+", unknown field", 400)
			b.post(path, with(fields, "_cle", strings.Repeat("k", 65))).french(t, path+", long key", 400)
			all := url.Values{}
			for name, v := range fields {
				all[name] = v
				if !strings.HasPrefix(name, "_") && name != "version" {
					all[name] = []string{hostile}
				}
			}
			markup = append(markup, func() {
				a := b.post(path, all)
				if a.status == 303 { // a text may hold it: it is shown as text
					a = b.get(a.location())
				}
				if a.status >= 500 || bare.MatchString(a.body) || a.header.Get("X-Injected") != "" {
					t.Errorf("%s, markup: status %d\n%s", path, a.status, a.text())
				}
			})
		}
	}
	if n := s.rows(t); n != before {
		t.Errorf("%d rows were written by what should all be refused", n-before)
	}
	for _, post := range markup {
		post()
	}
}
