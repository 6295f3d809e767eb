package dashboard

import (
	"slices"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// watched is how many seats to see to a home lists for a body.
const watched = 6

// newChairView makes the home of a chair; cmtin is the composition of the CMTIN
// today, where every seat of a body somebody presides stands too.
func newChairView(h governance.MyHome, cmtin []governance.Line) chairView {
	v := chairView{Today: h.Today}
	var names []string
	for _, b := range h.Bodies {
		bv := newBodyView(b)
		v.Meetings = append(v.Meetings, b.Next...)
		if !b.Chaired {
			for _, s := range h.Seats {
				if has(s.Bodies, b.Code) {
					bv.Quality = "Vous y siégez comme " + lower(s.Label) + "."
				}
			}
			v.Others = append(v.Others, bv)
			continue
		}
		c := chairedView{bodyView: bv, Counts: b.Counts}
		c.see(cmtin)
		v.Chaired = append(v.Chaired, c)
		names = append(names, "le "+lower(title(b.Code, b.Name)))
	}
	v.Meetings = soonest(v.Meetings)
	v.Lead = "Vous présidez " + french.List(names) + "."
	if len(names) == 0 {
		v.Lead = "Vous ne présidez aucune instance aujourd’hui."
	}
	if seat := mainSeat(h.Seats); seat != nil {
		v.Alert = seatAlert(*seat)
		v.Facts = seatFacts(*seat, h.Today)
	}
	return v
}

// see counts the seats of the body to see to, and keeps the first.
func (b *chairedView) see(cmtin []governance.Line) {
	for _, l := range cmtin {
		if !sits(l.Kind, b.Code) || l.State == governance.InOffice {
			continue
		}
		s := seatView{Label: l.SeatLabel, Holder: l.Name(), State: l.State}
		switch l.State {
		case governance.EndsSoon:
			b.EndsSoon++
			end := l.EndsOn
			if end.IsZero() || !l.TermEndsOn.IsZero() && l.TermEndsOn.Before(end) {
				end = l.TermEndsOn
			}
			s.Detail = "jusqu’au " + french.LongDate(end)
		case governance.CarriedOver:
			b.CarriedOver++
			s.Detail = "échéance le " + french.LongDate(l.TermEndsOn)
		}
		b.Watch = append(b.Watch, s)
	}
	// Whoever is named first; the vacancies are counted already.
	slices.SortStableFunc(b.Watch, func(x, y seatView) int { return pressing(x.State) - pressing(y.State) })
	b.Watch = b.Watch[:min(len(b.Watch), watched)]
}

// pressing ranks the states of a seat to see to.
func pressing(s governance.SeatState) int {
	return slices.Index([]governance.SeatState{governance.CarriedOver, governance.EndsSoon, governance.Vacant}, s)
}

// filled says how full a body is: « 52 personnes pour 54 sièges, dont 2 à
// pourvoir. »
func (b chairedView) filled() string {
	s := french.Count(b.Persons, "personne", "personnes") + " pour " + french.Count(b.Seats, "siège", "sièges")
	if b.Vacant > 0 {
		return s + ", dont " + french.Number(b.Vacant) + " à pourvoir."
	}
	return s + ". Tous sont pourvus."
}

// sits tells whether a kind of seat is of a body presided by somebody, as the
// rules of composition say (a test compares them with composition_rule).
func sits(k governance.SeatKind, body governance.BodyCode) bool {
	return slices.Contains(presided[body], k)
}

var presided = map[governance.BodyCode][]governance.SeatKind{
	governance.CMTIN: {governance.President, governance.Councillor, governance.Partner, governance.Mayor,
		governance.GNIRepresentative},
	governance.Partners: {governance.Councillor, governance.Partner},
	governance.Communes: {governance.Councillor, governance.Mayor},
}
