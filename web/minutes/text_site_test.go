package minutes

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

// textSite is the pages of minutes over a database of their own, with a held
// session of the CMTIN.
type textSite struct {
	t             testing.TB
	db            *pgxpool.Pool
	s             *minutes.Service
	router        chi.Router
	actor         access.Actor
	flash         string
	id            int64
	team, chair   access.Actor
	member, other access.Actor
}

func (s *textSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *textSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *textSite) PeekFlash(context.Context) string     { return s.flash }

func newTextSite(t testing.TB) *textSite {
	t.Helper()
	db := pgtest.Pool(t)
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	meetings := meeting.New(db, outbox, "http://portail.example.org")
	s := &textSite{t: t, db: db, router: chi.NewRouter(), s: minutes.New(db, meetings, outbox, "http://portail.example.org")}
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Réunions", Href: "/reunions"}} }}
	p := &Pages{Kit: kit, Meetings: meetings, Minutes: s.s, Printer: printing.New(db)}
	const public, link, team = "/reunions/{id:[0-9]+}", "/reunions/reponse/{token}", "/equipe/reunions/{id:[0-9]+}/compte-rendu"
	for pattern, h := range map[string]page.Handler{
		"GET " + public + "/compte-rendu": p.ShowPublished, "GET " + public + "/compte-rendu/{n:[0-9]+}": p.ShowPublication,
		"GET " + link + "/compte-rendu": p.ShowReviewByLink, "POST " + link + "/correction": p.AskByLink,
		"GET " + public + "/relecture": p.ShowReview, "POST " + public + "/relecture": p.Ask,
		"GET " + public + "/validation": p.ShowValidation, "POST " + public + "/validation": p.Validate,
		"GET " + team: p.ShowEditor, "POST " + team: p.SaveText, "POST " + team + "/debut": p.StartText,
		"POST " + team + "/brouillon": p.KeepDraft, "POST " + team + "/brouillon/abandon": p.DropDraft,
		"GET " + team + "/reprise": p.ShowAgain, "POST " + team + "/reprise": p.TakeAgain,
		"GET " + team + "/revisions": p.ListRevisions, "GET " + team + "/revisions/{n:[0-9]+}": p.ShowRevision, "POST " + team + "/revisions/{n:[0-9]+}": p.RestoreRevision,
		"GET " + team + "/relecture": p.ShowSendForReview, "POST " + team + "/relecture": p.SendForReview,
		"GET " + team + "/corrections": p.ListCorrections, "POST " + team + "/corrections": p.AnswerCorrection,
		"GET " + team + "/publication": p.ShowPublish, "POST " + team + "/publication": p.Publish,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.router.Method(method, path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	s.team, s.chair = s.person("Camille", access.Team), s.person("Dominique", access.Chair)
	s.member, s.other = s.person("Alix", access.Partner), s.person("Autre", access.Partner)
	s.id = s.number(`INSERT INTO meeting (body, starts_at, ends_at, place, state, announced) VALUES ('cmtin', '2026-11-05 09:00 Europe/Paris', '2026-11-05 12:00 Europe/Paris', 'Salle', 'held', true) RETURNING id`)
	for _, who := range []access.Actor{s.chair, s.member} {
		s.number(`INSERT INTO convocation (meeting_id, kind, seat_id, person_id, name, seat_label, group_name, chairs, email)
			SELECT $1, 'convocation', x.id, $2, $3, x.label, 'Membres', $4, $5 FROM seat x
			WHERE NOT EXISTS (SELECT FROM convocation c WHERE c.meeting_id = $1 AND c.seat_id = x.id) ORDER BY x.id LIMIT 1 RETURNING id`,
			s.id, who.Person, who.Name, who.Is(access.Chair), who.Email)
	}
	s.actor = s.team
	return s
}

func (s *textSite) person(first string, role access.Role) access.Actor {
	s.t.Helper()
	email := strings.ToLower(first) + "@example.org"
	id := s.number(`INSERT INTO person (first_name, last_name, email) VALUES ($1, 'Exemple', $2) RETURNING id`, first, email)
	account := s.number(`INSERT INTO account (person_id, email) VALUES ($1, $2) RETURNING id`, id, email)
	return access.Actor{Account: access.AccountID(account), Person: access.PersonID(id), Name: first + " Exemple", Email: email, Acting: access.Capacity{Role: role}}
}

func (s *textSite) number(sql string, args ...any) (n int64) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (s *textSite) text(sql string, args ...any) (v string) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// textAnswer is what came back.
type textAnswer struct {
	t    testing.TB
	code int
	body string
	to   string
}

func (s *textSite) send(method, path string, v url.Values) textAnswer {
	s.t.Helper()
	r := httptest.NewRequest(method, strings.ReplaceAll(path, "{id}", fmt.Sprint(s.id)), strings.NewReader(v.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	a := textAnswer{s.t, w.Code, w.Body.String(), w.Header().Get("Location")}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code < 500 {
		for _, p := range uitest.Problems(strings.NewReader(a.body)) {
			s.t.Errorf("%s %s: %s", method, path, p)
		}
	}
	return a
}

func (s *textSite) get(path string) textAnswer { s.t.Helper(); return s.send("GET", path, nil) }

// post sends pairs name, value.
func (s *textSite) post(path string, pairs ...string) textAnswer {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return s.send("POST", path, v)
}

func (s *textSite) version() string {
	return s.text(`SELECT version::text FROM minutes WHERE meeting_id = $1`, s.id)
}

func (a textAnswer) status(want int) textAnswer {
	a.t.Helper()
	if a.code != want {
		a.t.Fatalf("status %d, want %d\n%s", a.code, want, said(a.body))
	}
	return a
}

func (a textAnswer) has(texts ...string) textAnswer {
	a.t.Helper()
	for _, want := range texts {
		if !strings.Contains(said(a.body), spaced(want)) {
			a.t.Errorf("the page does not say %q:\n%s", want, said(a.body))
		}
	}
	return a
}

func (a textAnswer) lacks(texts ...string) textAnswer {
	a.t.Helper()
	for _, not := range texts {
		if strings.Contains(a.body, not) {
			a.t.Errorf("the page holds %q", not)
		}
	}
	return a
}

var (
	textTags   = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)
	textBlanks = regexp.MustCompile(`\s+`)
)

// said is the words of a page, every kind of space written as one space.
func said(body string) string {
	return spaced(html.UnescapeString(textTags.ReplaceAllString(body, " ")))
}

func spaced(s string) string {
	return textBlanks.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s), " ")
}
