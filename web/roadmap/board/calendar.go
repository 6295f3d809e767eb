package board

import (
	"net/http"
	"net/url"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// calendarView is a year of the roadmap, drawn and in a table.
type calendarView struct {
	board.Calendar
	Form     *form.Form
	Base     string
	Reset    string
	Options  []ui.Option // axes
	Sentence string
	Picture  ui.GanttView
}

// Calendar shows /feuille-de-route/calendrier: the actions that run in a year, fifty a
// page, of one axis or of all.
func (p *Pages) Calendar(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	c, err := p.Board.Calendar(r.Context(), numberIn(q.Get("annee"), 2000, 2200), numberIn(q.Get("axe"), 1, 99), page.Number(q))
	if err != nil {
		return err
	}
	v := newCalendarView(q, c)
	return p.Kit.Show(w, r, http.StatusOK, calendarPage(p.Kit.Chrome(r, chrome("Les actions de "+strconv.Itoa(c.Year), crumbList)), v))
}

func newCalendarView(q url.Values, c board.Calendar) calendarView {
	v := calendarView{Calendar: c, Form: form.New()}
	axis := ""
	if n := numberIn(q.Get("axe"), 1, 99); n > 0 {
		axis = strconv.Itoa(n)
	}
	year := strconv.Itoa(c.Year)
	v.Form.Set("annee", year)
	v.Form.Set("axe", axis)
	v.Base = page.Address(roadmapweb.CalendarPath, "annee", year, "axe", axis)
	if axis != "" || c.Year != c.Today.Year() {
		v.Reset = roadmapweb.CalendarPath
	}
	for _, x := range c.Axes {
		v.Options = append(v.Options, axisOption(x))
	}
	v.Sentence = french.Count(c.Paging.Total, "action se déroule", "actions se déroulent") + " en " + year + "."
	if c.Paging.Total == 0 {
		v.Sentence = "Aucune action ne se déroule en " + year + "."
	}
	v.Picture = picture(c)
	return v
}

// picture draws the page of a year, by axis.
func picture(c board.Calendar) ui.GanttView {
	g := ui.GanttView{ID: "annee", Title: "Les actions de " + strconv.Itoa(c.Year), Year: c.Year, Today: c.Today}
	for _, x := range c.Axes {
		group := ui.GanttGroup{Label: strconv.Itoa(x.Position) + ". " + typeset(x.Title), Colour: x.Colour, Pattern: x.Pattern}
		for _, e := range c.Rows {
			if e.AxisID == x.ID {
				group.Rows = append(group.Rows, bar(c, e))
			}
		}
		if len(group.Rows) > 0 {
			g.Groups = append(g.Groups, group)
		}
	}
	return g
}

func bar(c board.Calendar, e board.Entry) ui.GanttRow {
	r := ui.GanttRow{Label: strconv.Itoa(e.Number) + ". " + typeset(e.Title), From: e.StartsOn, To: e.EndsOn}
	if e.StartsOn.IsZero() {
		r.From = e.ValidatedOn
	}
	switch board.StateOf(e.Action) {
	case board.Done:
		r.State = ui.GanttDone
	case board.Late:
		r.State = ui.GanttLate
	case board.ToCome, board.Suspended:
		r.State = ui.GanttRest
	}
	for _, t := range c.Milestones[e.ID] {
		m := ui.TimelineMark{Day: t.DueOn, State: ui.MarkPlanned, Label: typeset(t.Title)}
		switch {
		case !t.DoneOn.IsZero():
			m.State = ui.MarkHeld
		case t.DueOn.Before(c.Today):
			m.State = ui.MarkOverdue
		}
		r.Marks = append(r.Marks, m)
	}
	return r
}

// axisOf returns the axis of a line.
func (v calendarView) axisOf(id roadmap.AxisID) roadmap.Axis {
	for _, x := range v.Axes {
		if x.ID == id {
			return x
		}
	}
	return roadmap.Axis{}
}
