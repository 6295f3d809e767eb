package account

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestKeptForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("saisie@example.org")
	s.account("voisine@example.org")
	b := s.browser()
	b.signIn("saisie@example.org")
	s.exec(`UPDATE session SET last_seen_at = now() - interval '25 hours'`)
	a := b.post("/formulaire", "texte", "une longue réponse", "mot_de_passe", "secret", "code", "123456")
	a.want(t, 200, "est gardé")
	if a.path != "/connexion?suite=%2Fformulaire" {
		t.Errorf("led to %s", a.path)
	}
	if kept := value[string](s, `SELECT fields::text FROM kept_form`); strings.Contains(kept, "secret") || strings.Contains(kept, "123456") {
		t.Errorf("a secret is kept: %s", kept)
	}

	a = b.signIn("voisine@example.org")
	if strings.Contains(a.body, "longue réponse") || a.path == "/reprise" {
		t.Fatal("somebody else was given the form")
	}
	b.get("/reprise").want(t, 200, "accueil")

	c := s.browser()
	c.signIn("saisie@example.org")
	s.exec(`UPDATE session SET revoked_at = now()`)
	c.post("/formulaire", "texte", "encore")
	a = c.signIn("saisie@example.org")
	a.want(t, 200, "Votre saisie a été gardée", `name="_revoir"`, `value="encore"`)
	a = c.post("/reprise", "texte", "encore", "_revoir", "1")
	a.want(t, 200, "revoir=1 texte=encore")
	if a.path != "/formulaire" {
		t.Errorf("resumed on %s", a.path)
	}
	c.get("/reprise").want(t, 200, "accueil")

	stranger := s.browser()
	stranger.post("/formulaire", "texte", "spam")
	if n := value[int](s, `SELECT count(*) FROM kept_form WHERE fields::text LIKE '%spam%'`); n != 0 {
		t.Error("a stranger's form was kept")
	}
}

// A session token that the portal did not give is never taken (ASVS 7.2.4).
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("fixee@example.org")
	b := s.browser()
	u, _ := http.NewRequest(http.MethodGet, s.server.URL, nil)
	b.client.Jar.SetCookies(u.URL, []*http.Cookie{{Name: "session", Value: "planted", Path: "/"}})
	b.signIn("fixee@example.org")
	if got := b.cookie("session"); got == "planted" || got == "" {
		t.Errorf("session cookie after signing in: %q", got)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for secure, prefix := range map[bool]string{true: "__Host-", false: ""} {
		c := cookies{secure}
		w := httptest.NewRecorder()
		c.set(w, stepCookie, "x", account.StepLifetime)
		got := w.Result().Cookies()[0]
		if got.Name != prefix+stepCookie || got.Secure != secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" {
			t.Errorf("secure %v: %+v", secure, got)
		}
		if s := NewSessions(nil, secure, nil); s.CookieName() != prefix+"session" {
			t.Errorf("session cookie is named %q", s.CookieName())
		}
	}
}

// A session that cannot be saved: one page of error, and not the answer after it.
func TestSessionThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	pool.Close()
	s := NewSessions(pool, false, func(w http.ResponseWriter, r *http.Request, err error) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("erreur"))
	})
	h := s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.PutFlash(r.Context(), "message")
		_, _ = w.Write([]byte("page"))
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != "erreur" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: "x"})
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != "erreur" {
		t.Errorf("session that cannot be read: %d %q", w.Code, w.Body)
	}
	if got := s.PopFlash(t.Context()) + s.PeekFlash(t.Context()); got != "" || !s.SessionEnd(t.Context()).IsZero() {
		t.Error("outside the middleware there is no session")
	}
}
