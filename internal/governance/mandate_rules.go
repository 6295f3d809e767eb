package governance

import (
	"fmt"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// history is the mandates of one seat, and what may be done to them.
type history []tenure

// on returns the mandate of the kind in office on the day, nil if none.
func (h history) on(kind MandateKind, d day.Day) *tenure {
	for i := range h {
		if h[i].Kind == kind && h[i].covers(d) {
			return &h[i]
		}
	}
	return nil
}

// next returns the first mandate of the kind that begins after the day.
func (h history) next(kind MandateKind, d day.Day) *tenure {
	var first *tenure
	for i := range h {
		if h[i].Kind == kind && h[i].From.After(d) && (first == nil || h[i].From.Before(first.From)) {
			first = &h[i]
		}
	}
	return first
}

// covered tells until when the seat has a titular without a break from the day:
// ok is false when it has none that day, and a zero day means for ever.
func (h history) covered(from day.Day) (until day.Day, ok bool) {
	for t := h.on(Titular, from); t != nil; t = h.on(Titular, t.Until) {
		ok, until = true, t.Until
		if until.IsZero() {
			break
		}
	}
	return until, ok
}

// checkDates refuses dates that no mandate of the seat can have. Fields: debut,
// fin, echeance.
func checkDates(p place, from, until, term day.Day) error {
	switch {
	case from.IsZero():
		return problem.OnField("debut", "Saisissez la date de début du mandat.")
	case from.Before(p.From):
		return problem.OnField("debut", "Ce siège existe depuis le "+french.Date(p.From)+" : le mandat ne peut pas commencer avant.")
	case !p.Until.IsZero() && !from.Before(p.Until):
		return problem.OnField("debut", "Ce siège est fermé depuis le "+french.Date(p.Until)+".")
	case from.After(p.Today.AddYears(2)):
		return problem.OnField("debut", "Cette date est dans plus de deux ans : vérifiez l’année.")
	case !until.IsZero() && !until.After(from):
		return problem.OnField("fin", "La fin doit venir après le début, le "+french.Date(from)+".")
	case !until.IsZero() && !p.Until.IsZero() && until.After(p.Until):
		return problem.OnField("fin", "Ce siège ferme le "+french.Date(p.Until)+" : le mandat ne peut pas finir après.")
	case !term.IsZero() && !term.After(from):
		return problem.OnField("echeance", "L’échéance doit venir après le début, le "+french.Date(from)+".")
	case !term.IsZero() && term.After(from.AddYears(12)):
		return problem.OnField("echeance", "Cette échéance est à plus de douze ans du début : vérifiez l’année.")
	}
	return nil
}

// checkWords refuses a missing or endless designation or reference.
func checkWords(designation, reference string) error {
	switch n := len([]rune(designation)); {
	case strings.TrimSpace(designation) == "":
		return problem.OnField("designation", "Dites comment la personne a été désignée, par exemple « élue par le conseil municipal ».")
	case n > 200:
		return problem.OnField("designation", fmt.Sprintf("Ce texte compte %d caractères : gardez-en 200 au plus.", n))
	case len([]rune(reference)) > 300:
		return problem.OnField("reference", "Gardez 300 caractères au plus.")
	}
	return nil
}

// plan is what starting a mandate does to the others of the seat.
type plan struct {
	until   day.Day // the end of the new mandate; zero: open
	replace *tenure // ends on the first day of the new one
	promote *tenure // alternate of the same person, ends the same day
}

// plan decides, on the mandates of the seat under lock, what starting m does, or
// why it is refused. person is 0 for somebody new.
func (h history) plan(p place, m NewMandate, person access.PersonID) (plan, error) {
	if err := checkDates(p, m.From, day.Day{}, m.TermEndsOn); err != nil {
		return plan{}, err
	}
	result := plan{until: p.Until}
	current := h.on(m.Kind, m.From)
	if err := m.checkSeen(current); err != nil {
		return plan{}, err
	}
	switch {
	case current == nil:
	case person != 0 && current.Person == person && !m.ReplacesCurrent:
		return plan{}, problem.OnField("personne", fmt.Sprintf("%s occupe déjà ce siège depuis le %s.", current.name(), french.Date(current.From)))
	case !m.ReplacesCurrent:
		return plan{}, problem.OnField("debut", fmt.Sprintf("%s occupe ce siège depuis le %s : terminez d’abord ce mandat, ou choisissez de le remplacer.",
			current.name(), french.Date(current.From)))
	case !m.From.After(current.From):
		return plan{}, problem.OnField("debut", fmt.Sprintf("Le mandat de %s commence le %s : le remplacement doit commencer après.", current.name(), french.Date(current.From)))
	default:
		result.replace = current
	}
	if next := h.next(m.Kind, m.From); next != nil {
		return plan{}, problem.OnField("debut", fmt.Sprintf("%s doit occuper ce siège à partir du %s : annulez ou corrigez d’abord ce mandat.",
			next.name(), french.Date(next.From)))
	}
	if m.Kind == Alternate {
		return h.planAlternate(m, person, result)
	}
	if a := h.on(Alternate, m.From); a != nil && person != 0 && a.Person == person {
		if !m.From.After(a.From) {
			return plan{}, problem.OnField("personne", "Cette personne devient suppléante ce jour-là sur ce siège : choisissez une autre date.")
		}
		result.promote = a
	}
	return result, nil
}

func (h history) planAlternate(m NewMandate, person access.PersonID, result plan) (plan, error) {
	until, ok := h.covered(m.From)
	if !ok {
		return plan{}, problem.OnField("debut", "Désignez d’abord un titulaire : ce siège n’en a pas à cette date.")
	}
	for _, t := range h {
		if t.Kind == Titular && t.Person == person && (t.Until.IsZero() || t.Until.After(m.From)) {
			return plan{}, problem.OnField("personne", t.name()+" est titulaire de ce siège et ne peut pas être son propre suppléant.")
		}
	}
	if !until.IsZero() {
		result.until = until // ends with the last titular known
	}
	return result, nil
}

// checkSeen refuses to replace somebody the form did not show.
func (m NewMandate) checkSeen(current *tenure) error {
	if m.Seen == 0 || (current != nil && current.ID == m.Seen) {
		return nil
	}
	if current == nil {
		return problem.New(problem.Conflict, "Le mandat que vous remplacez a pris fin ou a été changé pendant votre saisie : relisez la fiche du siège.")
	}
	return problem.New(problem.Conflict, "Entre-temps, "+current.name()+" a pris ce siège : relisez la fiche du siège, puis recommencez.")
}

// checkEnd refuses an end that cannot be. t is one of h.
func (h history) checkEnd(p place, t tenure, e EndOfMandate) error {
	switch {
	case e.On.IsZero():
		return problem.OnField("fin", "Saisissez la date de fin du mandat.")
	case !e.On.After(t.From):
		return problem.OnField("fin", "Ce mandat commence le "+french.Date(t.From)+" : il ne peut pas finir avant le lendemain.")
	case !t.Until.IsZero() && !t.Until.After(p.Today):
		return problem.OnField("fin", "Ce mandat est déjà terminé depuis le "+french.Date(t.Until)+" : corrigez-le si la date est fausse.")
	case !t.Until.IsZero() && e.On.After(t.Until):
		return problem.OnField("fin", "Ce mandat finit déjà le "+french.Date(t.Until)+" : choisissez une date avant, ou corrigez-le.")
	case e.On.After(p.Today.AddYears(2)):
		return problem.OnField("fin", "Cette date est dans plus de deux ans : vérifiez l’année.")
	case len([]rune(e.Reason)) > 300:
		return problem.OnField("motif", "Gardez 300 caractères au plus.")
	}
	if p.Kind.Chairs() && t.Kind == Titular && !e.ConfirmVacant && h.on(Titular, e.On) == &h[h.index(t.ID)] && !h.startsOn(e.On) {
		return problem.OnField("confirmation", "Cette personne préside une instance : remplacez-la en une fois, ou confirmez que le siège reste à pourvoir.")
	}
	return nil
}

func (h history) index(id MandateID) int {
	for i := range h {
		if h[i].ID == id {
			return i
		}
	}
	return -1
}

// startsOn tells whether a titular begins on the day.
func (h history) startsOn(d day.Day) bool {
	for _, t := range h {
		if t.Kind == Titular && t.From == d {
			return true
		}
	}
	return false
}
