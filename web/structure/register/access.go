package register

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowAccess shows /structures/{id}/acces: asking to act for a member of the GNI.
func (p *Pages) ShowAccess(w http.ResponseWriter, r *http.Request) error {
	target, err := p.accessTarget(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("demande") == "envoyee" {
		c := p.Kit.Chrome(r, ui.Chrome{Title: "Demande d’accès envoyée", Section: target.Name, Crumbs: []ui.Crumb{crumbDirectory}})
		return p.Kit.Show(w, r, http.StatusOK, accessSentPage(c, target))
	}
	return p.showAccess(w, r, target, form.New(), nil)
}

func (p *Pages) accessTarget(r *http.Request) (structure.Sheet, error) {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return structure.Sheet{}, err
	}
	return p.Structures.AccessTarget(r.Context(), id)
}

func (p *Pages) showAccess(w http.ResponseWriter, r *http.Request, target structure.Sheet, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Demander l’accès à " + target.Name, Section: "Structures", Crumbs: []ui.Crumb{crumbDirectory}}, f)
	return p.Kit.Show(w, r, statusOf(w, f, refusal), accessPage(c, target, f))
}

// RequestAccess answers POST /structures/{id}/acces, the same for every address.
func (p *Pages) RequestAccess(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := structure.AccessInput{
		First: f.Line("prenom", "Saisissez votre prénom.", 80), Last: f.Line("nom", "Saisissez votre nom.", 80),
		Title: f.Line("fonction", "", 120), Email: f.Email("courriel", "Saisissez votre adresse électronique."),
		Message: f.Text("message", "", 1000),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	target, err := p.accessTarget(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Structures.RequestAccess(r.Context(), page.Actor(r), target.ID, in, clientAddress(r))
		if refusal == nil {
			return p.Kit.Done(w, r, accessPath(target.ID)+"?demande=envoyee", "")
		}
		if !takes(f, refusal) {
			return refusal
		}
	}
	return p.showAccess(w, r, target, f, refusal)
}
