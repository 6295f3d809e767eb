package sheet

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

const newAxisPath = rm.AxesPath + "/nouveau"

func axisPath(id roadmap.AxisID, below string) string {
	return rm.AxesPath + "/" + page.IDText(id) + "/" + below
}

// axisView is what the form of an axis shows beside it.
type axisView struct {
	Desk     roadmap.AxisDesk
	Axis     roadmap.AxisLine // zero for a new one
	Versions []ui.Version
	Key      string
}

// marks are the colours, each with its pattern, that the axis may bear.
func (v axisView) marks() []ui.Option {
	var out []ui.Option
	for _, m := range v.Desk.FreeMarks(v.Axis.ID) {
		out = append(out, ui.Option{Value: strconv.Itoa(m), Label: markName(m)})
	}
	return out
}

func markName(n int) string { return "Couleur et motif n°" + french.NBSP + strconv.Itoa(n) }

// ListAxes shows /equipe/feuille-de-route/axes.
func (p *Pages) ListAxes(w http.ResponseWriter, r *http.Request) error {
	desk, err := p.Roadmap.AxisDesk(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, axesPage(p.Kit.Chrome(r, chrome("Axes de la feuille de route", crumbList)), desk))
}

// ShowNewAxis shows /equipe/feuille-de-route/axes/nouveau.
func (p *Pages) ShowNewAxis(w http.ResponseWriter, r *http.Request) error {
	v, err := p.axisView(r, false)
	if err != nil {
		return err
	}
	f := form.New()
	if free := v.Desk.FreeMarks(0); len(free) > 0 {
		f.Set("marque", strconv.Itoa(free[0]))
	}
	return p.showAxis(w, r, v, f, nil)
}

// axisView loads the axes, and that of the address when one is there.
func (p *Pages) axisView(r *http.Request, one bool) (axisView, error) {
	desk, err := p.Roadmap.AxisDesk(r.Context(), page.Actor(r))
	if err != nil || !one {
		return axisView{Desk: desk}, err
	}
	id, err := page.PathID[roadmap.AxisID](r, "id")
	if err != nil {
		return axisView{}, err
	}
	a, err := desk.Find(id)
	return axisView{Desk: desk, Axis: a}, err
}

func (p *Pages) showAxis(w http.ResponseWriter, r *http.Request, v axisView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	title := "Ajouter un axe"
	if v.Axis.ID != 0 {
		title = "Modifier l’axe"
	}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []ui.Version{{Label: "Titre", Theirs: v.Axis.Title, Yours: f.Value("titre")}, {Label: "Texte de la stratégie", Theirs: v.Axis.Strategy, Yours: f.Value("strategie")},
			{Label: "Couleur et motif", Theirs: strconv.Itoa(v.Axis.Pattern), Yours: f.Value("marque")}}
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), axisFormPage(p.Kit.FormChrome(r, chrome(title, crumbList, crumbAxes), f), v, f))
}

func readAxis(f *form.Form) roadmap.Axis {
	a := roadmap.Axis{Title: f.Line("titre", "Donnez un titre à l’axe.", 200), Strategy: f.Text("strategie", "", 4000)}
	a.Pattern = f.Int("marque", "Choisissez une couleur et son motif.", 1, roadmap.MaxAxes)
	a.Colour = a.Pattern // they go together
	return a
}

// AddAxis answers POST /equipe/feuille-de-route/axes/nouveau.
func (p *Pages) AddAxis(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readAxis(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if _, refusal = p.Roadmap.AddAxis(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.AxesPath, "L’axe est ajouté.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.axisView(r, false)
	if err != nil {
		return err
	}
	return p.showAxis(w, r, v, f, refusal)
}

// ShowAxis shows /equipe/feuille-de-route/axes/{id}/modification.
func (p *Pages) ShowAxis(w http.ResponseWriter, r *http.Request) error {
	v, err := p.axisView(r, true)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Axis.Title)
	f.Set("strategie", v.Axis.Strategy)
	f.Set("marque", strconv.Itoa(v.Axis.Pattern))
	return p.showAxis(w, r, v, f, nil)
}

// ChangeAxis answers POST /equipe/feuille-de-route/axes/{id}/modification.
func (p *Pages) ChangeAxis(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readAxis(f)
	in.Version = f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	if in.ID, err = page.PathID[roadmap.AxisID](r, "id"); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Roadmap.ChangeAxis(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.AxesPath, "L’axe est modifié.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.axisView(r, true)
	if err != nil {
		return err
	}
	return p.showAxis(w, r, v, f, refusal)
}

// MoveAxis answers POST /equipe/feuille-de-route/axes/{id}/ordre.
func (p *Pages) MoveAxis(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[roadmap.AxisID](r, "id")
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
	if err := p.Roadmap.MoveAxis(r.Context(), page.Actor(r), id, way == "haut"); err != nil {
		return err
	}
	return p.Kit.Done(w, r, rm.AxesPath, "L’ordre des axes est changé.")
}

// ShowAxisRemoval shows /equipe/feuille-de-route/axes/{id}/retrait.
func (p *Pages) ShowAxisRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.axisView(r, true)
	if err != nil {
		return err
	}
	return p.showAxisRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showAxisRemoval(w http.ResponseWriter, r *http.Request, v axisView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), axisRemovalPage(p.Kit.FormChrome(r, chrome("Retirer l’axe", crumbList, crumbAxes), f), v, f))
}

// RemoveAxis answers POST /equipe/feuille-de-route/axes/{id}/retrait.
func (p *Pages) RemoveAxis(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.axisView(r, true)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Roadmap.RemoveAxis(r.Context(), page.Actor(r), v.Axis.ID, version); refusal == nil {
			return p.Kit.Done(w, r, rm.AxesPath, "L’axe est retiré.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showAxisRemoval(w, r, v, f, refusal)
}
