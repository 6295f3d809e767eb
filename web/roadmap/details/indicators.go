package details

import (
	"net/http"
	"slices"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// indicatorView is what a page about one indicator shows; a zero Indicator is a new one.
type indicatorView struct {
	view
	Indicator roadmap.Indicator
	Reading   roadmap.Reading // of the pages about one value
}

func (v indicatorView) crumbs() []ui.Crumb {
	out := []ui.Crumb{{Label: "Indicateurs", Href: partPath(v.ID, partIndicators)}}
	if v.Indicator.ID != 0 {
		out = append(out, ui.Crumb{Label: v.Indicator.Name, Href: v.action("valeurs")})
	}
	return out
}

func (v indicatorView) action(act string) string {
	if v.Indicator.ID == 0 {
		return partPath(v.ID, partIndicators) + "/nouveau"
	}
	return linePath(v.ID, partIndicators, v.Indicator.ID, act)
}

// indicator loads the indicator of the address.
func (p *Pages) indicator(r *http.Request) (indicatorView, error) {
	id, err := page.PathID[roadmap.IndicatorID](r, "indicateur")
	if err != nil {
		return indicatorView{}, err
	}
	v, err := p.desk(r)
	if err != nil {
		return indicatorView{}, err
	}
	i, err := v.Desk.Indicator(id)
	return indicatorView{view: v, Indicator: i}, err
}

// ShowIndicators shows …/indicateurs.
func (p *Pages) ShowIndicators(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, indicatorsPage(p.Kit.Chrome(r, v.chrome("Indicateurs de l’action")), v))
}

var directionWords = map[roadmap.Direction]string{roadmap.Up: "hausse", roadmap.Down: "baisse"}

func readIndicator(f *form.Form) roadmap.Indicator {
	i := roadmap.Indicator{Name: f.Line("nom", "Donnez un nom à l’indicateur.", 200), Unit: f.Line("unite", "", 60), Direction: roadmap.Up}
	if f.Choice("sens", "Choisissez dans quel sens l’indicateur doit aller.", "hausse", "baisse") == "baisse" {
		i.Direction = roadmap.Down
	}
	i.Baseline = readNumber(f, "reference", "")
	i.BaselineOn = f.Date("reference_le", "")
	i.Method = f.Text("methode", "", 1000)
	i.ByCommune = f.Bool("par_commune")
	return i
}

func fillIndicator(f *form.Form, i roadmap.Indicator) {
	for name, value := range map[string]string{"nom": i.Name, "unite": i.Unit, "sens": directionWords[i.Direction], "methode": i.Method,
		"reference": numberText(i.Baseline), "reference_le": french.NumericDate(i.BaselineOn)} {
		f.Set(name, value)
	}
	if i.ByCommune {
		f.Set("par_commune", "oui")
	}
}

func (p *Pages) showIndicatorForm(w http.ResponseWriter, r *http.Request, title string, v indicatorView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), indicatorFormPage(p.Kit.FormChrome(r, v.chrome(title, v.crumbs()...), f), v, f))
}

// ShowNewIndicator shows …/indicateurs/nouveau.
func (p *Pages) ShowNewIndicator(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("sens", "hausse")
	return p.showIndicatorForm(w, r, "Ajouter un indicateur", indicatorView{view: v}, f, nil)
}

