package minutes

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func (p *Pages) newPosition(r *http.Request) (writeView, error) {
	v, err := p.draft(r)
	if err == nil && v.Origin.Body != governance.CMTIN {
		err = page.ErrNotFound // D: the CMTIN alone takes positions
	}
	v.Title = "Ajouter une position ou une demande"
	return v, err
}

// ShowNewPosition shows /equipe/reunions/{id}/seance/{point}/position.
func (p *Pages) ShowNewPosition(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newPosition(r)
	if err != nil {
		return err
	}
	return p.showPositionForm(w, r, v, form.New(), nil)
}

func (p *Pages) showPositionForm(w http.ResponseWriter, r *http.Request, v writeView, f *form.Form, refusal error) error {
	c := teamChrome(v.Title, notesCrumb(v.Origin))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), positionForm(p.Kit.FormChrome(r, c, f), v, f))
}

func readPosition(f *form.Form) minutes.PositionInput {
	return minutes.PositionInput{
		Kind:      valueFor(positionKinds, f.Choice("nature", "Choisissez une prise de position ou une demande.", wordsOf(positionKinds)...)),
		Addressee: f.Line("destinataire", "Dites à qui elle s’adresse.", 200),
		Title:     f.Line("titre", "Donnez un titre, qui la dira dans les listes.", 200),
		Text:      f.Text("texte", "Écrivez le texte tel qu’il est adopté.", 8000),
	}
}

// AddPosition answers POST /equipe/reunions/{id}/seance/{point}/position.
func (p *Pages) AddPosition(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.newPosition(r)
	if err != nil {
		return err
	}
	in := readPosition(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		_, ref, err := p.Minutes.RecordPosition(r.Context(), page.Actor(r), v.Origin.Meeting, v.Origin.Item, in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, in.Kind.Label()+" "+ref+" : inscription faite.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showPositionForm(w, r, v, f, refusal)
}

// positionOf loads the position of the address.
func (p *Pages) positionOf(r *http.Request) (minutes.Position, error) {
	id, err := page.PathID[minutes.PositionID](r, "id")
	if err != nil {
		return minutes.Position{}, err
	}
	return p.Minutes.PositionByID(r.Context(), page.Actor(r), id)
}

func editPosition(x minutes.Position) writeView {
	return writeView{Title: "Modifier " + x.Reference(), Lead: meetingWords(x.From()) + ". " + pointWords(x.Origin) + ".",
		Action: teamPosition(x.ID, "correction"), Back: notesPath(x.Meeting, x.Item), BackLabel: "Retour aux notes",
		Origin: x.Origin, Number: x.Version, Delete: teamPosition(x.ID, "suppression"), Key: page.NewKey()}
}

// ShowPositionEdit shows /equipe/positions/{id}/correction.
func (p *Pages) ShowPositionEdit(w http.ResponseWriter, r *http.Request) error {
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("nature", wordFor(positionKinds, x.Kind))
	f.Set("destinataire", x.Addressee)
	f.Set("titre", x.Title)
	f.Set("texte", x.Text)
	return p.showPositionForm(w, r, editPosition(x), f, nil)
}

// EditPosition answers POST /equipe/positions/{id}/correction.
func (p *Pages) EditPosition(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	v, in, version := editPosition(x), readPosition(f), versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.UpdatePosition(r.Context(), page.Actor(r), x.ID, version, in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, x.Reference()+" : modification enregistrée.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []regVersion{{"Nature", x.Kind.Label(), in.Kind.Label()}, {"Destinataire", x.Addressee, in.Addressee},
			{"Titre", x.Title, in.Title}, {"Texte", x.Text, in.Text}}
	}
	return p.showPositionForm(w, r, v, f, refusal)
}

func deletePosition(x minutes.Position) deleteView {
	return deleteView{Title: "Retirer " + x.Reference(), Origin: x.Origin, Version: x.Version, Action: teamPosition(x.ID, "suppression"),
		Warning: "Le texte est effacé. Le numéro sera donné au prochain texte.",
		Rows:    []ui.SummaryRow{{Key: x.Kind.Label(), Value: typeset(x.Title)}, {Key: "Réunion", Value: meetingWords(x.From())}}}
}

// ShowPositionDelete shows /equipe/positions/{id}/suppression.
func (p *Pages) ShowPositionDelete(w http.ResponseWriter, r *http.Request) error {
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	return p.showDelete(w, r, form.New(), nil, deletePosition(x))
}

// DeletePosition answers POST /equipe/positions/{id}/suppression.
func (p *Pages) DeletePosition(w http.ResponseWriter, r *http.Request) error {
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	return p.takeOff(w, r, deletePosition(x), func(version int) (meeting.ID, error) {
		return p.Minutes.DeletePosition(r.Context(), page.Actor(r), x.ID, version)
	})
}

// ShowPositionFollow shows /equipe/positions/{id}/suivi.
func (p *Pages) ShowPositionFollow(w http.ResponseWriter, r *http.Request) error {
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	return p.showPositionStep(w, r, x, form.New(), nil)
}

func (p *Pages) showPositionStep(w http.ResponseWriter, r *http.Request, x minutes.Position, f *form.Form, refusal error) error {
	v := writeView{Title: "Suivi de " + x.Reference(), Lead: typeset(x.Title), Action: teamPosition(x.ID, "suivi"),
		Back: followPath + "?vue=positions", BackLabel: "Retour au suivi", Origin: x.Origin, Number: x.Version, Key: page.NewKey()}
	c := teamChrome(v.Title, crumbFollow)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), positionStepForm(p.Kit.FormChrome(r, c, f), v, x, f))
}

// FollowPosition answers POST /equipe/positions/{id}/suivi.
func (p *Pages) FollowPosition(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	x, err := p.positionOf(r)
	if err != nil {
		return err
	}
	steps := positionStates[1:]
	step := minutes.PositionStep{
		State:  valueFor(steps, f.Choice("etape", "Choisissez ce qui s’est passé.", wordsOf(steps)...)),
		On:     f.Date("date", "Saisissez la date."),
		Answer: f.Text("reponse", "", 8000),
	}
	if step.State == minutes.PositionAnswered && step.Answer == "" {
		f.Fail("reponse", "Écrivez la réponse ou son résumé.")
	}
	if step.State != minutes.PositionAnswered && step.State != "" && step.Answer != "" {
		f.Fail("reponse", "Choisissez « Réponse reçue » pour inscrire une réponse.")
	}
	version := versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.Step(r.Context(), page.Actor(r), x.ID, version, step)
		if err == nil {
			return p.Kit.Done(w, r, positionPath(x.ID), x.Reference()+" : "+step.State.Label()+".")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showPositionStep(w, r, x, f, refusal)
}
