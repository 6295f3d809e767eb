package page

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ErrNotFound answers a page that does not exist, or must not be known to.
var ErrNotFound = problem.New(problem.NotFound, "")

// ErrMethod answers an address that exists and does not take the method.
var ErrMethod = errors.New("method not allowed")

// Refused is the error of a route whose rule does not admit the actor.
type Refused struct{ Rule access.Rule }

// Error says which rule refused.
func (e Refused) Error() string { return "reserved to " + e.Rule.String() }

// Panicked is the error of a handler that panicked.
type Panicked struct {
	Value any
	Stack string
}

// Error says what the handler panicked with.
func (e Panicked) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Fail is the one place where an error becomes a status and a French page. What
// is not the person's doing is logged here, once.
func (k *Kit) Fail(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusOf(err)
	v := ui.ErrorView{Status: status, SearchBox: status == http.StatusNotFound}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		v.Message = french.Typo(p.Message)
	}
	if refused, ok := errors.AsType[Refused](err); ok {
		v.Needs = refused.Rule.String()
	}
	v.Posted = r.Method == http.MethodPost
	if status >= http.StatusInternalServerError {
		if problem.KindOf(err) != problem.Unavailable { // whose message is for the person
			v.Message = ""
		}
		v.Reference = middleware.GetReqID(r.Context())
		LogFailure(r, status, err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
		// One slash: « //autre.site/ » is an address of ours to no browser.
		v.Kept, v.RetryPath = keepable(w, r), "/"+strings.TrimLeft(r.URL.RequestURI(), `/\`)
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	w.Header().Set("Cache-Control", "no-store")
	r = r.WithContext(context.WithoutCancel(r.Context())) // its time may be up: the page that says so is rendered all the same
	c := k.Chrome(r, ui.Chrome{})
	if err := k.Show(w, r, status, ui.ErrorPage(c, v)); err != nil {
		slog.ErrorContext(r.Context(), "error page failed", "error", err)
		http.Error(w, "Le service a un problème.", http.StatusInternalServerError)
	}
}

// LogFailure writes to the log why a request failed: neither its body nor its
// query, nor what in its path is a secret.
func LogFailure(r *http.Request, status int, err error) {
	level := slog.LevelError
	if errors.Is(r.Context().Err(), context.Canceled) {
		level = slog.LevelInfo // the reader left
	}
	attrs := []slog.Attr{slog.String("request_id", middleware.GetReqID(r.Context())),
		slog.String("method", r.Method), slog.String("path", LogPath(r)), slog.Int("status", status), slog.Any("error", err)}
	if p, ok := errors.AsType[Panicked](err); ok {
		attrs = append(attrs, slog.String("stack", p.Stack))
	}
	slog.LogAttrs(r.Context(), level, "request failed", attrs...)
}

// longestName is the longest part of a path that is logged: a UUID. The tokens of
// some personal links are longer; others are those of rand.Text.
const longestName = 36

// isToken tells whether a part of a path looks like what rand.Text makes: a request
// refused before it is routed has no pattern to be logged by.
func isToken(part string) bool {
	return len(part) >= 26 && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// LogPath is the path of a request as it may be logged: without the token of a
// personal link, nor an address.
func LogPath(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && strings.Contains(c.RoutePattern(), "{token}") {
		return c.RoutePattern()
	}
	parts := strings.Split(r.URL.Path, "/")
	for i, p := range parts {
		if len(p) > longestName || strings.Contains(p, "@") || isToken(p) {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// StatusOf returns the HTTP status of an error; anything unknown is a 500.
func StatusOf(err error) int {
	if _, ok := errors.AsType[Refused](err); ok {
		return http.StatusForbidden
	}
	if errors.Is(err, ErrMethod) {
		return http.StatusMethodNotAllowed
	}
	switch problem.KindOf(err) {
	case problem.Invalid:
		return http.StatusUnprocessableEntity
	case problem.BadRequest:
		return http.StatusBadRequest
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.Conflict:
		return http.StatusConflict
	case problem.Gone:
		return http.StatusGone
	case problem.TooLarge:
		return http.StatusRequestEntityTooLarge
	case problem.TooMany:
		return http.StatusTooManyRequests
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	}
	if postgres.IsUnavailable(err) || errors.Is(err, context.Canceled) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// maxKept is what a form may weigh that a page of error carries.
const maxKept = 256 << 10

// keepable returns what a form held, without secrets, so that the page of a 503
// can send it again.
func keepable(w http.ResponseWriter, r *http.Request) url.Values {
	if r.Method != http.MethodPost {
		return nil
	}
	if r.PostForm == nil { // the session could not be read: no handler saw the form
		r.Body = http.MaxBytesReader(w, r.Body, maxKept)
		if _, err := form.Read(r); err != nil {
			return nil
		}
	}
	kept := url.Values{}
	for name, values := range r.PostForm {
		if !IsSecretField(name) {
			kept[name] = values
		}
	}
	return kept
}

// IsSecretField tells whether a field may hold a password or a one-time code: it
// is never kept, shown again or logged.
func IsSecretField(name string) bool {
	return strings.HasPrefix(name, "mot_de_passe") || strings.HasPrefix(name, "code") ||
		strings.HasPrefix(name, "nouveau_mot")
}
