package governance

import (
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Search shows /recherche: what the public pages show that has the words of q.
func (p *Pages) Search(w http.ResponseWriter, r *http.Request) error {
	q := searched(r.URL.Query().Get("q"))
	hits, err := p.Governance.Search(r.Context(), q)
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Recherche"})
	return p.Kit.Show(w, r, http.StatusOK, searchPage(c, q, hits))
}

// hitHref leads to where what was found stands.
func hitHref(h governance.Hit) string {
	switch {
	case h.INSEE != "":
		return "/communes/" + h.INSEE
	case h.Kind == governance.BodyHit || h.Body != governance.GNI:
		return "/instances/" + string(h.Body)
	}
	return "/instances/gni?q=" + url.QueryEscape(h.Label)
}
