package web_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/page"
)

// formOf returns the fields of the last form of a page that is posted, as a
// browser would send them; nil if there is none.
func formOf(t testing.TB, body string) url.Values {
	t.Helper()
	doc, err := xhtml.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *xhtml.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	var found url.Values
	var fields func(n *xhtml.Node, v url.Values)
	fields = func(n *xhtml.Node, v url.Values) {
		name, _ := attr(n, "name")
		value, _ := attr(n, "value")
		kind, _ := attr(n, "type")
		_, checked := attr(n, "checked")
		switch {
		case n.Type != xhtml.ElementNode || name == "":
		case n.Data == "input" && (kind == "radio" || kind == "checkbox"):
			if checked {
				v.Add(name, value)
			}
		case n.Data == "input" && kind != "submit" && kind != "file":
			v.Add(name, value)
		case n.Data == "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			v.Add(name, text)
		case n.Data == "select":
			for o := range n.Descendants() {
				if _, selected := attr(o, "selected"); o.Data == "option" && selected {
					value, _ := attr(o, "value")
					v.Add(name, value)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			fields(c, v)
		}
	}
	for n := range doc.Descendants() {
		if method, _ := attr(n, "method"); n.Data == "form" && strings.EqualFold(method, "post") {
			if action, _ := attr(n, "action"); action == "/deconnexion" || action == "/mon-compte/capacite" {
				continue
			}
			found = url.Values{}
			fields(n, found)
		}
	}
	return found
}

// mandates counts what a test must not write.
func (s *site) rows(t testing.TB) (n int64) {
	t.Helper()
	n, err := postgres.Value[int64](t.Context(), s.pool,
		`SELECT (SELECT count(*) FROM mandate) + (SELECT count(*) FROM person) + (SELECT count(*) FROM organisation) + (SELECT count(*) FROM audit_entry)`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// teamForms are the routes of the table that the team posts to, with their pages.
func (s *site) forms(t testing.TB, b *browser) map[string]url.Values {
	t.Helper()
	address := s.paths(t)
	out := map[string]url.Values{}
	for _, r := range s.portal.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, p := range s.portal.Routes() {
			if p.Method == http.MethodPost && p.Pattern == r.Pattern && !strings.Contains(p.Pattern, "{token}") {
				path := address(p.Pattern)
				if v := formOf(t, b.get(path).body); v != nil {
					out[path] = v
				}
			}
		}
	}
	if len(out) < 12 {
		t.Errorf("only %d forms found: %v", len(out), out)
	}
	return out
}

// roomy tells whether the form of the address may be larger than most.
func (s *site) roomy(path string) bool {
	for _, r := range s.portal.Routes() {
		if r.MaxBody > 256<<10 && r.Method == http.MethodPost {
			m := chi.NewRouter()
			m.Post(r.Pattern, func(http.ResponseWriter, *http.Request) {})
			if m.Match(chi.NewRouteContext(), http.MethodPost, path) {
				return true
			}
		}
	}
	return false
}

func with(v url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, list := range v {
		out[k] = list
	}
	out.Set(name, value)
	return out
}

// Long texts as a form sends them, encoded once: it takes longer than the answer.
var megabyte, hundredKB = strings.Repeat(url.QueryEscape("é"), 500<<10), strings.Repeat("x", 100<<10)

// encoded is a form in which the field of that name holds a text encoded before.
func (b *browser) encoded(path string, v url.Values, name, text string) *http.Request {
	b.t.Helper()
	rest := url.Values{}
	for k, list := range v {
		if k != name {
			rest[k] = list
		}
	}
	head := rest.Encode() + "&" + url.QueryEscape(name) + "="
	r := b.request(http.MethodPost, path, nil)
	r.ContentLength = int64(len(head) + len(text))
	r.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(head), strings.NewReader(text))), nil
	}
	r.Body, _ = r.GetBody()
	return r
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'; DROP TABLE mandate; -- {{7*7}} ${7*7} %0d%0aX-Injected: 1`

// TestHostileForms sends to every form the team sees, one field after another,
// what no page of ours sends: the answer is French and never a 500, nothing is
// written that is not text, and what comes back is escaped.
func TestHostileForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signIn(t, "equipe@example.org").bare()
	before := s.rows(t)
	for path, fields := range s.forms(t, b) {
		roomy := s.roomy(path)
		for name := range fields {
			if strings.HasPrefix(name, "_") {
				continue
			}
			for what, value := range map[string]string{"NUL": "a\x00b", "not UTF-8": "a\xff\xfeb"} {
				a := b.post(path, with(fields, name, value))
				a.french(t, fmt.Sprintf("%s, %s in %s", path, what, name), 400)
			}
			if roomy && strings.HasPrefix(name, "texte") {
				continue // a long text is what the form is for
			}
			a := b.do(b.encoded(path, fields, name, megabyte))
			if !roomy {
				a.french(t, fmt.Sprintf("%s, 1 MB in %s", path, name), 413)
			} else if a.status != 413 && a.status != 422 && a.status != 400 {
				t.Errorf("%s, 1 MB in %s: status %d", path, name, a.status)
			}
			if page.IsSecretField(name) {
				continue // a form that changes nothing does not ask for it
			}
			a = b.do(b.encoded(path, fields, name, hundredKB))
			if a.status != 422 && a.status != 400 && a.status != 409 {
				t.Errorf("%s, 100 KB in %s: status %d\n%s", path, name, a.status, a.text())
			}
		}
		b.post(path, with(fields, "administrateur", "1")).french(t, path+", unknown field", 400)
		b.post(path, with(fields, strings.Repeat("k", 5000), "1")).french(t, path+", unknown long field", 400)
		b.post(path, with(fields, "_cle", strings.Repeat("k", 65))).french(t, path+", long key", 400)
		for _, kind := range []string{"application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded; charset=\"", ""} {
			r := b.request("POST", path, fields)
			r.Header.Set("Content-Type", kind)
			b.do(r).french(t, path+" as "+kind, 400)
		}
		r := b.request("POST", path, nil)
		r.Body = io.NopCloser(strings.NewReader("a=%zz&b=%"))
		r.ContentLength = 9
		b.do(r).french(t, path+", broken escapes", 400)
	}
	if n := s.rows(t); n != before {
		t.Errorf("%d rows were written by what should all be refused", n-before)
	}
}

