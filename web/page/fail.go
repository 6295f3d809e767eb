package page

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
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

// Fail is the one place where an error becomes a status and a French page. What
// is not the person's doing is logged here, once.
func (k *Kit) Fail(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusOf(err)
	v := ui.ErrorView{Status: status, SearchBox: status == http.StatusNotFound}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		v.Message = p.Message
	}
	if refused, ok := errors.AsType[Refused](err); ok {
		v.Needs = refused.Rule.String()
	}
	v.Posted = r.Method == http.MethodPost
	if status >= http.StatusInternalServerError {
		v.Message = ""
		v.Reference = middleware.GetReqID(r.Context())
		slog.ErrorContext(r.Context(), "request failed", "request_id", v.Reference,
			"method", r.Method, "path", r.URL.Path, "status", status, "error", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
		v.Kept, v.RetryPath = keepable(r), r.URL.RequestURI()
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	w.Header().Set("Cache-Control", "no-store")
	c := k.Chrome(r, ui.Chrome{})
	if err := k.Show(w, r, status, ui.ErrorPage(c, v)); err != nil {
		slog.ErrorContext(r.Context(), "error page failed", "error", err)
		http.Error(w, "Le service a un problème.", http.StatusInternalServerError)
	}
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
	if postgres.IsUnavailable(err) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// keepable returns what a form held, without secrets, so that the page of a 503
// can send it again.
func keepable(r *http.Request) url.Values {
	if r.Method != http.MethodPost || r.PostForm == nil {
		return nil
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
