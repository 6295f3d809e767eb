package account

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pquerna/otp/hotp"

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
	b.get("/mon-compte").want(t, 200, "equipe@example.org", "1 appareil")
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

func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("admin@example.org", access.Administrator)
	admin := s.browser()
	admin.signIn("admin@example.org")
	a := admin.post("/administration/comptes/inviter", "prenom", "Lou", "nom", "Nouvelle", "courriel", "lou@example.org", "roles", "team")
	a.want(t, 200, "invitation est partie", "Lou Nouvelle", "Invitation en attente", "Équipe métropolitaine")
	link := s.link("lou@example.org")

	lou := s.browser()
	lou.get(link).want(t, 200, "Bienvenue, Lou Nouvelle", `autocomplete="new-password"`)
	lou.get(link).want(t, 200) // a scanner of mails opened it: still there
	lou.post(link, "mot_de_passe", "court").want(t, 422, "au moins 12")
	lou.post(link, "mot_de_passe", "bordeaux-metropole-33").want(t, 422, "ressemble trop")
	lou.post(link, "mot_de_passe", goodPassword).want(t, 200, "accueil de Équipe métropolitaine")
	s.browser().get(link).want(t, http.StatusGone, "ne marche plus")
	s.browser().post(link, "mot_de_passe", goodPassword).want(t, http.StatusGone)
	s.browser().get("/invitation/inconnu").want(t, http.StatusNotFound)
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
	if a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page of a secret address is not kept secret: %v", a.header)
	}
	b.post(link, "mot_de_passe", "cinq vélos rouges ici").want(t, 200, "mot de passe est changé")
	if a := old.stay().get("/mon-compte"); a.status != http.StatusSeeOther {
		t.Error("the other devices are still signed in")
	}
	s.browser().signIn("oubli@example.org").want(t, 422)
	s.browser().post("/connexion", "courriel", "oubli@example.org", "mot_de_passe", "cinq vélos rouges ici").want(t, 200, "accueil")
}

func TestMyAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("moi@example.org", access.Team, access.Scrutineer)
	b, other := s.browser(), s.browser()
	b.signIn("moi@example.org")
	other.signIn("moi@example.org")
	for _, path := range []string{"/mon-compte", "/mon-compte/identite", "/mon-compte/mot-de-passe", "/mon-compte/appareils", "/mon-compte/second-facteur"} {
		b.get(path).want(t, 200, "<h1>")
	}
	b.post("/mon-compte/capacite", "capacite", "scrutineer:0").want(t, 200, "accueil de Scrutateur")
	b.post("/mon-compte/capacite", "capacite", "administrator:0").want(t, http.StatusConflict)

	b.post("/mon-compte/identite", "prenom", "Dominique", "nom", "Renommée", "courriel", "moi@example.org").want(t, 200, "Dominique Renommée")
	b.post("/mon-compte/identite", "prenom", "D", "nom", "R", "courriel", "autre@example.org").want(t, 422, "mot de passe actuel")
	b.post("/mon-compte/identite", "prenom", "D", "nom", "R", "courriel", "autre@example.org", "mot_de_passe_actuel", goodPassword).want(t, 200, "attend d’être confirmée")
	link := s.link("autre@example.org")
	s.browser().get(link).want(t, 200, "autre@example.org", "Confirmer")
	b.post(link).want(t, 200, "est confirmée", "autre@example.org")
	if n := value[int](s, `SELECT count(*) FROM mail WHERE to_address = 'moi@example.org' AND kind IN ('email_change_asked', 'email_changed')`); n != 2 {
		t.Errorf("the old address got %d notices, want 2", n)
	}

	b.post("/mon-compte/mot-de-passe", "mot_de_passe_actuel", "faux", "mot_de_passe", "cinq vélos rouges ici").want(t, 422, "pas votre mot de passe actuel")
	b.post("/mon-compte/mot-de-passe", "mot_de_passe_actuel", goodPassword, "mot_de_passe", "cinq vélos rouges ici").want(t, 200, "est changé")
	if a := other.stay().get("/mon-compte"); a.status != http.StatusSeeOther {
		t.Error("changing the password left another device signed in")
	}
	other.post("/connexion", "courriel", "autre@example.org", "mot_de_passe", "cinq vélos rouges ici").want(t, 200)
	b.post("/mon-compte/appareils", "appareil", "autres", "mot_de_passe_actuel", "cinq vélos rouges ici").want(t, 200, "immédiate", "Cet appareil")
	if a := other.stay().get("/mon-compte"); a.status != http.StatusSeeOther {
		t.Error("« tous les autres » left another device signed in")
	}
	a := b.post("/mon-compte/appareils", "appareil", "tous", "mot_de_passe_actuel", "cinq vélos rouges ici")
	a.want(t, 200, "Vous êtes déconnecté")
	if a.path != "/connexion" {
		t.Errorf("« partout » led to %s", a.path)
	}
}

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