// TestHTMLIsEscaped: what comes back after a refusal, and what is stored and
// shown, is text.
func TestHTMLIsEscaped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signIn(t, "equipe@example.org")
	bare := regexp.MustCompile(`<script>alert|<img src=x|onerror=alert\(1\)>'`)
	for path, fields := range s.forms(t, b) {
		all := url.Values{}
		for name, v := range fields {
			all[name] = v
			if !strings.HasPrefix(name, "_") && name != "version" && name != "vu" && name != "qualite" {
				all[name] = []string{hostile}
			}
		}
		a := b.post(path, all)
		if a.status >= 500 || bare.MatchString(a.body) || a.header.Get("X-Injected") != "" {
			t.Errorf("%s: status %d\n%s", path, a.status, a.text())
		}
		if a.status == 303 {
			if a := b.get(a.location()); a.status != 200 || bare.MatchString(a.body) {
				t.Errorf("%s led to a page with %s", path, bare.FindString(a.body))
			}
		}
	}
	// Stored: a name is a name.
	path := s.vacantSeat(t)
	v := formOf(t, b.get(path).body)
	v.Set("prenom", `<b>Léa</b>`)
	v.Set("nom", `O'Brien"><script>alert(1)</script>`)
	v.Set("designation", `'); DELETE FROM mandate; --`)
	a := b.post(path, v)
	if a.status != 303 {
		t.Fatalf("a name with markup: status %d\n%s", a.status, a.text())
	}
	for _, path := range []string{a.location(), "/instances/communes", "/communes", "/equipe/sieges"} {
		a := b.get(path)
		if a.status != 200 || bare.MatchString(a.body) || strings.Contains(a.body, "<b>Léa") {
			t.Errorf("%s shows markup as markup", path)
		}
	}
	if a := b.get(a.location()); !strings.Contains(a.body, html.EscapeString("<b>Léa</b>")) {
		t.Errorf("the name is not shown as typed\n%s", a.text())
	}
	// Header injection: a name on one line only.
	for _, bad := range []string{"Léa\r\nBcc: x@example.org", "Léa\nX: 1", "Léa\u2028X"} {
		path := s.vacantSeat(t)
		v := formOf(t, b.get(path).body)
		v.Set("prenom", bad)
		v.Set("nom", "Martin")
		if a := b.post(path, v); a.status != 422 && a.status != 409 {
			t.Errorf("the first name %q: status %d", bad, a.status)
		}
	}
}

