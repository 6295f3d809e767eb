package examine

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"

	sheets "bordeaux-metropole.fr/portal/web/structure"
)

// applicationView is a request as its applicant reads it, by a personal link.
type applicationView struct {
	structure.Application
	Path string // of the page, its token in it
}

// application loads the request a personal link leads to. The page is one person's:
// it is in nobody's cache.
func (p *Pages) application(w http.ResponseWriter, r *http.Request) (applicationView, error) {
	w.Header().Set("Cache-Control", "no-store")
	token := chi.URLParam(r, "token")
	a, err := p.Structures.Application(r.Context(), token)
	return applicationView{a, structure.RequestPath + token}, err
}

// ShowApplication shows /structures/demande/{token}. It changes nothing: mail
// scanners open links before their readers do.
func (p *Pages) ShowApplication(w http.ResponseWriter, r *http.Request) error {
	return p.showApplication(w, r, form.New(), nil)
}

func (p *Pages) showApplication(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.application(w, r)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Demande " + french.De(v.Sheet.Name), Section: "Structures"}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), applicationPage(p.Kit.FormChrome(r, c, f), v, f))
}

// AnswerTeam answers POST /structures/demande/{token}: the applicant's answer to the
// team's question.
func (p *Pages) AnswerTeam(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	answer := f.Text("reponse", "Écrivez votre réponse.", structure.MaxDecisionText)
	if err := f.Unknown(); err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	var refusal error
	if f.OK() {
		if refusal = p.Structures.AnswerTeam(r.Context(), page.Actor(r), token, answer); refusal == nil {
			return p.Kit.Done(w, r, structure.RequestPath+token, "Votre réponse est envoyée à l’équipe. Un message vous donnera la suite.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showApplication(w, r, f, refusal)
}

// standing says where the request stands, in a sentence.
func (v applicationView) standing() string {
	switch v.Sheet.State {
	case structure.Submitted:
		return "Votre demande attend sa réponse depuis le " + french.LongDate(day.In(*v.Sheet.SubmittedAt)) +
			". L’équipe de Bordeaux Métropole l’examine" + french.Narrow + "; un message vous donnera la réponse."
	case structure.MoreAsked:
		return "L’équipe de Bordeaux Métropole vous demande une précision avant de décider."
	case structure.Unconfirmed:
		return "Confirmez d’abord votre adresse électronique, avec le lien du premier message reçu."
	case structure.Accepted:
		return "Votre structure est membre du Groupe Numérique Inclusif (GNI), dans le collège «" + french.NBSP + v.Sheet.College.Label() + french.NBSP + "»."
	case structure.Refused:
		return "Votre demande est refusée."
	case structure.Merged:
		return "Cette fiche est réunie à une autre fiche de votre structure."
	}
	return "Cette demande est sans suite."
}

// parts are the sections of the sheet, in words, and where each is changed.
func (v applicationView) parts() []sheetPart {
	if !v.Told() {
		return nil
	}
	var out []sheetPart
	for _, s := range structure.ApplicationSections {
		part := sheetPart{Title: s.Label(), Rows: sheets.Rows(s, v.Sheet)}
		if v.Editable() {
			sheets.Changeable(part.Rows, v.Path+"/"+string(s), part.Title)
		}
		out = append(out, part)
	}
	return out
}

// applicationSection reads the section of the address.
func applicationSection(r *http.Request) (structure.Section, error) {
	s := structure.Section(chi.URLParam(r, "section"))
	if !slices.Contains(structure.ApplicationSections, s) {
		return "", page.ErrNotFound
	}
	return s, nil
}

// sectionView is a section of a request, being changed.
type sectionView struct {
	applicationView
	Section structure.Section
	Choices sheets.Choices
	Stale   bool // somebody changed it meanwhile
}

// ShowApplicationSection shows /structures/demande/{token}/{section}.
func (p *Pages) ShowApplicationSection(w http.ResponseWriter, r *http.Request) error {
	section, err := applicationSection(r)
	if err != nil {
		return err
	}
	v, err := p.application(w, r)
	if err != nil {
		return err
	}
	f := form.New()
	sheets.Fill(f, section, v.Sheet)
	return p.showApplicationSection(w, r, v, section, f, nil)
}

func (p *Pages) showApplicationSection(w http.ResponseWriter, r *http.Request, v applicationView, section structure.Section, f *form.Form, refusal error) error {
	switch {
	case v.Editable():
	case refusal != nil: // decided while the form was open
		return p.showApplication(w, r, f, refusal)
	default:
		return p.Kit.Done(w, r, v.Path, "Cette demande ne se modifie plus ici.")
	}
	x := sectionView{applicationView: v, Section: section, Choices: sheets.NewChoices(v.Communes), Stale: problem.KindOf(refusal) == problem.Conflict}
	c := ui.Chrome{Title: section.Label(), Section: "Structures", Crumbs: []ui.Crumb{{Label: "Demande " + french.De(v.Sheet.Name), Href: v.Path}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), applicationSectionPage(p.Kit.FormChrome(r, c, f), x, f))
}

// ChangeApplicationSection answers POST /structures/demande/{token}/{section}.
func (p *Pages) ChangeApplicationSection(w http.ResponseWriter, r *http.Request) error {
	section, err := applicationSection(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.application(w, r)
	if err != nil {
		return err
	}
	sheet := v.Sheet
	sheets.Read(f, section, &sheet)
	sheet.Version = f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Structures.ChangeApplication(r.Context(), page.Actor(r), chi.URLParam(r, "token"), sheet, section); refusal == nil {
			return p.Kit.Done(w, r, v.Path, "Votre modification est enregistrée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if v, err = p.application(w, r); err != nil { // as it is now
			return err
		}
	}
	return p.showApplicationSection(w, r, v, section, f, refusal)
}

// ShowWithdrawal shows /structures/demande/{token}/retrait.
func (p *Pages) ShowWithdrawal(w http.ResponseWriter, r *http.Request) error {
	v, err := p.application(w, r)
	if err != nil {
		return err
	}
	if !v.Editable() {
		return p.Kit.Done(w, r, v.Path, "Cette demande ne se retire plus.")
	}
	c := ui.Chrome{Title: "Retirer ma demande", Section: "Structures", Crumbs: []ui.Crumb{{Label: "Demande " + french.De(v.Sheet.Name), Href: v.Path}}}
	return p.Kit.Show(w, r, http.StatusOK, withdrawalPage(p.Kit.Chrome(r, c), v))
}

// Withdraw answers POST /structures/demande/{token}/retrait.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	if f.OK() {
		if err := p.Structures.Withdraw(r.Context(), page.Actor(r), token); err != nil {
			return err
		}
		return p.Kit.Done(w, r, structure.RequestPath+token, "Votre demande est retirée. Les personnes qui y étaient nommées sont effacées.")
	}
	return p.ShowWithdrawal(w, r)
}
