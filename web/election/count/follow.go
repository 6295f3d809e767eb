package count

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/governance"
	area "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// ShowFollowing shows /equipe/elections/{id}/suites.
func (p *Pages) ShowFollowing(w http.ResponseWriter, r *http.Request) error {
	return p.showFollowing(w, r, form.New(), nil)
}

func (p *Pages) showFollowing(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Following(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, chromeOf(v.Election, "Suites de l’élection", true), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), followingPage(c, v, f, page.NewKey()))
}

// ShowSuccession shows …/suites/{siege}: who is called to a seat that falls vacant.
func (p *Pages) ShowSuccession(w http.ResponseWriter, r *http.Request) error {
	return p.showSuccession(w, r, nil, nil)
}

func (p *Pages) showSuccession(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	seat, err := page.PathID[governance.SeatID](r, "siege")
	if err != nil {
		return err
	}
	v, err := p.Service.Following(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	s, ok := v.State(seat)
	if !ok {
		return page.ErrNotFound
	}
	if f == nil {
		f = form.New()
		who, err := p.Service.Person(r.Context(), page.Actor(r), s)
		if err != nil {
			return err
		}
		f.Set("prenom", who.First)
		f.Set("nom", who.Last)
		f.Set("courriel", who.Email)
	}
	c := p.Kit.FormChrome(r, chromeOf(v.Election, "Un siège devient vacant", true), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), successionPage(c, v, s, f, page.NewKey()))
}

// Succeed answers POST …/suites/{siege}.
func (p *Pages) Succeed(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		seat, err := page.PathID[governance.SeatID](r, "siege")
		if err != nil {
			return "", "", err
		}
		in := count.Succession{Seat: seat, Way: count.Way(f.Choice("ordre", "", string(count.ByAlternate), string(count.ByNext))), Candidacy: election.CandidacyID(f.ID("candidature", "")),
			Reason: f.Line("motif", "Dites pourquoi ce siège est vacant.", 300)}
		in.Person = governance.PersonInput{First: f.Line("prenom", "Saisissez le prénom.", 80), Last: f.Line("nom", "Saisissez le nom.", 80), Email: f.Email("courriel", "Saisissez l’adresse de la personne.")}
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", "", err
		}
		return area.Desk(id) + "/suites", "Le siège est pourvu et la personne est prévenue.", p.Service.Succeed(r.Context(), page.Actor(r), id, in)
	}, func(f *form.Form, refusal error) error { return p.showSuccession(w, r, f, refusal) })
}

// Complement answers POST …/suites/complementaire.
func (p *Pages) Complement(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		if err := f.Unknown(); err != nil {
			return "", "", err
		}
		to, err := p.Service.Complement(r.Context(), page.Actor(r), id)
		return area.Desk(to), "L’élection complémentaire est préparée : relisez son règlement et ses dates.", err
	}, func(f *form.Form, refusal error) error { return p.showFollowing(w, r, f, refusal) })
}