// AddIndicator answers POST …/indicateurs/nouveau; targets come next.
func (p *Pages) AddIndicator(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readIndicator(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	d, err := p.desk(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var id roadmap.IndicatorID
		if id, refusal = p.Roadmap.AddIndicator(r.Context(), page.Actor(r), d.ID, in); refusal == nil {
			return p.Kit.Done(w, r, linePath(d.ID, partIndicators, id, "cibles"), french.Typo("L’indicateur « "+in.Name+" » est ajouté. Saisissez maintenant ses cibles."))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showIndicatorForm(w, r, "Ajouter un indicateur", indicatorView{view: d}, f, refusal)
}

// ShowIndicatorChange shows …/indicateurs/{indicateur}/modification.
func (p *Pages) ShowIndicatorChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	f := form.New()
	fillIndicator(f, v.Indicator)
	return p.showIndicatorForm(w, r, "Modifier un indicateur", v, f, nil)
}

// ChangeIndicator answers POST …/indicateurs/{indicateur}/modification.
func (p *Pages) ChangeIndicator(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readIndicator(f)
	in.Version = readVersion(f)
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	in.ID = v.Indicator.ID
	return p.act(w, r, f, partPath(v.ID, partIndicators), "L’indicateur « "+in.Name+" » est modifié.", func() error {
		return p.Roadmap.ChangeIndicator(r.Context(), page.Actor(r), v.ID, in)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = indicatorVersions(v.Indicator, in)
		}
		return p.showIndicatorForm(w, r, "Modifier un indicateur", v, f, refusal)
	})
}

func indicatorVersions(was, in roadmap.Indicator) []ui.Version {
	return []ui.Version{{Label: "Nom", Theirs: was.Name, Yours: in.Name}, {Label: "Unité", Theirs: was.Unit, Yours: in.Unit},
		{Label: "Sens", Theirs: was.Direction.Label(), Yours: in.Direction.Label()},
		{Label: "Valeur de départ", Theirs: numberText(was.Baseline), Yours: numberText(in.Baseline)},
		{Label: "Date de départ", Theirs: french.NumericDate(was.BaselineOn), Yours: french.NumericDate(in.BaselineOn)},
		{Label: "Méthode", Theirs: was.Method, Yours: in.Method},
		{Label: "Demandé à chaque commune", Theirs: yesNo(was.ByCommune), Yours: yesNo(in.ByCommune)}}
}

// MoveIndicator answers POST …/indicateurs/{indicateur}/ordre.
func (p *Pages) MoveIndicator(w http.ResponseWriter, r *http.Request) error {
	up, err := moved(r)
	if err != nil {
		return err
	}
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	if err := p.Roadmap.MoveIndicator(r.Context(), page.Actor(r), v.ID, v.Indicator.ID, up); err != nil {
		return err
	}
	return p.Kit.Done(w, r, partPath(v.ID, partIndicators), french.Typo("L’indicateur « "+v.Indicator.Name+" » a changé de place."))
}

// ShowIndicatorRemoval shows …/indicateurs/{indicateur}/retrait.
func (p *Pages) ShowIndicatorRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	return p.showIndicatorRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showIndicatorRemoval(w http.ResponseWriter, r *http.Request, v indicatorView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Retirer un indicateur", v.crumbs()...), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), indicatorRemovalPage(c, v, f))
}

// RemoveIndicator answers POST …/indicateurs/{indicateur}/retrait.
func (p *Pages) RemoveIndicator(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := readVersion(f)
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	return p.act(w, r, f, partPath(v.ID, partIndicators), "L’indicateur « "+v.Indicator.Name+" » est retiré.", func() error {
		return p.Roadmap.RemoveIndicator(r.Context(), page.Actor(r), v.ID, v.Indicator.ID, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Indicateur", Theirs: v.Indicator.Name, Yours: "À retirer"}}
		}
		return p.showIndicatorRemoval(w, r, v, f, refusal)
	})
}

// targetYears are the years whose target can be typed: from last year on, as far as the
// action goes and five years ahead at least, and those that have one.
func (v indicatorView) targetYears() []int {
	var years []int
	first := v.Today.Year() - 1
	for y := first; y <= min(max(first+6, v.EndsOn.Year()), first+12, roadmap.LastTargetYear); y++ {
		years = append(years, y)
	}
	for _, t := range v.Indicator.Targets {
		years = append(years, t.Year)
	}
	slices.Sort(years)
	return slices.Compact(years)
}

// ShowTargets shows …/indicateurs/{indicateur}/cibles.
func (p *Pages) ShowTargets(w http.ResponseWriter, r *http.Request) error {
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	f := form.New()
	for _, t := range v.Indicator.Targets {
		f.Set(roadmap.TargetField(t.Year), t.Value.String())
	}
	return p.showTargets(w, r, v, f, nil)
}

func (p *Pages) showTargets(w http.ResponseWriter, r *http.Request, v indicatorView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), targetsPage(p.Kit.FormChrome(r, v.chrome("Cibles de l’indicateur", v.crumbs()...), f), v, f))
}

// SetTargets answers POST …/indicateurs/{indicateur}/cibles.
func (p *Pages) SetTargets(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := readVersion(f)
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	var targets []roadmap.Target
	for _, y := range v.targetYears() {
		if n := readNumber(f, roadmap.TargetField(y), ""); n != nil {
			targets = append(targets, roadmap.Target{Indicator: v.Indicator.ID, Year: y, Value: *n})
		}
	}
	return p.act(w, r, f, v.action("valeurs"), "Les cibles sont enregistrées.", func() error {
		return p.Roadmap.SetTargets(r.Context(), page.Actor(r), v.ID, v.Indicator.ID, targets, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = v.targetVersions(f)
		}
		return p.showTargets(w, r, v, f, refusal)
	})
}

func (v indicatorView) targetVersions(f *form.Form) []ui.Version {
	theirs := map[int]string{}
	for _, t := range v.Indicator.Targets {
		theirs[t.Year] = t.Value.String()
	}
	var out []ui.Version
	for _, y := range v.targetYears() {
		out = append(out, ui.Version{Label: page.IDText(y), Theirs: theirs[y], Yours: f.Value(roadmap.TargetField(y))})
	}
	return out
}
