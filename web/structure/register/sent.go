package register

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowSent shows /structures/inscription/{token}/envoyee.
func (p *Pages) ShowSent(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Structures.SentRegistration(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return p.gone(w, r, err)
	}
	f := form.New()
	f.Set("courriel", v.Email)
	return p.showSent(w, r, v, f, nil)
}

func (p *Pages) showSent(w http.ResponseWriter, r *http.Request, v structure.SentRegistration, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, ui.Chrome{Title: sentTitle(v), Section: rubric, Crumbs: []ui.Crumb{crumbDirectory}}, f)
	again := r.Method == http.MethodGet && r.URL.Query().Get("message") == "renvoye"
	return p.Kit.Show(w, r, statusOf(w, f, refusal), sentPage(c, v, f, startPath+"/"+chi.URLParam(r, "token")+"/envoyee", again))
}

// sentTitle says where the request stands.
func sentTitle(v structure.SentRegistration) string {
	switch v.State {
	case structure.Unconfirmed:
		return "Demande envoyée\u00a0: confirmez votre adresse"
	case structure.Lapsed:
		return "Demande sans suite"
	}
	return "Demande envoyée"
}

// Resend answers POST /structures/inscription/{token}/envoyee: it mails the link to
// confirm once more, to a corrected address if need be.
func (p *Pages) Resend(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	email := f.Email("courriel", "Saisissez votre adresse électronique.")
	if err := f.Unknown(); err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	var refusal error
	if f.OK() {
		refusal = p.Structures.ResendConfirmation(r.Context(), page.Actor(r), token, email, clientAddress(r))
		if refusal == nil {
			return p.Kit.Done(w, r, startPath+"/"+token+"/envoyee?message=renvoye", "")
		}
		if !takes(f, refusal) {
			return p.gone(w, r, refusal)
		}
	}
	v, err := p.Structures.SentRegistration(r.Context(), token)
	if err != nil {
		return p.gone(w, r, err)
	}
	return p.showSent(w, r, v, f, refusal)
}

// ShowConfirmation shows /structures/confirmation/{token}. It changes nothing: mail
// scanners open links before their readers do.
func (p *Pages) ShowConfirmation(w http.ResponseWriter, r *http.Request) error {
	name, err := p.Structures.Confirmation(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return p.unconfirmable(w, r, err)
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Confirmer votre adresse", Section: rubric})
	return p.Kit.Show(w, r, http.StatusOK, confirmPage(c, name, r.URL.Path))
}

// Confirm answers POST /structures/confirmation/{token}, and leads to where the
// request is followed.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	follow, err := p.Structures.ConfirmRegistration(r.Context(), page.Actor(r), chi.URLParam(r, "token"))
	if err != nil {
		return p.unconfirmable(w, r, err)
	}
	return p.Kit.Done(w, r, structure.RequestPath+follow, "Votre adresse est confirmée\u00a0: l’équipe va examiner votre demande.")
}

// unconfirmable answers 410: kindly when it is done already.
func (p *Pages) unconfirmable(w http.ResponseWriter, r *http.Request, err error) error {
	if problem.KindOf(err) != problem.Gone {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if errors.Is(err, structure.ErrConfirmed) {
		c := p.Kit.Chrome(r, ui.Chrome{Title: "Votre adresse est déjà confirmée", Section: rubric})
		return p.Kit.Show(w, r, http.StatusGone, confirmedPage(c))
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Ce lien de confirmation ne marche plus", Section: rubric})
	return p.Kit.Show(w, r, http.StatusGone, lateConfirmationPage(c))
}
