// Package report is the pages of the point d’avancement: one action, one page, two minutes.
package report

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit      *page.Kit
	Progress *progress.Service
}

// MaxBody is what the form of a report may weigh: its photo and its texts.
const MaxBody = document.MaxSize + 512<<10

// AllPath is the page that says « rien de nouveau » for every action that remains.
const AllPath = rm.MinePath + "/rien-de-nouveau"

const section = "Mes actions"

// address is that of a page of an action; the team says in whose name it writes.
func address(id roadmap.ID, part string, pour roadmap.OrganisationID) string {
	to := rm.MinePath + "/" + page.IDText(id) + "/" + part
	if pour == 0 {
		return to
	}
	return page.Address(to, "pour", page.IDText(pour))
}

// place is the action and the organisation of an address.
type place struct {
	action roadmap.ID
	pour   roadmap.OrganisationID // 0 for whoever acts for an organisation
}

func placeOf(r *http.Request) (place, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return place{}, err
	}
	q, err := page.Query(r)
	if err != nil {
		return place{}, err
	}
	v := place{action: id}
	if s := q.Get("pour"); s != "" && page.Actor(r).RunsBodies() {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n <= 0 {
			return place{}, page.ErrNotFound
		}
		v.pour = roadmap.OrganisationID(n)
	}
	return v, nil
}

// chrome leads back to where the reader comes from: their actions, or the team's page.
func chrome(by access.Actor, a roadmap.Action, title string, more ...ui.Crumb) ui.Chrome {
	c := ui.Chrome{Title: title, Section: section, Style: "roadmap.css"}
	if by.RunsBodies() {
		c.Section = "Feuille de route"
		c.Crumbs = rm.TeamCrumbs(ui.Crumb{Label: french.Typo(a.Title), Href: rm.TeamPath(a.ID)})
	} else {
		c.Crumbs = []ui.Crumb{{Label: section, Href: rm.MinePath}}
	}
	c.Crumbs = append(c.Crumbs, more...)
	return c
}

// said is the last report in a line: « En cours, 40 %, le 3 mars 2026 ».
func said(i progress.Item) string {
	s := i.LastSituation.Label()
	if i.LastPercent != nil {
		s += ", " + french.Percent(*i.LastPercent)
	}
	return s + ", le " + french.DateTime(*i.LastAt)
}

func percentWords(n *int) string {
	if n == nil {
		return ""
	}
	return french.Percent(*n)
}
