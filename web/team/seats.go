package team

import (
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var seatKindSlugs = []slug[governance.SeatKind]{
	{"presidente", governance.President}, {"conseillere", governance.Councillor}, {"maire", governance.Mayor},
	{"partenaire", governance.Partner}, {"representant", governance.GNIRepresentative}, {"structure", governance.Structure},
}

var seatStateSlugs = []slug[governance.SeatState]{
	{"a-pourvoir", governance.Vacant}, {"bientot", governance.EndsSoon},
	{"prolonge", governance.CarriedOver}, {"en-fonction", governance.InOffice},
}

// seatList is the list of seats as the page shows it.
type seatList struct {
	Lines  []governance.SeatLine
	Paging postgres.Paging
	Filter *form.Form
	Base   string // address with its filters
	Reset  string // address without, "" when no filter is set
}

// ListSeats shows /equipe/sieges.
func (p *Pages) ListSeats(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	lines, paging, err := p.Governance.Seats(r.Context(), page.Actor(r), seatFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	v := seatList{Lines: lines, Paging: paging, Filter: page.FilterForm(q, "type", "etat", "q"),
		Base: page.Address(seatsPath, "type", q.Get("type"), "etat", q.Get("etat"), "q", q.Get("q"))}
	if v.Base != seatsPath {
		v.Reset = seatsPath
	}
	c := chrome("Sièges et mandats")
	return p.Kit.Show(w, r, http.StatusOK, seatsPage(p.Kit.Chrome(r, c), v))
}

func seatFilter(q url.Values) governance.SeatFilter {
	return governance.SeatFilter{
		Kind:  valueOf(seatKindSlugs, q.Get("type")),
		State: valueOf(seatStateSlugs, q.Get("etat")),
		Q:     q.Get("q"),
	}
}

// SeatsFile answers /equipe/sieges.{ext}: the list on screen with its filters, all
// pages.
func (p *Pages) SeatsFile(w http.ResponseWriter, r *http.Request) error {
	format, q, err := asked(r)
	if err != nil {
		return err
	}
	lines, _, err := p.Governance.Seats(r.Context(), page.Actor(r), seatFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	t := teamTable("Sièges et mandats", "sieges",
		export.Column{Key: "siege", Heading: "Siège", Width: 44}, export.Column{Key: "type", Heading: "Type", Width: 22},
		export.Column{Key: "organisation", Heading: "Organisation", Width: 40}, export.Column{Key: "college", Heading: "Collège", Width: 20},
		export.Column{Key: "titulaire", Heading: "Titulaire", Width: 26}, export.Column{Key: "depuis", Heading: "Depuis le", Kind: export.DayKind},
		export.Column{Key: "fin", Heading: "Fin", Kind: export.DayKind}, export.Column{Key: "echeance", Heading: "Échéance", Kind: export.DayKind},
		export.Column{Key: "suppleance", Heading: "Suppléance", Width: 26}, export.Column{Key: "etat", Heading: "État", Width: 16})
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{
			export.Text(l.Label), export.Text(l.Kind.Label()), export.Text(l.OrganisationName), export.Text(l.College.Label()),
			export.Text(l.Holder), export.Day(l.Since), export.Day(l.EndsOn), export.Day(l.TermEndsOn),
			export.Text(l.Alternate), export.Text(l.State.Label()),
		})
	}
	return export.Send(w, format, t)
}

// until is when the mandate ends, or when its term is due: what comes first.
func until(l governance.SeatLine) string {
	switch {
	case l.Person == 0:
		return ""
	case !l.EndsOn.IsZero():
		return "finit le " + french.ShortDate(l.EndsOn)
	case !l.TermEndsOn.IsZero():
		return "échéance le " + french.ShortDate(l.TermEndsOn)
	}
	return "sans échéance"
}

func kindOptions() []ui.Option {
	out := make([]ui.Option, 0, len(seatKindSlugs))
	for _, s := range seatKindSlugs {
		out = append(out, ui.Option{Value: s.word, Label: s.value.Label()})
	}
	return out
}

func stateOptions() []ui.Option {
	out := make([]ui.Option, 0, len(seatStateSlugs))
	for _, s := range seatStateSlugs {
		out = append(out, ui.Option{Value: s.word, Label: s.value.Label()})
	}
	return out
}

// seatPath is the address of a seat.
func seatPath(id governance.SeatID) string { return seatsPath + "/" + page.IDText(id) }

// newMandatePath is the address where somebody is designated on a seat.
func newMandatePath(id governance.SeatID, kind governance.MandateKind) string {
	return seatPath(id) + "/mandats/nouveau?qualite=" + kindWord(kind)
}

func kindWord(k governance.MandateKind) string {
	if k == governance.Alternate {
		return "suppleant"
	}
	return "titulaire"
}

// mandatePath is the address of an act on a mandate: fin, correction, annulation.
func mandatePath(seat governance.SeatID, id governance.MandateID, act string) string {
	return seatPath(seat) + "/mandats/" + page.IDText(id) + "/" + act
}
