package register

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowStart shows /structures/inscription: what it is to register.
func (p *Pages) ShowStart(w http.ResponseWriter, r *http.Request) error {
	c := ui.Chrome{Title: "Inscrire votre structure", Section: rubric, Crumbs: []ui.Crumb{crumbDirectory}}
	return p.Kit.Show(w, r, http.StatusOK, startPage(p.Kit.Chrome(r, c)))
}

// startField is sent by the button that begins: a form always sends something.
const startField = "commencer"

// Start answers POST /structures/inscription: it begins a draft.
func (p *Pages) Start(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if v := f.Raw(startField); v != "" && v != "1" {
		return problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	token, err := p.Structures.StartRegistration(r.Context(), clientAddress(r))
	if err != nil {
		return err
	}
	return p.Kit.Done(w, r, startPath+"/"+token, "")
}

// ShowDraft shows /structures/inscription/{token}: where each section stands.
func (p *Pages) ShowDraft(w http.ResponseWriter, r *http.Request) error {
	v, err := p.draft(r)
	switch {
	case err != nil:
		return p.gone(w, r, err)
	case v.Sent != 0:
		return p.Kit.Done(w, r, v.at("envoyee"), "")
	}
	return p.showDraft(w, r, v, form.New(), nil)
}

func (p *Pages) showDraft(w http.ResponseWriter, r *http.Request, v draftView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Votre inscription", Section: rubric, Crumbs: []ui.Crumb{crumbDirectory}}, f)
	mailed := r.Method == http.MethodGet && r.URL.Query().Get("lien") == "envoye"
	return p.Kit.Show(w, r, statusOf(w, f, refusal), draftPage(c, v, f, mailed))
}

// MailLink answers POST /structures/inscription/{token}/lien: it mails the way back
// to the draft.
func (p *Pages) MailLink(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	email := f.Email("courriel", "Saisissez votre adresse électronique.")
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.draft(r)
	if err != nil {
		return p.gone(w, r, err)
	}
	var refusal error
	if f.OK() {
		refusal = p.Structures.MailRegistrationLink(r.Context(), v.token, email, clientAddress(r))
		if refusal == nil {
			return p.Kit.Done(w, r, v.path()+"?lien=envoye", "")
		}
		if !takes(f, refusal) {
			return p.gone(w, r, refusal)
		}
	}
	return p.showDraft(w, r, v, f, refusal)
}

// tasks are the sections as a list of things to do.
func (v draftView) tasks() []ui.Task {
	out := make([]ui.Task, len(v.sections))
	for i, s := range v.sections {
		t := ui.Task{Label: french.Typo(s.Label()), Href: v.at(string(s.Section)), Hint: sectionHint(s.Section)}
		switch s.status {
		case done:
			t.Kind, t.Status = ui.OK, "Fait"
		case wrong:
			t.Kind, t.Status = ui.Err, "À corriger"
		case skippable:
			t.Kind, t.Status = ui.Neutral, "Facultatif"
		default:
			t.Kind, t.Status = ui.Info, "À faire"
		}
		out[i] = t
	}
	return out
}

// sectionHint says what a section asks for.
func sectionHint(s structure.Section) string {
	switch s {
	case structure.Identity:
		return "Son nom, son SIRET, son type"
	case structure.Place:
		return "La commune et l’adresse"
	case structure.ByCollege:
		return "Action sociale ou médiation numérique"
	case structure.Offer:
		return "Les services que vous proposez, et à qui"
	case structure.Welcome:
		return "Une présentation, des horaires, un téléphone"
	case structure.Networks:
		return "Aladdin, conseillers numériques, France Services…"
	case structure.People:
		return "La personne référente et celles qui agiront avec elle"
	}
	return "Ce que vous acceptez de publier"
}

// forward is the first section to open: what « Continuer » leads to.
func (v draftView) forward() (label, href string) {
	switch missing := v.missing(); {
	case len(missing) == 0:
		return "Vérifier et envoyer", v.at("verification")
	case len(v.Answers) == 0:
		return "Commencer", v.at(string(missing[0].Section))
	default:
		return "Continuer", v.at(string(missing[0].Section))
	}
}

// counted says how far one is.
func (v draftView) counted() string {
	n := len(v.missing())
	if n == 0 {
		return "Tout ce qui est nécessaire est rempli."
	}
	return french.Count(n, "rubrique reste", "rubriques restent") + " à remplir. Deux rubriques sont facultatives."
}

// ShowSection shows /structures/inscription/{token}/{etape}.
func (p *Pages) ShowSection(w http.ResponseWriter, r *http.Request) error {
	s, err := sectionOf(r)
	if err != nil {
		return err
	}
	v, err := p.draft(r)
	switch {
	case err != nil:
		return p.gone(w, r, err)
	case v.Sent != 0:
		return p.Kit.Done(w, r, v.at("envoyee"), "")
	}
	return p.showSection(w, r, v, s, v.section(s).form, nil)
}

// SaveSection answers POST /structures/inscription/{token}/{etape}: what was typed is
// kept, right or wrong.
func (p *Pages) SaveSection(w http.ResponseWriter, r *http.Request) error {
	s, err := sectionOf(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.draft(r)
	if err != nil {
		return p.gone(w, r, err)
	}
	v.understand(f, s)
	if err := f.Unknown(); err != nil {
		return err
	}
	kept, err := p.Structures.SaveSection(r.Context(), v.token, s, typedValues(f))
	switch {
	case err != nil && page.Takes(f, err): // it was sent meanwhile, from another tab
		return p.Kit.Done(w, r, v.at("envoyee"), "")
	case err != nil:
		return p.gone(w, r, err)
	}
	v.fill(kept)
	if f.OK() {
		return p.Kit.Done(w, r, v.next(s), "")
	}
	return p.showSection(w, r, v, s, f, nil)
}
