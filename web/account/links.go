package account

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowForgotten is GET /mot-de-passe-oublie.
func (p *Pages) ShowForgotten(w http.ResponseWriter, r *http.Request) error {
	return p.forgottenPage(w, r, http.StatusOK, form.New())
}

func (p *Pages) forgottenPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, forgottenPage(p.Kit.FormChrome(r, ui.Chrome{
		Title: "Mot de passe oublié", Section: "Se connecter", Crumbs: []ui.Crumb{{Label: "Se connecter", Href: signInPath}},
	}, f), f))
}

// SendReset is POST /mot-de-passe-oublie. The answer is the same for every
// address.
func (p *Pages) SendReset(w http.ResponseWriter, r *http.Request) error {
	var email string
	f, err := read(r, func(f *form.Form) { email = f.Email("courriel", "Saisissez votre adresse électronique.") })
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.forgottenPage(w, r, page.FormStatus(f), f)
	}
	if err := p.Service.RequestReset(r.Context(), email, p.visitor(r)); err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.forgottenPage(w, r, status, f)
		}
		return err
	}
	return p.Kit.Done(w, r, signInPath,
		"Si cette adresse est celle d’un compte, un message vient de partir. Son lien marche trente minutes, une seule fois.")
}

// readLink is what the three kinds of links share: the link is read, not used. It
// answers by itself, and returns nil, when the link is gone.
func (p *Pages) readLink(w http.ResponseWriter, r *http.Request, purpose account.Purpose) (*account.Link, error) {
	// Referrer-Policy stays « same-origin », which tells the address, a secret, to no
	// other site. « no-referrer » would make a browser that sends no Sec-Fetch-Site
	// post the form with « Origin: null »: a form from another site.
	w.Header().Set("Cache-Control", "no-store")
	link, err := p.Service.ReadLink(r.Context(), purpose, chi.URLParam(r, "token"))
	switch {
	case errors.Is(err, account.ErrLinkGone):
		return nil, p.gone(w, r, purpose)
	case err != nil:
		return nil, err
	}
	return &link, nil
}

// gone says how to get another link: 410.
func (p *Pages) gone(w http.ResponseWriter, r *http.Request, purpose account.Purpose) error {
	return p.Kit.Show(w, r, http.StatusGone, gonePage(p.Kit.Chrome(r, ui.Chrome{Title: "Ce lien ne marche plus"}), purpose))
}

// ShowReset is GET /mot-de-passe/{token}.
func (p *Pages) ShowReset(w http.ResponseWriter, r *http.Request) error {
	return p.choosePage(w, r, account.PasswordReset, http.StatusOK, form.New())
}

// ShowInvitation is GET /invitation/{token}.
func (p *Pages) ShowInvitation(w http.ResponseWriter, r *http.Request) error {
	return p.choosePage(w, r, account.Invitation, http.StatusOK, form.New())
}

func (p *Pages) choosePage(w http.ResponseWriter, r *http.Request, purpose account.Purpose, status int, f *form.Form) error {
	link, err := p.readLink(w, r, purpose)
	if link == nil {
		return err
	}
	title := "Choisir un nouveau mot de passe"
	if purpose == account.Invitation {
		title = "Bienvenue, " + link.Person.Name()
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: title, Section: "Se connecter"}, f)
	return p.Kit.Show(w, r, status, choosePage(c, f, *link, r.URL.Path))
}

// choose reads the new password of a link and hands it to use.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request, purpose account.Purpose, use func(token, password string) error) error {
	var password string
	f, err := read(r, func(f *form.Form) {
		f.Raw("courriel") // for password managers: the address the password is of
		password = f.Secret(passwordField, "Choisissez un mot de passe d’au moins 12 caractères.")
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.choosePage(w, r, purpose, page.FormStatus(f), f)
	}
	err = use(chi.URLParam(r, "token"), password)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, account.ErrLinkGone):
		return p.gone(w, r, purpose)
	}
	if status := takes(w, f, err); status != 0 {
		return p.choosePage(w, r, purpose, status, f)
	}
	return err
}

// ResetPassword is POST /mot-de-passe/{token}.
func (p *Pages) ResetPassword(w http.ResponseWriter, r *http.Request) error {
	return p.choose(w, r, account.PasswordReset, func(token, password string) error {
		if err := p.Service.ResetPassword(r.Context(), token, password, p.visitor(r)); err != nil {
			return err
		}
		return p.Kit.Done(w, r, signInPath, "Votre mot de passe est changé et tous vos appareils sont déconnectés. Connectez-vous avec le nouveau.")
	})
}

// AcceptInvitation is POST /invitation/{token}.
func (p *Pages) AcceptInvitation(w http.ResponseWriter, r *http.Request) error {
	return p.choose(w, r, account.Invitation, func(token, password string) error {
		out, err := p.Service.AcceptInvitation(r.Context(), token, password, p.visitor(r))
		if err != nil {
			return err
		}
		return p.follow(w, r, out, "")
	})
}

// ShowNewEmail is GET /adresse/{token}.
func (p *Pages) ShowNewEmail(w http.ResponseWriter, r *http.Request) error {
	link, err := p.readLink(w, r, account.EmailChange)
	if link == nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK,
		newEmailPage(p.Kit.Chrome(r, ui.Chrome{Title: "Confirmer votre adresse", Section: mine}), *link, r.URL.Path))
}

// ConfirmEmail is POST /adresse/{token}.
func (p *Pages) ConfirmEmail(w http.ResponseWriter, r *http.Request) error {
	if _, err := read(r, func(*form.Form) {}); err != nil {
		return err
	}
	err := p.Service.ConfirmEmail(r.Context(), chi.URLParam(r, "token"))
	switch {
	case errors.Is(err, account.ErrLinkGone):
		return p.gone(w, r, account.EmailChange)
	case err != nil:
		return err
	}
	return p.Kit.Done(w, r, accountPath, "Votre nouvelle adresse est confirmée. Utilisez-la pour vous connecter.")
}
