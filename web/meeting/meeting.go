// Package meeting is the pages of meetings: what the public reads, what the team
// does from planning to the roll, and the personal pages of whoever is convened.
package meeting

import (
	"context"
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for meetings.
type Pages struct {
	Kit        *page.Kit
	DB         postgres.DB // documents are streamed from it
	Governance *governance.Service
	Meetings   *meeting.Service
	Minutes    *minutes.Service
	Printer    *printing.Printer
	BaseURL    *url.URL
	// Left gives what a meeting left that the actor may read, as documents: web/minutes
	// makes them, which knows this package.
	Left func(ctx context.Context, by access.Actor, id meeting.ID) ([]paper.Document, error)
}

const section = "Réunions"

// Addresses.
const (
	publicPath = "/reunions"
	teamPath   = "/equipe/reunions"
)

var (
	crumbPublic = ui.Crumb{Label: "Réunions", Href: publicPath}
	crumbHome   = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbTeam   = ui.Crumb{Label: "Réunions à conduire", Href: teamPath}
)

// meetingName is how a page of the team names the meeting it is about.
func meetingName(m meeting.Meeting) string { return m.Title() + " du " + french.LongDate(m.Day()) }

// meetingChrome describes a page of the team about a meeting, below the pages of under.
func meetingChrome(m meeting.Meeting, title string, under ...ui.Crumb) ui.Chrome {
	name := meetingName(m)
	return ui.Chrome{Title: title, Section: name, Crumbs: append([]ui.Crumb{crumbHome, crumbTeam, {Label: name, Href: teamAddress(m.ID, PartHub)}}, under...)}
}

// meetingID reads the meeting of the address; what is no identifier is no page.
func meetingID(r *http.Request) (meeting.ID, error) { return page.PathID[meeting.ID](r, "id") }

// publicAddress is the page of a meeting that everybody may open.
func publicAddress(id meeting.ID) string { return publicPath + "/" + page.IDText(id) }

// teamAddress is a page of the team about a meeting: "" for its hub, or
// « ordre-du-jour », « convocation », « emargement », « documents », « seance »,
// « compte-rendu ».
func teamAddress(id meeting.ID, part string) string {
	a := teamPath + "/" + page.IDText(id)
	if part != "" {
		a += "/" + part
	}
	return a
}
