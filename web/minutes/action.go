package minutes

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func (p *Pages) newAction(r *http.Request) (writeView, error) {
	v, err := p.draft(r)
	v.Title = "Ajouter une action demandée"
	return v, err
}

// ShowNewAction shows /equipe/reunions/{id}/seance/{point}/action.
func (p *Pages) ShowNewAction(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newAction(r)
	if err != nil {
		return err
	}
	return p.showActionForm(w, r, v, form.New(), nil)
}

func (p *Pages) showActionForm(w http.ResponseWriter, r *http.Request, v writeView, f *form.Form, refusal error) error {
	c := teamChrome(v.Title, notesCrumb(v.Origin))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), actionForm(p.Kit.FormChrome(r, c, f), v, f))
}

func readAction(f *form.Form) minutes.ActionInput {
	return minutes.ActionInput{
		What:      f.Line("action", "Dites ce qui est demandé.", 500),
		Recipient: meeting.ConvocationID(f.ID("destinataire", "")),
		Owner:     f.Line("responsable", "", 200),
		DueOn:     f.Date("echeance", "Saisissez la date à laquelle l’action doit être faite."),
	}
}

func ownerOptions(v writeView) []ui.Option {
	out := make([]ui.Option, 0, len(v.Owners))
	for _, o := range v.Owners {
		label := o.Name
		if o.Label != "" {
			label += ", " + o.Label
		}
		out = append(out, ui.Option{Value: page.IDText(o.ID), Label: label})
	}
	return out
}

// AddAction answers POST /equipe/reunions/{id}/seance/{point}/action.
func (p *Pages) AddAction(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.newAction(r)
	if err != nil {
		return err
	}
	in := readAction(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		_, err := p.Minutes.RecordAction(r.Context(), page.Actor(r), v.Origin.Meeting, v.Origin.Item, in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, "Action demandée pour le "+french.LongDate(in.DueOn)+".")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showActionForm(w, r, v, f, refusal)
}

// actionOf loads the asked action of the address for the team.
func (p *Pages) actionOf(r *http.Request) (minutes.AskedAction, writeView, error) {
	id, err := page.PathID[minutes.ActionID](r, "id")
	if err != nil {
		return minutes.AskedAction{}, writeView{}, err
	}
	a, owners, err := p.Minutes.ActionByID(r.Context(), page.Actor(r), id)
	v := writeView{Title: "Action demandée", Lead: meetingWords(a.From()) + ". " + pointWords(a.Origin) + ".", Action: teamAction(id, "correction"),
		Back: notesPath(a.Meeting, a.Item), BackLabel: "Retour aux notes", Origin: a.Origin, Number: a.Version, Owners: owners, Key: page.NewKey()}
	if err == nil && !a.Published() {
		v.Delete = teamAction(id, "suppression")
	}
	return a, v, err
}

// ShowActionEdit shows /equipe/actions-demandees/{id}/correction.
func (p *Pages) ShowActionEdit(w http.ResponseWriter, r *http.Request) error {
	a, v, err := p.actionOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("action", a.What)
	f.Set("responsable", a.Owner)
	f.Set("echeance", french.NumericDate(a.DueOn))
	return p.showActionForm(w, r, v, f, nil)
}

// EditAction answers POST /equipe/actions-demandees/{id}/correction.
func (p *Pages) EditAction(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	a, v, err := p.actionOf(r)
	if err != nil {
		return err
	}
	in, version := readAction(f), versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.UpdateAction(r.Context(), page.Actor(r), a.ID, version, in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, "Action demandée : modification enregistrée.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []regVersion{{"Action", a.What, in.What}, {"Responsable", a.Owner, in.Owner}, {"Échéance", french.LongDate(a.DueOn), f.Value("echeance")}}
	}
	return p.showActionForm(w, r, v, f, refusal)
}

func deleteAction(a minutes.AskedAction) deleteView {
	return deleteView{Title: "Retirer l’action demandée", Origin: a.Origin, Version: a.Version, Action: teamAction(a.ID, "suppression"),
		Warning: "L’action est effacée. Pour dire qu’elle n’a plus lieu d’être, marquez-la plutôt comme abandonnée.",
		Rows:    []ui.SummaryRow{{Key: "Action", Value: typeset(a.What)}, {Key: "Responsable", Value: typeset(a.Owner)}}}
}

// ShowActionDelete shows /equipe/actions-demandees/{id}/suppression.
func (p *Pages) ShowActionDelete(w http.ResponseWriter, r *http.Request) error {
	a, _, err := p.actionOf(r)
	if err != nil {
		return err
	}
	return p.showDelete(w, r, form.New(), nil, deleteAction(a))
}

// DeleteAction answers POST /equipe/actions-demandees/{id}/suppression.
func (p *Pages) DeleteAction(w http.ResponseWriter, r *http.Request) error {
	a, _, err := p.actionOf(r)
	if err != nil {
		return err
	}
	return p.takeOff(w, r, deleteAction(a), func(version int) (meeting.ID, error) {
		return p.Minutes.DeleteAction(r.Context(), page.Actor(r), a.ID, version)
	})
}

// ShowActionState shows /equipe/actions-demandees/{id}/etat.
func (p *Pages) ShowActionState(w http.ResponseWriter, r *http.Request) error {
	a, v, err := p.actionOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("note", a.Note)
	return p.showActionState(w, r, a, v, f, nil)
}

// statesAfter lists what an action may become.
func statesAfter(a minutes.AskedAction) []word[minutes.ActionState] {
	if a.State == minutes.ActionOpen {
		return actionWords[:2]
	}
	return actionWords
}

func (p *Pages) showActionState(w http.ResponseWriter, r *http.Request, a minutes.AskedAction, v writeView, f *form.Form, refusal error) error {
	v.Title, v.Lead, v.Delete = "Où en est l’action demandée", typeset(a.What)+" ("+typeset(a.Owner)+", pour le "+french.LongDate(a.DueOn)+")", ""
	v.Action, v.Back, v.BackLabel = teamAction(a.ID, "etat"), followPath+"?vue=actions", "Retour au suivi"
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []regVersion{{"État", a.State.Label(), valueFor(actionWords, f.Value("etat")).Label()}, {"Note", a.Note, f.Value("note")}}
	}
	c := teamChrome(v.Title, crumbFollow)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), actionStateForm(p.Kit.FormChrome(r, c, f), v, statesAfter(a), f))
}

