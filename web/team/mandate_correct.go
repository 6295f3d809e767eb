package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// correctionView is what the page that corrects a mandate shows.
type correctionView struct {
	endView
	Versions []ui.Version // on a conflict: theirs and yours
}

// ShowCorrection shows …/mandats/{mandat}/correction.
func (p *Pages) ShowCorrection(w http.ResponseWriter, r *http.Request) error {
	v, err := p.end(r)
	if err != nil {
		return err
	}
	f, m := form.New(), v.Mandate
	f.Set("prenom", m.First)
	f.Set("nom", m.Last)
	f.Set("debut", french.NumericDate(m.From))
	f.Set("fin", french.NumericDate(m.Until))
	f.Set("echeance", french.NumericDate(m.TermEndsOn))
	f.Set("designation", m.Designation)
	f.Set("reference", m.Reference)
	return p.showCorrection(w, r, v, f, nil)
}

func (p *Pages) showCorrection(w http.ResponseWriter, r *http.Request, end endView, f *form.Form, refusal error) error {
	v := correctionView{endView: end}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Meanwhile, v.Versions = true, mandateVersions(end.Mandate, f)
	}
	c := chrome("Corriger le mandat "+french.De(v.Mandate.Name()), crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), correctionPage(p.Kit.FormChrome(r, c, f), v, f))
}

// mandateVersions sets what is recorded beside what was typed.
func mandateVersions(m governance.MandateLine, f *form.Form) []ui.Version {
	return []ui.Version{
		{Label: "Prénom", Theirs: m.First, Yours: f.Value("prenom")},
		{Label: "Nom", Theirs: m.Last, Yours: f.Value("nom")},
		dateVersion("Début", m.From, f.Value("debut")),
		dateVersion("Fin", m.Until, f.Value("fin")),
		dateVersion("Échéance", m.TermEndsOn, f.Value("echeance")),
		{Label: "Mode de désignation", Theirs: m.Designation, Yours: f.Value("designation")},
		{Label: "Référence", Theirs: m.Reference, Yours: f.Value("reference")},
	}
}

// dateVersion compares days, however they were typed.
func dateVersion(label string, theirs day.Day, typed string) ui.Version {
	v := ui.Version{Label: label, Theirs: french.LongDate(theirs), Yours: typed}
	if d, err := form.ParseDate(typed); err == nil {
		v.Yours = french.LongDate(d)
	}
	return v
}

// Correct answers POST …/mandats/{mandat}/correction.
func (p *Pages) Correct(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := governance.Correction{
		Version:       f.Int("version", "", 0, 1<<30),
		PersonVersion: f.Int("version_personne", "", 0, 1<<30),
		First:         f.Line("prenom", "Saisissez le prénom.", 80),
		Last:          f.Line("nom", "Saisissez le nom.", 80),
		From:          f.Date("debut", "Saisissez la date de début du mandat."),
		Until:         f.Date("fin", ""),
		TermEndsOn:    f.Date("echeance", ""),
		Designation:   f.Line("designation", "Dites comment la personne a été désignée.", 200),
		Reference:     f.Line("reference", "", 300),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.end(r)
	if err != nil {
		return err
	}
	in.ID = v.Mandate.ID
	if in.First == v.Mandate.First && in.Last == v.Mandate.Last {
		in.First, in.Last = "", "" // the name stays: nothing to correct in the person
	}
	var refusal error
	if f.OK() {
		err := p.Governance.CorrectMandate(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, seatPath(v.Seat.ID), "La correction est enregistrée. Elle apparaît comme une correction dans l’historique : personne n’est arrivé ni parti.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showCorrection(w, r, v, f, refusal)
}
