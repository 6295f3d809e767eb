// Package team holds the screens of the metropole team that runs the bodies:
// seats and mandates (sièges, mandats), organisations and their people, the
// general renewal of the communes (renouvellement), the settings of the bodies
// (réglages).
//
// Two acts are never confused here: a change (a mandate begins or ends) and a
// correction (what was typed wrong is put right, nothing begins nor ends).
//
// What somebody else changed meanwhile is answered by a 409 that shows both
// versions, keeps what was typed, and lets the person send theirs after seeing.
package team

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the team's screens. Every use case it calls asks again
// whether the actor runs the bodies.
type Pages struct {
	Kit        *page.Kit
	Governance *governance.Service
}

const section = "Équipe"

// Addresses of the lists.
const (
	seatsPath         = "/equipe/sieges"
	organisationsPath = "/equipe/organisations"
	renewalPath       = "/equipe/renouvellement-communes"
	bodiesPath        = "/equipe/instances"
)

var (
	crumbHome          = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbSeats         = ui.Crumb{Label: "Sièges", Href: seatsPath}
	crumbOrganisations = ui.Crumb{Label: "Organisations", Href: organisationsPath}
	crumbBodies        = ui.Crumb{Label: "Réglages des instances", Href: bodiesPath}
)

// chrome describes a page of the team under the crumbs given.
func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: append([]ui.Crumb{crumbHome}, crumbs...)}
}

// slug maps the words of an address to a closed set of the domain and back.
type slug[T ~string] struct {
	word  string
	value T
}

func wordOf[T ~string](list []slug[T], value T) string {
	for _, s := range list {
		if s.value == value {
			return s.word
		}
	}
	return ""
}

func valueOf[T ~string](list []slug[T], word string) T {
	for _, s := range list {
		if s.word == word {
			return s.value
		}
	}
	return ""
}
