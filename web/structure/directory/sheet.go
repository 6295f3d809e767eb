package directory

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowSheet shows /structures/{id}: what a member of the GNI tells the public. The
// address of a record merged into another leads to that one.
func (p *Pages) ShowSheet(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	s, err := p.Structures.PublicSheet(r.Context(), id)
	switch {
	case err != nil:
		return err
	case s.MergedInto != 0:
		http.Redirect(w, r, sheetPath(s.MergedInto), http.StatusMovedPermanently)
		return nil
	}
	c := ui.Chrome{Title: s.Name, Section: "Structures", Crumbs: []ui.Crumb{{Label: "Annuaire des structures", Href: "/structures"}}}
	return p.Kit.Show(w, r, http.StatusOK, sheetPage(p.Kit.Chrome(r, c), s))
}

func sheetPath(id structure.ID) string { return "/structures/" + page.IDText(id) }

// sheetLead says in one sentence what the structure is to the governance.
func sheetLead(s structure.Sheet) string {
	lead := "Membre du Groupe Numérique Inclusif (GNI), collège de la médiation numérique"
	if s.College != "mediation_numerique" {
		lead = "Membre du Groupe Numérique Inclusif (GNI), collège de l’action sociale"
	}
	if s.MetropoleWide {
		lead += ", dans toute la métropole"
	}
	return lead + "."
}

// sheetAge says when somebody of the structure last said its sheet was right.
func sheetAge(s structure.Sheet) string {
	return "Informations vérifiées par la structure le " + french.Date(day.In(s.UpToDateAt)) + "."
}

// sheetStreet is the address in the words of schema.org.
func sheetStreet(s structure.Sheet) string {
	return strings.Trim(s.Address+", "+s.AddressMore, ", ")
}
