// Package funding is the pages of the money of the roadmap: budget lines, the partners’ view, the note.
package funding

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit     *page.Kit
	Roadmap *roadmap.Service
	Funding *funding.Service
}

// Addresses of the pages.
const (
	notesPath    = "/notes"
	teamNotePath = "/equipe/note"
	sendPath     = teamNotePath + "/envoi"
	actionsPart  = "#actions"
)

const publisher = "Bordeaux Métropole, portail de la gouvernance de l’inclusion numérique"

func organisationPath(id roadmap.OrganisationID) string {
	return rm.FundingPath + "/organisations/" + page.IDText(id)
}

func notePath(id funding.NoteID) string { return notesPath + "/" + page.IDText(id) }

func budgetPath(id roadmap.ID) string { return rm.TeamPath(id) + "/budget" }

func newLinePath(id roadmap.ID) string { return budgetPath(id) + "/nouvelle" }

func linePath(l roadmap.Line, act string) string {
	return budgetPath(l.Action) + "/" + page.IDText(l.ID) + "/" + act
}

var (
	crumbFunding = ui.Crumb{Label: "Financements", Href: rm.FundingPath}
	crumbNotes   = ui.Crumb{Label: "Notes à la gouvernance", Href: notesPath}
)

func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Feuille de route", Style: "figures.css", Wide: true, Crumbs: crumbs}
}

func teamChrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Wide: true, Crumbs: rm.TeamCrumbs(crumbs...)}
}

// number names an action in a word: « n° 12 ».
func number(n int) string { return "n°" + french.NBSP + page.IDText(n) }
