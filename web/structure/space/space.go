// Package space is the space of a structure: its sheet, its people, whether it is up
// to date, who asks to join it, its departure; and, without an account, the page of
// the link that says its sheet is right.
//
// Every page of /ma-structure is about the structure acted for, and no other.
package space

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the space of a structure.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Contact    string // address of the metropole's team
}

const (
	section    = "Ma structure"
	homePath   = structure.SpacePath
	sheetPath  = structure.SpacePath + "/fiche/"
	freshPath  = structure.SpacePath + "/a-jour"
	peoplePath = structure.PeoplePath
	accessPath = structure.AccessPath
	teamPath   = "/equipe/structures/"
	leavePath  = structure.SpacePath + "/depart"
)

var (
	crumbDashboard = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbSpace     = ui.Crumb{Label: section, Href: homePath}
	crumbPeople    = ui.Crumb{Label: "Les personnes", Href: peoplePath}
)

// chrome describes a page of the space under the crumbs given.
func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: append([]ui.Crumb{crumbDashboard, crumbSpace}, crumbs...)}
}

// own is the structure the reader acts for; the rule of the route admits no other.
func own(r *http.Request) (structure.ID, error) {
	if id := page.Actor(r).Acting.Organisation; id != 0 {
		return id, nil
	}
	return 0, page.ErrNotFound
}
