package funding

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// otherFunder is chosen for a funder the portal does not know, named beside.
const otherFunder = "autre"

// amountExample is what every amount may be typed as.
const amountExample = "12\u202f000,50\u202f€"

// lineView is the page of one budget line: new, changed, removed.
type lineView struct {
	roadmap.Budget
	Line     roadmap.Line // as it is recorded; no id: a new one
	Doubts   []string     // what does not match in what was typed
	Confirm  string       // what stands for having read them
	Versions []ui.Version
	Key      string
}

func (p *Pages) budget(r *http.Request) (roadmap.Budget, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return roadmap.Budget{}, err
	}
	return p.Roadmap.Budget(r.Context(), page.Actor(r), id)
}

// line reads the budget and the line of the address.
func (p *Pages) line(r *http.Request) (lineView, error) {
	var v lineView
	id, err := page.PathID[roadmap.LineID](r, "ligne")
	if err != nil {
		return v, err
	}
	if v.Budget, err = p.budget(r); err != nil {
		return v, err
	}
	var found bool
	if v.Line, found = v.Budget.Line(id); !found {
		return v, roadmap.ErrNoLine
	}
	return v, nil
}

// ShowBudget shows /equipe/feuille-de-route/actions/{id}/budget.
func (p *Pages) ShowBudget(w http.ResponseWriter, r *http.Request) error {
	v, err := p.budget(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, budgetPage(p.Kit.Chrome(r, p.actionChrome("Budget de l’action "+number(v.Action.Number), v.Action)), v))
}

// actionChrome stands above the pages of the money of an action.
func (p *Pages) actionChrome(title string, a roadmap.Action, crumbs ...ui.Crumb) ui.Chrome {
	return teamChrome(title, append([]ui.Crumb{{Label: french.Typo(a.Title), Href: rm.TeamPath(a.ID)}}, crumbs...)...)
}

func crumbBudget(a roadmap.Action) ui.Crumb { return ui.Crumb{Label: "Budget", Href: budgetPath(a.ID)} }

// ShowNewLine shows …/budget/nouvelle.
func (p *Pages) ShowNewLine(w http.ResponseWriter, r *http.Request) error {
	b, err := p.budget(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("annee", strconv.Itoa(day.Today().Year()))
	return p.showLine(w, r, lineView{Budget: b}, f, nil)
}

// AddLine answers POST …/budget/nouvelle.
func (p *Pages) AddLine(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	b, err := p.budget(r)
	if err != nil {
		return err
	}
	return p.saveLine(w, r, lineView{Budget: b}, f)
}

// ShowLine shows …/budget/{ligne}/modification.
func (p *Pages) ShowLine(w http.ResponseWriter, r *http.Request) error {
	v, err := p.line(r)
	if err != nil {
		return err
	}
	f := form.New()
	for name, value := range lineFields(v.Line) {
		f.Set(name, value)
	}
	return p.showLine(w, r, v, f, nil)
}

// ChangeLine answers POST …/budget/{ligne}/modification.
func (p *Pages) ChangeLine(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.line(r)
	if err != nil {
		return err
	}
	return p.saveLine(w, r, v, f)
}

// saveLine writes the line that was typed. Amounts that do not match are shown once:
// sent again as they are, they are kept.
func (p *Pages) saveLine(w http.ResponseWriter, r *http.Request, v lineView, f *form.Form) error {
	in := readLine(f)
	in.ID, in.Action = v.Line.ID, v.Action.ID
	in.Version = f.Int("version", "", 0, 1<<30)
	confirmed := f.Line("confirme", "", 100)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showLine(w, r, v, f, nil)
	}
	if v.Confirm = confirmation(in); v.Confirm != "" && confirmed != v.Confirm {
		for _, d := range in.Doubts() {
			v.Doubts = append(v.Doubts, in.Label(d))
		}
		return p.showDoubts(w, r, v, f)
	}
	refusal := p.writeLine(r, page.Actor(r), in)
	if refusal == nil {
		return p.Kit.Done(w, r, budgetPath(in.Action), saved(v.Line.ID != 0, in))
	}
	if !page.Takes(f, refusal) {
		return refusal
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = lineVersions(v, f)
	}
	return p.showLine(w, r, v, f, refusal)
}

func (p *Pages) writeLine(r *http.Request, by access.Actor, in roadmap.Line) error {
	if in.ID != 0 {
		return p.Roadmap.ChangeLine(r.Context(), by, in)
	}
	_, err := p.Roadmap.AddLine(r.Context(), by, in)
	return err
}

func saved(changed bool, l roadmap.Line) string {
	if changed {
		return "La ligne de budget " + strconv.Itoa(l.Year) + " est modifiée."
	}
	return "La ligne de budget " + strconv.Itoa(l.Year) + " est ajoutée."
}

// confirmation names the amounts that do not match, "" when they do: other amounts
// that do not are told anew.
func confirmation(l roadmap.Line) string {
	if len(l.Doubts()) == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%d-%d", l.Planned, l.Obtained, l.Spent)
}

