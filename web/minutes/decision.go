package minutes

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// writeView is a form page about what a meeting leaves.
type writeView struct {
	Title, Lead  string
	Action, Back string
	BackLabel    string
	Origin       minutes.Origin
	Kind         minutes.DecisionKind
	Number       int // version the form is typed over; 0: something new
	Rectify      bool
	Owners       []minutes.OwnerChoice
	Versions     []regVersion
	Delete       string // address of the page that takes it off, "" for none
	Key          string
}

// draft finds the meeting and the point under which something is added.
func (p *Pages) draft(r *http.Request) (writeView, error) {
	s, err := p.notes(r)
	if err != nil {
		return writeView{}, err
	}
	item, err := pointID(r)
	if err != nil {
		return writeView{}, err
	}
	v := writeView{Origin: s.Origin, Action: r.URL.Path, Back: notesPath(s.Meeting, item), BackLabel: "Retour aux notes", Owners: s.Owners, Key: page.NewKey()}
	v.Origin.Item = item
	for _, x := range s.Points {
		if x.ID == item {
			v.Origin.ItemNumber, v.Origin.ItemTitle = x.Number, x.Title
		}
	}
	if item != 0 && v.Origin.ItemNumber == "" {
		return writeView{}, page.ErrNotFound
	}
	v.Lead = meetingWords(s.From()) + ". " + pointWords(v.Origin) + "."
	return v, nil
}

func (p *Pages) newDecision(r *http.Request) (writeView, error) {
	v, err := p.draft(r)
	v.Kind = valueFor(decisionKinds, chi.URLParam(r, "nature"))
	v.Title = "Ajouter une décision"
	if v.Kind == minutes.KindOpinion {
		v.Title = "Ajouter un avis"
	}
	return v, err
}

// ShowNewDecision shows /equipe/reunions/{id}/seance/{point}/{nature}.
func (p *Pages) ShowNewDecision(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newDecision(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("mode", "consensus")
	if v.Origin.ItemTitle != "" {
		f.Set("titre", v.Origin.ItemTitle)
	}
	return p.showDecisionForm(w, r, v, f, nil)
}

func (p *Pages) showDecisionForm(w http.ResponseWriter, r *http.Request, v writeView, f *form.Form, refusal error) error {
	c := teamChrome(v.Title, notesCrumb(v.Origin))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), decisionForm(p.Kit.FormChrome(r, c, f), v, f))
}

// readDecision reads the fields of the form of a decision.
func readDecision(f *form.Form, kind minutes.DecisionKind) minutes.DecisionInput {
	in := minutes.DecisionInput{Kind: kind}
	in.Title = f.Line("titre", "Donnez un titre, qui dira la décision dans les listes.", 200)
	in.Text = f.Text("texte", "Écrivez le texte tel qu’il est adopté.", 8000)
	words := outcomesOf(kind)
	in.Outcome = valueFor(words, f.Choice("resultat", "Choisissez ce que la réunion a fait du texte.", wordsOf(words)...))
	in.Method = valueFor(methodWords, f.Choice("mode", "Choisissez comment la réunion a décidé.", wordsOf(methodWords)...))
	for _, x := range []struct {
		name string
		to   **int
	}{{"pour", &in.For}, {"contre", &in.Against}, {"abstentions", &in.Abstentions}} {
		if n := f.Int(x.name, "", 0, 10_000); f.Value(x.name) != "" {
			*x.to = &n
		}
	}
	return in
}

// AddDecision answers POST /equipe/reunions/{id}/seance/{point}/{nature}.
func (p *Pages) AddDecision(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.newDecision(r)
	if err != nil {
		return err
	}
	in := readDecision(f, v.Kind)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		done, err := p.Minutes.RecordDecision(r.Context(), page.Actor(r), v.Origin.Meeting, v.Origin.Item, in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, withWarning(v.Kind.Label()+" "+done.Reference+" : inscription faite.", done.Warning))
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showDecisionForm(w, r, v, f, refusal)
}

func withWarning(message, warning string) string {
	if warning != "" {
		message += " " + typeset(warning)
	}
	return message
}

