package team

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// seatOf loads the seat of the address.
func (p *Pages) seatOf(r *http.Request) (governance.SeatPage, error) {
	id, err := page.PathID[governance.SeatID](r, "id")
	if err != nil {
		return governance.SeatPage{}, err
	}
	return p.Governance.SeatPage(r.Context(), page.Actor(r), id)
}

// mandateOf loads the seat and the mandate of the address; a mandate of another
// seat is not found.
func (p *Pages) mandateOf(r *http.Request) (governance.SeatPage, governance.MandateLine, error) {
	s, err := p.seatOf(r)
	if err != nil {
		return s, governance.MandateLine{}, err
	}
	id, err := page.PathID[governance.MandateID](r, "mandat")
	if err != nil {
		return s, governance.MandateLine{}, err
	}
	for _, m := range s.Mandates {
		if m.ID == id {
			return s, m, nil
		}
	}
	return s, governance.MandateLine{}, page.ErrNotFound
}

// ShowSeat shows /equipe/sieges/{id}.
func (p *Pages) ShowSeat(w http.ResponseWriter, r *http.Request) error {
	s, err := p.seatOf(r)
	if err != nil {
		return err
	}
	c := chrome(s.Label, crumbSeats)
	return p.Kit.Show(w, r, http.StatusOK, seatPage(p.Kit.Chrome(r, c), s))
}

// closed tells whether the seat is closed today.
func closed(s governance.SeatPage) bool { return !s.Until.IsZero() && !s.Today.Before(s.Until) }

// seatLead says in one sentence where the seat counts.
func seatLead(s governance.SeatPage) string {
	if len(s.Bodies) == 0 {
		return "Ce siège ne compte dans aucune instance."
	}
	names := make([]string, len(s.Bodies))
	for i, b := range s.Bodies {
		names[i] = b.Label()
	}
	return "Ce siège compte dans : " + strings.Join(names, ", ") + "."
}

// term says how long a mandate lasts: its end if it is known, else its term.
func term(m governance.MandateLine, today day.Day) string {
	switch {
	case !m.Until.IsZero() && m.Tense == governance.Past:
		return "terminé le " + french.LongDate(m.Until)
	case !m.Until.IsZero():
		return "finit le " + french.LongDate(m.Until)
	case m.TermEndsOn.IsZero():
		return "sans échéance connue"
	case !today.Before(m.TermEndsOn):
		return "échéance dépassée depuis le " + french.LongDate(m.TermEndsOn)
	}
	return "échéance le " + french.LongDate(m.TermEndsOn)
}

// holderRows are the facts of a mandate in course.
func holderRows(s governance.SeatPage, m governance.MandateLine) []ui.SummaryRow {
	email := m.Email
	if email == "" {
		email = "aucune adresse connue : pas d’invitation possible"
	} else if m.HasAccount {
		email += " (a un compte)"
	} else {
		email += " (n’a pas encore de compte)"
	}
	return []ui.SummaryRow{
		{Key: "Personne", Value: m.Name(), ActionHref: personPath(m.Person, seatPath(s.ID)), ActionLabel: "Corriger le nom ou l’adresse", ActionHidden: m.Name()},
		{Key: "Adresse électronique", Value: email},
		{Key: "Depuis", Value: french.LongDate(m.From)},
		{Key: "Jusqu’à", Value: french.Capital(term(m, s.Today))},
		{Key: "Désignation", Value: m.Designation},
		{Key: "Référence", Value: m.Reference},
	}
}

// others are the mandates of the seat that are not in course, with a tense.
func others(s governance.SeatPage, tense governance.Tense) []governance.MandateLine {
	var out []governance.MandateLine
	for _, m := range s.Mandates {
		if m.Tense == tense {
			out = append(out, m)
		}
	}
	return out
}
