package sheet

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// statusView is what the pages of a status or a level show.
type statusView struct {
	roadmap.StatusForm
	Change   roadmap.StatusChange // on the page that asks before publishing
	Versions []ui.Version
	Key      string
}

// asksValidation tells whether a status the form offers publishes the action.
func (v statusView) asksValidation() bool { return !v.Public() }

func (v statusView) asksReason() bool {
	for _, s := range v.Status.Next() {
		if s.NeedsReason() {
			return true
		}
	}
	return false
}

func (v statusView) nextOptions() []ui.Option {
	var out []ui.Option
	for _, s := range v.Status.Next() {
		o := ui.Option{Value: s.Slug(), Label: s.Label()}
		switch {
		case v.Publishes(s):
			o.Hint = "L’action est validée : elle devient publique."
		case s == roadmap.Suspended:
			o.Hint = "Avec un motif. L’action peut reprendre plus tard."
		case s == roadmap.Done:
			o.Hint = "L’objectif est atteint. L’avancement passe à " + french.Percent(100) + "."
		case s == roadmap.Abandoned:
			o.Hint = "Avec un motif. L’action reste dans la feuille de route, comme abandonnée."
		case s == roadmap.InProgress:
			o.Hint = "Le travail est commencé, ou reprend."
		}
		out = append(out, o)
	}
	return out
}

func (v statusView) decisionOptions() []ui.Option {
	out := make([]ui.Option, 0, len(v.Decisions))
	for _, d := range v.Decisions {
		out = append(out, ui.Option{Value: page.IDText(d.ID), Label: d.Reference() + ", " + french.Typo(d.Title)})
	}
	return out
}

// validatedBy says what validates the action, on the page that asks before.
func (v statusView) validatedBy() string {
	for _, d := range v.Decisions {
		if d.ID == v.Change.Decision {
			return "Décision " + d.Reference() + ", " + d.Title
		}
	}
	return v.Change.Validation
}

func (p *Pages) statusView(r *http.Request) (statusView, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return statusView{}, err
	}
	a, err := p.Roadmap.StatusForm(r.Context(), page.Actor(r), id)
	return statusView{StatusForm: a}, err
}

// ShowStatus shows /equipe/feuille-de-route/actions/{id}/etat.
func (p *Pages) ShowStatus(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	return p.showStatus(w, r, v, form.New(), nil)
}

func (p *Pages) showStatus(w http.ResponseWriter, r *http.Request, v statusView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []ui.Version{{Label: "État", Theirs: v.Status.Label(), Yours: statusOf(f.Value("etat")).Label()}, {Label: "Motif", Theirs: v.StatusReason, Yours: f.Value("motif")},
			{Label: "Validée par", Theirs: v.Validation, Yours: f.Value("validation")}}
	}
	c := p.Kit.FormChrome(r, actionChrome("Changer l’état de l’action", v.Action), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), statusPage(c, v, f))
}

// ChangeStatus answers POST /equipe/feuille-de-route/actions/{id}/etat. Publishing an
// action cannot be undone: a page asks first.
func (p *Pages) ChangeStatus(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	in := readStatus(f)
	in.Action = v.ID
	sure := f.Bool("verifie")
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showStatus(w, r, v, f, nil)
	}
	var refusal error
	if v.Publishes(in.To) && !sure {
		if refusal = v.CheckStatus(in); refusal == nil {
			v.Change, v.Key = in, page.NewKey()
			return p.Kit.Show(w, r, http.StatusOK, publicationPage(p.Kit.Chrome(r, actionChrome("Valider et publier l’action", v.Action)), v))
		}
	} else {
		var now roadmap.Action
		if now, refusal = p.Roadmap.ChangeStatus(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.TeamPath(v.ID), "L’état de l’action est maintenant « "+now.Status.Label()+" ».")
		}
	}
	if !page.Takes(f, refusal) {
		return refusal
	}
	return p.showStatus(w, r, v, f, refusal)
}

func readStatus(f *form.Form) roadmap.StatusChange {
	all := make([]string, 0, len(roadmap.Statuses))
	for _, s := range roadmap.Statuses {
		all = append(all, s.Slug())
	}
	return roadmap.StatusChange{
		To:         statusOf(f.Choice("etat", "Choisissez un état.", all...)),
		Reason:     f.Text("motif", "", 1000),
		Decision:   roadmap.DecisionID(f.ID("decision", "")),
		Validation: f.Line("validation", "", 200),
		Version:    f.Int("version", "Rechargez la page.", 1, 1<<30),
	}
}

// ShowConfidence shows /equipe/feuille-de-route/actions/{id}/confiance.
func (p *Pages) ShowConfidence(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("confiance", wordOf(confidenceSlugs, v.Confidence))
	return p.showConfidence(w, r, v, f, nil)
}

func (p *Pages) showConfidence(w http.ResponseWriter, r *http.Request, v statusView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []ui.Version{{Label: "Niveau de confiance", Theirs: v.Confidence.Label(), Yours: valueOf(confidenceSlugs, f.Value("confiance")).Label()}}
	}
	c := p.Kit.FormChrome(r, actionChrome("Évaluer la confiance", v.Action), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), confidencePage(c, v, f))
}

// ChangeConfidence answers POST /equipe/feuille-de-route/actions/{id}/confiance.
func (p *Pages) ChangeConfidence(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	level := valueOf(confidenceSlugs, f.Choice("confiance", "Choisissez un niveau de confiance.", words(confidenceSlugs)...))
	version := f.Int("version", "Rechargez la page.", 1, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Roadmap.ChangeConfidence(r.Context(), page.Actor(r), v.ID, version, level); refusal == nil {
			return p.Kit.Done(w, r, rm.TeamPath(v.ID), "Le niveau de confiance est maintenant « "+level.Label()+" ».")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showConfidence(w, r, v, f, refusal)
}
