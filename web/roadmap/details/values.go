package details

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func (v indicatorView) valueAction(act string) string {
	if v.Reading.ID == 0 {
		return v.action("valeurs") + "/nouvelle"
	}
	return v.action("valeurs") + "/" + page.IDText(v.Reading.ID) + "/" + act
}

// reading loads the value of the address.
func (p *Pages) reading(r *http.Request) (indicatorView, error) {
	id, err := page.PathID[roadmap.ReadingID](r, "valeur")
	if err != nil {
		return indicatorView{}, err
	}
	v, err := p.indicator(r)
	if err != nil {
		return v, err
	}
	v.Reading, err = v.Indicator.Reading(id)
	return v, err
}

// ShowReadings shows …/indicateurs/{indicateur}/valeurs.
func (p *Pages) ShowReadings(w http.ResponseWriter, r *http.Request) error {
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, v.chrome("Valeurs de l’indicateur", v.crumbs()[:1]...))
	return p.Kit.Show(w, r, http.StatusOK, readingsPage(c, v))
}

// readReading reads a value as it is typed in French.
func readReading(f *form.Form, i roadmap.IndicatorID) roadmap.Reading {
	x := roadmap.Reading{Indicator: i}
	if n := readNumber(f, "valeur", "Saisissez la valeur."); n != nil {
		x.Value = *n
	}
	x.On = f.Date("jour", "Saisissez la date de cette valeur.")
	x.Source = f.Text("source", "Dites d’où vient cette valeur.", 500)
	return x
}

func (p *Pages) showReadingForm(w http.ResponseWriter, r *http.Request, title string, v indicatorView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), readingFormPage(p.Kit.FormChrome(r, v.chrome(title, v.crumbs()...), f), v, f))
}

// ShowNewReading shows …/valeurs/nouvelle; the last source is proposed again.
func (p *Pages) ShowNewReading(w http.ResponseWriter, r *http.Request) error {
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	f := form.New()
	if last, ok := v.Indicator.Last(); ok {
		f.Set("source", last.Source)
	}
	return p.showReadingForm(w, r, "Ajouter une valeur", v, f, nil)
}

// AddReading answers POST …/valeurs/nouvelle.
func (p *Pages) AddReading(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readReading(f, 0)
	v, err := p.indicator(r)
	if err != nil {
		return err
	}
	in.Indicator = v.Indicator.ID
	return p.act(w, r, f, v.action("valeurs"), "La valeur est ajoutée : "+v.Indicator.Say(in.Value)+", le "+french.Date(in.On)+".", func() error {
		_, err := p.Roadmap.AddReading(r.Context(), page.Actor(r), v.ID, in)
		return err
	}, func(refusal error) error { return p.showReadingForm(w, r, "Ajouter une valeur", v, f, refusal) })
}

// ShowCorrection shows …/valeurs/{valeur}/correction.
func (p *Pages) ShowCorrection(w http.ResponseWriter, r *http.Request) error {
	v, err := p.reading(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("valeur", v.Reading.Value.String())
	f.Set("jour", french.NumericDate(v.Reading.On))
	f.Set("source", v.Reading.Source)
	return p.showReadingForm(w, r, "Corriger une valeur", v, f, nil)
}

// CorrectReading answers POST …/valeurs/{valeur}/correction.
func (p *Pages) CorrectReading(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readReading(f, 0)
	reason, version := f.Text("motif", "Dites pourquoi vous corrigez cette valeur.", 500), readVersion(f)
	v, err := p.reading(r)
	if err != nil {
		return err
	}
	in.ID, in.Indicator = v.Reading.ID, v.Indicator.ID
	return p.act(w, r, f, v.action("valeurs"), "La valeur est corrigée. L’ancienne reste dans l’historique de l’action.", func() error {
		return p.Roadmap.CorrectReading(r.Context(), page.Actor(r), v.ID, in, reason, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Valeur", Theirs: v.Reading.Value.String(), Yours: f.Value("valeur")},
				{Label: "Date", Theirs: french.NumericDate(v.Reading.On), Yours: f.Value("jour")},
				{Label: "Source", Theirs: v.Reading.Source, Yours: f.Value("source")}}
		}
		return p.showReadingForm(w, r, "Corriger une valeur", v, f, refusal)
	})
}

// ShowReadingRemoval shows …/valeurs/{valeur}/retrait.
func (p *Pages) ShowReadingRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.reading(r)
	if err != nil {
		return err
	}
	return p.showReadingRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showReadingRemoval(w http.ResponseWriter, r *http.Request, v indicatorView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Retirer une valeur", v.crumbs()...), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), readingRemovalPage(c, v, f))
}

// RemoveReading answers POST …/valeurs/{valeur}/retrait.
func (p *Pages) RemoveReading(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	reason, version := f.Text("motif", "Dites pourquoi vous retirez cette valeur.", 500), readVersion(f)
	v, err := p.reading(r)
	if err != nil {
		return err
	}
	gone := v.Reading
	return p.act(w, r, f, v.action("valeurs"), "La valeur est retirée. Elle reste dans l’historique de l’action, avec votre motif.", func() error {
		return p.Roadmap.RemoveReading(r.Context(), page.Actor(r), v.ID, gone, reason, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Valeur", Theirs: v.Reading.Value.String(), Yours: "À retirer"}}
		}
		return p.showReadingRemoval(w, r, v, f, refusal)
	})
}
