// Package roll is the pages of the roll of an election: what everybody reads, the claims
// of structures, the team's desk.
package roll

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *roll.Service
	Contact string // address of the metropole's team
}

func listPath(id election.ID) string   { return web.Address(id) + "/liste" }
func claimsPath(id election.ID) string { return web.Address(id) + "/reclamations" }
func deskPath(id election.ID) string   { return web.Desk(id) + "/liste" }

func electionID(r *http.Request) (election.ID, error) { return page.PathID[election.ID](r, "id") }

// chrome describes a page under the public page of an election.
func chrome(e election.Election, title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: french.Typo(e.Title), Crumbs: []ui.Crumb{{Label: "Élections", Href: "/elections"}, {Label: french.Typo(e.Title), Href: web.Address(e.ID)}}}
}

// teamChrome describes a page under the team's page of an election.
func teamChrome(e election.Election, title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Crumbs: append([]ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"},
		{Label: "Élections", Href: "/equipe/elections"}, {Label: french.Typo(e.Title), Href: web.Desk(e.ID)}}, crumbs...)}
}

func collegeOptions() []ui.Option {
	var out []ui.Option
	for _, c := range governance.Colleges {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

// structureOptions are structures to choose from, college by college.
func structureOptions(list []roll.Entry) []ui.Option {
	var out []ui.Option
	for _, c := range governance.Colleges {
		for _, l := range list {
			if l.College == c {
				out = append(out, ui.Option{Value: page.IDText(l.Structure), Label: french.Typo(l.Name), Group: c.Label()})
			}
		}
	}
	return out
}

func stateKind(s roll.ClaimState) ui.Kind {
	switch s {
	case roll.Waiting:
		return ui.Warn
	case roll.Accepted:
		return ui.OK
	}
	return ui.Err
}
