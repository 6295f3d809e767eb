package desk

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// List shows /elections.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	return p.list(w, r, false)
}

// TeamList shows /equipe/elections.
func (p *Pages) TeamList(w http.ResponseWriter, r *http.Request) error {
	return p.list(w, r, true)
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request, team bool) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Elections.List(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	if team {
		return p.Kit.Show(w, r, http.StatusOK, teamListPage(p.Kit.Chrome(r, ui.Chrome{Title: "Élections à conduire", Section: section, Wide: true}), l))
	}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, ui.Chrome{Title: "Élections"}), l))
}

// listHref leads to the page of an election that its reader knows.
func listHref(e election.Election) string {
	if !e.Phase.Public() {
		return office(e.ID)
	}
	return web.Address(e.ID)
}

// phaseKind is how a phase shows.
func phaseKind(e election.Election) ui.Kind {
	switch {
	case e.Phase == election.Cancelled:
		return ui.Err
	case e.Voting():
		return ui.OK
	case e.Phase.Reached(election.Proclaimed), e.Phase == election.Draft:
		return ui.Neutral
	}
	return ui.Info
}

// stepWords says a step in one sentence.
func stepWords(s election.Step) string {
	if s.Next == "" {
		return ""
	}
	out := s.Next + ". À faire par " + s.Who.Label()
	if s.Until != nil {
		out += ", avant le " + french.DateTime(*s.Until)
	}
	return out + "."
}

// emptyWords says when the next election is due.
func emptyWords(l election.List) string {
	if l.TermEnds.IsZero() {
		return "Les sièges des représentants du GNI sont à pourvoir : la prochaine élection sera annoncée ici."
	}
	return "Le mandat des représentants du GNI prend fin le " + french.Date(l.TermEnds) + " : la prochaine élection est due avant cette date, et sera annoncée ici."
}
