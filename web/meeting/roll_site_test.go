package meeting

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// rollSite is the pages of the roll over one convened meeting.
type rollSite struct {
	t       testing.TB
	db      postgres.DB
	router  chi.Router
	actor   access.Actor
	flash   string
	meeting meeting.ID
	base    string
}

// PutFlash, PopFlash and PeekFlash make rollSite the session of the kit.
func (s *rollSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *rollSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *rollSite) PeekFlash(context.Context) string     { return s.flash }

var rollTeam = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe",
	Acting: access.Capacity{Role: access.Team}, Capacities: []access.Capacity{{Role: access.Team}}}

// newRollSite convenes three mayors to a meeting that began now.
func newRollSite(t testing.TB) *rollSite {
	t.Helper()
	s := &rollSite{t: t, db: pgtest.Tx(t), actor: rollTeam, router: chi.NewRouter()}
	base, _ := url.Parse("https://portail.example.org")
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil },
		SessionEnd: func(context.Context) time.Time { return time.Time{} }}
	p := &Pages{Kit: kit, DB: s.db, BaseURL: base, Meetings: meeting.New(s.db, nil, base.String())}
	roll := "/equipe/reunions/{id:[0-9]+}/emargement"
	for _, x := range []struct {
		method, pattern string
		handle          page.Handler
	}{
		{"GET", roll, p.ShowRoll}, {"POST", roll, p.SaveRoll}, {"GET", roll + "/etat", p.RollState},
		{"GET", roll + "/personnes/{ligne:[0-9]+}", p.ShowRollPerson}, {"POST", roll + "/personnes/{ligne:[0-9]+}", p.SaveRollPerson},
		{"GET", roll + "/invites/nouveau", p.ShowWalkIn}, {"POST", roll + "/invites/nouveau", p.AddWalkIn},
		{"GET", roll + "/ouverture", p.ShowOpening}, {"POST", roll + "/ouverture", p.OpenMeeting},
		{"GET", roll + "/cloture", p.ShowClosing}, {"POST", roll + "/cloture", p.CloseMeeting},
		{"GET", roll + "/reouverture", p.ShowReopening}, {"POST", roll + "/reouverture", p.ReopenMeeting},
		{"GET", roll + "/pointage", p.ShowCode}, {"POST", roll + "/pointage", p.RenewCode},
		{"GET", roll + "/feuille", p.ShowSheet}, {"GET", roll + "/feuille.pdf", p.SheetPDF},
		{"GET", "/equipe/presences", p.ShowAttendance}, {"GET", "/equipe/presences.{ext:(csv|xlsx)}", p.AttendanceFile},
		{"GET", "/pointage/{token}", p.ShowCheckIn}, {"POST", "/pointage/{token}", p.CheckInHere},
	} {
		s.router.Method(x.method, x.pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := x.handle(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	s.one(&s.meeting, `INSERT INTO meeting (body, starts_at, ends_at, place, state, announced, convened_at)
		VALUES ('communes', now(), now() + interval '2 hours', 'Salle Garonne', 'convened', true, now()) RETURNING id`)
	s.exec(`INSERT INTO convocation (meeting_id, kind, seat_id, organisation_id, name, seat_label, group_position, group_name, email)
		SELECT $1, 'convocation', id, organisation_id, 'Maire ' || n, label, 2, 'Communes', 'maire' || n || '@example.org'
		FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM seat WHERE kind = 'mayor') s WHERE n <= 3 ORDER BY n`, s.meeting)
	s.base = "/equipe/reunions/" + page.IDText(s.meeting) + "/emargement"
	return s
}

func (s *rollSite) one(dst any, sql string, args ...any) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(dst); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

func (s *rollSite) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// who is the row of the nth mayor.
func (s *rollSite) who(n int) (id string) {
	s.t.Helper()
	s.one(&id, `SELECT id::text FROM convocation c WHERE meeting_id = $1 ORDER BY c.id OFFSET $2 LIMIT 1`, s.meeting, n-1)
	return id
}

// marked is what is written of the nth mayor.
func (s *rollSite) marked(n int) (v string) {
	s.t.Helper()
	s.one(&v, `SELECT coalesce((SELECT source || ' ' || status FROM attendance WHERE convocation_id = $1::bigint), '')`, s.who(n))
	return v
}

func (s *rollSite) do(r *http.Request) rollAnswer {
	s.t.Helper()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'") // as web does
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	return rollAnswer{s.t, w.Code, w.Body.String(), w.Header()}
}

func (s *rollSite) get(path string) rollAnswer {
	s.t.Helper()
	return s.do(httptest.NewRequest("GET", path, nil))
}

// post sends a form: name, value…
func (s *rollSite) post(path string, pairs ...string) rollAnswer {
	s.t.Helper()
	return s.do(rollRequest(path, pairs...))
}

func rollRequest(path string, pairs ...string) *http.Request {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// open opens the meeting.
func (s *rollSite) open() {
	s.t.Helper()
	s.post(s.base+"/ouverture", "version", "1").want(303)
}

type rollAnswer struct {
	t    testing.TB
	code int
	body string
	head http.Header
}

var (
	rollTags   = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)
	rollBlanks = regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)
)

func (a rollAnswer) text() string {
	return rollBlanks.ReplaceAllString(html.UnescapeString(rollTags.ReplaceAllString(a.body, " ")), " ")
}

// want fails the test when the status is another, or when the page does not say
// each of the texts.
func (a rollAnswer) want(code int, texts ...string) rollAnswer {
	a.t.Helper()
	if a.code != code {
		a.t.Fatalf("status %d, want %d\n%s", a.code, code, a.text())
	}
	for _, x := range texts {
		if !strings.Contains(a.text(), x) && !strings.Contains(a.body, x) {
			a.t.Errorf("the page does not say %q:\n%s", x, a.text())
		}
	}
	return a
}
