package web_test

import (
	"net/http"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// TestJourneyForgottenPassword: a wrong password says what to do, the mailed link
// opens the account again, and « partout » closes another browser at its next page.
func TestJourneyForgottenPassword(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		const email = "maire-cenon@example.org"
		s := newSite(t)
		s.deliver(t)
		mayor := s.open(t, o)
		mayor.at("/connexion")
		mayor.write("Adresse électronique", email)
		mayor.write("Mot de passe", "je ne sais plus du tout")
		if status := mayor.push("Se connecter"); status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong password: status %d", status)
		}
		mayor.reads("L’adresse ou le mot de passe n’est pas le bon.")
		if got := mayor.holds("Adresse électronique"); got != email {
			t.Errorf("the address typed came back as %q", got)
		}
		if got := mayor.holds("Mot de passe"); got != "" {
			t.Error("the password came back in the page")
		}
		mayor.clean(o)
		mayor.follow("Mot de passe oublié")
		mayor.write("Adresse électronique", email)
		mayor.sends("Recevoir le lien")
		mayor.reads("Si cette adresse est celle d’un compte, un message vient de partir.")

		team := s.open(t, o)
		team.sit(s.signIn(t, "equipe@example.org"))
		team.mailTo(email)
		link := team.personalLink()
		mayor.at(link)
		mayor.clean(o)
		mayor.write("Nouveau mot de passe", passphrase)
		mayor.sends("Changer mon mot de passe")
		mayor.reads("Votre mot de passe est changé")
		mayor.answers(link, http.StatusGone)
		mayor.at("/connexion")
		mayor.write("Adresse électronique", email)
		mayor.write("Mot de passe", demo.Password)
		if status := mayor.push("Se connecter"); status != http.StatusUnprocessableEntity {
			t.Errorf("the old password: status %d", status)
		}
		mayor.signsInWith(email, passphrase)
		mayor.reads("Cenon")

		other := s.open(t, o)
		other.at("/connexion")
		other.signsInWith(email, passphrase)
		other.reads("Cenon")
		mayor.at("/mon-compte/appareils")
		mayor.clean(o)
		mayor.tick("Partout, cet appareil compris")
		mayor.write("Mot de passe actuel", passphrase)
		mayor.sends("Déconnecter")
		mayor.reads("Vous êtes déconnecté.")
		for name, v := range map[string]*visitor{"the browser that asked": mayor, "the other": other} {
			v.at("/tableau-de-bord")
			if got := v.path(); !strings.HasPrefix(got, "/connexion") {
				t.Errorf("%s is still in: %s", name, got)
			}
		}
	})
}

// TestJourneyCapacities: the delegate of Bègles, who acts for a structure too,
// changes hats in one click, and back.
func TestJourneyCapacities(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		v := s.open(t, o)
		v.signsIn("agent-begles@example.org")
		commune, structure := "Vous agissez pour Bègles", "membre du Groupe Numérique Inclusif (GNI)"
		v.reads(commune)
		v.Click("details.account summary")
		v.clean(o)
		if !browsertest.Eval[bool](v.Tab, `document.querySelector("details.account").open`) {
			v.Click("details.account summary")
		}
		other := v.Text(".account-menu form[action='/mon-compte/capacite'] button")
		v.sends(other)
		v.reads("Vous agissez maintenant en tant que : "+other, structure)
		v.readsNot(commune)
		v.at("/mon-compte")
		v.sends("agir à ce titre")
		v.reads(commune)
		v.readsNot(structure)
	})
}

// TestJourneyTeamMember: an administrator invites somebody to the team; the role
// opens the team's pages at once, and closes them at once.
func TestJourneyTeamMember(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		const email = "renfort@example.org"
		s := newSite(t)
		s.deliver(t)
		admin := s.open(t, o)
		admin.signsIn("admin@example.org")
		admin.follow("Inviter une personne")
		admin.write("Prénom", "Ysé")
		admin.write("Nom", "Renfort-Paludate")
		admin.write("Adresse électronique", email)
		admin.tick("Équipe métropolitaine")
		admin.sends("Envoyer l’invitation")
		admin.reads("L’invitation est partie.")
		account := admin.path()
		admin.mailTo(email)
		link := admin.personalLink()

		person := s.open(t, o)
		person.at(link)
		person.write("Nouveau mot de passe", passphrase)
		person.sends("Ouvrir mon compte")
		person.reads("Ce qui vous attend")
		person.at("/equipe/sieges")

		admin.at(account)
		admin.sends("retirer")
		admin.reads("Le rôle est retiré, avec effet immédiat.")
		admin.clean(o)
		person.answers("/equipe/sieges", http.StatusForbidden)
		admin.Choose("#role", "team")
		admin.sends("Donner ce rôle")
		admin.reads("Le rôle est donné.")
		person.at("/equipe/sieges")
	})
}
