// Package problem holds the errors a person can be told about.
//
// An area returns a *Error when a rule of the domain says no; everything else
// it returns is an incident. The web layer maps a Kind to an HTTP status in one
// place (web/page.Fail) and never shows the wrapped error, which is for the log.
package problem

import (
	"errors"
	"fmt"
)

// Kind says what went wrong in terms the web layer can turn into a status.
type Kind int

// The closed set of kinds. Internal is the zero value, so that a forgotten kind
// is treated as an incident and never as something the person did.
const (
	Internal    Kind = iota // 500: an incident, ours
	Invalid                 // 422: what was typed breaks a rule; Field says where
	BadRequest              // 400: a request no page of ours sends
	NotFound                // 404: it does not exist, or must not be known to exist
	Forbidden               // 403: it exists, the person may see it, not do that
	Conflict                // 409: somebody else changed it meanwhile
	Gone                    // 410: a link that was used or is out of date
	TooLarge                // 413: more bytes than the page accepts
	TooMany                 // 429: too many tries; wait
	Unavailable             // 503: the database does not answer; try again
)

// Error is a refusal with the French sentence to show.
type Error struct {
	Kind    Kind
	Field   string // the name of the form field at fault, "" for the whole form
	Message string // French, one sentence, says what to do
	Err     error  // for the log, never shown
}

// Error returns the message and the wrapped error, for logs.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Err)
}

// Unwrap returns the wrapped error, so errors.Is sees through.
func (e *Error) Unwrap() error { return e.Err }

// New returns a refusal of the given kind.
func New(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }

// OnField returns an Invalid refusal about one field of the form.
func OnField(field, message string) *Error {
	return &Error{Kind: Invalid, Field: field, Message: message}
}

// KindOf returns the kind of the first *Error in err's chain, Internal if none.
func KindOf(err error) Kind {
	if p, ok := errors.AsType[*Error](err); ok {
		return p.Kind
	}
	return Internal
}
