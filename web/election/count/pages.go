// Package count is the pages that follow the close of an election: opening the sums,
// results, procès-verbal, proclamation, and what comes after.
package count

import (
	"net/http"
	"runtime/debug"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/printing"
	area "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/static"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *count.Service
	Printer *printing.Printer // nil: no PDF
}

func electionID(r *http.Request) (election.ID, error) { return page.PathID[election.ID](r, "id") }

// program says which program runs.
func program() count.Program {
	p := count.Program{VoteJS: static.Digest("vote.js")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				p.Commit = s.Value
			}
		}
	}
	return p
}

// chromeOf is that of a page of an election, team being one of the team's.
func chromeOf(e election.Election, title string, team bool) ui.Chrome {
	c := ui.Chrome{Title: title, Section: "Élections", Crumbs: []ui.Crumb{{Label: "Élections", Href: "/elections"}, {Label: french.Typo(e.Title), Href: area.Address(e.ID)}}}
	if team {
		c.Crumbs = []ui.Crumb{{Label: "Élections", Href: "/equipe/elections"}, {Label: french.Typo(e.Title), Href: area.Desk(e.ID)}}
	}
	return c
}

// act answers a POST without a page of its own: what it refuses is told on the page it
// came from.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, do func(f *form.Form, id election.ID) (to, done string, err error), again func(f *form.Form, refusal error) error) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := electionID(r)
	if err != nil {
		return err
	}
	if f.Review() {
		return again(f, nil)
	}
	to, done, refusal := do(f, id)
	if refusal == nil && len(f.Errors()) == 0 {
		return p.Kit.Done(w, r, to, french.Typo(done))
	}
	if refusal != nil && !page.Takes(f, refusal) {
		return refusal
	}
	return again(f, refusal)
}
