// Package web is the portal as seen from a browser: the table of routes, the one
// place where a right is checked before a handler runs, and the server.
//
// A request goes: request id → log → panic → host → headers → deadline → origin →
// memory of public pages → compression → session (who asks) → route → rule →
// handler → one call into an area → page.
package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web/cache"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/static"
)

// maxBody is what a form may weigh when its route says nothing.
const maxBody = 256 << 10

// Server answers requests.
type Server struct {
	kit          *page.Kit
	pool         *pgxpool.Pool
	cache        *cache.Pages
	metrics      *metrics
	baseURL      *url.URL
	demo         bool
	metricsToken string
	deadline     time.Duration
	cookie       string // name of the session cookie: a request without it is anybody's
	sessions     func(http.Handler) http.Handler
	keepForm     func(http.ResponseWriter, *http.Request) error
	routes       []Route
	router       *chi.Mux
}

// ServeHTTP answers a request through every layer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Routes returns the table of routes, for the tests that walk it.
func (s *Server) Routes() []Route { return s.routes }

// Router returns what chi serves, for the tests that walk it.
func (s *Server) Router() chi.Routes { return s.router }

// build puts the layers around the routes.
func (s *Server) build(trustedProxies int) error {
	squeeze, err := compress()
	if err != nil {
		return err
	}
	root := chi.NewRouter()
	// GetHead is here and not in the group: inside it, the route is chosen already.
	root.Use(withRequestID, s.observe, s.recoverPanic, clientAddress(trustedProxies), s.secureHeaders, middleware.GetHead)
	root.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	root.Get("/readyz", s.showReady)
	root.Get("/metrics", s.handle(s.showMetrics))
	root.With(s.knownHost).Handle("/static/*", s.staticFiles(static.Handler()))
	root.Group(func(r chi.Router) {
		r.Use(s.knownHost, s.withDeadline, s.sameOrigin(), s.fromMemory, squeeze, s.sessions)
		for _, route := range s.routes {
			r.Method(route.Method, route.Pattern, s.guard(route))
		}
		// An unknown address goes through the session too: its page keeps the
		// navigation of whoever is signed in.
		r.NotFound(s.handle(func(http.ResponseWriter, *http.Request) error { return page.ErrNotFound }))
		r.MethodNotAllowed(s.handle(s.refuseMethod))
	})
	s.router = root
	return nil
}

// handle runs a handler without a rule, and shows why it could not answer.
func (s *Server) handle(h page.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.kit.Fail(w, r, err)
		}
	}
}

// methods are those the table uses.
var methods = []string{http.MethodGet, http.MethodPost}

// refuseMethod answers 405 and says what the address takes; 404 when it takes
// nothing, which is where chi sends a method it has never heard of.
func (s *Server) refuseMethod(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Path
	if r.URL.RawPath != "" {
		path = r.URL.RawPath
	}
	var allowed []string
	for _, m := range methods {
		if !s.router.Match(chi.NewRouteContext(), m, path) {
			continue
		}
		allowed = append(allowed, m)
		if m == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	if allowed == nil {
		return page.ErrNotFound
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return page.ErrMethod
}

// staticFiles gives an unknown file the same page as any unknown address.
func (s *Server) staticFiles(files http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !static.Has(r.URL.Path) {
			s.kit.Fail(w, r, page.ErrNotFound)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// guard is the choke point: no handler of the table runs before its rule let the
// actor through.
func (s *Server) guard(route Route) http.HandlerFunc {
	h := route.Handle
	switch {
	case route.Method == http.MethodPost && route.Ballot != nil:
		h = keyed(h)
	case route.Method == http.MethodPost:
		h = s.once(h)
	}
	limit := route.MaxBody
	if limit == 0 {
		limit = maxBody
	}
	answer := s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if strings.ContainsRune(r.URL.Path, 0) || !utf8.ValidString(r.URL.Path) {
			return page.ErrNotFound // no address of ours, and no text for the database
		}
		actor := page.Actor(r)
		switch {
		case route.Who.Admits(actor):
		case !actor.SignedIn() && route.Ballot != nil:
			return route.Ballot(w, r)
		case !actor.SignedIn() && r.Method == http.MethodPost:
			return s.keepForm(w, r)
		case !actor.SignedIn():
			http.Redirect(w, r, "/connexion?suite="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		default:
			return page.Refused{Rule: route.Who}
		}
		// Not with a query: a stranger could fill the memory with made-up ones.
		if route.Cached && r.URL.RawQuery == "" && !s.hasSession(r) {
			return s.cache.Keep(w, r, h)
		}
		// A personal link shows one person's page: it is in nobody's cache either.
		if actor.SignedIn() || !route.Who.IsPublic() || strings.Contains(route.Pattern, "{token}") {
			w.Header().Set("Cache-Control", "no-store")
		}
		return h(w, r)
	})
	return func(w http.ResponseWriter, r *http.Request) {
		// Until the page that says what failed is written too: it needs the time given.
		defer roomFor(w, r, limit, route.Who.Admits(page.Actor(r)))()
		answer(w, r)
	}
}

// fromMemory answers a page everybody sees alike without asking the database.
func (s *Server) fromMemory(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !s.hasSession(r) && s.cache.Serve(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) hasSession(r *http.Request) bool {
	_, err := r.Cookie(s.cookie)
	return err == nil
}

// showReady answers 200 when the database answers and has every migration.
func (s *Server) showReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.ready(ctx); err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

func (s *Server) ready(ctx context.Context) error {
	version, err := postgres.Value[int64](ctx, s.pool,
		`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err != nil {
		return errors.New("the database does not answer")
	}
	if want := migrations.Latest(); version < want {
		return fmt.Errorf("migration %d of %d applied", version, want)
	}
	return nil
}

// mustDeclare panics on a route nobody may reach: a mistake of ours, seen at
// start and by the tests.
func mustDeclare(routes []Route) {
	for _, r := range routes {
		if !r.Who.Declared() || r.Handle == nil {
			panic(fmt.Sprintf("route %s %s: declare who may reach it", r.Method, r.Pattern))
		}
	}
}
