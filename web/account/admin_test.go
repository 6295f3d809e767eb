package account

import (
	"net/http"
	"strconv"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
)

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
