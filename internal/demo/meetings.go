package demo

import (
	"fmt"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// rhythm is the days of the year on which each body meets.
var rhythm = []struct {
	body      governance.BodyCode
	month     time.Month
	date      int
	from, to  int // hours
	place     string
	theme     string
	calledOff bool // in the current year, this one was put off
}{
	{body: governance.GNI, month: 2, date: 5, from: 14, to: 17, place: "Hôtel de Bordeaux Métropole, salle Garonne", theme: "Besoins du terrain et priorités de l’année"},
	{body: governance.Partners, month: 3, date: 17, from: 10, to: 12, place: "Hôtel de Bordeaux Métropole, salle Dordogne", theme: "Financements pluriannuels"},
	{body: governance.Communes, month: 5, date: 12, from: 9, to: 12, place: "Hôtel de Bordeaux Métropole, salle du Conseil", theme: "Avancées des communes"},
	{body: governance.GNI, month: 6, date: 11, from: 14, to: 17, place: "Médiathèque de Mériadeck, auditorium", theme: "Accompagner les démarches de santé"},
	{body: governance.Partners, month: 10, date: 13, from: 10, to: 12, place: "Hôtel de Bordeaux Métropole, salle Dordogne", theme: "Projets communs de l’année suivante", calledOff: true},
	{body: governance.GNI, month: 11, date: 26, from: 14, to: 16, place: "Hôtel de Bordeaux Métropole, salle Garonne", theme: "Bilan et propositions au CMTIN"},
	{body: governance.CMTIN, month: 12, date: 10, from: 9, to: 12, place: "Hôtel de Bordeaux Métropole, salle du Conseil", theme: "Validation des actions de l’année suivante"},
}

// meetings records the year before and this one: past ones held, later ones
// convened when near, and this year's one put off when its day is past.
func (w *world) meetings() error {
	for year := max(w.today.Year()-2, founded.Year()+1); year <= w.today.Year(); year++ {
		for _, m := range rhythm {
			on := weekdayNear(day.Of(year, m.month, m.date))
			meeting := governance.Meeting{
				Body: m.body, StartsAt: on.At(m.from, 0), EndsAt: on.At(m.to, 0), Place: m.place, Theme: m.theme,
			}
			past := on.Before(w.today)
			switch {
			case past && m.calledOff && year == w.today.Year():
				meeting.State = governance.Postponed
			case past:
				meeting.State, meeting.ChairPresent = governance.Published, true
				meeting.StatePresent = m.body == governance.CMTIN
			case w.today.DaysUntil(on) <= 21:
				meeting.State = governance.Convened
			default:
				meeting.State = governance.Draft
			}
			if _, err := w.Governance.RecordMeeting(w.ctx, actor, meeting); err != nil {
				return fmt.Errorf("%s on %s: %w", m.body, on, err)
			}
		}
	}
	return nil
}

// weekdayNear moves a week-end day to the Monday after.
func weekdayNear(d day.Day) day.Day {
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDays(2)
	case time.Sunday:
		return d.AddDays(1)
	}
	return d
}