// readLine reads a line as it is typed.
func readLine(f *form.Form) roadmap.Line {
	l := roadmap.Line{Year: f.Int("annee", "Saisissez l’année, par exemple 2027.", roadmap.FirstBudgetYear, roadmap.LastBudgetYear)}
	chosen := f.Raw("financeur")
	l.FunderName = f.Line("financeur_nom", "", 200)
	switch {
	case chosen == otherFunder && l.FunderName == "":
		f.Fail("financeur_nom", "Saisissez le nom du financeur.")
	case chosen != "" && chosen != otherFunder && l.FunderName != "":
		f.Fail("financeur_nom", "Choisissez un financeur de la liste, ou nommez-en un autre, mais pas les deux.")
	case chosen != "" && chosen != otherFunder:
		l.FunderID = roadmap.OrganisationID(f.ID("financeur", ""))
	}
	l.Nature = natureSlugs[f.Choice("nature", "Choisissez investissement ou fonctionnement.", "investissement", "fonctionnement")]
	l.Planned = readAmount(f, "prevu", "Saisissez le montant prévu, 0 s’il n’y en a pas.")
	l.Obtained = readAmount(f, "obtenu", "")
	l.Spent = readAmount(f, "depense", "")
	l.Note = f.Text("note", "", 300)
	return l
}

// readAmount reads an amount of euros; nothing typed is zero.
func readAmount(f *form.Form, name, missing string) roadmap.Cents {
	s := f.Line(name, missing, 40)
	if s == "" || f.Error(name) != "" {
		return 0
	}
	c, err := roadmap.ParseCents(s)
	if err != nil {
		f.Fail(name, "Saisissez un montant en euros, par exemple "+amountExample+", d’un milliard au plus.")
	}
	return c
}

// lineFields is the line as its form shows it.
func lineFields(l roadmap.Line) map[string]string {
	m := map[string]string{"annee": strconv.Itoa(l.Year), "nature": natureSlug(l.Nature), "prevu": l.Planned.Plain(), "obtenu": l.Obtained.Plain(),
		"depense": l.Spent.Plain(), "note": l.Note, "version": strconv.Itoa(l.Version)}
	switch {
	case l.FunderID != 0:
		m["financeur"] = page.IDText(l.FunderID)
	case l.FunderName != "":
		m["financeur"], m["financeur_nom"] = otherFunder, l.FunderName
	}
	return m
}

// lineVersions shows what is recorded beside what was typed.
func lineVersions(v lineView, f *form.Form) []ui.Version {
	if v.Line.ID == 0 {
		return nil
	}
	typed := f.Value("financeur_nom")
	for _, x := range v.Funders {
		if page.IDText(x.ID) == f.Value("financeur") {
			typed = x.Name
		}
	}
	if strings.TrimSpace(typed) == "" {
		typed = roadmap.NoFunder
	}
	l := v.Line
	return []ui.Version{{Label: "Année", Theirs: strconv.Itoa(l.Year), Yours: f.Value("annee")}, {Label: "Financeur", Theirs: l.Funder(), Yours: typed},
		{Label: "Nature", Theirs: l.Nature.Label(), Yours: natureSlugs[f.Value("nature")].Label()},
		{Label: "Prévu", Theirs: l.Planned.Plain(), Yours: f.Value("prevu")}, {Label: "Obtenu", Theirs: l.Obtained.Plain(), Yours: f.Value("obtenu")},
		{Label: "Dépensé", Theirs: l.Spent.Plain(), Yours: f.Value("depense")}, {Label: "Note", Theirs: l.Note, Yours: f.Value("note")}}
}

func (v lineView) title() string {
	if v.Line.ID == 0 {
		return "Ajouter une ligne de budget"
	}
	return "Modifier une ligne de budget"
}

func (v lineView) action() string {
	if v.Line.ID == 0 {
		return newLinePath(v.Action.ID)
	}
	return linePath(v.Line, "modification")
}

// version is the one the form bears.
func (v lineView) version(f *form.Form) string {
	return page.SeenVersion(f, v.Line.Version, v.Versions)
}

// funderOptions are the organisations by kind, after those that are none.
func (v lineView) funderOptions() []ui.Option {
	out := []ui.Option{{Value: otherFunder, Label: "Un autre financeur, nommé ci-dessous"}}
	groups := map[string]string{"metropole": "Métropole", "partner": "Partenaires institutionnels", "state_service": "Services de l’État", "commune": "Communes"}
	for _, x := range v.Funders {
		out = append(out, ui.Option{Value: page.IDText(x.ID), Label: french.Typo(x.Name), Group: groups[x.Kind]})
	}
	return out
}

func (p *Pages) showLine(w http.ResponseWriter, r *http.Request, v lineView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, p.actionChrome(v.title(), v.Action, crumbBudget(v.Action)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), linePage(c, v, f))
}

// showDoubts shows the form again with what does not match: nothing is wrong with it.
func (p *Pages) showDoubts(w http.ResponseWriter, r *http.Request, v lineView, f *form.Form) error {
	v.Key = page.NewKey()
	c := p.Kit.Chrome(r, p.actionChrome(v.title(), v.Action, crumbBudget(v.Action)))
	return p.Kit.Show(w, r, http.StatusOK, linePage(c, v, f))
}

// ShowRemoval shows …/budget/{ligne}/retrait.
func (p *Pages) ShowRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.line(r)
	if err != nil {
		return err
	}
	return p.showRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showRemoval(w http.ResponseWriter, r *http.Request, v lineView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, p.actionChrome("Retirer une ligne de budget", v.Action, crumbBudget(v.Action)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), removalPage(c, v, f))
}

// RemoveLine answers POST …/budget/{ligne}/retrait.
func (p *Pages) RemoveLine(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.line(r)
	if err != nil {
		return err
	}
	gone := v.Line
	gone.Version = f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Roadmap.RemoveLine(r.Context(), page.Actor(r), gone); refusal == nil {
			return p.Kit.Done(w, r, budgetPath(v.Action.ID), "La ligne de budget "+strconv.Itoa(gone.Year)+" est retirée. Elle reste dans l’historique de l’action.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRemoval(w, r, v, f, refusal)
}
