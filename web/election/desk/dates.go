package desk

import (
	"net/http"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// dateRows are the dates as a summary.
func dateRows(e election.Election) []ui.SummaryRow {
	d := e.Dates()
	var rows []ui.SummaryRow
	for _, f := range election.DateFields {
		rows = append(rows, ui.SummaryRow{Key: f.Label, Value: french.Capital(moment(*d.Of(f.Name), "à fixer"))})
	}
	return rows
}

// drawRows are what the draws are made from.
func drawRows(e election.Election) []ui.SummaryRow {
	return []ui.SummaryRow{{Key: "Ordre des candidatures, tiré de ce texte", Value: or(e.OrderSeed, "Pas encore publié : il le sera avant l’arrêt des listes.")},
		{Key: "Égalité départagée par", Value: or(e.TieSource, "Pas encore nommé : il le sera avant l’ouverture du vote.")}}
}

func or(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// hour is the name of the field of the hour of a date.
func hour(name string) string { return name + "_h" }

// setMoment gives a date and its hour their first values.
func setMoment(f *form.Form, name string, t *time.Time) {
	if t != nil {
		f.Set(name, french.NumericDate(day.In(*t)))
		f.Set(hour(name), french.Clock(*t))
	}
}

// readMoment reads a date with its hour; nil when both are empty or one is wrong.
func readMoment(f *form.Form, name string) *time.Time {
	d, h := f.Date(name, ""), f.Clock(hour(name), "")
	switch {
	case f.Error(name) != "" || f.Error(hour(name)) != "":
		return nil
	case d.IsZero() && h < 0:
		return nil
	case d.IsZero():
		f.Fail(name, "Saisissez le jour.")
		return nil
	case h < 0:
		f.Fail(hour(name), "Saisissez l’heure, par exemple 18\u00a0h.")
		return nil
	}
	t := d.At(int(h/time.Hour), int(h%time.Hour/time.Minute))
	return &t
}

// ShowDates shows /equipe/elections/{id}/dates.
func (p *Pages) ShowDates(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	f, d := form.New(), v.Election.Dates()
	for _, x := range election.DateFields {
		setMoment(f, x.Name, *d.Of(x.Name))
	}
	return p.showDates(w, r, v, f, nil)
}

func (p *Pages) showDates(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	var both []ui.Version
	if refusal == election.ErrStale {
		d := v.Election.Dates()
		for _, x := range election.DateFields {
			now := form.New()
			setMoment(now, x.Name, *d.Of(x.Name))
			both = append(both, ui.Version{Label: x.Label, Theirs: now.Value(x.Name) + " " + now.Value(hour(x.Name)), Yours: f.Value(x.Name) + " " + f.Value(hour(x.Name))})
		}
	}
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Dates de l’élection"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), datesPage(c, sheetOf(v, f, both)))
}

// ChangeDates answers POST /equipe/elections/{id}/dates.
func (p *Pages) ChangeDates(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	var to election.Dates
	for _, x := range election.DateFields {
		*to.Of(x.Name) = readMoment(f, x.Name)
	}
	seen := version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Elections.ChangeDates(r.Context(), page.Actor(r), v.Election.ID, seen, to); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), "Les dates sont enregistrées.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showDates(w, r, v, f, refusal)
}

// ShowDraws shows /equipe/elections/{id}/tirages.
func (p *Pages) ShowDraws(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("order_seed", v.Election.OrderSeed)
	f.Set("tie_source", v.Election.TieSource)
	return p.showDraws(w, r, v, f, nil)
}

func (p *Pages) showDraws(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	var both []ui.Version
	if refusal == election.ErrStale {
		both = []ui.Version{{Label: "Ordre des candidatures", Theirs: v.Election.OrderSeed, Yours: f.Value("order_seed")},
			{Label: "Égalité", Theirs: v.Election.TieSource, Yours: f.Value("tie_source")}}
	}
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Tirages au sort"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), drawsPage(c, sheetOf(v, f, both)))
}

// NameDraws answers POST /equipe/elections/{id}/tirages.
func (p *Pages) NameDraws(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	n, seen := election.Named{OrderSeed: f.Line("order_seed", "", 200), TieSource: f.Line("tie_source", "", 300)}, version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Elections.Name(r.Context(), page.Actor(r), v.Election.ID, seen, n); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), "Les tirages au sort sont nommés.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showDraws(w, r, v, f, refusal)
}

// ShowRisk shows /equipe/elections/{id}/risque.
func (p *Pages) ShowRisk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	f := form.New()
	if v.Risk != nil {
		for name, a := range v.Risk.Answers {
			f.Set(name, a)
		}
	}
	return p.showRisk(w, r, v, f, nil)
}

func (p *Pages) showRisk(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	var both []ui.Version
	if refusal == election.ErrStale && v.Risk != nil {
		for _, q := range election.RiskQuestions {
			both = append(both, ui.Version{Label: french.Typo(q.Question), Theirs: q.Answer(v.Risk.Answers[q.Name]), Yours: q.Answer(f.Value(q.Name))})
		}
	}
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Grille de risque de la CNIL"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), riskPage(c, sheetOf(v, f, both)))
}

// SetRisk answers POST /equipe/elections/{id}/risque.
func (p *Pages) SetRisk(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	answers := map[string]string{}
	for _, q := range election.RiskQuestions {
		var allowed []string
		for _, o := range q.Options {
			allowed = append(allowed, o.Value)
		}
		answers[q.Name] = f.Choice(q.Name, "Choisissez une réponse.", allowed...)
	}
	seen := version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var level int
		if level, refusal = p.Elections.SetRisk(r.Context(), page.Actor(r), v.Election.ID, seen, answers); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), french.Typo(election.RiskMeaning(level)))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRisk(w, r, v, f, refusal)
}

func riskOptions(q election.RiskQuestion) []ui.Option {
	out := make([]ui.Option, len(q.Options))
	for i, o := range q.Options {
		out[i] = ui.Option{Value: o.Value, Label: french.Typo(o.Label), Hint: "Niveau " + french.Number(o.Level)}
	}
	return out
}
