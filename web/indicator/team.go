package indicator

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// slug is a word of a form and the value it stands for.
type slug[T comparable] struct {
	word  string
	value T
}

var directionSlugs = []slug[indicator.Direction]{{"neutre", indicator.Neutral}, {"hausse", indicator.Up}, {"baisse", indicator.Down}}

var qualifierSlugs = []slug[indicator.Qualifier]{{"exacte", indicator.Exactly}, {"pres", indicator.Nearly}, {"plus", indicator.Over}}

func valueOf[T comparable](slugs []slug[T], word string) (v T) {
	for _, s := range slugs {
		if s.word == word {
			return s.value
		}
	}
	return v
}

func wordOf[T comparable](slugs []slug[T], value T) string {
	for _, s := range slugs {
		if s.value == value {
			return s.word
		}
	}
	return ""
}

func options[T interface {
	comparable
	Label() string
}](slugs []slug[T]) []ui.Option {
	out := make([]ui.Option, 0, len(slugs))
	for _, s := range slugs {
		out = append(out, ui.Option{Value: s.word, Label: french.Capital(s.value.Label())})
	}
	return out
}

// formView is what a page with a form shows beside it.
type formView struct {
	Indicator indicator.Indicator
	Value     indicator.Value
	Versions  []ui.Version // on a conflict: theirs and yours
	Key       string
}

// TeamList shows /equipe/indicateurs.
func (p *Pages) TeamList(w http.ResponseWriter, r *http.Request) error {
	lines, err := p.Indicators.List(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, teamListPage(p.Kit.Chrome(r, teamChrome("Indicateurs")), lines))
}

// sheetView is the page of an indicator for the team.
type sheetView struct {
	indicator.Sheet
	Key string
}

// TeamShow shows /equipe/indicateurs/{id}.
func (p *Pages) TeamShow(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[indicator.ID](r, "id")
	if err != nil {
		return err
	}
	s, err := p.Indicators.Sheet(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, teamSheetPage(p.Kit.Chrome(r, teamChrome(s.Name, crumbTeam)), sheetView{s, page.NewKey()}))
}

// ShowNew shows /equipe/indicateurs/nouveau.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	f.Set("sens", "neutre")
	return p.showNew(w, r, f, nil)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome("Ajouter un indicateur", crumbTeam), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), indicatorFormPage(c, formView{Key: page.NewKey()}, f))
}

// Add answers POST /equipe/indicateurs/nouveau.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readIndicator(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showNew(w, r, f, nil)
	}
	id, err := p.Indicators.AddIndicator(r.Context(), page.Actor(r), in)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, sheetPath(id), "L’indicateur est ajouté. Ajoutez maintenant sa première valeur.")
	case page.Takes(f, err):
		return p.showNew(w, r, f, err)
	}
	return err
}

func readIndicator(f *form.Form) indicator.Indicator {
	return indicator.Indicator{
		Name:      f.Line("nom", "Donnez un nom à l’indicateur.", 150),
		Unit:      f.Line("unite", "Dites ce que compte l’indicateur, au pluriel.", 40),
		UnitOne:   f.Line("unite_un", "Dites ce que compte l’indicateur, au singulier.", 40),
		Meaning:   f.Text("explication", "Expliquez le chiffre en une phrase simple.", 500),
		Method:    f.Text("methode", "Dites comment le chiffre est établi.", 1000),
		Source:    f.Text("source", "", 600),
		Direction: valueOf(directionSlugs, f.Choice("sens", "Choisissez le sens attendu.", "neutre", "hausse", "baisse")),
		Published: f.Bool("publie"),
	}
}

// ShowChange shows /equipe/indicateurs/{id}/modification.
func (p *Pages) ShowChange(w http.ResponseWriter, r *http.Request) error {
	i, err := p.indicatorOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	for name, value := range map[string]string{"nom": i.Name, "unite": i.Unit, "unite_un": i.UnitOne, "explication": i.Meaning,
		"methode": i.Method, "source": i.Source, "sens": wordOf(directionSlugs, i.Direction)} {
		f.Set(name, value)
	}
	if i.Published {
		f.Set("publie", "oui")
	}
	return p.showChange(w, r, i, f, nil)
}

func (p *Pages) showChange(w http.ResponseWriter, r *http.Request, i indicator.Indicator, f *form.Form, refusal error) error {
	v := formView{Indicator: i, Key: page.NewKey()}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []ui.Version{{Label: "Nom", Theirs: i.Name, Yours: f.Value("nom")}, {Label: "Unité", Theirs: i.Unit, Yours: f.Value("unite")}, {Label: "Unité au singulier", Theirs: i.UnitOne, Yours: f.Value("unite_un")},
			{Label: "Explication", Theirs: i.Meaning, Yours: f.Value("explication")}, {Label: "Méthode", Theirs: i.Method, Yours: f.Value("methode")}, {Label: "Source", Theirs: i.Source, Yours: f.Value("source")},
			{Label: "Sens", Theirs: i.Direction.Label(), Yours: valueOf(directionSlugs, f.Value("sens")).Label()},
			{Label: "Publication", Theirs: published(i.Published), Yours: published(f.Value("publie") != "")}}
	}
	c := p.Kit.FormChrome(r, teamChrome("Modifier l’indicateur", crumbTeam, ui.Crumb{Label: i.Name, Href: sheetPath(i.ID)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), indicatorFormPage(c, v, f))
}

// Change answers POST /equipe/indicateurs/{id}/modification.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	i, err := p.indicatorOf(r)
	if err != nil {
		return err
	}
	in := readIndicator(f)
	in.ID, in.Version = i.ID, f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showChange(w, r, i, f, nil)
	}
	err = p.Indicators.Change(r.Context(), page.Actor(r), in)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, sheetPath(i.ID), "L’indicateur est modifié.")
	case page.Takes(f, err):
		return p.showChange(w, r, i, f, err)
	}
	return err
}

// Move answers POST /equipe/indicateurs/{id}/ordre.
func (p *Pages) Move(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[indicator.ID](r, "id")
	if err != nil {
		return err
	}
	way := f.Choice("sens", "Choisissez un sens.", "haut", "bas")
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")
	}
	if err := p.Indicators.Move(r.Context(), page.Actor(r), id, way == "haut"); err != nil {
		return err
	}
	return p.Kit.Done(w, r, teamPath, "L’ordre des indicateurs est changé.")
}

// indicatorOf loads the indicator of the address.
func (p *Pages) indicatorOf(r *http.Request) (indicator.Indicator, error) {
	id, err := page.PathID[indicator.ID](r, "id")
	if err != nil {
		return indicator.Indicator{}, err
	}
	f, err := p.Indicators.ForTeam(r.Context(), page.Actor(r), id)
	return f.Indicator, err
}

func published(yes bool) string {
	if yes {
		return "Publié"
	}
	return "Pas publié"
}

func publishedKind(yes bool) ui.Kind {
	if yes {
		return ui.OK
	}
	return ui.Neutral
}

// shownChanges are the changes of an act that people read: what repeats the figure
// in words is enough.
func shownChanges(e audit.Event) []audit.Change {
	var out []audit.Change
	for _, c := range e.Changes {
		if c.Field != "valeur" && c.Field != "precision" && c.Before != c.After {
			out = append(out, c)
		}
	}
	return out
}
