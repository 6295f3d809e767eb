package account

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/page"
)

// Sessions ties scs to the requests: who asks, the message for the next page,
// opening and closing. It implements page.Sessions.
type Sessions struct {
	scs     *scs.SessionManager
	cookies cookies
	fail    func(http.ResponseWriter, *http.Request, error)
}

// NewSessions returns the sessions kept in db. Secure is whether the portal is
// served over https: the cookies then bear the __Host- prefix (RFC 6265bis; ASVS
// 3.3.1, 3.3.3). Fail answers when the session cannot be read or saved (Kit.Fail).
func NewSessions(db postgres.DB, secure bool, fail func(http.ResponseWriter, *http.Request, error)) *Sessions {
	m := scs.New()
	m.Store = account.NewSessionStore(db)
	m.HashTokenInStore = true
	m.IdleTimeout = 0 // ours: see internal/account/session.go
	m.Lifetime = account.SessionLifetime
	c := cookies{secure}
	m.Cookie.Name = c.name(sessionCookie)
	m.Cookie.Secure = secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	return &Sessions{scs: m, cookies: c, fail: fail}
}

// CookieName returns the name of the session cookie: a request without it is
// nobody's.
func (s *Sessions) CookieName() string { return s.scs.Cookie.Name }

type visitKey struct{}

// Middleware loads the session of a request, in one round trip, and gives the
// handlers its actor (page.Actor). A request without cookie asks nothing of the
// database. It stands in for scs.LoadAndSave, which writes a page after its own
// error page when the session cannot be saved.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		token := ""
		if c, err := r.Cookie(s.scs.Cookie.Name); err == nil {
			token = c.Value
		}
		ctx, visit := account.WithVisit(r.Context())
		visit.Unseen = page.TakesBallot(r)
		ctx, err := s.scs.Load(ctx, token)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		visit.Actor.RequestID = middleware.GetReqID(ctx)
		ctx = context.WithValue(page.WithActor(ctx, visit.Actor), visitKey{}, visit)
		r = r.WithContext(ctx)
		sw := &savingWriter{ResponseWriter: w, r: r, sessions: s}
		next.ServeHTTP(sw, r)
		sw.save()
	})
}

// savingWriter saves the session before the first byte leaves, while a cookie can
// still be set.
type savingWriter struct {
	http.ResponseWriter
	r        *http.Request
	sessions *Sessions
	saved    bool
	failed   bool // an error page took the place of the answer
}

func (w *savingWriter) save() {
	if w.saved {
		return
	}
	w.saved = true
	s, ctx := w.sessions, w.r.Context()
	switch s.scs.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.scs.Commit(ctx)
		if err != nil {
			w.failed = true
			w.Header().Del("Location")
			s.fail(w.ResponseWriter, w.r.WithContext(context.WithoutCancel(bare(ctx))), err)
			return
		}
		s.scs.WriteSessionCookie(ctx, w.ResponseWriter, token, expiry)
	case scs.Destroyed:
		s.scs.WriteSessionCookie(ctx, w.ResponseWriter, "", time.Time{})
	case scs.Unmodified:
	}
}

