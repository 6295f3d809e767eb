// Package showcase gives, in the demonstration alone, what an election gives to each
// person apart: codes and keys. Its routes do not exist in production.
package showcase

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	pages "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit *page.Kit
	DB  postgres.DB
}

var errNothing = problem.New(problem.NotFound, "Cette élection n’est pas de la démonstration.")

// Codes shows /elections/{id}/demonstration.
func (p *Pages) Codes(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	list, err := demo.Codes(r.Context(), p.DB, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errNothing
	}
	c := ui.Chrome{Title: "Codes et clés de la démonstration", Section: "Élections",
		Crumbs: []ui.Crumb{{Label: "Élections", Href: "/elections"}, {Label: "L’élection", Href: pages.Address(id)}, {Label: "Démonstration"}}}
	return p.Kit.Show(w, r, http.StatusOK, codesPage(p.Kit.Chrome(r, c), id, list))
}

// Key downloads the private key of a scrutineer of the demonstration.
func (p *Pages) Key(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	owner, err := strconv.Atoi(chi.URLParam(r, "owner"))
	if err != nil {
		return errNothing
	}
	raw, err := demo.KeyFile(r.Context(), p.DB, id, owner)
	if err != nil {
		return err
	}
	if raw == nil {
		return errNothing
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="cle-privee-%d.json"`, owner))
	_, err = w.Write(raw)
	return err
}
