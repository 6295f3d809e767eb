package minutes

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// correctionsView is what the team's list of corrections shows. Each correction has
// its own form: At is the one that came back.
type correctionsView struct {
	minutes.Sheet
	List []minutes.Correction
	At   minutes.CorrectionID
	Form *form.Form
}

// form returns what was typed for a correction.
func (v correctionsView) form(c minutes.Correction) *form.Form {
	if c.ID == v.At {
		return v.Form
	}
	return form.New()
}

// answerField is the field of the answer to a correction: its id is its own, but
// for the one that came back, which the summary of errors leads to.
func (v correctionsView) answerField(c minutes.Correction) ui.Field {
	x := ui.Field{Name: "reponse", Label: "Votre réponse", Hint: "Obligatoire si la correction n’est pas retenue. Elle est envoyée à son auteur.", Rows: 2, Max: minutes.MaxAnswer}
	if c.ID != v.At {
		x.ID = "reponse-" + page.IDText(c.ID)
	}
	return x
}

func correctionKind(s minutes.CorrectionState) ui.Kind {
	switch s {
	case minutes.CorrectionAccepted:
		return ui.OK
	case minutes.CorrectionRefused:
		return ui.Neutral
	}
	return ui.Info
}

// ListCorrections shows …/compte-rendu/corrections.
func (p *Pages) ListCorrections(w http.ResponseWriter, r *http.Request) error {
	return p.showCorrections(w, r, 0, form.New(), nil)
}

func (p *Pages) showCorrections(w http.ResponseWriter, r *http.Request, at minutes.CorrectionID, f *form.Form, refusal error) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	list, err := p.Minutes.Corrections(r.Context(), page.Actor(r), v.Meeting)
	if err != nil {
		return err
	}
	c := textChrome(v, "Corrections demandées")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), correctionsPage(p.Kit.FormChrome(r, c, f), correctionsView{v, list, at, f}))
}

// AnswerCorrection answers POST …/compte-rendu/corrections.
func (p *Pages) AnswerCorrection(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	which := minutes.CorrectionID(f.ID("correction", "Choisissez une demande."))
	version := f.Int("version", "", 0, 1<<30)
	decision := f.Choice("decision", "Dites si la correction est retenue.", "oui", "non")
	answer := f.Text("reponse", "", minutes.MaxAnswer)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Minutes.AnswerCorrection(r.Context(), page.Actor(r), id, which, version, decision == "oui", answer)
		if refusal == nil {
			said := "La correction n’est pas retenue. Son auteur en est informé."
			if decision == "oui" {
				said = "La correction est retenue. Son auteur en est informé. Pensez à la porter dans le texte."
			}
			return p.Kit.Done(w, r, editorPath(id, "/corrections"), said)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showCorrections(w, r, which, f, refusal)
}