// decisionOf loads the decision of the address for the team.
func (p *Pages) decisionOf(r *http.Request) (minutes.Decision, error) {
	id, err := page.PathID[minutes.DecisionID](r, "id")
	if err != nil {
		return minutes.Decision{}, err
	}
	v, err := p.Minutes.DecisionByID(r.Context(), page.Actor(r), id)
	if err == nil && v.SupersededBy != 0 {
		err = page.ErrNotFound // the version in force has its own page
	}
	return v.Decision, err
}

func editDecision(d minutes.Decision) writeView {
	v := writeView{Title: "Modifier " + d.Reference(), Lead: meetingWords(d.From()) + ". " + pointWords(d.Origin) + ".",
		Action: teamDecision(d.ID, "correction"), Back: notesPath(d.Meeting, d.Item), BackLabel: "Retour aux notes",
		Origin: d.Origin, Kind: d.Kind, Number: d.Version, Key: page.NewKey()}
	if d.Published() {
		v.Rectify, v.Title, v.Back, v.BackLabel = true, "Rectifier "+d.Reference(), decisionPath(d.ID), "Retour à la décision"
	} else {
		v.Delete = teamDecision(d.ID, "suppression")
	}
	return v
}

// ShowDecisionEdit shows /equipe/decisions/{id}/correction.
func (p *Pages) ShowDecisionEdit(w http.ResponseWriter, r *http.Request) error {
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", d.Title)
	f.Set("texte", d.Text)
	f.Set("resultat", wordFor(outcomesOf(d.Kind), d.Outcome))
	f.Set("mode", wordFor(methodWords, d.Method))
	for name, n := range map[string]*int{"pour": d.For, "contre": d.Against, "abstentions": d.Abstentions} {
		if n != nil {
			f.Set(name, strconv.Itoa(*n))
		}
	}
	return p.showDecisionForm(w, r, editDecision(d), f, nil)
}

// EditDecision answers POST /equipe/decisions/{id}/correction: a change in place
// before publication; after it a rectification, checked once before it is published.
func (p *Pages) EditDecision(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	v := editDecision(d)
	in, version, reason, sure := readDecision(f, d.Kind), versionField(f), "", f.Bool("confirme")
	if f.Raw("motif"); v.Rectify {
		reason = f.Text("motif", "Dites pourquoi la décision est rectifiée : ce motif est publié.", 1000)
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		switch {
		case v.Rectify && !sure && version == d.Version:
			c := teamChrome("Vérifier la rectification de "+d.Reference(), notesCrumb(d.Origin))
			return p.Kit.Show(w, r, http.StatusOK, rectifyCheck(p.Kit.Chrome(r, c), v, d, in, reason, f))
		case v.Rectify:
			var done minutes.RecordedDecision
			if done, err = p.Minutes.Supersede(r.Context(), page.Actor(r), d.ID, version, in, reason); err == nil {
				return p.Kit.Done(w, r, decisionPath(done.ID), withWarning("Rectification publiée. L’ancienne version reste lisible.", done.Warning))
			}
		default:
			var done minutes.RecordedDecision
			if done, err = p.Minutes.UpdateDecision(r.Context(), page.Actor(r), d.ID, version, in); err == nil {
				return p.Kit.Done(w, r, v.Back, withWarning(done.Reference+" : modification enregistrée.", done.Warning))
			}
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []regVersion{{"Titre", d.Title, f.Value("titre")}, {"Texte", d.Text, f.Value("texte")},
			{"Résultat", d.Outcome.Label(), valueFor(outcomesOf(d.Kind), f.Value("resultat")).Label()}, {"Mode", votesWords(d), votesWords(typedVotes(in))}}
	}
	return p.showDecisionForm(w, r, v, f, refusal)
}

func typedVotes(in minutes.DecisionInput) minutes.Decision {
	return minutes.Decision{Method: in.Method, For: in.For, Against: in.Against, Abstentions: in.Abstentions}
}

// rectifyHidden carries the form through the page that checks it.
func rectifyHidden(f *form.Form) []ui.HiddenField {
	out := []ui.HiddenField{{Name: "confirme", Value: "oui"}}
	for _, n := range []string{"titre", "texte", "resultat", "mode", "pour", "contre", "abstentions", "version", "motif"} {
		out = append(out, ui.HiddenField{Name: n, Value: f.Value(n)})
	}
	return out
}

// ShowDecisionDelete shows /equipe/decisions/{id}/suppression.
func (p *Pages) ShowDecisionDelete(w http.ResponseWriter, r *http.Request) error {
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	return p.showDelete(w, r, form.New(), nil, deleteDecision(d))
}

func deleteDecision(d minutes.Decision) deleteView {
	return deleteView{Title: "Retirer " + d.Reference(), Origin: d.Origin, Version: d.Version, Action: teamDecision(d.ID, "suppression"),
		Warning: "Le texte et ses votes sont effacés. Le numéro sera donné au prochain texte.",
		Rows:    []ui.SummaryRow{{Key: d.Kind.Label(), Value: typeset(d.Title)}, {Key: "Réunion", Value: meetingWords(d.From())}}}
}

// deleteView is what a page that takes something off says.
type deleteView struct {
	Title, Warning, Action string
	Origin                 minutes.Origin
	Version                int
	Rows                   []ui.SummaryRow
}

func (p *Pages) showDelete(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error, v deleteView) error {
	c := teamChrome(v.Title, notesCrumb(v.Origin))
	view := ui.ConfirmView{Lead: "", Rows: v.Rows, Warning: v.Warning, Action: v.Action, Key: page.NewKey(), Submit: v.Title, Danger: true,
		Hidden: []ui.HiddenField{{Name: "version", Value: strconv.Itoa(v.Version)}}, Cancel: notesPath(v.Origin.Meeting, v.Origin.Item)}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), deletePage(p.Kit.FormChrome(r, c, f), view, f))
}

