package demo

import (
	"fmt"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// rhythm is the days of the year on which each body meets; scripts says what about.
var rhythm = [7]struct {
	body      governance.BodyCode
	month     time.Month
	date      int
	from, to  int // hours
	place     string
	calledOff bool // in the current year, this one was put off
}{
	{body: governance.GNI, month: 2, date: 5, from: 14, to: 17, place: "Hôtel de Bordeaux Métropole, salle Garonne"},
	{body: governance.Partners, month: 3, date: 17, from: 10, to: 12, place: "Hôtel de Bordeaux Métropole, salle Dordogne"},
	{body: governance.Communes, month: 5, date: 12, from: 9, to: 12, place: "Hôtel de Bordeaux Métropole, salle du Conseil"},
	{body: governance.GNI, month: 6, date: 11, from: 14, to: 17, place: "Médiathèque de Mériadeck, auditorium"},
	{body: governance.Partners, month: 10, date: 13, from: 10, to: 12, place: "Hôtel de Bordeaux Métropole, salle Dordogne", calledOff: true},
	{body: governance.GNI, month: 11, date: 26, from: 14, to: 16, place: "Hôtel de Bordeaux Métropole, salle Garonne"},
	{body: governance.CMTIN, month: 12, date: 10, from: 9, to: 12, place: "Hôtel de Bordeaux Métropole, salle du Conseil"},
}

// gathering is one meeting of the demonstration.
type gathering struct {
	id     meeting.ID
	body   governance.BodyCode
	kind   meeting.Kind
	script script
	start  time.Time
	end    time.Time
	place  string
}

func (g gathering) day() day.Day { return day.In(g.start) }

// meetings records the years since the deliberation: what is past is held and its
// minutes are out, what is near is convened, and this year's one is put off when its
// day is past.
func (w *world) meetings() error {
	for year := max(w.today.Year()-2, founded.Year()+1); year <= w.today.Year(); year++ {
		for i, m := range rhythm {
			on := weekdayNear(day.Of(year, m.month, m.date))
			g := gathering{body: m.body, kind: meeting.Session, script: scripts[(year+1)%2][i],
				start: on.At(m.from, 0), end: on.At(m.to, 0), place: m.place}
			if err := w.gather(g, m.calledOff && year == w.today.Year()); err != nil {
				return fmt.Errorf("%s on %s: %w", m.body, on, err)
			}
		}
	}
	for _, step := range []func() error{w.workshops, w.partnersPoll, w.proposals} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// gather makes one meeting what its date makes of it.
func (w *world) gather(g gathering, calledOff bool) error {
	past := g.day().Before(w.today)
	var err error
	if g.id, err = w.plan(g, past); err != nil {
		return err
	}
	switch {
	case past && calledOff:
		return w.putOff(g)
	case past:
		return w.history(g)
	case w.today.DaysUntil(g.day()) <= 21 && g.day().After(w.today):
		return w.convene(g)
	}
	return nil
}

// plan creates the meeting and its agenda with the functions of the screens. Those
// refuse a day that is past: such a meeting is planned for a day to come, then given
// its own.
func (w *world) plan(g gathering, past bool) (meeting.ID, error) {
	p := meeting.Plan{Body: g.body, Kind: g.kind, Slot: meeting.Slot{StartsAt: g.start, EndsAt: g.end}, Place: g.place,
		Theme: g.script.theme, Announced: true}
	if past {
		shift := time.Duration(g.day().DaysUntil(w.today)+40) * 24 * time.Hour
		later := day.In(g.start.Add(shift))
		p.Slot = meeting.Slot{StartsAt: later.At(g.start.In(day.Paris).Hour(), 0), EndsAt: later.At(g.end.In(day.Paris).Hour(), 0)}
	} else if g.kind == meeting.Session {
		p.VideoURL = "https://visio.example.org/" + string(g.body)
	}
	if g.body == governance.CMTIN {
		p.State = meeting.GuestInput{Person: w.prefect}
		p.Expert = meeting.GuestInput{Name: "Dominique Exemple", Organisation: "Laboratoire fictif des services publics", Email: "expert@example.org"}
	}
	id, err := w.Meetings.Create(w.ctx, actor, p)
	if err != nil {
		return 0, err
	}
	for _, x := range g.script.points {
		in := meeting.ItemInput{Title: x.title, Text: x.text, Kind: x.kind, Minutes: x.minutes, Rapporteur: x.rapporteur}
		if _, err := w.Meetings.AddItem(w.ctx, actor, id, in); err != nil {
			return 0, fmt.Errorf("point %q: %w", x.title, err)
		}
	}
	if err := w.attach(g, id); err != nil {
		return 0, err
	}
	if past {
		_, err = postgres.Exec(w.ctx, w.DB, `UPDATE meeting SET starts_at = $2::timestamptz, ends_at = $3, created_at = $2::timestamptz - interval '60 days', changed_at = $2::timestamptz - interval '20 days' WHERE id = $1`, id, g.start, g.end)
		if err == nil {
			_, err = postgres.Exec(w.ctx, w.DB, `UPDATE agenda_item SET created_at = $2 WHERE meeting_id = $1`, id, g.start.AddDate(0, 0, -30))
		}
		if err == nil {
			_, err = postgres.Exec(w.ctx, w.DB, `UPDATE meeting_document SET added_at = $2 WHERE meeting_id = $1`, id, g.start.AddDate(0, 0, -12))
		}
	}
	return id, err
}

// putOff says that a meeting convened was put off without a date.
func (w *world) putOff(g gathering) error {
	_, err := postgres.Exec(w.ctx, w.DB, `
		UPDATE meeting SET state = 'postponed', call_off_reason = $2, called_off_at = starts_at - interval '6 days', convened_at = starts_at - interval '15 days', sequence = sequence + 2
		WHERE id = $1`, g.id, "Plusieurs partenaires ne pouvaient pas se libérer. Une nouvelle date est recherchée.")
	return postgres.Wrap(err, "put off")
}

// convene convenes a meeting to come, and lets six in ten answer.
func (w *world) convene(g gathering) error {
	m, _, err := w.Meetings.Load(w.ctx, actor, g.id)
	if err != nil {
		return err
	}
	const reason = "Démonstration : la convocation part le jour où les données sont chargées."
	if _, err := w.Meetings.Convene(w.ctx, actor, g.id, m.Version, reason, ""); err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE convocation SET answer = CASE WHEN hashtext('rep' || seat_id) % 5 = 0 THEN 'excused' WHEN hashtext('rep' || seat_id) % 7 = 0 THEN 'remote' ELSE 'present' END,
		       answered_at = now(), answered_by = 'link', opened_at = now()
		WHERE meeting_id = $1 AND abs(hashtext('dit' || seat_id)) % 10 < 6 AND email NOT IN ('maire-begles@example.org', 'structure-001@example.org', 'partenaire-01@example.org', 'presidente@example.org')`, g.id)
	return postgres.Wrap(err, "answers")
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

// as returns the demonstration acting for a person.
func as(p access.PersonID) access.Actor {
	a := actor
	a.Person = p
	return a
}
