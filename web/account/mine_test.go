package account

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/pquerna/otp/hotp"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
)

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
	text := value[string](s, `SELECT secret_link FROM mail WHERE kind = 'sign_in_code'`)
	code := regexp.MustCompile(`\d{6}`).FindString(text)
	e.post("/connexion/code", "code", code[:3]+" "+code[3:]).want(t, 200, "accueil")
	e.post("/deconnexion")
	e.signIn("structure@example.org").want(t, 200, "accueil")
	e.get("/mon-compte/second-facteur").want(t, 200, "<svg", "Activer la double vérification")
}

func (s *site) code(secret string, steps int64) string {
	s.t.Helper()
	now := value[int64](s, `SELECT floor(extract(epoch FROM clock_timestamp()))::bigint`)
	code, err := hotp.GenerateCode(secret, uint64(now/30+steps))
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

func TestPersonWithoutCapacityKeepsTheirAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{})
	s.account("ancienne@example.org")
	b := s.browser()
	b.signIn("ancienne@example.org")
	b.get("/mon-compte").want(t, 200, "pas de fonction dans la gouvernance")
}

// Whoever chose the second factor may renew its codes and stop it.
func TestChosenSecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, account.Options{RequireSecondFactor: true})
	id := s.account("choix@example.org")
	s.account("admin@example.org", access.Administrator)
	b := s.browser()
	b.signIn("choix@example.org")
	b.mailedCode("choix@example.org")
	key := regexp.MustCompile(`<code>([A-Z2-7 ]{39})</code>`)
	shown := func() string {
		return strings.ReplaceAll(key.FindStringSubmatch(b.get(factorPath).body)[1], " ", "")
	}
	secret := shown()
	if shown() != secret {
		t.Fatal("the key changes each time the page is read")
	}
	forget := func() { s.exec(`UPDATE account SET totp_last_step = 0`) } // as if time had passed
	b.post(factorPath, "code", s.code(secret, 0), "mot_de_passe_actuel", "faux").want(t, 422, "pas votre mot de passe actuel")
	b.post(factorPath, "code", s.code(secret, 0), "mot_de_passe_actuel", goodPassword).want(t, 200, "codes de secours")
	b.get(factorPath+"/codes").want(t, 200)
	forget()
	b.post(factorPath+"/codes", "code", s.code(secret, 0), "mot_de_passe_actuel", goodPassword).want(t, 200, "codes de secours")
	b.get(factorPath+"/arret").want(t, 200)
	b.post(factorPath+"/arret", "code", "", "mot_de_passe_actuel", goodPassword).want(t, 422, "Saisissez le code")
	forget()
	b.post(factorPath+"/arret", "code", s.code(secret, 0), "mot_de_passe_actuel", goodPassword).want(t, 200, "arrêtée")
	if value[bool](s, `SELECT totp_secret IS NOT NULL OR EXISTS (SELECT FROM recovery_code) FROM account WHERE id = $1`, id) {
		t.Error("stopped, yet a key or codes are left")
	}
	b.post(factorPath+"/arret", "code", "1", "mot_de_passe_actuel", goodPassword).want(t, 422, "déjà arrêtée")
}

// mailedCode gives the code just mailed.
func (b *browser) mailedCode(email string) {
	b.t.Helper()
	text := value[string](b.site, `SELECT secret_link FROM mail WHERE kind = 'sign_in_code' AND to_address = $1`, email)
	b.post(codePath, "code", regexp.MustCompile(`\d{6}`).FindString(text)).want(b.t, 200, "accueil")
}
