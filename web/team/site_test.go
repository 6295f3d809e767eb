package team

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// site is the team's screens over a database of their own.
type site struct {
	t       testing.TB
	db      postgres.DB
	gov     *governance.Service
	today   day.Day
	router  chi.Router
	actor   access.Actor
	flash   string
	invited []string
}

// PutFlash, PopFlash, PeekFlash and SessionEnd make site the session of the kit.
func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *site) PeekFlash(context.Context) string     { return s.flash }
func (s *site) SessionEnd(context.Context) time.Time { return time.Time{} }
func (s *site) nav(access.Actor) []ui.NavItem        { return nil }

var teamActor = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe",
	Acting: access.Capacity{Role: access.Team}, Capacities: []access.Capacity{{Role: access.Team}}}

const defaultBody = 256 << 10

func newSite(t testing.TB) *site { return siteOn(t, pgtest.Tx(t)) }

func siteOn(t testing.TB, db postgres.DB) *site {
	t.Helper()
	s := &site{t: t, db: db, actor: teamActor, router: chi.NewRouter()}
	s.gov = governance.New(db, func(_ context.Context, _ pgx.Tx, _ access.Actor, p governance.PersonRef) error {
		s.invited = append(s.invited, p.Email)
		return nil
	})
	var err error
	if s.today, err = postgres.Value[day.Day](t.Context(), db, `SELECT paris_today()`); err != nil {
		t.Fatal(err)
	}
	kit := &page.Kit{Sessions: s, Nav: s.nav}
	for _, route := range (&Pages{Kit: kit, Governance: s.gov}).routes() {
		s.router.Method(route.method, route.pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, max(route.maxBody, defaultBody))
			if err := route.handle(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	return s
}

type testRoute struct {
	method, pattern string
	handle          page.Handler
	maxBody         int64
}

// routes is the table the server declares, for the team alone.
func (p *Pages) routes() []testRoute {
	const seat, org = "/equipe/sieges/{id:[0-9]+}", "/equipe/organisations/{id:[0-9]+}"
	both := func(pattern string, get, post page.Handler) []testRoute {
		return []testRoute{{"GET", pattern, get, 0}, {"POST", pattern, post, 0}}
	}
	all := []testRoute{
		{"GET", "/equipe/sieges", p.ListSeats, 0},
		{"GET", seat, p.ShowSeat, 0},
		{"GET", "/equipe/organisations", p.ListOrganisations, 0},
		{"GET", org, p.ShowOrganisation, 0},
		{"GET", "/equipe/instances", p.ListBodies, 0},
		{"GET", "/equipe/instances/{code}/reglages", p.ShowSettings, 0},
		{"GET", "/equipe/renouvellement-communes.csv", p.RenewalCSV, 0},
		{"GET", "/equipe/renouvellement-communes", p.ShowRenewal, 0},
		{"POST", "/equipe/renouvellement-communes", p.Renew, MaxRenewalBody},
	}
	for _, pair := range [][]testRoute{
		both(seat+"/mandats/nouveau", p.ShowDesignation, p.Designate),
		both(seat+"/mandats/{mandat:[0-9]+}/fin", p.ShowEnd, p.End),
		both(seat+"/mandats/{mandat:[0-9]+}/correction", p.ShowCorrection, p.Correct),
		both(seat+"/mandats/{mandat:[0-9]+}/annulation", p.ShowCancel, p.Cancel),
		both("/equipe/organisations/nouvelle", p.ShowNewOrganisation, p.AddOrganisation),
		both(org+"/correction", p.ShowRename, p.Rename),
		both(org+"/depart", p.ShowLeave, p.Leave),
		both(org+"/personnes/nouvelle", p.ShowNewMember, p.AddMember),
		both(org+"/personnes/{membre:[0-9]+}/fin", p.ShowMemberEnd, p.EndMember),
		both("/equipe/personnes/{id:[0-9]+}", p.ShowPerson, p.CorrectPerson),
		both("/equipe/instances/{code}/reglages/{reglage}", p.ShowSetting, p.SetSetting),
	} {
		all = append(all, pair...)
	}
	return all
}

// answer is what a request got.
type answer struct {
	t    testing.TB
	code int
	body string
	to   string
	head http.Header
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	return answer{s.t, w.Code, w.Body.String(), w.Header().Get("Location"), w.Header()}
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

// upload posts a multipart form; file may be nil for a field left empty.
func (s *site) upload(path string, v url.Values, file []byte) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, values := range v {
		for _, x := range values {
			if err := m.WriteField(name, x); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	name := ""
	if file != nil {
		name = "maires.csv"
	}
	part, err := m.CreateFormFile("fichier", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(r)
}

// status fails the test when the answer has another status.
func (a answer) status(want int) answer {
	a.t.Helper()
	if a.code != want {
		a.t.Fatalf("status %d, want %d\n%s", a.code, want, text(a.body))
	}
	return a
}

// has fails the test when the page does not say each of the texts.
func (a answer) has(texts ...string) answer {
	a.t.Helper()
	said := text(a.body)
	for _, want := range texts {
		if !strings.Contains(said, plain(want)) {
			a.t.Errorf("the page does not say %q:\n%s", want, said)
		}
	}
	return a
}

// keeps fails the test when a field does not come back with its value.
func (a answer) keeps(name, value string) answer {
	a.t.Helper()
	if got := formOf(a.body).Get(name); got != value {
		a.t.Errorf("field %s comes back as %q, want %q", name, got, value)
	}
	return a
}

// link fails the test when the summary of errors does not lead to the field, or
// leads nowhere.
func (a answer) link(field string) answer {
	a.t.Helper()
	if !strings.Contains(a.body, `href="#`+field+`"`) {
		a.t.Errorf("the summary does not lead to %s:\n%s", field, text(a.body))
	}
	if n := strings.Count(a.body, ` id="`+field+`"`); n != 1 {
		a.t.Errorf("%d elements have the id %s", n, field)
	}
	return a
}

var (
	tags   = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
	inputs = regexp.MustCompile(`(?s)<input([^>]*)>|<textarea([^>]*)>([^<]*)</textarea>`)
	attr   = regexp.MustCompile(`([\w-]+)(?:="([^"]*)")?`)
)

// plain writes every kind of space as one space.
func plain(s string) string {
	return blanks.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s), " ")
}

func text(body string) string { return plain(html.UnescapeString(tags.ReplaceAllString(body, " "))) }

// formOf reads the fields of the posted form as a browser would send them.
func formOf(body string) url.Values {
	v := url.Values{}
	if i := strings.Index(body, `<form method="post"`); i >= 0 {
		body = body[i:]
	}
	for _, m := range inputs.FindAllStringSubmatch(body, -1) {
		a := map[string]string{}
		for _, x := range attr.FindAllStringSubmatch(m[1]+m[2], -1) {
			a[x[1]] = html.UnescapeString(x[2])
		}
		_, checked := a["checked"]
		switch {
		case a["type"] == "file", (a["type"] == "checkbox" || a["type"] == "radio") && !checked:
		case m[3] != "":
			v.Set(a["name"], html.UnescapeString(m[3]))
		default:
			v.Set(a["name"], a["value"])
		}
	}
	return v
}

// fields returns the fields of the page at path with others in place: name, value…
func (s *site) fields(path string, pairs ...string) url.Values {
	s.t.Helper()
	v := formOf(s.get(path).status(200).body)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// text returns one text of the database; number one number.
func (s *site) text(sql string, args ...any) (v string) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (s *site) number(sql string, args ...any) (v int) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// written is what a refused act must leave as it is.
func (s *site) written() string {
	return s.text(`SELECT concat_ws(' ', (SELECT count(*) FROM person), (SELECT count(*) FROM mandate), (SELECT sum(version) FROM mandate),
		(SELECT count(*) FROM organisation), (SELECT sum(version) FROM organisation), (SELECT count(*) FROM membership),
		(SELECT sum(version) FROM body_setting), (SELECT count(*) FROM seat), (SELECT sum(version) FROM seat),
		(SELECT count(*) FROM audit_entry))`)
}

// unwritten fails the test if anything was written by f.
func (s *site) unwritten(f func() answer) answer {
	s.t.Helper()
	before := s.written()
	a := f()
	if after := s.written(); after != before {
		s.t.Errorf("something was written: %s, then %s", before, after)
	}
	return a
}

func (s *site) seat(kind governance.SeatKind) governance.SeatID {
	s.t.Helper()
	return governance.SeatID(s.number(`SELECT min(id) FROM seat WHERE kind = $1`, string(kind)))
}

func (s *site) mayorOf(insee string) governance.SeatID {
	s.t.Helper()
	return governance.SeatID(s.number(`SELECT s.id FROM seat s JOIN commune c USING (organisation_id) WHERE c.insee = $1`, insee))
}

// hold gives the seat to somebody new since two years ago.
func (s *site) hold(seat governance.SeatID, kind governance.MandateKind, first, last string) governance.Started {
	s.t.Helper()
	done, err := s.gov.StartMandate(s.t.Context(), teamActor, governance.NewMandate{Seat: seat, Kind: kind, From: s.today.AddDays(-400),
		Person: governance.PersonInput{First: first, Last: last, Email: strings.ToLower(first+"."+last) + fmt.Sprint(seat) + "@exemple.fr"}, Designation: "Élection"})
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}
