package page

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
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
)

// NewKey makes the key that gives a double submit one effect (ui.FormKey).
func NewKey() string { return rand.Text() }

// PathID reads an identifier of the address; what is no identifier is no page.
func PathID[T ~int64](r *http.Request, name string) (T, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || n <= 0 {
		return 0, ErrNotFound
	}
	return T(n), nil
}

// IDText writes an identifier for an address or a hidden field.
func IDText[T ~int64 | ~int](id T) string { return strconv.FormatInt(int64(id), 10) }

// MaxQuery is how many characters of a value of the address are read.
const MaxQuery = 200

// Query reads the address of a list. It refuses what no page of ours sends: a NUL
// byte, bytes that are no text.
func Query(r *http.Request) (url.Values, error) {
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
			if runes := []rune(values[i]); len(runes) > MaxQuery {
				values[i] = string(runes[:MaxQuery])
			}
		}
	}
	return v, nil
}

// maxNumber is past the last page of any list: a greater number would overflow what
// is computed from it.
const maxNumber = 1_000_000

// Number reads which page of a list is asked, from 1 to a million.
func Number(q url.Values) int {
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, maxNumber)
}

// FilterForm holds the filters of a list, to draw them again.
func FilterForm(q url.Values, names ...string) *form.Form {
	f := form.New()
	for _, n := range names {
		f.Set(n, q.Get(n))
	}
	return f
}

// Address returns path with the parameters that are not empty: name, value…
func Address(path string, pairs ...string) string {
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

// PagerBase is an address to which the number of a page is added.
func PagerBase(path string) string {
	if strings.Contains(path, "?") {
		return path + "&page="
	}
	return path + "?page="
}

// RefusalStatus is that of a page that shows a form again: 409 when what stopped it
// is somebody else's change.
func RefusalStatus(f *form.Form, refusal error) int {
	if problem.KindOf(refusal) == problem.Conflict {
		return http.StatusConflict
	}
	return FormStatus(f)
}

// Takes records a refusal on the form as form.Takes does, set in French
// typography: the areas write their sentences with ordinary spaces.
func Takes(f *form.Form, err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return false
	}
	set := *p
	set.Message = french.Typo(set.Message)
	return f.Takes(&set)
}
