// Package team holds the screens of the metropole team that runs the bodies:
// seats and mandates (sièges, mandats), organisations and their people, the
// general renewal of the communes (renouvellement), the settings of the bodies
// (réglages).
//
// Two acts are never confused here: a change (a mandate begins or ends) and a
// correction (what was typed wrong is put right, nothing begins nor ends).
//
// What somebody else changed meanwhile is answered by a 409 that shows both
// versions, keeps what was typed, and lets the person send theirs after seeing.
package team

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the team's screens. Every use case it calls asks again
// whether the actor runs the bodies.
type Pages struct {
	Kit        *page.Kit
	Governance *governance.Service
}

const section = "Équipe"

// Addresses of the lists.
const (
	seatsPath         = "/equipe/sieges"
	organisationsPath = "/equipe/organisations"
	renewalPath       = "/equipe/renouvellement-communes"
	bodiesPath        = "/equipe/instances"
)

var (
	crumbHome          = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbSeats         = ui.Crumb{Label: "Sièges", Href: seatsPath}
	crumbOrganisations = ui.Crumb{Label: "Organisations", Href: organisationsPath}
	crumbBodies        = ui.Crumb{Label: "Réglages des instances", Href: bodiesPath}
)

// chrome describes a page of the team under the crumbs given.
func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: append([]ui.Crumb{crumbHome}, crumbs...)}
}

// newKey makes the key that gives a double submit one effect.
func newKey() string { return rand.Text() }

// pathID reads an identifier of the address; what is no identifier is no page.
func pathID[T ~int64](r *http.Request, name string) (T, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || n <= 0 {
		return 0, page.ErrNotFound
	}
	return T(n), nil
}

const maxQuery = 200

// query reads the address of a list. It refuses what no page of ours sends: a NUL
// byte, bytes that are no text.
func query(r *http.Request) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problem.New(problem.BadRequest, "Cette adresse n’a pas pu être lue.")
	}
	for name, values := range v {
		for i, s := range values {
			if strings.ContainsRune(name+s, 0) || !utf8.ValidString(name+s) {
				return nil, problem.New(problem.BadRequest, "Cette adresse contient des caractères qui ne peuvent pas être lus.")
			}
			values[i] = strings.TrimSpace(s)
			if runes := []rune(values[i]); len(runes) > maxQuery {
				values[i] = string(runes[:maxQuery])
			}
		}
	}
	return v, nil
}

func pageNumber(q url.Values) int {
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// filterForm holds the filters of a list, to draw them again.
func filterForm(q url.Values, names ...string) *form.Form {
	f := form.New()
	for _, n := range names {
		f.Set(n, q.Get(n))
	}
	return f
}

// address returns path with the parameters that are not empty: name, value…
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// pagerBase is an address to which the number of a page is added.
func pagerBase(path string) string {
	if strings.Contains(path, "?") {
		return path + "&page="
	}
	return path + "?page="
}

// status is that of a page that shows a form again: 409 when what stopped it is
// somebody else's change.
func status(f *form.Form, refusal error) int {
	if problem.KindOf(refusal) == problem.Conflict {
		return http.StatusConflict
	}
	return page.FormStatus(f)
}

// takes records a refusal on the form as form.Takes does, set in French
// typography: the areas write their sentences with ordinary spaces.
func takes(f *form.Form, err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return false
	}
	set := *p
	set.Message = french.Typo(set.Message)
	return f.Takes(&set)
}

// idText writes an identifier for an address or a hidden field.
func idText[T ~int64 | ~int](id T) string { return strconv.FormatInt(int64(id), 10) }

// slug maps the words of an address to a closed set of the domain and back.
type slug[T ~string] struct {
	word  string
	value T
}

func wordOf[T ~string](list []slug[T], value T) string {
	for _, s := range list {
		if s.value == value {
			return s.word
		}
	}
	return ""
}

func valueOf[T ~string](list []slug[T], word string) T {
	for _, s := range list {
		if s.word == word {
			return s.value
		}
	}
	return ""
}
