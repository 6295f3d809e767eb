package account

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
)

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{Demo: true})
	s.account("equipe@example.org", access.Team)
	b := s.browser()
	b.get("/connexion").want(t, 200, "Adresse électronique", `autocomplete="username"`, `autocomplete="current-password"`, "demo-inclusion-2026")
	a := b.signIn("  Equipe@Example.ORG ")
	a.want(t, 200, "accueil de Équipe métropolitaine")
	if a.path != "/tableau-de-bord" {
		t.Errorf("led to %s", a.path)
	}
	b.get("/mon-compte").want(t, 200, "equipe@example.org", "connecté")
	old := b.cookie("session")
	b.post("/deconnexion")
	if got := b.stay().get("/mon-compte"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/connexion?suite=%2Fmon-compte" {
		t.Errorf("signed out: %d to %q", got.status, got.header.Get("Location"))
	}
	other := s.browser().stay()
	r, _ := http.NewRequest(http.MethodGet, s.server.URL+"/mon-compte", nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: old})
	resp, err := other.client.Do(r)
	if a := other.answer(resp, err); a.status != http.StatusSeeOther {
		t.Errorf("the token of a closed session still opens it: %d", a.status)
	}
}

func (b *browser) cookie(name string) string {
	u, _ := http.NewRequest(http.MethodGet, b.server.URL, nil)
	for _, c := range b.client.Jar.Cookies(u.URL) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

var varies = regexp.MustCompile(`name="courriel" value="[^"]*"`)

// ASVS 6.3.8: the same status and the same page whatever the reason.
func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("connue@example.org")
	disabled := s.account("fermee@example.org")
	s.exec(`UPDATE account SET disabled_at = now() WHERE id = $1`, disabled)
	invited := s.account("invitee@example.org")
	s.exec(`UPDATE account SET password_hash = NULL WHERE id = $1`, invited)
	tries := map[string][2]string{
		"wrong password":  {"connue@example.org", "pas le bon du tout"},
		"unknown address": {"inconnue@example.org", goodPassword},
		"disabled":        {"fermee@example.org", goodPassword},
		"not accepted":    {"invitee@example.org", goodPassword},
	}
	first := ""
	for name, try := range tries {
		a := s.browser().post("/connexion", "courriel", try[0], "mot_de_passe", try[1])
		a.want(t, http.StatusUnprocessableEntity, "pas le bon")
		body := varies.ReplaceAllString(a.body, "")
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("%s: another page than the others", name)
		}
		if strings.Contains(a.body, try[1]) {
			t.Errorf("%s: the page repeats the password", name)
		}
	}
	var resets []string
	for _, email := range []string{"connue@example.org", "inconnue@example.org", "fermee@example.org"} {
		a := s.browser().post("/mot-de-passe-oublie", "courriel", email)
		a.want(t, 200, "Si cette adresse est celle d’un compte")
		resets = append(resets, a.body)
	}
	if resets[0] != resets[1] || resets[1] != resets[2] {
		t.Error("the answer of « mot de passe oublié » tells addresses apart")
	}
}

func TestThrottledSignInKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("cible@example.org")
	b := s.browser()
	for range 10 {
		b.post("/connexion", "courriel", "cible@example.org", "mot_de_passe", "non")
	}
	a := b.signIn("cible@example.org")
	a.want(t, http.StatusTooManyRequests, "Trop d’essais", `value="cible@example.org"`)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("suite@example.org")
	for suite, want := range map[string]string{
		"/mon-compte/appareils": "/mon-compte/appareils",
		"//evil.example":        "/tableau-de-bord",
		"https://evil.example":  "/tableau-de-bord",
		`/\evil.example`:        "/tableau-de-bord",
	} {
		b := s.browser().stay()
		a := b.post("/connexion", "courriel", "suite@example.org", "mot_de_passe", goodPassword, "suite", suite)
		if got := a.header.Get("Location"); got != want {
			t.Errorf("suite %q leads to %q, want %q", suite, got, want)
		}
	}
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("oubli@example.org")
	old := s.browser()
	old.signIn("oubli@example.org")
	b := s.browser()
	b.post("/mot-de-passe-oublie", "courriel", "oubli@example.org")
	first := s.link("oubli@example.org")
	b.post("/mot-de-passe-oublie", "courriel", "oubli@example.org")
	link := s.link("oubli@example.org")
	b.get(first).want(t, http.StatusGone)
	a := b.get(link)
	a.want(t, 200)
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page of a secret address is not kept secret: %v", a.header)
	}
	b.post(link, "mot_de_passe", "cinq vélos rouges ici").want(t, 200, "mot de passe est changé")
	if a := old.stay().get("/mon-compte"); a.status != http.StatusSeeOther {
		t.Error("the other devices are still signed in")
	}
	s.browser().signIn("oubli@example.org").want(t, 422)
	s.browser().post("/connexion", "courriel", "oubli@example.org", "mot_de_passe", "cinq vélos rouges ici").want(t, 200, "accueil")
}

// Signing out without being signed in opens no session: a loop of it would fill the
// table.
func TestSignOutOfNobodyWritesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	b := s.browser().stay()
	b.post("/deconnexion").want(t, http.StatusSeeOther)
	if n := value[int](s, `SELECT count(*) FROM session`); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
}
