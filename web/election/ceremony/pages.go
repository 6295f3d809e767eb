// Package ceremony is the pages of the key ceremony: the team's, step by step, and those
// of the people who hold a key.
package ceremony

import (
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/printing"
	elections "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *ceremony.Service
	Printer *printing.Printer
	Script  func() string // hexadecimal SHA-256 of vote.js as it is served
}

// program is what is kept of the program with the set-up.
func (p *Pages) program() ceremony.Program {
	v := ceremony.Program{Build: ceremony.BuildCommit()}
	if p.Script != nil {
		v.Script = p.Script()
	}
	return v
}

// address is the page of the ceremony; part is « /porteurs », « » for its first page.
func address(id election.ID, part string) string { return elections.Desk(id) + "/ceremonie" + part }

// keyAddress is the page of who holds a key.
func keyAddress(id election.ID, part string) string { return elections.Address(id) + "/cle" + part }

// chrome is that of a page of the ceremony.
func chrome(v ceremony.State, title string, inside bool) ui.Chrome {
	c := ui.Chrome{Title: title, Section: "Élections", Style: "vote.css", Crumbs: []ui.Crumb{
		{Label: "Élections", Href: "/elections"}, {Label: french.Typo(v.Election.Title), Href: elections.Address(v.Election.ID)}}}
	if inside {
		c.Crumbs = append(c.Crumbs, ui.Crumb{Label: "Cérémonie des clés", Href: address(v.Election.ID, "")})
	}
	return c
}

// grouped writes a fingerprint in groups of four, to be read aloud.
func grouped(s string) string {
	out := ""
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			out += " "
		}
		out += string(r)
	}
	return out
}

func count(n int, one, many string) string { return french.Count(n, one, many) }
