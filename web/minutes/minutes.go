// Package minutes is the pages of what a meeting leaves: notes and decisions taken
// during it, the minutes and their corrections, the registers of decisions and of
// positions, the actions asked.
package minutes

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for minutes and registers.
type Pages struct {
	Kit        *page.Kit
	Governance *governance.Service
	Meetings   *meeting.Service
	Minutes    *minutes.Service
	Printer    *printing.Printer
	Roadmap    *roadmap.Service // the actions that carry decisions
}

const section = "Réunions"

var (
	crumbHome     = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbMeetings = ui.Crumb{Label: "Réunions", Href: "/reunions"}
	crumbTeam     = ui.Crumb{Label: "Réunions à conduire", Href: "/equipe/reunions"}
)
