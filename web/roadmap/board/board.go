// Package board is the pages of what everybody reads of the roadmap: the list with the
// progress of each axis, an action, the timeline of a year. Each is read in one round
// trip.
package board

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/page"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Board *board.Service
}

const (
	section   = "Feuille de route"
	publisher = "Bordeaux Métropole, portail de la gouvernance de l’inclusion numérique"
)

var crumbList = ui.Crumb{Label: section, Href: roadmapweb.ListPath}

func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Style: "roadmap.css", Crumbs: crumbs}
}

// typeset is a text people typed, in French typography.
func typeset(s string) string { return french.Typo(s) }

// confidences are the levels by the words of the address.
var confidences = []struct {
	slug  string
	level roadmap.Confidence
}{
	{"bonne-voie", roadmap.OnCourse}, {"a-surveiller", roadmap.ToWatch}, {"appui-necessaire", roadmap.NeedsSupport},
	{"compromise", roadmap.Compromised}, {"pas-encore-evaluee", board.NotJudged},
}

func bodyOptions() []ui.Option {
	var out []ui.Option
	for _, b := range []governance.BodyCode{governance.CMTIN, governance.Partners, governance.GNI, governance.Communes} {
		out = append(out, ui.Option{Value: string(b), Label: b.Full()})
	}
	return out
}

func yearOptions(years []int) []ui.Option {
	var out []ui.Option
	for _, y := range years {
		out = append(out, ui.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	return out
}

func axisOptions(axes []board.AxisProgress) []ui.Option {
	var out []ui.Option
	for _, x := range axes {
		out = append(out, axisOption(x.Axis))
	}
	return out
}

func axisOption(x roadmap.Axis) ui.Option {
	return ui.Option{Value: strconv.Itoa(x.Position), Label: strconv.Itoa(x.Position) + ". " + typeset(x.Title)}
}

// numberIn reads a whole number of the address between two bounds; 0 for anything else.
func numberIn(s string, low, high int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0
	}
	return n
}
