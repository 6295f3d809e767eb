package minutes

import (
	"context"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
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
	return paper.SendPDF(w, r, p.Printer, publishedDocument(v))
}

// publishedDocument is minutes as they are printed: the text says when and where.
func publishedDocument(v minutes.Publication) paper.Document {
	m := meeting.Meeting{Body: v.Body, Kind: v.Kind, StartsAt: v.StartsAt}
	lead := "Publié le " + french.DateTime(v.PublishedAt)
	if v.Number > 1 {
		lead = "Rectifié le " + french.DateTime(v.PublishedAt)
	}
	return paper.Document{Name: paper.Name("compte-rendu", m), Title: v.Title(), Lead: lead, Body: publishedText(v)}
}

// Left gives what a meeting left that the actor may read, as documents: the minutes
// in force, and what was decided when something was.
func (p *Pages) Left(ctx context.Context, by access.Actor, id meeting.ID) ([]paper.Document, error) {
	var out []paper.Document
	v, err := p.Minutes.Publication(ctx, id, 0)
	switch {
	case err == nil:
		out = append(out, publishedDocument(v))
	case problem.KindOf(err) != problem.NotFound:
		return nil, err
	}
	rel, err := p.releve(ctx, by, id)
	switch {
	case problem.KindOf(err) == problem.NotFound:
	case err != nil:
		return nil, err
	case len(rel.Decisions)+len(rel.Positions) > 0:
		out = append(out, rel.document())
	}
	return out, nil
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
