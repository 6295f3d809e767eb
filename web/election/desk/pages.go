// Package desk is the pages of the organiser of an election: the public ones that say
// where it is, its rules, the team's desk, and the acts that need two people.
package desk

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit       *page.Kit
	Elections *election.Service
}

const (
	section  = "Élections"
	listPath = "/elections"
	teamPath = "/equipe/elections"
	newPath  = teamPath + "/nouvelle"
	helpPath = listPath + "/secret-du-vote"
)

var (
	crumbList = ui.Crumb{Label: section, Href: listPath}
	crumbTeam = ui.Crumb{Label: "Élections à conduire", Href: teamPath}
)

// office is where acts of two people are proposed and confirmed.
func office(id election.ID) string { return web.Address(id) + "/bureau" }

// load reads the election of the address.
func (p *Pages) load(r *http.Request) (election.Page, error) {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return election.Page{}, err
	}
	return p.Elections.Show(r.Context(), page.Actor(r), id)
}

// publicChrome describes a page about an election for everybody; of its own page, the
// title is that of the election.
func publicChrome(e election.Election, title string) ui.Chrome {
	if title == "" {
		return ui.Chrome{Title: french.Typo(e.Title), Section: section, Crumbs: []ui.Crumb{crumbList}}
	}
	return ui.Chrome{Title: title, Section: section, Crumbs: []ui.Crumb{crumbList, {Label: french.Typo(e.Title), Href: web.Address(e.ID)}}}
}

// teamChrome describes a page of the team's desk.
func teamChrome(e election.Election, title string) ui.Chrome {
	if title == "" {
		return ui.Chrome{Title: french.Typo(e.Title), Section: section, Crumbs: []ui.Crumb{crumbTeam}}
	}
	return ui.Chrome{Title: title, Section: section, Crumbs: []ui.Crumb{crumbTeam, {Label: french.Typo(e.Title), Href: web.Desk(e.ID)}}}
}

// sheet is a form about an election, with what shows it again.
type sheet struct {
	election.Page
	Form     *form.Form
	Key      string
	Version  string
	Versions []ui.Version // both, when somebody else changed the same thing
}

// sheetOf prepares a form for display.
func sheetOf(v election.Page, f *form.Form, both []ui.Version) sheet {
	return sheet{Page: v, Form: f, Key: page.NewKey(), Version: page.SeenVersion(f, v.Election.Version, both), Versions: both}
}

// version reads the version the form was filled upon.
func version(f *form.Form) int { return f.Int("version", "", 0, 1<<30) }
