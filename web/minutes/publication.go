package minutes

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// validationPath is where the chair validates.
func validationPath(id meeting.ID) string {
	return crumbMeetings.Href + "/" + page.IDText(id) + "/validation"
}

// ShowValidation shows /reunions/{id}/validation to whoever validates.
func (p *Pages) ShowValidation(w http.ResponseWriter, r *http.Request) error {
	return p.showValidation(w, r, form.New(), nil)
}

func (p *Pages) showValidation(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := textID(r)
	if err != nil {
		return err
	}
	v, err := p.Minutes.ForValidation(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Valider : " + french.Small(v.Title()), Section: section, Crumbs: []ui.Crumb{crumbHome, crumbMeetings}}
	c.Title = french.Typo(c.Title)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), validationPage(p.Kit.FormChrome(r, c, f), v, page.NewKey(), f))
}

// Validate answers POST /reunions/{id}/validation: the text is validated, or sent
// back with a word.
func (p *Pages) Validate(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	act := f.Choice("acte", "Choisissez de valider ou de demander une reprise.", "valider", "reprendre")
	word := f.Text("motif", "", 1000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		said := "Le compte rendu est validé. L’équipe métropolitaine peut le publier."
		if act == "valider" {
			refusal = p.Minutes.Validate(r.Context(), page.Actor(r), id, version)
		} else {
			refusal = p.Minutes.SendBack(r.Context(), page.Actor(r), id, version, word)
			said = "Votre demande de reprise est envoyée à l’équipe métropolitaine."
		}
		if refusal == nil {
			return p.Kit.Done(w, r, validationPath(id), said)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showValidation(w, r, f, refusal)
}

// ShowPublish shows …/compte-rendu/publication: the check before publishing.
func (p *Pages) ShowPublish(w http.ResponseWriter, r *http.Request) error {
	return p.showPublish(w, r, form.New(), nil)
}

func (p *Pages) showPublish(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	title := "Publier le compte rendu"
	if v.Publications > 0 {
		title = "Rectifier le compte rendu publié"
	}
	rows := []ui.SummaryRow{{Key: "Compte rendu", Value: v.Title()}, {Key: "État", Content: ui.Tag(stateKind(v.State), v.State.Label())}}
	if v.ValidatedAt != nil {
		rows = append(rows, ui.SummaryRow{Key: "Validé", Value: french.DateTime(*v.ValidatedAt) + ", par " + v.ValidatedBy})
	}
	c := textChrome(v, title)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), publishPage(p.Kit.FormChrome(r, c, f), v, rows, page.NewKey(), f))
}

// Publish answers POST …/compte-rendu/publication.
func (p *Pages) Publish(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	reason := f.Text("motif", "", 1000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Minutes.Publish(r.Context(), page.Actor(r), id, version, reason)
		if refusal == nil {
			return p.Kit.Done(w, r, publicText(id), "Le compte rendu est publié. Les participants en sont informés.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPublish(w, r, f, refusal)
}

// canPublish tells whether the check page offers its button.
func canPublish(v minutes.Sheet) bool { return v.State == minutes.StateValidated }
