// Package board is the public pages of the ballot boxes: turnout, trackers, published
// heads, the archives, and how a vote is protected.
package board

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/problem"
	pages "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *board.Service
}

const section = "Élections"

var crumbElections = ui.Crumb{Label: "Élections", Href: "/elections"}

func crumbsOf(e election.Election) []ui.Crumb {
	return []ui.Crumb{crumbElections, {Label: e.Title, Href: pages.Address(e.ID)}}
}

// lists are the tabs of the board, by the value of their address.
var lists = map[string]board.List{"": board.NoList, "numeros": board.Trackers, "empreintes": board.Publications}

// boardView is what a tab of the board shows.
type boardView struct {
	board.View
	List  string // value of the address
	Pager ui.Pager
	Site  string // address of the portal
}

// Board shows /elections/{id}/urne. It is the same for everybody, and changes when a
// head is published: not with each ballot.
func (p *Pages) Board(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return election.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	list, known := lists[q.Get("liste")]
	if !known {
		return problem.New(problem.NotFound, "Cette partie de l’urne n’existe pas.")
	}
	v := boardView{List: q.Get("liste"), Site: p.Service.Site()}
	if v.View, err = p.Service.Board(r.Context(), page.Actor(r), id, list, page.Number(q)); err != nil {
		return err
	}
	base := page.Address(pages.Board(id), "liste", v.List)
	switch list {
	case board.Trackers:
		v.Pager = page.Pager(v.Paging, base, len(v.Trackers), "numéro de suivi", "numéros de suivi")
	case board.Publications:
		v.Pager = page.Pager(v.Paging, base, len(v.Publications), "empreinte publiée", "empreintes publiées")
	case board.NoList:
	}
	c := ui.Chrome{Title: titles[list], Section: section, Crumbs: crumbsOf(v.Election), Style: "vote.css"}
	return p.Kit.Show(w, r, http.StatusOK, boardPage(p.Kit.Chrome(r, c), v))
}

var titles = map[board.List]string{board.NoList: "L’urne", board.Trackers: "Numéros de suivi des bulletins", board.Publications: "Empreintes publiées de l’urne"}

// SecretHelp shows /elections/secret-du-vote.
func (p *Pages) SecretHelp(w http.ResponseWriter, r *http.Request) error {
	c := ui.Chrome{Title: "Comment est protégé mon vote\u202f?", Section: section, Crumbs: []ui.Crumb{crumbElections}, Style: "vote.css"}
	return p.Kit.Show(w, r, http.StatusOK, secretPage(p.Kit.Chrome(r, c)))
}
