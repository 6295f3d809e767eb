// Package governance shows the governance to everybody: the home, the four
// bodies, who sits in them on any day, the communes, and where each commitment
// of the deliberation is kept. Every page is a pure function of a view; a handler
// reads the address, asks internal/governance once, makes the view and renders.
//
// All of it is public (access.Anyone) and free of what depends on the reader, so
// that web/cache may keep it for whoever has no session:
//
//	GET /                                        Home
//	GET /instances                               Bodies
//	GET /instances/{code:[a-z]+}                 Body         ?le= ?page= ?college= ?q=
//	GET /instances/{code:[a-z]+}.{ext:[a-z]+}    BodyFile     the same, all pages
//	GET /instances/{code:[a-z]+}/differences     Differences  ?du= ?au=
//	GET /communes                                Communes
//	GET /communes.{ext:[a-z]+}                   CommunesFile
//	GET /communes/{insee:[0-9AB]+}               Commune
//	GET /deliberation                            Deliberation
//
// (chi anchors « a|b » as « ^a|b$ »: the closed sets are checked here.)
package governance

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the public pages of the governance.
type Pages struct {
	Kit        *page.Kit
	Governance *governance.Service
	DB         postgres.DB // the search asks several areas in one batch
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, c ui.Chrome, body func(ui.Chrome) templ.Component) error {
	return p.Kit.Show(w, r, http.StatusOK, body(p.Kit.Chrome(r, c)))
}

// Home shows /.
func (p *Pages) Home(w http.ResponseWriter, r *http.Request) error {
	var axes []board.AxisProgress
	home, err := p.Governance.Home(r.Context(), func(b *postgres.Batch) { board.AddProgress(b, &axes) })
	if err != nil {
		return err
	}
	return p.show(w, r, ui.Chrome{Title: homeTitle}, func(c ui.Chrome) templ.Component {
		v := newHomeView(home, home.Communes)
		v.Axes = axes
		return homePage(c, v)
	})
}

// Bodies shows /instances.
func (p *Pages) Bodies(w http.ResponseWriter, r *http.Request) error {
	bodies, err := p.Governance.Bodies(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, ui.Chrome{Title: "Les quatre instances"}, func(c ui.Chrome) templ.Component {
		return bodiesPage(c, newBodyCards(bodies))
	})
}

// Body shows /instances/{code}: who sits in a body on a day, and why. A date that
// cannot be read is answered by 422 and today's composition.
func (p *Pages) Body(w http.ResponseWriter, r *http.Request) error {
	code := governance.BodyCode(chi.URLParam(r, "code"))
	q, f := readBodyQuery(r, code)
	b, err := p.Governance.BodyPage(r.Context(), code, q)
	if err == nil && b.Paging.Page > b.Paging.Pages {
		q.Page = b.Paging.Pages // past the end: the last page
		b, err = p.Governance.BodyPage(r.Context(), code, q)
	}
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: b.Name, Section: sectionBodies, Crumbs: crumbBodies}, f)
	v := newBodyView(b, f)
	if b.BeforeFounding {
		return p.Kit.Show(w, r, statusOf(f), beforePage(c, v))
	}
	return p.Kit.Show(w, r, statusOf(f), bodyPage(c, v))
}

// Differences shows /instances/{code}/differences: what changed between two days.
func (p *Pages) Differences(w http.ResponseWriter, r *http.Request) error {
	code := governance.BodyCode(chi.URLParam(r, "code"))
	from, to, f := readPeriod(r, day.In(time.Now()))
	d, err := p.Governance.Differences(r.Context(), code, from, to)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Ce qui a changé", Section: code.Full(),
		Crumbs: []ui.Crumb{crumbBodies[0], {Label: code.Full(), Href: bodyHref(code)}}}, f)
	return p.Kit.Show(w, r, statusOf(f), differencesPage(c, newDifferencesView(d, f)))
}

// Communes shows /communes.
func (p *Pages) Communes(w http.ResponseWriter, r *http.Request) error {
	communes, err := p.Governance.Communes(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, ui.Chrome{Title: "Les 28 communes"}, func(c ui.Chrome) templ.Component {
		return communesPage(c, newCommunesView(communes))
	})
}

// Commune shows /communes/{insee}.
func (p *Pages) Commune(w http.ResponseWriter, r *http.Request) error {
	insee := chi.URLParam(r, "insee")
	if len(insee) != 5 {
		return page.ErrNotFound
	}
	var actions board.CommuneActions
	commune, err := p.Governance.CommunePage(r.Context(), insee, func(b *postgres.Batch) { board.AddCommune(b, &actions, insee) })
	if err != nil {
		return err
	}
	chrome := ui.Chrome{Title: commune.Name, Section: "Communes", Crumbs: []ui.Crumb{{Label: "Les 28 communes", Href: "/communes"}}}
	return p.show(w, r, chrome, func(c ui.Chrome) templ.Component {
		v := newCommuneView(commune)
		v.Actions = actions
		return communePage(c, v)
	})
}

// Deliberation shows /deliberation: each commitment, where the portal applies it
// and where it stands.
func (p *Pages) Deliberation(w http.ResponseWriter, r *http.Request) error {
	traced, err := p.Governance.Traceability(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, ui.Chrome{Title: "La délibération, engagement par engagement"}, func(c ui.Chrome) templ.Component {
		return deliberationPage(c, newDeliberationView(traced))
	})
}

// statusOf is 422 when the address holds something to put right.
func statusOf(f *form.Form) int {
	if len(f.Errors()) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// readBodyQuery reads what a body's page is asked for. What cannot be understood
// is left out, a date excepted, which gets its message in the form.
func readBodyQuery(r *http.Request, code governance.BodyCode) (governance.BodyQuery, *form.Form) {
	values := r.URL.Query()
	f := form.New()
	q := governance.BodyQuery{On: readDay(f, values, "le"), Page: 1}
	if n, err := strconv.Atoi(values.Get("page")); err == nil && n > 1 {
		q.Page = n
	}
	if code == governance.GNI {
		q.Q = searched(values.Get("q"))
		if c := governance.College(values.Get("college")); c.Label() != string(c) {
			q.College = c
		}
		f.Set("q", q.Q)
		f.Set("college", string(q.College))
	}
	return q, f
}

// readDay reads a day of the address, in ISO or as people type it.
func readDay(f *form.Form, values url.Values, name string) day.Day {
	typed := searched(values.Get(name))
	if typed == "" {
		return day.Day{}
	}
	f.Set(name, typed)
	d, err := form.ParseDate(typed)
	if err != nil {
		f.Fail(name, "Saisissez une date qui existe, par exemple 27/3/2026.")
		return day.Day{}
	}
	return d
}

// readPeriod reads two days; by default, a year until today.
func readPeriod(r *http.Request, today day.Day) (from, to day.Day, f *form.Form) {
	values := r.URL.Query()
	f = form.New()
	from, to = readDay(f, values, "du"), readDay(f, values, "au")
	if to.IsZero() {
		to = today
	}
	if from.IsZero() {
		if from = to.AddYears(-1); from.Before(governance.Founded) {
			from = governance.Founded
		}
	}
	if to.Before(from) {
		f.Fail("au", "La seconde date doit suivre la première.")
		to = from
	}
	return from, to, f
}

// searched makes a text of the address fit to be looked for: one line, at most
// 100 characters.
func searched(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s))
	if utf8.RuneCountInString(s) > 100 {
		s = string([]rune(s)[:100])
	}
	return s
}
