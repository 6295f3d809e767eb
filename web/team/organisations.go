package team

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var organisationKindSlugs = []slug[governance.OrganisationKind]{
	{"metropole", governance.MetropoleOrganisation}, {"commune", governance.CommuneOrganisation},
	{"etat", governance.StateService}, {"partenaire", governance.PartnerOrganisation}, {"structure", governance.LocalStructure},
}

// organisationList is the list of organisations as the page shows it.
type organisationList struct {
	Lines  []governance.OrganisationLine
	Paging postgres.Paging
	Filter *form.Form
	Base   string
	Reset  string
}

// ListOrganisations shows /equipe/organisations.
func (p *Pages) ListOrganisations(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	lines, paging, err := p.Governance.Organisations(r.Context(), page.Actor(r), organisationFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	v := organisationList{Lines: lines, Paging: paging, Filter: page.FilterForm(q, "type", "q"),
		Base: page.Address(organisationsPath, "type", q.Get("type"), "q", q.Get("q"))}
	if v.Base != organisationsPath {
		v.Reset = organisationsPath
	}
	c := chrome("Organisations")
	return p.Kit.Show(w, r, http.StatusOK, organisationsPage(p.Kit.Chrome(r, c), v))
}

func organisationFilter(q url.Values) governance.OrganisationFilter {
	return governance.OrganisationFilter{Kind: valueOf(organisationKindSlugs, q.Get("type")), Q: q.Get("q")}
}

// OrganisationsFile answers /equipe/organisations.{ext}: the list on screen with
// its filters, all pages.
func (p *Pages) OrganisationsFile(w http.ResponseWriter, r *http.Request) error {
	format, q, err := asked(r)
	if err != nil {
		return err
	}
	lines, _, err := p.Governance.Organisations(r.Context(), page.Actor(r), organisationFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	t := teamTable("Organisations", "organisations",
		export.Column{Key: "organisation", Heading: "Organisation", Width: 44}, export.Column{Key: "type", Heading: "Type", Width: 24},
		export.Column{Key: "categorie", Heading: "Catégorie", Width: 24}, export.Column{Key: "titulaire", Heading: "Titulaire du siège", Width: 26},
		export.Column{Key: "personnes", Heading: "Autres personnes", Kind: export.NumberKind})
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{export.Text(l.Name), export.Text(l.Kind.Label()), export.Text(l.Category),
			export.Text(l.Holder), export.Int(l.People)})
	}
	return export.Send(w, format, t)
}

// asked reads the format and the filters of a file's address.
func asked(r *http.Request) (export.Format, url.Values, error) {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return "", nil, page.ErrNotFound
	}
	q, err := page.Query(r)
	return format, q, err
}

// teamTable begins a file of the team's, dated today.
func teamTable(title, name string, columns ...export.Column) export.Table {
	on := day.Today()
	return export.Table{Title: title + " au " + french.LongDate(on), Name: name + "-" + on.String(), Date: on,
		Source: "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole", Columns: columns}
}

func organisationPath(id access.OrganisationID) string {
	return organisationsPath + "/" + page.IDText(id)
}

func organisationKindOptions() []ui.Option {
	out := make([]ui.Option, 0, len(organisationKindSlugs))
	for _, s := range organisationKindSlugs {
		out = append(out, ui.Option{Value: s.word, Label: s.value.Label()})
	}
	return out
}

// seatState says in a word where the seat of an organisation stands.
func seatState(l governance.OrganisationLine) (ui.Kind, string) {
	switch {
	case l.Seat == 0:
		return ui.Neutral, "Sans siège"
	case l.Holder == "":
		return ui.Warn, "À pourvoir"
	}
	return ui.OK, "Occupé"
}
