package sheet

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Words of the field « perimetre ».
const (
	allCommunes  = "toutes"
	someCommunes = "choisies"
)

// addRow is the word of the button that adds a line for a partner (field « acte »).
const addRow = "ligne"

// maxChecked is past what any list of check boxes of ours can send.
const maxChecked = 100

// editView is what the form of an action shows beside it.
type editView struct {
	roadmap.ActionForm
	Decision roadmap.DecisionRef // a new one is made out of it; zero: of none
	Versions []ui.Version
	Key      string
}

// New tells whether the form adds an action.
func (v editView) New() bool { return v.ID == 0 }

// action is where the form goes.
func (v editView) action() string {
	if v.New() {
		return newPath
	}
	return rm.TeamPath(v.ID) + "/modification"
}

// rows are the numbers of the partners' lines: those filled, and an empty one.
func (v editView) rows(f *form.Form) []int {
	var out []int
	empty := 0
	for n := roadmap.MaxPartners; n >= 1; n-- {
		if f.Value(partnerField(n)) != "" || f.Value(partField(n)) != "" {
			out = append(out, n)
		} else {
			empty = n
		}
	}
	if empty != 0 {
		out = append(out, empty)
	}
	slices.Sort(out)
	return out
}

// partnerOptions are the choices of a line: every organisation while none is chosen,
// then that one, to keep or to take off. Twenty lists of all organisations would weigh
// more than the rest of the page.
func (v editView) partnerOptions(f *form.Form, n int) []ui.Option {
	all, chosen := choiceOptions(v.Organisations), f.Value(partnerField(n))
	if i := slices.IndexFunc(all, func(o ui.Option) bool { return o.Value == chosen }); i >= 0 {
		return []ui.Option{{Value: all[i].Value, Label: all[i].Label}}
	}
	return all
}

func partnerField(n int) string { return "partenaire_" + strconv.Itoa(n) }
func partField(n int) string    { return "role_" + strconv.Itoa(n) }

// ShowNew shows /equipe/feuille-de-route/actions/nouvelle, and with ?decision=4 the
// action made out of a decision.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("perimetre", someCommunes)
	f.Set("priorite", "normale")
	f.Set("decision", q.Get("decision"))
	d, err := p.decision(r, f)
	if err != nil {
		return err
	}
	if d.ID != 0 {
		f.Set("titre", d.Title)
		f.Set("instance", string(d.Body))
	}
	a, err := p.Roadmap.ActionForm(r.Context(), page.Actor(r), 0, 0)
	if err != nil {
		return err
	}
	return p.drawEdit(w, r, editView{ActionForm: a, Decision: d}, f, nil)
}

// decision is the one the form bears; zero without any.
func (p *Pages) decision(r *http.Request, f *form.Form) (roadmap.DecisionRef, error) {
	s := f.Value("decision")
	if s == "" {
		return roadmap.DecisionRef{}, nil
	}
	return p.Roadmap.Decision(r.Context(), page.Actor(r), roadmap.DecisionID(number(s))) // no number: none is found
}

// ShowEdit shows /equipe/feuille-de-route/actions/{id}/modification.
func (p *Pages) ShowEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	v, err := p.Roadmap.ActionForm(r.Context(), page.Actor(r), id, 0)
	if err != nil {
		return err
	}
	f := form.New()
	fill(f, v.Whole)
	return p.drawEdit(w, r, editView{ActionForm: v}, f, nil)
}

// fill puts a sheet in the form.
func fill(f *form.Form, w roadmap.Whole) {
	for name, value := range map[string]string{"axe": page.IDText(w.AxisID), "titre": w.Title, "objectif": w.Objective, "public": w.Audience,
		"instance": string(w.Body), "debut": french.NumericDate(w.StartsOn), "fin": french.NumericDate(w.EndsOn), "priorite": wordOf(prioritySlugs, w.Priority),
		"fne": w.FNE, "perimetre": someCommunes} {
		f.Set(name, value)
	}
	if w.PilotID != 0 {
		f.Set("pilote", page.IDText(w.PilotID))
	}
	if w.PilotPersonID != 0 {
		f.Set("personne", page.IDText(w.PilotPersonID))
	}
	for i, q := range w.Partners {
		f.Set(partnerField(i+1), page.IDText(q.ID))
		f.Set(partField(i+1), q.Part)
	}
	if w.AllCommunes {
		f.Set("perimetre", allCommunes)
		return
	}
	var ids []string
	for _, c := range w.Communes {
		ids = append(ids, page.IDText(c.ID))
	}
	f.Set("communes", ids...)
}