// WriteHeader saves the session, then passes the status on.
func (w *savingWriter) WriteHeader(status int) {
	w.save()
	if !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write saves the session, then passes the bytes on.
func (w *savingWriter) Write(b []byte) (int, error) {
	w.save()
	if w.failed {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *savingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// bare hides the session from the error page, so that showing it changes nothing.
func bare(ctx context.Context) context.Context {
	return context.WithValue(ctx, visitKey{}, (*account.Visit)(nil))
}

func visitOf(ctx context.Context) *account.Visit {
	v, _ := ctx.Value(visitKey{}).(*account.Visit)
	return v
}

const flashKey = "flash"

// PutFlash leaves a message for the next page.
func (s *Sessions) PutFlash(ctx context.Context, message string) {
	if visitOf(ctx) != nil {
		s.scs.Put(ctx, flashKey, message)
	}
}

// PeekFlash returns the message left for the next page, and leaves it.
func (s *Sessions) PeekFlash(ctx context.Context) string {
	if visitOf(ctx) == nil {
		return ""
	}
	return s.scs.GetString(ctx, flashKey)
}

// PopFlash takes the message left by the page before. Before the session is
// loaded there is none.
func (s *Sessions) PopFlash(ctx context.Context) string {
	if visitOf(ctx) == nil {
		return ""
	}
	return s.scs.PopString(ctx, flashKey)
}

// SessionEnd returns when the session ends whatever its holder does, for the
// warning of portal.js (ui.Chrome.SessionEnd); zero when nobody is signed in.
func (s *Sessions) SessionEnd(ctx context.Context) time.Time {
	if v := visitOf(ctx); v != nil {
		return v.Ends
	}
	return time.Time{}
}

var errNoSession = errors.New("the session middleware does not cover this route")

// open opens a session of the account in the place of the one there was (ASVS
// 7.2.4), and makes the browser known.
func (s *Sessions) open(w http.ResponseWriter, r *http.Request, in *account.SignedIn) error {
	v := visitOf(r.Context())
	if v == nil {
		return errNoSession
	}
	v.Open(*in, account.DeviceLabel(r.UserAgent()))
	if err := s.scs.Clear(r.Context()); err != nil {
		return err
	}
	if in.Browser != "" {
		s.cookies.set(w, browserCookie, in.Browser, account.BrowserLifetime)
	}
	return s.scs.RenewToken(r.Context())
}

// rotate gives the session a new token, and the capacity to act in ("" keeps it).
func (s *Sessions) rotate(ctx context.Context, capacity string) error {
	v := visitOf(ctx)
	if v == nil {
		return errNoSession
	}
	v.Rotate(capacity)
	return s.scs.RenewToken(ctx)
}

// close revokes the session. Its data goes with it.
func (s *Sessions) close(w http.ResponseWriter, r *http.Request) error {
	s.cookies.clear(w, stepCookie)
	s.cookies.clear(w, keptCookie)
	return s.scs.Destroy(r.Context())
}

const pendingKey = "cle_second_facteur"

// pendingKeyOf returns the key of an application being set, made at its first
// display and kept in the session so that the code is checked against ours.
func (s *Sessions) pendingKeyOf(ctx context.Context) string {
	secret := s.scs.GetString(ctx, pendingKey)
	if secret == "" {
		secret = account.NewTOTPSecret()
		s.scs.Put(ctx, pendingKey, secret)
	}
	return secret
}

func (s *Sessions) dropPendingKey(ctx context.Context) { s.scs.Remove(ctx, pendingKey) }

// Names of the cookies, before the prefix. All are necessary to signing in: none
// asks for consent (ux.md 1.2).
const (
	sessionCookie = "session"
	browserCookie = "navigateur" // this browser signed in before: 180 days
	stepCookie    = "etape"      // a sign-in between its two steps: 10 minutes
	keptCookie    = "saisie"     // a form to give back after signing in: 24 hours
)

// cookies sets those that scs does not.
type cookies struct{ secure bool }

func (c cookies) name(base string) string {
	if c.secure {
		return "__Host-" + base
	}
	return base
}

func (c cookies) set(w http.ResponseWriter, base, value string, lasts time.Duration) {
	http.SetCookie(w, c.cookie(base, value, int(lasts.Seconds())))
}

func (c cookies) clear(w http.ResponseWriter, base string) { http.SetCookie(w, c.cookie(base, "", -1)) }

func (c cookies) cookie(base, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: c.name(base), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode}
}

func (c cookies) get(r *http.Request, base string) string {
	k, err := r.Cookie(c.name(base))
	if err != nil {
		return ""
	}
	return k.Value
}

// logged says that something the person need not know went wrong.
func logged(ctx context.Context, what string, err error) {
	if err != nil {
		slog.WarnContext(ctx, what, "error", err)
	}
}
