package minutes

import (
	"fmt"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/minutes"
	webmeeting "bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowPublished shows /reunions/{id}/compte-rendu: the minutes in force.
func (p *Pages) ShowPublished(w http.ResponseWriter, r *http.Request) error {
	return p.showPublished(w, r, 0)
}

// ShowPublication shows /reunions/{id}/compte-rendu/{n}: one publication, in force
// or replaced.
func (p *Pages) ShowPublication(w http.ResponseWriter, r *http.Request) error {
	n, err := revisionNumber(r)
	if err != nil {
		return err
	}
	return p.showPublished(w, r, n)
}

func (p *Pages) showPublished(w http.ResponseWriter, r *http.Request, number int) error {
	id, err := textID(r)
	if err != nil {
		return err
	}
	v, err := p.Minutes.Publication(r.Context(), id, number)
	if err != nil {
		return err
	}
	title := v.Title()
	if number != 0 {
		title += ", publication n°" + french.NBSP + page.IDText(v.Number)
	}
	c := ui.Chrome{Title: title, Section: section, Crumbs: []ui.Crumb{crumbMeetings, {Label: "Réunion", Href: crumbMeetings.Href + "/" + page.IDText(id)}}}
	return p.Kit.Show(w, r, http.StatusOK, publishedPage(p.Kit.Chrome(r, c), v))
}

// PublishedPDF answers /reunions/{id}/compte-rendu.pdf.
func (p *Pages) PublishedPDF(w http.ResponseWriter, r *http.Request) error {
	id, err := textID(r)
	if err != nil {
		return err
	}
	v, err := p.Minutes.Publication(r.Context(), id, 0)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("compte-rendu-%s-%s", v.Body, day.In(v.StartsAt))
	return webmeeting.SendPDF(w, r, p.Printer, name, false, publishedPrint(v))
}

// lead is the line under the title.
func publishedLead(v minutes.Publication) string {
	lead := french.Capital(french.Date(day.In(v.StartsAt))) + ", " + french.ClockRange(v.StartsAt, v.EndsAt)
	if v.Place != "" {
		lead += ". " + v.Place
	}
	return french.Typo(lead + ".")
}

// publicationPath is the address of one publication.
func publicationPath(v minutes.Publication, n int) string {
	return publicText(v.Meeting) + "/" + page.IDText(n)
}

// others lists the numbers of the other publications, the last first.
func others(v minutes.Publication) []int {
	var out []int
	for n := v.Last; n > 0; n-- {
		if n != v.Number {
			out = append(out, n)
		}
	}
	return out
}
