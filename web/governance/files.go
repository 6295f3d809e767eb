package governance

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
)

// BodyFile answers /instances/{code}.{ext}: the composition on screen, with its
// date and filters, all pages.
func (p *Pages) BodyFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	code := governance.BodyCode(chi.URLParam(r, "code"))
	q, f := readBodyQuery(r, code)
	if e := f.Errors(); len(e) > 0 {
		return problem.OnField(e[0].Field, e[0].Message)
	}
	on := q.On
	if on.IsZero() {
		on = day.In(time.Now())
	}
	lines, err := p.Governance.CompositionRows(r.Context(), code, q)
	if err != nil {
		return err
	}
	return export.Send(w, format, compositionTable(code, on, lines))
}

func compositionTable(code governance.BodyCode, on day.Day, lines []governance.Line) export.Table {
	t := export.Table{
		Title: code.Full() + " : composition au " + french.LongDate(on), Name: "composition-" + string(code) + "-" + on.String(),
		Date: on, Source: source,
		Columns: []export.Column{
			{Key: "groupe", Heading: "Groupe"}, {Key: "siege", Heading: "Siège", Width: 44},
			{Key: "organisation", Heading: "Organisation", Width: 40}, {Key: "code_insee", Heading: "Code INSEE", Width: 12},
			{Key: "college", Heading: "Collège", Width: 20}, {Key: "prenom", Heading: "Prénom", Width: 18}, {Key: "nom", Heading: "Nom", Width: 22},
			{Key: "depuis", Heading: "Depuis le", Kind: export.DayKind}, {Key: "echeance", Heading: "Échéance", Kind: export.DayKind},
			{Key: "etat", Heading: "État", Width: 26}, {Key: "suppleance", Heading: "Suppléance", Width: 26},
			{Key: "designation", Heading: "Désignation", Width: 40}, {Key: "source", Heading: "Source dans la délibération", Width: 80},
		},
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{
			export.Text(l.Group), export.Text(l.SeatLabel), export.Text(l.OrganisationName), export.Text(l.INSEE),
			export.Text(l.College.Label()), export.Text(l.First), export.Text(l.Last),
			export.Day(l.Since), export.Day(soonest(l)), export.Text(l.State.Label()), export.Text(l.Alternate),
			export.Text(l.Designation), export.Text(l.Source),
		})
	}
	return t
}

// CommunesFile answers /communes.{ext}: the table of /communes.
func (p *Pages) CommunesFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	communes, err := p.Governance.Communes(r.Context())
	if err != nil {
		return err
	}
	return export.Send(w, format, communesFile(day.In(time.Now()), communes))
}

func communesFile(on day.Day, communes []governance.CommuneTile) export.Table {
	t := export.Table{
		Title: "Les communes de Bordeaux Métropole et leur maire au " + french.LongDate(on), Name: "communes-" + on.String(),
		Date: on, Source: source,
		Columns: []export.Column{
			{Key: "commune", Heading: "Commune"}, {Key: "sigle", Heading: "Sigle", Width: 8}, {Key: "code_insee", Heading: "Code INSEE", Width: 12},
			{Key: "population", Heading: "Population municipale", Kind: export.NumberKind, Width: 22},
			{Key: "maire", Heading: "Maire", Width: 28}, {Key: "etat", Heading: "État du siège", Width: 28},
		},
	}
	for _, c := range sortedCommunes(communes) {
		t.Rows = append(t.Rows, []export.Cell{export.Text(c.Name), export.Text(c.Abbr), export.Text(c.INSEE),
			export.Int(c.Population), export.Text(c.Mayor), export.Text(c.State.Label())})
	}
	return t
}
