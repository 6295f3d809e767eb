package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

// MarkState is what became of a meeting, for the timeline.
type MarkState string

// The states of a mark. Each has its own shape: disc with a tick, ring, ring with
// an arrow, cross, triangle.
const (
	MarkHeld      MarkState = "held"
	MarkPlanned   MarkState = "planned"
	MarkPostponed MarkState = "postponed"
	MarkCancelled MarkState = "cancelled"
	MarkOverdue   MarkState = "overdue"
)

// markStates lists the states in the order of the legend.
var markStates = []MarkState{MarkHeld, MarkPlanned, MarkPostponed, MarkCancelled, MarkOverdue}

func (s MarkState) label() string {
	switch s {
	case MarkHeld:
		return "Tenue"
	case MarkPlanned:
		return "Prévue"
	case MarkPostponed:
		return "Reportée"
	case MarkCancelled:
		return "Annulée"
	case MarkOverdue:
		return "En retard"
	}
	return string(s)
}

func (s MarkState) kind() Kind {
	switch s {
	case MarkHeld:
		return OK
	case MarkPlanned:
		return Info
	case MarkOverdue:
		return Err
	}
	return Neutral
}

// Timeline is the year of the four bodies: what was owed, held, planned.
type Timeline struct {
	Year  int
	Today day.Day // draws the line of the day, when it is in the year
	Rows  []TimelineRow
}

// TimelineRow is the year of one body.
type TimelineRow struct {
	Code, Label               string // "gni", « GNI »: the label must hold in 14 characters
	Owed, Held, Planned, Late int
	Marks                     []TimelineMark
	// ConveneBy is the latest day to convene the next meeting owed; none if zero.
	ConveneBy day.Day
}

// TimelineMark is one meeting of the year.
type TimelineMark struct {
	Day   day.Day
	State MarkState
	Label string // « GNI, 2e réunion »
	Href  string // used by CadenceTable
}

// The drawing, in units that are pixels on a phone.
const (
	tlWidth = 760
	tlLeft  = 196 // where January begins
	tlTop   = 40
	tlRow   = 44
)

func (t Timeline) height() int { return tlTop + len(t.Rows)*tlRow + 8 }

func (t Timeline) viewBox() string {
	return "0 0 " + strconv.Itoa(tlWidth) + " " + strconv.Itoa(t.height())
}

// x returns where a day stands on the axis.
func (t Timeline) x(d day.Day) int {
	length := day.Of(t.Year, time.December, 31).YearDay()
	return tlLeft + (d.YearDay()-1)*(tlWidth-tlLeft-8)/length
}

func (t Timeline) monthX(m int) int { return t.x(day.Of(t.Year, time.Month(m), 1)) }

func (t Timeline) rowY(i int) int { return tlTop + i*tlRow + tlRow/2 }

func (t Timeline) showsToday() bool { return t.Today.Year() == t.Year && !t.Today.IsZero() }

// past returns how much of the year is gone, in units of the drawing.
func (t Timeline) past() int {
	switch {
	case t.Today.IsZero() || t.Today.Year() < t.Year:
		return 0
	case t.Today.Year() > t.Year:
		return tlWidth - 8 - tlLeft
	}
	return t.x(t.Today) - tlLeft
}

func at(x, y int) string { return "translate(" + strconv.Itoa(x) + " " + strconv.Itoa(y) + ")" }

// summary says the year in words: the <desc> of the drawing.
func (t Timeline) summary() string {
	var parts []string
	for _, r := range t.Rows {
		parts = append(parts, r.summary())
	}
	return strings.Join(parts, " ")
}

func (r TimelineRow) summary() string {
	s := fmt.Sprintf("%s : %s sur %s", r.Label,
		french.Count(r.Held, "tenue", "tenues"), french.Count(r.Owed, "due", "dues"))
	if r.Planned > 0 {
		s += ", " + french.Count(r.Planned, "prévue", "prévues")
	}
	if r.Late > 0 {
		s += ", " + french.Number(r.Late) + " en retard"
	}
	return s + "."
}

// ratio is the short count beside the name: « 2 / 3 ».
func (r TimelineRow) ratio() string {
	return french.Number(r.Held) + french.NBSP + "/" + french.NBSP + french.Number(r.Owed)
}

// used returns the states present, for the legend; held and planned always are.
func (t Timeline) used() []MarkState {
	present := map[MarkState]bool{MarkHeld: true, MarkPlanned: true}
	for _, r := range t.Rows {
		for _, m := range r.Marks {
			present[m.State] = true
		}
	}
	var out []MarkState
	for _, s := range markStates {
		if present[s] {
			out = append(out, s)
		}
	}
	return out
}

func (t Timeline) hasConvene() bool {
	for _, r := range t.Rows {
		if r.ConveneBy.Year() == t.Year && !r.ConveneBy.IsZero() {
			return true
		}
	}
	return false
}