// readSheet reads the fields of an action, in the order of the page.
func readSheet(f *form.Form) roadmap.Whole {
	var w roadmap.Whole
	w.AxisID = roadmap.AxisID(f.ID("axe", "Choisissez un axe."))
	w.Title = f.Line("titre", "Donnez un titre à l’action.", 200)
	w.Objective = f.Text("objectif", "", 2000)
	w.Audience = f.Text("public", "", 500)
	w.Body = governance.BodyCode(f.Choice("instance", "Choisissez l’instance qui suit l’action.", bodyWords()...))
	w.PilotID = roadmap.OrganisationID(f.ID("pilote", ""))
	w.PilotPersonID = access.PersonID(f.ID("personne", ""))
	w.Partners = readPartners(f)
	w.AllCommunes = f.Choice("perimetre", "Dites quelles communes sont concernées.", allCommunes, someCommunes) == allCommunes
	if communes := readCommunes(f); !w.AllCommunes {
		w.Communes = communes
	}
	w.StartsOn = f.Date("debut", "")
	w.EndsOn = f.Date("fin", "")
	w.Priority = valueOf(prioritySlugs, f.Choice("priorite", "Choisissez une priorité.", words(prioritySlugs)...))
	w.FNE = f.Line("fne", "", 300)
	return w
}

func readPartners(f *form.Form) []roadmap.Party {
	var out []roadmap.Party
	for n := 1; n <= roadmap.MaxPartners; n++ {
		id, part := f.ID(partnerField(n), ""), f.Line(partField(n), "", 200)
		switch {
		case id != 0:
			out = append(out, roadmap.Party{ID: roadmap.OrganisationID(id), Part: part})
		case part != "":
			f.Fail(partnerField(n), "Choisissez le partenaire, ou effacez ce qu’il fait.")
		}
	}
	return out
}

func readCommunes(f *form.Form) []roadmap.Party {
	f.Raw("communes") // known, whatever it holds
	var out []roadmap.Party
	for _, s := range f.Values("communes") {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id <= 0 || len(out) >= maxChecked {
			f.Fail("communes", "Choisissez des communes de la liste.")
			return nil
		}
		c := roadmap.Party{ID: roadmap.OrganisationID(id)}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// wantsRow tells whether the form only asks for one more line.
func wantsRow(f *form.Form) bool { return f.Raw("acte") == addRow }

// asTyped is the form with what was typed and nothing said about it yet.
func asTyped(f *form.Form) *form.Form {
	out := form.New()
	for name, values := range f.All() {
		out.Set(name, values...)
	}
	return out
}

// Add answers POST /equipe/feuille-de-route/actions/nouvelle.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in, more := readSheet(f), wantsRow(f)
	if d := f.ID("decision", ""); d != 0 {
		in.Decisions = []roadmap.DecisionRef{{ID: roadmap.DecisionID(d)}}
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if more {
		return p.showEdit(w, r, 0, asTyped(f), nil)
	}
	var refusal error
	if f.OK() {
		var id roadmap.ID
		if id, refusal = p.Roadmap.AddAction(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.TeamPath(id), "L’action est ajoutée comme proposition. Complétez sa fiche, puis dites ce qui la valide.")
		}
		if !page.Takes(f, onRow(refusal)) {
			return refusal
		}
	}
	return p.showEdit(w, r, 0, f, refusal)
}

// Edit answers POST /equipe/feuille-de-route/actions/{id}/modification.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	in, more := readSheet(f), wantsRow(f)
	in.ID, in.Version = id, f.Int("version", "Rechargez la page.", 1, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	if more {
		return p.showEdit(w, r, id, asTyped(f), nil)
	}
	var refusal error
	if f.OK() {
		if refusal = p.Roadmap.ChangeAction(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.TeamPath(id), "La fiche est enregistrée.")
		}
		if !page.Takes(f, onRow(refusal)) {
			return refusal
		}
	}
	return p.showEdit(w, r, id, f, refusal)
}