// takeOff does the deletion of a confirmation page.
func (p *Pages) takeOff(w http.ResponseWriter, r *http.Request, v deleteView, do func(version int) (meeting.ID, error)) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		_, err := do(version)
		if err == nil {
			return p.Kit.Done(w, r, notesPath(v.Origin.Meeting, v.Origin.Item), v.Title+" : c’est fait.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showDelete(w, r, f, refusal, v)
}

// DeleteDecision answers POST /equipe/decisions/{id}/suppression.
func (p *Pages) DeleteDecision(w http.ResponseWriter, r *http.Request) error {
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	return p.takeOff(w, r, deleteDecision(d), func(version int) (meeting.ID, error) {
		return p.Minutes.DeleteDecision(r.Context(), page.Actor(r), d.ID, version)
	})
}

// ShowDecisionFollow shows /equipe/decisions/{id}/suivi.
func (p *Pages) ShowDecisionFollow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("etat", wordFor(followWords, d.FollowUp))
	f.Set("note", d.FollowUpNote)
	return p.showFollow(w, r, d, f, nil)
}

func (p *Pages) showFollow(w http.ResponseWriter, r *http.Request, d minutes.Decision, f *form.Form, refusal error) error {
	v := writeView{Title: "Suivi de " + d.Reference(), Lead: typeset(d.Title), Action: teamDecision(d.ID, "suivi"), Back: followPath,
		BackLabel: "Retour au suivi", Origin: d.Origin, Number: d.Version, Key: page.NewKey()}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []regVersion{{"État", d.FollowUp.Label(), valueFor(followWords, f.Value("etat")).Label()}, {"Note", d.FollowUpNote, f.Value("note")}}
	}
	c := teamChrome(v.Title, crumbFollow)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), followForm(p.Kit.FormChrome(r, c, f), v, f))
}

// FollowDecision answers POST /equipe/decisions/{id}/suivi.
func (p *Pages) FollowDecision(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	d, err := p.decisionOf(r)
	if err != nil {
		return err
	}
	state := valueFor(followWords, f.Choice("etat", "Choisissez où en est la décision.", wordsOf(followWords)...))
	note, version := f.Text("note", "", 2000), versionField(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Minutes.SetFollowUp(r.Context(), page.Actor(r), d.ID, version, state, note)
		if err == nil {
			return p.Kit.Done(w, r, followPath, d.Reference()+" : suivi mis à jour.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showFollow(w, r, d, f, refusal)
}
