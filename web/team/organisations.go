package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
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
	Paging governance.Paging
	Filter *form.Form
	Base   string
	Reset  string
}

// ListOrganisations shows /equipe/organisations.
func (p *Pages) ListOrganisations(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	filter := governance.OrganisationFilter{Kind: valueOf(organisationKindSlugs, q.Get("type")), Q: q.Get("q")}
	lines, paging, err := p.Governance.Organisations(r.Context(), page.Actor(r), filter, pageNumber(q))
	if err != nil {
		return err
	}
	v := organisationList{Lines: lines, Paging: paging, Filter: filterForm(q, "type", "q"),
		Base: address(organisationsPath, "type", q.Get("type"), "q", q.Get("q"))}
	if v.Base != organisationsPath {
		v.Reset = organisationsPath
	}
	c := chrome("Organisations")
	return p.Kit.Show(w, r, http.StatusOK, organisationsPage(p.Kit.Chrome(r, c), v))
}

func organisationPath(id access.OrganisationID) string { return organisationsPath + "/" + idText(id) }

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