// onRow puts what is wrong with the partners on their first line, which the error
// summary can lead to.
func onRow(err error) error {
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Field == "partenaires" {
		return problem.OnField(partnerField(1), e.Message)
	}
	return err
}

// showEdit shows the form with what was typed, and on a conflict both versions.
func (p *Pages) showEdit(w http.ResponseWriter, r *http.Request, id roadmap.ID, f *form.Form, refusal error) error {
	pilot := number(f.Value("pilote"))
	a, err := p.Roadmap.ActionForm(r.Context(), page.Actor(r), id, roadmap.OrganisationID(pilot))
	if err != nil {
		return err
	}
	v := editView{ActionForm: a}
	if v.New() {
		if v.Decision, err = p.decision(r, f); err != nil {
			return err
		}
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = v.versions(f)
	}
	return p.drawEdit(w, r, v, f, refusal)
}

func (p *Pages) drawEdit(w http.ResponseWriter, r *http.Request, v editView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := chrome("Ajouter une action", crumbList)
	if !v.New() {
		c = actionChrome("Modifier la fiche", v.Action)
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), editPage(p.Kit.FormChrome(r, c, f), v, f))
}

// versions sets what is recorded beside what was typed.
func (v editView) versions(f *form.Form) []ui.Version {
	now := form.New()
	fill(now, v.Whole)
	same := func(s string) string { return s }
	organisation, person := nameIn(v.Organisations), nameIn(v.People)
	axis := func(s string) string {
		for _, o := range axisOptions(v.Axes) {
			if o.Value == s {
				return o.Label
			}
		}
		return s
	}
	var out []ui.Version
	for _, x := range []struct {
		name, label string
		say         func(string) string
	}{{"axe", "Axe", axis}, {"titre", "Titre", same}, {"objectif", "Objectif", same}, {"public", "Public servi", same},
		{"instance", "Instance", func(s string) string { return governance.BodyCode(s).Label() }}, {"pilote", "Organisation pilote", organisation},
		{"personne", "Personne pilote", person}, {"debut", "Début", same}, {"fin", "Fin", same},
		{"priorite", "Priorité", func(s string) string { return valueOf(prioritySlugs, s).Label() }}, {"fne", "Objectif France Numérique Ensemble", same}} {
		out = append(out, ui.Version{Label: x.label, Theirs: x.say(now.Value(x.name)), Yours: x.say(f.Value(x.name))})
	}
	return append(out, ui.Version{Label: "Communes", Theirs: v.communesIn(now), Yours: v.communesIn(f)},
		ui.Version{Label: "Partenaires", Theirs: v.partnersIn(now), Yours: v.partnersIn(f)})
}

func nameIn(choices []roadmap.Choice) func(string) string {
	return func(id string) string {
		for _, c := range choices {
			if page.IDText(c.ID) == id {
				return c.Name
			}
		}
		return ""
	}
}

func (v editView) communesIn(f *form.Form) string {
	if f.Value("perimetre") == allCommunes {
		return "Les 28 communes"
	}
	var names []string
	for _, c := range v.Communes28 {
		if f.Checked("communes", page.IDText(c.ID)) {
			names = append(names, c.Name)
		}
	}
	return french.List(names)
}

func (v editView) partnersIn(f *form.Form) string {
	var names []string
	for n := 1; n <= roadmap.MaxPartners; n++ {
		name := nameIn(v.Organisations)(f.Value(partnerField(n)))
		if part := f.Value(partField(n)); name != "" && part != "" {
			name += " (" + part + ")"
		}
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names) // the order in which lines were typed says nothing
	return french.List(names)
}
