package candidacy

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/page"
)

// publicView is the candidates as everybody reads them.
type publicView struct{ candidacy.Published }

// Show shows /elections/{id}/candidatures.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Published(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := chrome(v.Election, "Candidatures")
	c.Style = "vote.css"
	return p.Kit.Show(w, r, http.StatusOK, publicPage(p.Kit.Chrome(r, c), publicView{v}))
}

// soon says when the list is published.
func (v publicView) soon() string {
	e := v.Election
	switch {
	case e.Phase == election.Cancelled:
		return "Cette élection est abandonnée."
	case e.WithdrawUntil != nil:
		return french.Typo("La liste sera publiée le " + french.DateTime(*e.WithdrawUntil) + " au plus tôt, quand les candidatures seront examinées et leur ordre tiré au sort.")
	}
	return "La liste sera publiée quand les candidatures seront examinées et leur ordre tiré au sort."
}

// lead says what is to be filled in a college.
func (v publicView) lead(college governance.College) string {
	n, seats := len(v.Lists[college]), v.Seats[college]
	return french.Count(n, "candidature", "candidatures") + " pour " + french.Count(seats, "siège", "sièges") + "."
}

// command is how anybody computes again what gave a candidacy its place.
func (v publicView) command(d candidacy.Drawn) string {
	return "printf '%s' '" + shellQuoted(d.Text) + "' | sha256sum"
}

// shellQuoted makes a text safe between single quotes of a shell.
func shellQuoted(s string) string {
	var out []rune
	for _, r := range s {
		if r == '\'' {
			out = append(out, []rune(`'\''`)...)
		} else {
			out = append(out, r)
		}
	}
	return string(out)
}

// name is the structure of a candidacy.
func (v publicView) name(college governance.College, id candidacy.ID) string {
	for _, c := range v.Lists[college] {
		if c.ID == id {
			return c.StructureName
		}
	}
	return ""
}