// SetActionState answers POST /equipe/actions-demandees/{id}/etat.
func (p *Pages) SetActionState(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	a, v, err := p.actionOf(r)
	if err != nil {
		return err
	}
	state := valueFor(actionWords, f.Choice("etat", "Choisissez où en est l’action.", wordsOf(actionWords)...))
	note, version := f.Text("note", "", 1000), versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.SettleAction(r.Context(), page.Actor(r), a.ID, version, state, note)
		if err == nil {
			return p.Kit.Done(w, r, followPath+"?vue=actions", "Action demandée : "+state.Label()+".")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showActionState(w, r, a, v, f, refusal)
}

// myActionsView is what is asked of who is signed in.
type myActionsView struct {
	Actions []minutes.AskedAction
	Today   day.Day
	Key     string
}

func (v myActionsView) open() []minutes.AskedAction {
	for i, a := range v.Actions {
		if a.State != minutes.ActionOpen {
			return v.Actions[:i] // what is to do stands first
		}
	}
	return v.Actions
}

func (v myActionsView) settled() []minutes.AskedAction { return v.Actions[len(v.open()):] }

func myNote(id minutes.ActionID) string { return "note-" + page.IDText(id) }

// ShowMyActions shows /mes-reunions/actions.
func (p *Pages) ShowMyActions(w http.ResponseWriter, r *http.Request) error {
	return p.showMyActions(w, r, form.New(), nil)
}

func (p *Pages) showMyActions(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	actions, err := p.Minutes.MyActions(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	v := myActionsView{Actions: actions, Today: day.Today(), Key: page.NewKey()}
	c := ui.Chrome{Title: "Les actions qui me sont demandées", Section: section, Crumbs: []ui.Crumb{crumbHome}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), myActionsPage(p.Kit.FormChrome(r, c, f), v, f))
}

// SettleMyAction answers POST /mes-reunions/actions.
func (p *Pages) SettleMyAction(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id := minutes.ActionID(f.ID("demande", "Choisissez une action."))
	note := f.Text(myNote(id), "", 1000)
	state := valueFor(actionWords[:2], f.Choice("etat", "Dites si l’action est réalisée ou abandonnée.", wordsOf(actionWords[:2])...))
	version := versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	if state == minutes.ActionDropped && note == "" {
		f.Fail(myNote(id), "Dites pourquoi l’action est abandonnée.")
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.SettleAction(r.Context(), page.Actor(r), id, version, state, note)
		if err == nil {
			return p.Kit.Done(w, r, minutes.MyActionsPath, "C’est noté : "+state.Label()+". L’équipe le voit dès maintenant.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showMyActions(w, r, f, refusal)
}
