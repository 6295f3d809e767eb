// Package page is what every handler needs and nothing of any area: who asks,
// the chrome of the page, rendering to a buffer, redirecting with a message, and
// the one place where an error becomes a status and a French page.
package page

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Handler answers a request or returns why it could not. It writes nothing when
// it returns an error: Kit.Fail does.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Sessions is what the kit needs of the session in course; account.Sessions
// implements it over scs.
type Sessions interface {
	PutFlash(ctx context.Context, message string)
	PopFlash(ctx context.Context) string
	PeekFlash(ctx context.Context) string // for once: the message without taking it
}

// Kit builds pages. One per server.
type Kit struct {
	Sessions Sessions
	Demo     bool
	Nav      func(access.Actor) []ui.NavItem // navigation of a role, from the route table
	// Accessibility is the legal mention of the footer.
	Accessibility string
	// SessionEnd, if set, says when the session ends, for the warning before it.
	SessionEnd func(context.Context) time.Time
}

type actorKey struct{}

// WithActor returns ctx carrying the actor; only the session middleware calls it.
func WithActor(ctx context.Context, a access.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// Actor returns who makes the request: the zero Actor (public) if nobody is
// signed in. Handlers pass it on; nothing below a handler reads a context for it.
func Actor(r *http.Request) access.Actor {
	a, _ := r.Context().Value(actorKey{}).(access.Actor)
	return a
}

// Chrome completes c with what depends on the request: actor, navigation, flash.
func (k *Kit) Chrome(r *http.Request, c ui.Chrome) ui.Chrome {
	c.Actor = Actor(r)
	c.Path = r.URL.Path
	c.Nav = k.Nav(c.Actor)
	c.Demo = k.Demo
	c.Accessibility = k.Accessibility
	if k.SessionEnd != nil {
		c.SessionEnd = k.SessionEnd(r.Context())
	}
	c.Flash = k.Sessions.PopFlash(r.Context())
	return c
}

// FormChrome is Chrome for a page with a form: it marks the title when f failed.
func (k *Kit) FormChrome(r *http.Request, c ui.Chrome, f *form.Form) ui.Chrome {
	c.Failed = len(f.Errors()) > 0
	return k.Chrome(r, c)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Show renders a page with the status, to a buffer first: a page that fails half
// way is never sent.
func (k *Kit) Show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)
	if err := c.Render(r.Context(), b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len())) // the compression layer takes it off
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader left: nothing to tell it
	return nil
}

// FormStatus is the status of a page that shows a form again: 200 the first
// time, 422 when what was sent must be put right.
func FormStatus(f *form.Form) int {
	if f.Submitted() && !f.Review() {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// FilterStatus is the status of a list whose filters stand in the address: 422
// when one of them cannot be read.
func FilterStatus(f *form.Form) int {
	if len(f.Errors()) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// Done answers a POST that did its work: a message for the next page, and a
// redirection to it (303, so that reloading repeats nothing).
func (k *Kit) Done(w http.ResponseWriter, r *http.Request, to, message string) error {
	if message != "" {
		k.Sessions.PutFlash(r.Context(), message)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
