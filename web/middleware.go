package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/page"
)

// requestTimeout bounds what a page may take, database included.
const requestTimeout = 15 * time.Second

// withRequestID names the request in logs, in the journal and on error pages. The
// name is ours: one sent by a client could forge a line of log.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:12]
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), middleware.RequestIDKey, id)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// observe logs each request once it is answered and counts it. It logs no query
// and no body: both may hold names.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			took := time.Since(start)
			s.metrics.observe(r.Method, pattern(r), ww.Status(), took)
			if page.TakesBallot(r) {
				logToTheHour(r, start, ww.Status())
				return
			}
			slog.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("request_id", middleware.GetReqID(r.Context())),
				slog.String("method", r.Method), slog.String("path", page.LogPath(r)),
				slog.Int("status", ww.Status()), slog.Int("bytes", ww.BytesWritten()),
				slog.Duration("took", took))
		}()
		next.ServeHTTP(ww, r)
	})
}

// logToTheHour logs a request of the pages that take ballots: what the log says of it
// must not tell when somebody voted, nor be found again by a name.
func logToTheHour(r *http.Request, at time.Time, status int) {
	h := slog.Default().Handler()
	if !h.Enabled(r.Context(), slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(at.UTC().Truncate(time.Hour), slog.LevelInfo, "request", 0)
	line.AddAttrs(slog.String("method", r.Method), slog.String("path", page.LogPath(r)), slog.Int("status", status))
	_ = h.Handle(r.Context(), line) // as slog itself does: a log that fails is told to nobody
}

// pattern returns the route that answered, so that metrics have few labels.
func pattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "other"
}

// recoverPanic turns a panic into the page of a 500, with its reference. Fail
// writes it to the log, once.
func (s *Server) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v) // net/http's own way to give up an answer
			}
			err := page.Panicked{Value: v, Stack: string(debug.Stack())}
			if ww, ok := w.(middleware.WrapResponseWriter); ok && ww.Status() != 0 {
				page.LogFailure(r, http.StatusInternalServerError, err)
				panic(http.ErrAbortHandler) // half an answer has left: the reader must see that it broke
			}
			s.kit.Fail(w, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy allows our own files and nothing else; no inline script,
// no inline style, no frame around us.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// workersOf lets the pages of elections alone start a Worker: the one of vote.js,
// which encrypts ballots.
func workersOf(path string) string {
	if strings.HasPrefix(path, "/elections/") || strings.HasPrefix(path, "/equipe/elections/") {
		return "'self'"
	}
	return "'none'"
}

// secureHeaders sets on every answer what ASVS 3.4 asks for.
func (s *Server) secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy+"; worker-src "+workersOf(r.URL.Path))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.baseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// knownHost refuses a Host that is not ours: links in mails and redirections are
// built on PORTAL_BASE_URL, and a forged Host must not reach a cache. Probes on
// the listening address are let through for /healthz, /readyz and /metrics.
func (s *Server) knownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hostAllowed(r.Host) {
			s.kit.Fail(w, r, problem.New(problem.BadRequest, "Ce nom de site n’est pas le nôtre. Utilisez "+s.baseURL.String()+"."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) hostAllowed(host string) bool {
	if strings.EqualFold(host, s.baseURL.Host) {
		return true
	}
	// On the machine itself, 127.0.0.1 and localhost name the same portal.
	u := url.URL{Host: host}
	return s.demo && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}

// withDeadline gives every request an end, so that a slow database answers 503
// and not silence.
func (s *Server) withDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.deadline)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// sameOrigin refuses a form posted from another site (CSRF).
func (s *Server) sameOrigin() func(http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.kit.Fail(w, r, problem.New(problem.Forbidden, "Ce formulaire vient d’un autre site : ouvrez la page ici et recommencez."))
	}))
	return p.Handler
}

// compress squeezes pages with the fast level: level 1 of this library costs a
// quarter of the time of chi's default for a few per cent more bytes.
func compress() (func(http.Handler) http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1))
	if err != nil {
		return nil, fmt.Errorf("compression: %w", err)
	}
	return func(next http.Handler) http.Handler { return wrap(next) }, nil
}

// clientAddress finds the address of the reader behind the proxies we trust.
func clientAddress(trustedProxies int) func(http.Handler) http.Handler {
	if trustedProxies > 0 {
		return middleware.ClientIPFromXFFTrustedProxies(trustedProxies)
	}
	return middleware.ClientIPFromRemoteAddr
}
