// Package examine is the team's work on the register: the queue, the examination, the life of a structure.
package examine

import (
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the register's team pages.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Governance *governance.Service
}

// Addresses of the register.
const (
	registerPath   = "/equipe/structures"
	acceptancePath = registerPath + "/acceptation"
)

var (
	crumbHome     = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbRegister = ui.Crumb{Label: "Structures du GNI", Href: registerPath}
)

// chrome describes a page of the team under the crumbs given.
func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe", Crumbs: append([]ui.Crumb{crumbHome}, crumbs...)}
}

// structurePath is the team's page of a structure.
func structurePath(id structure.ID) string { return registerPath + "/" + page.IDText(id) }

// stateKind is the look of the tag of a state; its word says the same.
func stateKind(s structure.State) ui.Kind {
	switch s {
	case structure.Accepted:
		return ui.OK
	case structure.Submitted, structure.MoreAsked, structure.Suspended:
		return ui.Warn
	case structure.Refused:
		return ui.Err
	}
	return ui.Neutral
}