// vacantSeat ends the mandates of a mayor's seat and returns the page that
// designates the next.
func (s *site) vacantSeat(t testing.TB) string {
	t.Helper()
	id, err := postgres.Value[string](t.Context(), s.pool, `
		WITH seat_of AS (
			SELECT m.seat_id FROM mandate m JOIN seat s ON s.id = m.seat_id JOIN commune c ON c.organisation_id = s.organisation_id
			WHERE m.kind = 'titular' AND m.during @> paris_today() AND lower(m.during) < paris_today() AND c.slug <> 'begles'
			ORDER BY m.seat_id LIMIT 1
		), ended AS (
			UPDATE mandate m SET during = daterange(lower(during), paris_today()) FROM seat_of
			WHERE m.seat_id = seat_of.seat_id AND m.during @> paris_today() AND lower(m.during) < paris_today()
		)
		SELECT seat_id::text FROM seat_of`)
	if err != nil {
		t.Fatalf("make a seat vacant: %v", err)
	}
	return "/equipe/sieges/" + id + "/mandats/nouveau?qualite=titulaire"
}

// TestHostileAddresses: whoever asks, what no page of ours links to is a refusal
// and never an incident.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.paths(t)
	team, admin := s.signIn(t, "equipe@example.org").bare(), s.signIn(t, "admin@example.org").bare()
	const big = "99999999999999999999"
	var paths []string
	for _, r := range s.portal.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, id := range []string{big, "0", "9223372036854775807", "9223372036854775808", "%00", "%ff", "1%27%20OR%201=1", "a%2Fb", "-1", "..%2f..%2fetc%2fpasswd"} {
			p := regexp.MustCompile(`\{[^{}]*(\{[^}]*\})?[^{}]*\}`).ReplaceAllString(r.Pattern, id)
			if p != r.Pattern {
				paths = append(paths, p)
			}
		}
		base := address(r.Pattern)
		for _, q := range []string{"page=-1", "page=" + big, "page=9223372036854775807", "page=0", "page=a", "q=%00", "q=%ff%fe",
			"q=%27%3B+DROP+TABLE+mandate%3B--", "q=" + strings.Repeat("a", 5000), "q=%25%5F%5C", "le=hier", "le=2026-02-30", "le=0000-00-00",
			"le=9999999-01-01", "le=%00", "tri=nom%3BDROP", "a=%zz", "a=b;c=d", "q=%E2%80%AE", "du=%00&au=x", "suite=//evil.example", "suite=%00",
			"personne=%00&qualite=%ff", "role=%00", "etat=%00", "avant=%00", "apres=x", "de=hier&a=demain", "%00=1"} {
			paths = append(paths, base+"?"+q)
		}
		paths = append(paths, "/"+base, base+"/", strings.ReplaceAll(base, "/", "//"), strings.ToUpper(base), base+"%2F", base+"/..%2f..", base+"/./x")
	}
	for _, who := range []struct {
		name string
		b    *browser
	}{{"team", team}, {"administrator", admin}, {"nobody", s.browser(t)}} {
		for _, p := range paths {
			a := who.b.get(p)
			if a.status >= 500 || strings.Contains(a.body, "SQLSTATE") {
				t.Errorf("%s as %s: status %d\n%.300s", p, who.name, a.status, a.text())
			}
			if loc := a.location(); loc != "" && (!strings.HasPrefix(loc, "/") || strings.HasPrefix(loc, "//")) {
				t.Errorf("%s as %s leads to %s", p, who.name, loc)
			}
		}
	}
	for _, p := range []string{"/equipe/sieges/" + big, "/equipe/organisations/" + big, "/equipe/personnes/" + big, "/equipe/sieges/0"} {
		team.get(p).french(t, p, 404)
	}
	for _, n := range []int{3000, 20000, 60000} {
		a := team.get("/instances?q=" + strings.Repeat("a", n))
		b := team.get("/" + strings.Repeat("a/", n/2))
		for _, got := range []int{a.status, b.status} {
			if got >= 500 {
				t.Errorf("an address of %d bytes: status %d", n, got)
			}
		}
	}
}

// TestLargeBodies: past the limit of the route, 413, multipart or not.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signIn(t, "equipe@example.org")
	path := "/equipe/organisations/nouvelle"
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("fichier", "communes.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(bytes.Repeat([]byte("33039;Bègles\n"), 800<<10))
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := b.request("POST", path, nil)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
	b.do(r).french(t, "10 MB", 413)
	nobody := s.browser(t)
	nobody.post("/connexion", url.Values{"courriel": {strings.Repeat("a", 1<<20)}}).french(t, "1 MB, not signed in", 413)
	nobody.post(path, url.Values{"nom_organisation": {strings.Repeat("a", 1<<20)}}) // must not be read whole, nor fail
	many := strings.Repeat("a=1&", 50000)
	r = b.request("POST", path, nil)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(many)), int64(len(many))
	b.do(r).french(t, "50,000 fields", 400)
}
