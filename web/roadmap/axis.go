package roadmap

import (
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// CalendarPath is the timeline of a year.
const CalendarPath = ListPath + "/calendrier"

// AxisPath is the list of the actions of an axis, by its position.
func AxisPath(position int) string { return page.Address(ListPath, "axe", page.IDText(position)) }

// stateWords are the states said with a number, of one action and of several.
var stateWords = map[board.State][2]string{
	board.Done: {"réalisée", "réalisées"}, board.Running: {"en cours", "en cours"}, board.Late: {"en retard", "en retard"},
	board.ToCome: {"à venir", "à venir"}, board.Suspended: {"suspendue", "suspendues"}, board.Abandoned: {"abandonnée", "abandonnées"},
}

// stateKind is the colour of a state in a bar.
func stateKind(s board.State) ui.Kind {
	switch s {
	case board.Done:
		return ui.OK
	case board.Running:
		return ui.Info
	case board.Late:
		return ui.Warn
	case board.Abandoned:
		return ui.Err
	}
	return ui.Neutral
}

// BarParts are the shares of a bar of actions by state; what is to come and what is
// suspended have the same grey: the words beside tell them apart.
func BarParts(t board.Tally) []ui.BarPart {
	var out []ui.BarPart
	for _, s := range board.States {
		n := t.Of(s)
		out = append(out, ui.BarPart{Kind: stateKind(s), N: n, Label: french.Plural(n, stateWords[s][0], stateWords[s][1])})
	}
	return out
}

// LegendParts name the colours of the bars.
func LegendParts() []ui.BarPart {
	return []ui.BarPart{{Kind: ui.OK, Label: "réalisées"}, {Kind: ui.Info, Label: "en cours"}, {Kind: ui.Warn, Label: "en retard"},
		{Kind: ui.Neutral, Label: "à venir ou suspendues"}, {Kind: ui.Err, Label: "abandonnées"}}
}

// TallyWords says a tally: « 2 réalisées, 1 en retard ».
func TallyWords(t board.Tally) string {
	var words []string
	for _, p := range BarParts(t) {
		if p.N > 0 {
			words = append(words, french.Number(p.N)+french.NBSP+p.Label)
		}
	}
	return strings.Join(words, ", ")
}

// swatches are the patterns of ui.Gantt, four squares of each.
var swatches = [...]string{
	"M0 0h4v4h-4zM8 0h4v4h-4zM4 4h4v4h-4zM12 4h4v4h-4zM0 8h4v4h-4zM8 8h4v4h-4zM4 12h4v4h-4zM12 12h4v4h-4z",
	"M0 8l8 -8M0 16l16 -16M8 16l8 -8",
	"M2 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M10 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M2 12a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M10 12a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
	"M0 4h16M0 8h16M0 12h16",
	"M4 0v16M8 0v16M12 0v16",
	"M0 5h16M0 11h16M5 0v16M11 0v16",
	"M0 0l16 16M8 0l8 8M0 8l8 8",
	"M0 7l4 -4l4 4l4 -4l4 4M0 14l4 -4l4 4l4 -4l4 4",
}

// swatchOf is the drawing of a pattern, from 1 to 8; filled tells whether it is a
// surface and not a line.
func swatchOf(n int) (path string, filled bool) {
	n = (max(n, 1) - 1) % len(swatches)
	return swatches[n], n == 0 || n == 2
}
