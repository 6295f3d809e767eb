package register

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// site is the pages of registration over a database of their own, for nobody signed
// in and without a session.
type site struct {
	t      testing.TB
	db     *pgxpool.Pool
	s      *structure.Service
	router chi.Router
	flash  string
}

// PutFlash, PopFlash and PeekFlash make site the session of the kit.
func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { return "" } // nothing depends on a cookie
func (s *site) PeekFlash(context.Context) string     { return "" }

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, db: pgtest.Pool(t), router: chi.NewRouter()}
	jobs, err := notify.NewInserter(s.db)
	if err != nil {
		t.Fatal(err)
	}
	gov := governance.New(s.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	s.s = structure.New(s.db, gov, notify.NewOutbox(jobs), "https://portail.example.org")
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := &Pages{Kit: kit, Structures: s.s, Governance: gov}
	serve := func(method, pattern string, h page.Handler) {
		s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
			if err := h(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	const draft = startPath + "/{token}"
	serve("GET", startPath, p.ShowStart)
	serve("POST", startPath, p.Start)
	serve("GET", draft, p.ShowDraft)
	serve("POST", draft+"/lien", p.MailLink)
	serve("GET", draft+"/verification", p.ShowCheck)
	serve("POST", draft+"/verification", p.Submit)
	serve("GET", draft+"/envoyee", p.ShowSent)
	serve("POST", draft+"/envoyee", p.Resend)
	serve("GET", draft+"/{etape:[a-z]+}", p.ShowSection)
	serve("POST", draft+"/{etape:[a-z]+}", p.SaveSection)
	serve("GET", "/structures/confirmation/{token}", p.ShowConfirmation)
	serve("POST", "/structures/confirmation/{token}", p.Confirm)
	serve("GET", "/structures/{id:[0-9]+}/acces", p.ShowAccess)
	serve("POST", "/structures/{id:[0-9]+}/acces", p.RequestAccess)
	return s
}

type answer struct {
	t    testing.TB
	code int
	body string
	to   string
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r)
	return answer{s.t, w.Code, w.Body.String(), w.Header().Get("Location")}
}

func (s *site) get(path string) answer {
	s.t.Helper()
	return s.do(httptest.NewRequest("GET", path, nil))
}

func (s *site) post(path string, v url.Values) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// shows checks the status and that the page holds the texts.
func (a answer) shows(code int, texts ...string) answer {
	a.t.Helper()
	if a.code != code {
		a.t.Fatalf("status %d, wanted %d: %s", a.code, code, plainText(a.body))
	}
	for _, want := range texts {
		if !strings.Contains(plainText(a.body), want) {
			a.t.Errorf("the page does not say %q: %s", want, plainText(a.body))
		}
	}
	return a
}

func (a answer) hides(texts ...string) answer {
	a.t.Helper()
	for _, unwanted := range texts {
		if strings.Contains(plainText(a.body), unwanted) {
			a.t.Errorf("the page says %q", unwanted)
		}
	}
	return a
}

// leads checks the redirection.
func (a answer) leads(to string) answer {
	a.t.Helper()
	if a.code != http.StatusSeeOther || a.to != to {
		a.t.Fatalf("status %d to %q, wanted 303 to %q: %s", a.code, a.to, to, plainText(a.body))
	}
	return a
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)
)

// plainText is what a page says, with ordinary spaces.
func plainText(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " ")
}

// hidden is the value of a hidden field of a page.
func (a answer) hidden(name string) string {
	a.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		a.t.Fatalf("no field %s in %s", name, plainText(a.body))
	}
	return html.UnescapeString(m[1])
}

func (s *site) text(sql string, args ...any) string {
	s.t.Helper()
	var v string
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// linkOf is the path of the last mail of a kind to an address.
func (s *site) linkOf(kind, email string) string {
	s.t.Helper()
	link := s.text(`SELECT secret_link FROM mail WHERE kind = $1 AND to_address = $2 ORDER BY created_at DESC, job_id DESC LIMIT 1`, kind, email)
	return strings.TrimPrefix(link, "https://portail.example.org")
}

// begin starts a draft and returns its address.
func (s *site) begin() string {
	s.t.Helper()
	a := s.post(startPath, nil)
	if a.code != http.StatusSeeOther || !strings.HasPrefix(a.to, startPath+"/") {
		s.t.Fatalf("start: %d %s", a.code, a.to)
	}
	return a.to
}

// rightAnswers are the fewest answers that make a request.
func rightAnswers(name, siret, email string) map[structure.Section]url.Values {
	return map[structure.Section]url.Values{
		structure.Identity:  {"nom_organisation": {name}, "identifiant": {"siret"}, "siret": {siret}, "rna": {""}, "type": {"ASSO"}, "autre_type": {""}},
		structure.Place:     {"commune": {"33039"}, "adresse": {""}, "complement": {""}, "code_postal": {""}},
		structure.ByCollege: {"college": {"action_sociale"}},
		structure.Offer:     {"services": {"Aide aux démarches administratives"}},
		structure.People:    {"prenom": {"Alix"}, "nom": {"Exemple"}, "fonction": {""}, "courriel": {email}},
		structure.Consents:  {},
	}
}

// fill writes the fewest answers in a draft.
func (s *site) fill(draft string, answers map[structure.Section]url.Values) {
	s.t.Helper()
	for _, section := range structure.Sections {
		if v, ok := answers[section]; ok {
			if a := s.post(draft+"/"+string(section), v); a.code != http.StatusSeeOther {
				s.t.Fatalf("section %s: %d %s", section, a.code, plainText(a.body))
			}
		}
	}
}

// send fills and sends a draft.
func (s *site) send(name, siret, email string) (draft string, a answer) {
	s.t.Helper()
	draft = s.begin()
	s.fill(draft, rightAnswers(name, siret, email))
	check := s.get(draft + "/verification")
	return draft, s.post(draft+"/verification", url.Values{"version": {check.hidden("version")}})
}

var teamActor = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}
