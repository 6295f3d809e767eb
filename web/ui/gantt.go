package ui

import (
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

// GanttView is a year of works, one bar each, in groups. A page that shows it shows the
// same in a table, with links: a drawing has none.
type GanttView struct {
	ID     string // unique in the page
	Title  string // « Les actions de 2026 »
	Year   int
	Today  day.Day
	Groups []GanttGroup
}

// GanttGroup is a group of bars with a colour and a pattern of its own, from 1 to 8
// (class axis-1…); never a colour alone.
type GanttGroup struct {
	Label           string
	Colour, Pattern int
	Rows            []GanttRow
}

// GanttRow is a bar with its marks. A zero day leaves the bar open on that side.
type GanttRow struct {
	Label    string
	From, To day.Day // To is the last day
	State    GanttState
	Marks    []TimelineMark // held: reached; planned: to come; overdue: passed and not reached
}

// GanttState is how a bar is drawn.
type GanttState int

// The closed set of states.
const (
	GanttRuns GanttState = iota // the pattern of its group
	GanttDone                   // full, with a tick
	GanttLate                   // a thick frame and an exclamation mark
	GanttRest                   // a dashed frame and nothing inside: to come, or suspended
)

// Measures of the drawing, in the units of its viewBox.
const (
	gtLeft, gtWidth = 330, 1000
	gtTop, gtRow    = 34, 30
	gtLabel         = 38 // characters of a label before it is cut
)

// ganttLine is a line of the drawing: the head of a group, or a bar.
type ganttLine struct {
	y     int
	group GanttGroup
	row   *GanttRow // nil for the head
}

// lines are the heads and the bars from top to bottom.
func (v GanttView) lines() []ganttLine {
	var out []ganttLine
	y := gtTop
	for _, g := range v.Groups {
		out = append(out, ganttLine{y: y, group: g})
		y += gtRow
		for i := range g.Rows {
			out = append(out, ganttLine{y: y, group: g, row: &g.Rows[i]})
			y += gtRow
		}
	}
	return out
}

func (v GanttView) height() int {
	n := len(v.Groups)
	for _, g := range v.Groups {
		n += len(g.Rows)
	}
	return gtTop + n*gtRow + 8
}

func (v GanttView) viewBox() string {
	return "0 0 " + strconv.Itoa(gtWidth) + " " + strconv.Itoa(v.height())
}

// x is where a day stands; days of other years stand at the edges.
func (v GanttView) x(d day.Day) int {
	first, next := day.Of(v.Year, 1, 1), day.Of(v.Year+1, 1, 1)
	n := min(max(first.DaysUntil(d), 0), first.DaysUntil(next))
	return gtLeft + n*(gtWidth-gtLeft-8)/first.DaysUntil(next)
}

// span is where a bar begins and how long it is.
func (v GanttView) span(r GanttRow) (x, width int) {
	x = gtLeft
	if !r.From.IsZero() {
		x = v.x(r.From)
	}
	end := v.x(day.Of(v.Year+1, 1, 1))
	if !r.To.IsZero() {
		end = v.x(r.To.AddDays(1))
	}
	return x, max(end-x, 4)
}

func (v GanttView) showsToday() bool { return v.Today.Year() == v.Year }

// summary says what the drawing shows.
func (v GanttView) summary() string {
	var parts []string
	n, late, marks := 0, 0, 0
	for _, g := range v.Groups {
		parts = append(parts, g.Label+french.NBSP+": "+strconv.Itoa(len(g.Rows)))
		n += len(g.Rows)
		for _, r := range g.Rows {
			marks += len(r.Marks)
			if r.State == GanttLate {
				late++
			}
		}
	}
	s := french.Count(n, "barre", "barres") + ", de janvier à décembre " + strconv.Itoa(v.Year) + ". " + strings.Join(parts, french.Narrow+"; ") + "."
	if late > 0 {
		s += " " + french.Count(late, "est en retard", "sont en retard") + "."
	}
	if marks > 0 {
		s += " " + french.Count(marks, "jalon", "jalons") + " dans l’année."
	}
	return s + " Le tableau qui suit dit la même chose."
}

// shortLabel cuts a label that would run under the bars.
func shortLabel(s string) string {
	r := []rune(s)
	if len(r) <= gtLabel {
		return s
	}
	return strings.TrimRight(string(r[:gtLabel-1]), " ,;:") + "…"
}

// axisPatterns are the patterns of groups, drawn in a square of 8 by 8 that repeats.
var axisPatterns = [...]string{
	"M0 0h4v4h-4zM4 4h4v4h-4z",
	"M-2 2l4 -4M0 8l8 -8M6 10l4 -4",
	"M2 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
	"M0 2h8M0 6h8",
	"M2 0v8M6 0v8",
	"M0 4h8M4 0v8",
	"M-2 6l4 4M0 0l8 8M6 -2l4 4",
	"M0 6l4 -4l4 4",
}

// axisPattern is the drawing of a pattern, from 1 to 8; filled tells whether it is a
// surface and not a line.
func axisPattern(n int) (path string, filled bool) {
	n = (max(n, 1) - 1) % len(axisPatterns)
	return axisPatterns[n], n == 0 || n == 2
}

func axisClass(colour int) string { return "axis-" + strconv.Itoa(colour) }

func (v GanttView) monthX(m int) int { return v.x(day.Of(v.Year, time.Month(m), 1)) }
