package indicator

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowNewValue shows /equipe/indicateurs/{id}/valeurs/nouvelle.
func (p *Pages) ShowNewValue(w http.ResponseWriter, r *http.Request) error {
	i, err := p.indicatorOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("precision", "exacte")
	f.Set("source", i.Source)
	return p.showValue(w, r, "Ajouter une valeur", formView{Indicator: i}, f, nil)
}

// AddValue answers POST /equipe/indicateurs/{id}/valeurs/nouvelle.
func (p *Pages) AddValue(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	i, err := p.indicatorOf(r)
	if err != nil {
		return err
	}
	v := readValue(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if _, refusal = p.Indicators.AddValue(r.Context(), page.Actor(r), i.ID, v); refusal == nil {
			return p.Kit.Done(w, r, sheetPath(i.ID), "La valeur est ajoutée : "+i.Say(v)+", "+v.When()+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showValue(w, r, "Ajouter une valeur", formView{Indicator: i}, f, refusal)
}

func (p *Pages) showValue(w http.ResponseWriter, r *http.Request, title string, v formView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, teamChrome(title, crumbTeam, ui.Crumb{Label: v.Indicator.Name, Href: sheetPath(v.Indicator.ID)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), valueFormPage(c, v, f))
}

// readValue reads a value as it is typed in French.
func readValue(f *form.Form) indicator.Value {
	v := indicator.Value{Qualifier: valueOf(qualifierSlugs, f.Choice("precision", "Choisissez la précision du chiffre.", "exacte", "pres", "plus"))}
	if s := f.Line("valeur", "Saisissez la valeur.", 40); s != "" {
		n, err := indicator.ParseNumber(s)
		if err != nil {
			f.Fail("valeur", "Saisissez un nombre, par exemple "+indicator.Number(120_005_000).String()+
				". Écrivez les milliers avec un espace ou sans rien, et les décimales après une virgule, quatre au plus.")
		}
		v.Number = n
	}
	v.To = f.Date("fin", "Saisissez la date du chiffre, ou la fin de la période.")
	v.From = f.Date("debut", "")
	v.Source = f.Text("source", "Dites d’où vient ce chiffre.", 600)
	v.Link = f.Line("lien", "", 300)
	v.Note = f.Text("note", "", 1000)
	return v
}

// oneValue loads the value of the address.
func (p *Pages) oneValue(r *http.Request) (formView, error) {
	id, err := page.PathID[indicator.ID](r, "id")
	if err != nil {
		return formView{}, err
	}
	value, err := page.PathID[indicator.ValueID](r, "valeur")
	if err != nil {
		return formView{}, err
	}
	i, v, err := p.Indicators.Value(r.Context(), page.Actor(r), id, value)
	return formView{Indicator: i, Value: v}, err
}

// ShowCorrection shows /equipe/indicateurs/{id}/valeurs/{valeur}/correction.
func (p *Pages) ShowCorrection(w http.ResponseWriter, r *http.Request) error {
	v, err := p.oneValue(r)
	if err != nil {
		return err
	}
	f := form.New()
	for name, value := range map[string]string{"valeur": v.Value.Number.String(), "precision": wordOf(qualifierSlugs, v.Value.Qualifier),
		"fin": french.NumericDate(v.Value.To), "debut": french.NumericDate(v.Value.From), "source": v.Value.Source, "lien": v.Value.Link, "note": v.Value.Note} {
		f.Set(name, value)
	}
	return p.showValue(w, r, "Corriger une valeur", v, f, nil)
}

// Correct answers POST /equipe/indicateurs/{id}/valeurs/{valeur}/correction.
func (p *Pages) Correct(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.oneValue(r)
	if err != nil {
		return err
	}
	in := readValue(f)
	in.ID, in.Indicator, in.Version = v.Value.ID, v.Indicator.ID, f.Int("version", "", 0, 1<<30)
	reason := f.Text("motif", "Dites pourquoi vous corrigez cette valeur.", 500)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Indicators.Correct(r.Context(), page.Actor(r), in, reason); refusal == nil {
			return p.Kit.Done(w, r, sheetPath(v.Indicator.ID), "La valeur est corrigée. L’ancienne reste dans l’historique.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if problem.KindOf(refusal) == problem.Conflict {
			v.Versions = valueVersions(v.Value, f)
		}
	}
	return p.showValue(w, r, "Corriger une valeur", v, f, refusal)
}

func valueVersions(v indicator.Value, f *form.Form) []ui.Version {
	return []ui.Version{{Label: "Valeur", Theirs: v.Number.String(), Yours: f.Value("valeur")},
		{Label: "Précision", Theirs: v.Qualifier.Label(), Yours: valueOf(qualifierSlugs, f.Value("precision")).Label()},
		{Label: "Début", Theirs: french.NumericDate(v.From), Yours: f.Value("debut")}, {Label: "Fin", Theirs: french.NumericDate(v.To), Yours: f.Value("fin")},
		{Label: "Source", Theirs: v.Source, Yours: f.Value("source")}, {Label: "Lien", Theirs: v.Link, Yours: f.Value("lien")}, {Label: "Note", Theirs: v.Note, Yours: f.Value("note")}}
}

// ShowRemoval shows /equipe/indicateurs/{id}/valeurs/{valeur}/retrait.
func (p *Pages) ShowRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.oneValue(r)
	if err != nil {
		return err
	}
	return p.showRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showRemoval(w http.ResponseWriter, r *http.Request, v formView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, teamChrome("Retirer une valeur", crumbTeam, ui.Crumb{Label: v.Indicator.Name, Href: sheetPath(v.Indicator.ID)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), removalPage(c, v, f))
}

// Remove answers POST /equipe/indicateurs/{id}/valeurs/{valeur}/retrait.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.oneValue(r)
	if err != nil {
		return err
	}
	gone := v.Value
	gone.Version = f.Int("version", "", 0, 1<<30)
	reason := f.Text("motif", "Dites pourquoi vous retirez cette valeur.", 500)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Indicators.Remove(r.Context(), page.Actor(r), gone, reason); refusal == nil {
			return p.Kit.Done(w, r, sheetPath(v.Indicator.ID), "La valeur est retirée. Elle reste dans l’historique, avec votre motif.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRemoval(w, r, v, f, refusal)
}
