package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// endView is what the page that ends, or cancels, a mandate shows.
type endView struct {
	Seat    governance.SeatPage
	Mandate governance.MandateLine
	// Meanwhile: somebody else changed the mandate since the form was shown.
	Meanwhile bool
	Key       string
}

// Chairs tells whether ending this mandate leaves a body without its chair.
func (v endView) Chairs() bool {
	return v.Seat.Kind.Chairs() && v.Mandate.Kind == governance.Titular
}

// follows says what ending the mandate brings about.
func (v endView) follows() []string {
	if v.Mandate.Kind == governance.Alternate {
		return []string{"Le siège n’a plus de suppléant.", "L’accès que donne cette suppléance se ferme aussitôt ce jour venu."}
	}
	out := []string{"Le siège devient vacant : il reste dans la composition, « à pourvoir »."}
	if a := v.Seat.Holder(governance.Alternate); a != nil {
		out = append(out, "Le mandat de suppléance "+french.De(a.Name())+" finit le même jour.")
	}
	return append(out, "L’accès que donne ce mandat se ferme aussitôt ce jour venu.",
		"Les compositions des jours passés ne changent pas.")
}

func (p *Pages) end(r *http.Request) (endView, error) {
	s, m, err := p.mandateOf(r)
	return endView{Seat: s, Mandate: m, Key: page.NewKey()}, err
}

// ShowEnd shows …/mandats/{mandat}/fin.
func (p *Pages) ShowEnd(w http.ResponseWriter, r *http.Request) error {
	v, err := p.end(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("fin", french.NumericDate(v.Seat.Today))
	return p.showEnd(w, r, v, f, nil)
}

func (p *Pages) showEnd(w http.ResponseWriter, r *http.Request, v endView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	c := chrome("Mettre fin au mandat "+french.De(v.Mandate.Name()), crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), endPage(p.Kit.FormChrome(r, c, f), v, f))
}

// End answers POST …/mandats/{mandat}/fin.
func (p *Pages) End(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := governance.EndOfMandate{
		Version:       f.Int("version", "", 0, 1<<30),
		On:            f.Date("fin", "Saisissez la date de fin du mandat."),
		Reason:        f.Text("motif", "", 300),
		ConfirmVacant: f.Bool("confirmation"),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.end(r)
	if err != nil {
		return err
	}
	in.ID = v.Mandate.ID
	var refusal error
	if f.OK() {
		done, err := p.Governance.EndMandate(r.Context(), page.Actor(r), in)
		if err == nil {
			message := "Le mandat " + french.De(done.Person) + " finit le " + french.LongDate(in.On) + "."
			if done.Alternate != "" {
				message += " La suppléance " + french.De(done.Alternate) + " finit avec lui."
			}
			if v.Mandate.Kind == governance.Titular {
				message += " Le siège sera à pourvoir."
			}
			return p.Kit.Done(w, r, seatPath(done.Seat), message)
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showEnd(w, r, v, f, refusal)
}

// ShowCancel shows …/mandats/{mandat}/annulation: of a mandate that has not begun.
func (p *Pages) ShowCancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.end(r)
	if err != nil {
		return err
	}
	return p.showCancel(w, r, v, form.New(), nil)
}

func (p *Pages) showCancel(w http.ResponseWriter, r *http.Request, v endView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	c := chrome("Annuler le mandat à venir "+french.De(v.Mandate.Name()), crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), cancelPage(p.Kit.FormChrome(r, c, f), v, f))
}

// Cancel answers POST …/mandats/{mandat}/annulation.
func (p *Pages) Cancel(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.end(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Governance.CancelMandate(r.Context(), page.Actor(r), v.Mandate.ID, version)
		if err == nil {
			return p.Kit.Done(w, r, seatPath(v.Seat.ID), "Le mandat à venir "+french.De(v.Mandate.Name())+" est annulé. Il reste dans l’historique.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showCancel(w, r, v, f, refusal)
}

// mandateRows are the facts of the mandate an act is about.
func mandateRows(v endView) []ui.SummaryRow {
	return []ui.SummaryRow{
		{Key: "Siège", Value: v.Seat.Label},
		{Key: "Personne", Value: v.Mandate.Name() + ", " + qualityWord(v.Mandate.Kind)},
		{Key: "Depuis", Value: french.LongDate(v.Mandate.From)},
		{Key: "Jusqu’à", Value: french.Capital(term(v.Mandate, v.Seat.Today))},
		{Key: "Désignation", Value: v.Mandate.Designation},
	}
}

func qualityWord(k governance.MandateKind) string {
	if k == governance.Alternate {
		return "suppléance"
	}
	return "titulaire"
}