func TestSecondFactorInProduction(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{RequireSecondFactor: true})
	id := s.account("equipe@example.org", access.Team)
	b := s.browser()
	a := b.signIn("equipe@example.org")
	a.want(t, 200, "Protéger votre compte", "<svg", `autocomplete="one-time-code"`)
	if b.stay().get("/mon-compte").status != http.StatusSeeOther {
		t.Fatal("signed in before the second factor is set")
	}
	secret := value[string](s, `SELECT totp_secret FROM sign_in_step WHERE account_id = $1`, id)
	b.post("/connexion/second-facteur", "code", "000000").want(t, 422, "pas le bon")
	a = b.post("/connexion/second-facteur", "code", s.code(secret, 0))
	a.want(t, 200, "codes de secours", "J’ai gardé mes codes")
	recovery := regexp.MustCompile(`<code>([A-Z2-7-]{29})</code>`).FindAllStringSubmatch(a.body, -1)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes shown, want 10", len(recovery))
	}
	b.get("/mon-compte/second-facteur").want(t, 200, "10", "ne peut pas être arrêtée")
	b.post("/mon-compte/second-facteur/arret", "code", s.code(secret, 1), "mot_de_passe_actuel", goodPassword).want(t, 422, "ne peut pas être arrêtée")

	c := s.browser()
	c.signIn("equipe@example.org").want(t, 200, "Saisir votre code")
	c.post("/connexion/code", "code", strings.ToLower(recovery[0][1])).want(t, 200, "accueil")
	d := s.browser()
	d.signIn("equipe@example.org")
	d.post("/connexion/code", "code", recovery[0][1]).want(t, 422, "a déjà servi")
	for range 4 {
		d.post("/connexion/code", "code", "111111")
	}
	d.post("/connexion/code", "code", s.code(secret, 1)).want(t, 200, "n’est plus valable")

	s.account("structure@example.org")
	e := s.browser()
	e.signIn("structure@example.org").want(t, 200, "Saisir votre code", "dix minutes")
	text := value[string](s, `SELECT text_body FROM mail WHERE kind = 'sign_in_code'`)
	code := regexp.MustCompile(`\d{6}`).FindString(text)
	e.post("/connexion/code", "code", code[:3]+" "+code[3:]).want(t, 200, "accueil")
	e.post("/deconnexion")
	e.signIn("structure@example.org").want(t, 200, "accueil")
	e.get("/mon-compte/second-facteur").want(t, 200, "<svg", "Activer la double vérification")
}

func (s *site) code(secret string, steps int64) string {
	s.t.Helper()
	now := value[int64](s, `SELECT extract(epoch FROM clock_timestamp())::bigint`)
	code, err := hotp.GenerateCode(secret, uint64(now/30+steps))
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	admin := s.account("admin@example.org", access.Administrator)
	id := s.account("personne@example.org")
	b, person := s.browser(), s.browser()
	b.signIn("admin@example.org")
	person.signIn("personne@example.org")
	person.get("/administration/comptes").want(t, http.StatusForbidden)
	b.get("/administration/comptes?q=PERSONNÉ").want(t, 200, "personne@example.org")
	b.get("/administration/comptes?q=zzz").want(t, 200, "Aucun compte ne correspond")
	b.get("/administration/comptes?role=administrator&etat=active").want(t, 200, "admin@example.org")
	here := "/administration/comptes/" + strconv.FormatInt(int64(id), 10)
	b.get(here).want(t, 200, "personne@example.org", "Désactiver le compte")
	b.get("/administration/comptes/999999").want(t, 404)
	b.post(here+"/role", "role", "scrutineer").want(t, 200, "Le rôle est donné")
	b.post(here+"/role", "role", "mayor").want(t, 422)
	b.post(here+"/role/fin", "role", "scrutineer").want(t, 200, "retiré")
	b.post(here+"/deconnexion").want(t, 200, "déconnectés")
	person.signIn("personne@example.org").want(t, 200)
	b.post(here+"/desactivation").want(t, 200, "désactivé")
	if person.stay().get("/mon-compte").status != http.StatusSeeOther {
		t.Error("a disabled account is still signed in")
	}
	b.post(here+"/activation").want(t, 200, "réactivé")
	b.post(here+"/second-facteur").want(t, http.StatusConflict)
	b.post(here+"/invitation").want(t, http.StatusConflict)
	mine := "/administration/comptes/" + strconv.FormatInt(int64(admin), 10)
	b.post(mine+"/desactivation").want(t, http.StatusConflict, "votre propre compte")
	b.post(mine+"/role/fin", "role", "administrator").want(t, http.StatusConflict, "dernier compte")
	b.post("/administration/comptes/inviter", "prenom", "A", "nom", "B", "courriel", "personne@example.org").want(t, 422, "déjà cette adresse")
	b.post("/administration/comptes/inviter", "prenom", "", "nom", "B", "courriel", "x").want(t, 422, "Saisissez le prénom")
	b.post("/administration/comptes/inviter", "prenom", "A", "nom", "B", "courriel", "a@example.org", "inconnu", "1").want(t, 400)
}

func TestPersonWithoutCapacityKeepsTheirAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("ancienne@example.org")
	b := s.browser()
	b.signIn("ancienne@example.org")
	b.get("/mon-compte").want(t, 200, "pas de fonction dans la gouvernance")
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
