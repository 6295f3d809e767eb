package account

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Show is GET /mon-compte.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	profile, err := p.Service.Profile(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: mine})
	return p.Kit.Show(w, r, http.StatusOK, minePage(c, profile, p.Service.SecondFactorRequired()))
}

// SwitchCapacity is POST /mon-compte/capacite: what is remembered is only a
// preference among what the database gives.
func (p *Pages) SwitchCapacity(w http.ResponseWriter, r *http.Request) error {
	var key string
	if _, err := read(r, func(f *form.Form) { key = f.Line("capacite", "", 60) }); err != nil {
		return err
	}
	for _, c := range page.Actor(r).Capacities {
		if c.Key() == key {
			if err := p.Sessions.rotate(r.Context(), key); err != nil {
				return err
			}
			return p.Kit.Done(w, r, homePath, "Vous agissez maintenant en tant que : "+c.Label()+".")
		}
	}
	return problem.New(problem.Conflict, "Vous ne tenez plus cette fonction. Choisissez-en une autre.")
}

// ShowIdentity is GET /mon-compte/identite.
func (p *Pages) ShowIdentity(w http.ResponseWriter, r *http.Request) error {
	profile, err := p.Service.Profile(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("prenom", profile.Person.FirstName)
	f.Set("nom", profile.Person.LastName)
	f.Set("courriel", profile.Person.Email)
	return p.identityPage(w, r, http.StatusOK, f)
}

func (p *Pages) identityPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, identityPage(p.Kit.FormChrome(r, myChrome("Votre identité"), f), f))
}

// UpdateIdentity is POST /mon-compte/identite: the name at once, the address once
// it is confirmed.
func (p *Pages) UpdateIdentity(w http.ResponseWriter, r *http.Request) error {
	var first, last, email, password string
	by := page.Actor(r)
	f, err := read(r, func(f *form.Form) {
		first = f.Line("prenom", "Saisissez votre prénom.", 80)
		last = f.Line("nom", "Saisissez votre nom.", 80)
		email = f.Email("courriel", "Saisissez votre adresse électronique.")
		password = f.Secret(currentField, "")
	})
	if err != nil {
		return err
	}
	changesEmail := email != by.Email
	if changesEmail && password == "" && !f.Review() {
		f.Fail(currentField, "Pour changer d’adresse, saisissez votre mot de passe actuel.")
	}
	if !f.OK() {
		return p.identityPage(w, r, page.FormStatus(f), f)
	}
	message := "Votre identité est enregistrée."
	if changesEmail {
		message = "Un message vient de partir à la nouvelle adresse : ouvrez son lien pour la confirmer. D’ici là, rien ne change."
		err = p.Service.RequestEmailChange(r.Context(), by, email, password)
	}
	if err == nil {
		err = p.Service.Rename(r.Context(), by, first, last)
	}
	if err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.identityPage(w, r, status, f)
		}
		return err
	}
	return p.Kit.Done(w, r, accountPath, message)
}

// ShowPassword is GET /mon-compte/mot-de-passe.
func (p *Pages) ShowPassword(w http.ResponseWriter, r *http.Request) error {
	return p.passwordPage(w, r, http.StatusOK, form.New())
}

func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	c := p.Kit.FormChrome(r, myChrome("Changer de mot de passe"), f)
	return p.Kit.Show(w, r, status, passwordPage(c, f, page.Actor(r).Email))
}

// ChangePassword is POST /mon-compte/mot-de-passe.
func (p *Pages) ChangePassword(w http.ResponseWriter, r *http.Request) error {
	var current, password string
	f, err := read(r, func(f *form.Form) {
		f.Raw("courriel") // for password managers
		current = f.Secret(currentField, "Saisissez votre mot de passe actuel.")
		password = f.Secret(passwordField, "Choisissez un nouveau mot de passe d’au moins 12 caractères.")
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.passwordPage(w, r, page.FormStatus(f), f)
	}
	if err := p.Service.ChangePassword(r.Context(), page.Actor(r), current, password); err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.passwordPage(w, r, status, f)
		}
		return err
	}
	if err := p.Sessions.rotate(r.Context(), ""); err != nil {
		return err
	}
	return p.Kit.Done(w, r, accountPath, "Votre mot de passe est changé. Vos autres appareils sont déconnectés.")
}

// ShowDevices is GET /mon-compte/appareils.
func (p *Pages) ShowDevices(w http.ResponseWriter, r *http.Request) error {
	return p.devicesPage(w, r, http.StatusOK, form.New())
}

func (p *Pages) devicesPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	devices, err := p.Service.Devices(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, status, devicesPage(p.Kit.FormChrome(r, myChrome("Vos appareils"), f), f, devices))
}

// Answers of the devices' form besides the number of a session.
const (
	othersOnly = "autres"
	everywhere = "tous"
)

// SignOutDevices is POST /mon-compte/appareils.
func (p *Pages) SignOutDevices(w http.ResponseWriter, r *http.Request) error {
	var which, password string
	f, err := read(r, func(f *form.Form) {
		which = f.Line("appareil", "Choisissez ce que vous voulez déconnecter.", 20)
		password = f.Secret(currentField, "Saisissez votre mot de passe actuel.")
	})
	if err != nil {
		return err
	}
	scope, ok := scopeOf(which)
	if !ok && f.Error("appareil") == "" {
		f.Fail("appareil", "Choisissez une des réponses proposées.")
	}
	if !f.OK() {
		return p.devicesPage(w, r, page.FormStatus(f), f)
	}
	by := page.Actor(r)
	if err := p.Service.SignOut(r.Context(), by, scope, password); err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.devicesPage(w, r, status, f)
		}
		return err
	}
	if which == everywhere || scope.Session == by.Session {
		if err := p.Sessions.close(w, r); err != nil {
			return err
		}
		return p.Kit.Done(w, r, signInPath, "Vous êtes déconnecté.")
	}
	return p.Kit.Done(w, r, devicesPath, "C’est fait : la déconnexion est immédiate.")
}

func scopeOf(which string) (account.SignOutScope, bool) {
	switch which {
	case othersOnly:
		return account.SignOutScope{Others: true}, true
	case everywhere:
		return account.SignOutScope{}, true
	}
	id, err := strconv.ParseInt(which, 10, 64)
	return account.SignOutScope{Session: access.SessionID(id)}, err == nil && id > 0
}
