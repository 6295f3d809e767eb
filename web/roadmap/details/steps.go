package details

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// stepView is what a page about one step shows; a zero Step is a new one.
type stepView struct {
	view
	Step roadmap.Step
}

func (v stepView) crumb() ui.Crumb {
	return ui.Crumb{Label: "Étapes", Href: partPath(v.ID, partSteps)}
}

func (v stepView) action(act string) string {
	if v.Step.ID == 0 {
		return partPath(v.ID, partSteps) + "/nouvelle"
	}
	return linePath(v.ID, partSteps, v.Step.ID, act)
}

// step loads the step of the address.
func (p *Pages) step(r *http.Request) (stepView, error) {
	id, err := page.PathID[roadmap.StepID](r, "etape")
	if err != nil {
		return stepView{}, err
	}
	v, err := p.desk(r)
	if err != nil {
		return stepView{}, err
	}
	step, err := v.Desk.Step(id)
	return stepView{view: v, Step: step}, err
}

// ShowSteps shows …/etapes.
func (p *Pages) ShowSteps(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, stepsPage(p.Kit.Chrome(r, v.chrome("Étapes de l’action")), v))
}

// ShowNewStep shows …/etapes/nouvelle.
func (p *Pages) ShowNewStep(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.showStepForm(w, r, "Ajouter une étape", stepView{view: v}, form.New(), nil)
}

func (p *Pages) showStepForm(w http.ResponseWriter, r *http.Request, title string, v stepView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), stepFormPage(p.Kit.FormChrome(r, v.chrome(title, v.crumb()), f), v, f))
}

func readStep(f *form.Form) roadmap.Step {
	return roadmap.Step{Title: f.Line("titre", "Donnez un nom à l’étape.", 200), DueOn: f.Date("echeance", ""), Milestone: f.Bool("jalon")}
}

// AddStep answers POST …/etapes/nouvelle.
func (p *Pages) AddStep(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readStep(f)
	d, err := p.desk(r)
	if err != nil {
		return err
	}
	v := stepView{view: d}
	return p.act(w, r, f, partPath(v.ID, partSteps), "L’étape « "+in.Title+" » est ajoutée.", func() error {
		_, err := p.Roadmap.AddStep(r.Context(), page.Actor(r), v.ID, in)
		return err
	}, func(refusal error) error { return p.showStepForm(w, r, "Ajouter une étape", v, f, refusal) })
}

// ShowStepChange shows …/etapes/{etape}/modification.
func (p *Pages) ShowStepChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.step(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Step.Title)
	f.Set("echeance", french.NumericDate(v.Step.DueOn))
	if v.Step.Milestone {
		f.Set("jalon", "oui")
	}
	return p.showStepForm(w, r, "Modifier une étape", v, f, nil)
}

// ChangeStep answers POST …/etapes/{etape}/modification.
func (p *Pages) ChangeStep(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in, version := readStep(f), readVersion(f)
	v, err := p.step(r)
	if err != nil {
		return err
	}
	in.ID = v.Step.ID
	return p.act(w, r, f, partPath(v.ID, partSteps), "L’étape « "+in.Title+" » est modifiée.", func() error {
		return p.Roadmap.ChangeStep(r.Context(), page.Actor(r), v.ID, in, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Étape", Theirs: v.Step.Title, Yours: f.Value("titre")},
				{Label: "Échéance", Theirs: french.NumericDate(v.Step.DueOn), Yours: f.Value("echeance")},
				{Label: "Jalon", Theirs: yesNo(v.Step.Milestone), Yours: yesNo(in.Milestone)}}
		}
		return p.showStepForm(w, r, "Modifier une étape", v, f, refusal)
	})
}

// ShowStepDone shows …/etapes/{etape}/realisation.
func (p *Pages) ShowStepDone(w http.ResponseWriter, r *http.Request) error {
	v, err := p.step(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("faite_le", french.NumericDate(v.Today))
	f.Set("etat", "faite")
	if !v.Step.DoneOn.IsZero() {
		f.Set("faite_le", french.NumericDate(v.Step.DoneOn))
	}
	return p.showStepDone(w, r, v, f, nil)
}

func (p *Pages) showStepDone(w http.ResponseWriter, r *http.Request, v stepView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), stepDonePage(p.Kit.FormChrome(r, v.chrome("Où en est cette étape", v.crumb()), f), v, f))
}

// SetStepDone answers POST …/etapes/{etape}/realisation.
func (p *Pages) SetStepDone(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := readVersion(f)
	done := f.Choice("etat", "Dites si l’étape est faite.", "faite", "a-faire") == "faite"
	on := f.Date("faite_le", map[bool]string{true: "Saisissez le jour où l’étape a été faite."}[done])
	message := "L’étape est faite depuis le " + french.Date(on) + "."
	if !done {
		on, message = day.Day{}, "L’étape est de nouveau à faire."
	}
	v, err := p.step(r)
	if err != nil {
		return err
	}
	return p.act(w, r, f, partPath(v.ID, partSteps), message, func() error {
		return p.Roadmap.SetStepDone(r.Context(), page.Actor(r), v.ID, v.Step.ID, on, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Faite le", Theirs: french.NumericDate(v.Step.DoneOn), Yours: french.NumericDate(on)}}
		}
		return p.showStepDone(w, r, v, f, refusal)
	})
}

// MoveStep answers POST …/etapes/{etape}/ordre.
func (p *Pages) MoveStep(w http.ResponseWriter, r *http.Request) error {
	up, err := moved(r)
	if err != nil {
		return err
	}
	v, err := p.step(r)
	if err != nil {
		return err
	}
	if err := p.Roadmap.MoveStep(r.Context(), page.Actor(r), v.ID, v.Step.ID, up); err != nil {
		return err
	}
	return p.Kit.Done(w, r, partPath(v.ID, partSteps), french.Typo("L’étape « "+v.Step.Title+" » a changé de place."))
}

// ShowStepRemoval shows …/etapes/{etape}/retrait.
func (p *Pages) ShowStepRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.step(r)
	if err != nil {
		return err
	}
	return p.showStepRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showStepRemoval(w http.ResponseWriter, r *http.Request, v stepView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), stepRemovalPage(p.Kit.FormChrome(r, v.chrome("Retirer une étape", v.crumb()), f), v, f))
}

// RemoveStep answers POST …/etapes/{etape}/retrait.
func (p *Pages) RemoveStep(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := readVersion(f)
	v, err := p.step(r)
	if err != nil {
		return err
	}
	return p.act(w, r, f, partPath(v.ID, partSteps), "L’étape « "+v.Step.Title+" » est retirée.", func() error {
		return p.Roadmap.RemoveStep(r.Context(), page.Actor(r), v.ID, v.Step.ID, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Étape", Theirs: v.Step.Title, Yours: "À retirer"}}
		}
		return p.showStepRemoval(w, r, v, f, refusal)
	})
}
