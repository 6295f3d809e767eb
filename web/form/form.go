// Package form reads what a person typed, checks it and gives it back.
//
// A handler reads each field with the method that says what it must be; a field
// that is wrong gets its French message and keeps what was typed, so that the
// page comes back whole. A field no handler asked for is refused: it comes from
// no page of ours. See web/ui for the components that draw a Form.
//
// An own package, because the libraries at hand answer in English, lose the text
// that did not parse, and know nothing of « 14 h 30 » or « 27 mars 2027 ».
package form

import (
	"cmp"
	"errors"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Names of the fields the portal itself adds to forms.
const (
	KeyField    = "_cle"    // makes a double submit have one effect (web/page)
	ReviewField = "_revoir" // set when a kept form comes back: show, do not act
)

// FieldError is one message and the field it is about ("" for the whole form).
type FieldError struct{ Field, Message string }

// Form holds the values of a form and what is wrong with them.
type Form struct {
	values    url.Values
	errors    []FieldError
	asked     map[string]int // the order of reading
	submitted bool
	review    bool
}

// New returns an empty form, for the first display of a page.
func New() *Form { return &Form{values: url.Values{}, asked: map[string]int{}} }

// Read parses the body of r (URL-encoded or multipart). It returns a BadRequest
// problem when the body does not parse or holds a NUL byte or invalid UTF-8, and
// TooLarge past the limit the server set on the body.
func Read(r *http.Request) (*Form, error) {
	if err := parse(r); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, &problem.Error{Kind: problem.TooLarge, Message: "Votre envoi est trop volumineux.", Err: err}
		}
		return nil, &problem.Error{Kind: problem.BadRequest, Message: "Votre envoi n’a pas pu être lu.", Err: err}
	}
	for name, values := range r.PostForm {
		for _, v := range append([]string{name}, values...) {
			if strings.ContainsRune(v, 0) || !utf8.ValidString(v) {
				return nil, problem.New(problem.BadRequest, "Votre envoi contient des caractères qui ne peuvent pas être lus.")
			}
		}
	}
	f := &Form{values: r.PostForm, asked: map[string]int{KeyField: 1, ReviewField: 2}, submitted: true}
	f.review = f.values.Get(ReviewField) != ""
	return f, nil
}

func parse(r *http.Request) error {
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case kind == "multipart/form-data":
		return r.ParseMultipartForm(1 << 20)
	case kind != "application/x-www-form-urlencoded" && r.ContentLength != 0:
		return errNotForm // net/http would take it for an empty form
	}
	return r.ParseForm()
}

var errNotForm = errors.New("the body is not a form")

// Set gives a field its first value, for the display of what exists.
func (f *Form) Set(name string, values ...string) { f.values[name] = values }

// Value returns what was typed in a field, as typed.
func (f *Form) Value(name string) string { return f.values.Get(name) }

// Values returns all that was sent under a name (check boxes).
func (f *Form) Values(name string) []string { return f.values[name] }

// Checked tells whether value was sent under name (radios, check boxes).
func (f *Form) Checked(name, value string) bool { return slices.Contains(f.values[name], value) }

// All returns every value, for the page that keeps a form which could not be
// treated. It is the form's own map: read it only.
func (f *Form) All() url.Values { return f.values }

// Asked tells whether a method read the field of that name.
func (f *Form) Asked(name string) bool { return f.asked[name] > 0 }

// Submitted tells whether the form was sent by a person (Read) or is being shown
// for the first time (New).
func (f *Form) Submitted() bool { return f.submitted }

// Review tells whether the form comes back from a lost session: it is to be
// shown with what was typed and not acted on.
func (f *Form) Review() bool { return f.review }

// Fail records a message about a field ("" for the whole form). Only the first
// message of a field is kept.
func (f *Form) Fail(name, message string) {
	if name != "" && f.Error(name) != "" {
		return
	}
	f.errors = append(f.errors, FieldError{name, message})
}

// Error returns the message about a field, "" if it is right.
func (f *Form) Error(name string) string {
	for _, e := range f.errors {
		if e.Field == name {
			return e.Message
		}
	}
	return ""
}

// Errors returns the messages in the order the fields were read, which is that of the
// page; those of no field that was read stand last.
func (f *Form) Errors() []FieldError {
	rank := func(e FieldError) int {
		if n := f.asked[e.Field]; n > 0 {
			return n
		}
		return math.MaxInt
	}
	return slices.SortedStableFunc(slices.Values(f.errors), func(a, b FieldError) int { return cmp.Compare(rank(a), rank(b)) })
}

// OK tells whether the form may be acted upon: it was sent, nothing in it is
// wrong and it is not a kept form coming back for review.
func (f *Form) OK() bool { return f.submitted && !f.review && len(f.errors) == 0 }

// Unknown returns a BadRequest problem if the form holds a field that no method
// asked for. page.Handle… calls it through Done; handlers call it after reading.
func (f *Form) Unknown() error {
	for name := range f.values {
		if !f.Asked(name) {
			return problem.New(problem.BadRequest, "Votre envoi contient un champ que cette page ne connaît pas.")
		}
	}
	return nil
}

// Takes records err on the form when it is a refusal the person can put right
// (Invalid, Conflict), and tells whether it did.
func (f *Form) Takes(err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || (p.Kind != problem.Invalid && p.Kind != problem.Conflict) {
		return false
	}
	f.Fail(p.Field, p.Message)
	return true
}
