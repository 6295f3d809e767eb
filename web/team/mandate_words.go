package team

import (
	"maps"
	"slices"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func startHint(v designationView) string {
	if v.Current != nil {
		return "Premier jour en fonction. Le mandat " + french.De(v.Current.Name()) + " finit ce jour-là. Par exemple 27/3/2027"
	}
	return "Premier jour en fonction. Par exemple 27/3/2027"
}

func termHint(v designationView) string {
	if v.Seat.TermYears > 0 {
		return "Durée habituelle : " + french.Count(v.Seat.TermYears, "an", "ans") + ". Passé ce jour, le mandat est prolongé jusqu’au remplacement."
	}
	return "Passé ce jour, le mandat est prolongé jusqu’au remplacement."
}

func usualHint(v designationView) string {
	_, hint := designationHint(v.Seat.Kind)
	return hint
}

// personOptions are the people found, then « une nouvelle personne ».
func personOptions(people []governance.PersonMatch) []ui.Option {
	out := make([]ui.Option, 0, len(people)+1)
	for _, p := range people {
		hint := p.Email
		if hint == "" {
			hint = "aucune adresse connue"
		}
		if p.Holds != "" {
			hint += " · " + p.Holds
		}
		out = append(out, ui.Option{Value: page.IDText(p.ID), Label: p.Name(), Hint: hint})
	}
	return append(out, ui.Option{Value: newPerson, Label: "Une nouvelle personne, à saisir ci-dessous"})
}

// formNames lists the fields of a form in a fixed order.
func formNames(f *form.Form) []string { return slices.Sorted(maps.Keys(f.All())) }

// proposed is the answer chosen beforehand: the only person found, a new person
// when nobody was; among several, nobody, lest the wrong one be sent unread.
func proposed(people []governance.PersonMatch) string {
	switch len(people) {
	case 0:
		return newPerson
	case 1:
		return page.IDText(people[0].ID)
	}
	return ""
}
