package ceremony

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// load reads the ceremony of the address.
func (p *Pages) load(r *http.Request) (ceremony.State, error) {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return ceremony.State{}, err
	}
	return p.Service.Load(r.Context(), page.Actor(r), id)
}

// ours is load for the pages of acts, which are the team's.
func (p *Pages) ours(r *http.Request) (ceremony.State, error) {
	if !page.Actor(r).RunsBodies() {
		return ceremony.State{}, election.ErrNotFound
	}
	return p.load(r)
}

// Show shows /equipe/elections/{id}/ceremonie.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	c := chrome(v, "Cérémonie des clés", false)
	by := page.Actor(r)
	_, holds := v.Of(by)
	return p.Kit.Show(w, r, http.StatusOK, deskPage(p.Kit.Chrome(r, c), deskView{State: v, Acts: by.RunsBodies(), Holds: holds, Program: p.program()}))
}

// deskView is the page of the ceremony.
type deskView struct {
	ceremony.State
	Acts    bool // of the team
	Holds   bool // a key
	Program ceremony.Program
}

// holdersView is the form that names the key holders.
type holdersView struct {
	ceremony.State
	Key      string
	Seen     string
	Versions []ui.Version
}

func (v holdersView) options() []ui.Option {
	var out []ui.Option
	for _, x := range v.Scrutineers {
		label := x.Name
		if x.Team {
			label += " (équipe ou administration)"
		}
		out = append(out, ui.Option{Value: page.IDText(x.Person), Label: label})
	}
	return out
}

func field(name string, n int) string { return name + "_" + strconv.Itoa(n) }

// ShowHolders shows /equipe/elections/{id}/ceremonie/porteurs.
func (p *Pages) ShowHolders(w http.ResponseWriter, r *http.Request) error {
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	f := form.New()
	fill(v, f)
	return p.showHolders(w, r, v, f, nil)
}

func fill(v ceremony.State, f *form.Form) {
	for _, h := range v.Holders {
		f.Set(field("porteur", h.Owner), page.IDText(h.Person))
		f.Set(field("qualite", h.Owner), h.Quality)
		f.Set(field("enveloppe", h.Owner), h.Escrow)
	}
	if a := v.Authority; a != nil {
		f.Set("autorite_nom", a.Name)
		f.Set("autorite_qualite", a.Quality)
		f.Set("autorite_courriel", a.Email)
	}
}

func (p *Pages) showHolders(w http.ResponseWriter, r *http.Request, s ceremony.State, f *form.Form, refusal error) error {
	v := holdersView{State: s, Key: page.NewKey(), Seen: s.Seen()}
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = v.both(f)
	} else if seen := f.Value("vu"); seen != "" {
		v.Seen = seen // a correction still finds out what changed meanwhile
	}
	c := p.Kit.FormChrome(r, chrome(s, "Porteurs de clés et autorité des codes", true), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), holdersPage(c, v, f))
}

// both are what is recorded now and what was typed.
func (v holdersView) both(f *form.Form) []ui.Version {
	now := form.New()
	fill(v.State, now)
	name := func(id string) string {
		for _, o := range v.options() {
			if o.Value == id {
				return o.Label
			}
		}
		return ""
	}
	var out []ui.Version
	for n := 1; n <= v.Election.Rules.Trustees; n++ {
		who := "Porteur de la clé " + strconv.Itoa(n)
		out = append(out, ui.Version{Label: who, Theirs: name(now.Value(field("porteur", n))), Yours: name(f.Value(field("porteur", n)))},
			ui.Version{Label: who + ", à quel titre", Theirs: now.Value(field("qualite", n)), Yours: f.Value(field("qualite", n))},
			ui.Version{Label: who + ", enveloppe", Theirs: now.Value(field("enveloppe", n)), Yours: f.Value(field("enveloppe", n))})
	}
	for _, x := range [][2]string{{"autorite_nom", "Autorité des codes"}, {"autorite_qualite", "À quel titre"}, {"autorite_courriel", "Adresse électronique"}} {
		out = append(out, ui.Version{Label: x[1], Theirs: now.Value(x[0]), Yours: f.Value(x[0])})
	}
	return out
}

// SaveHolders answers POST /equipe/elections/{id}/ceremonie/porteurs.
func (p *Pages) SaveHolders(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	var list []ceremony.Designation
	for n := 1; n <= v.Election.Rules.Trustees; n++ {
		list = append(list, ceremony.Designation{
			Person:  access.PersonID(f.ID(field("porteur", n), "Choisissez qui porte la clé "+strconv.Itoa(n)+".")),
			Quality: f.Line(field("qualite", n), "Dites à quel titre cette personne porte une clé.", 100),
			Escrow:  f.Line(field("enveloppe", n), "Dites qui garde l’enveloppe scellée.", 150),
		})
	}
	a := ceremony.Authority{Name: f.Line("autorite_nom", "Saisissez le nom de la personne qui fabrique les codes.", 80),
		Quality: f.Line("autorite_qualite", "Dites à quel titre cette personne fabrique les codes.", 100),
		Email:   f.Email("autorite_courriel", "Saisissez l’adresse électronique de la personne qui fabrique les codes.")}
	seen := f.Line("vu", "", 40)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Designate(r.Context(), page.Actor(r), v.Election.ID, seen, list, a); refusal == nil {
			return p.Kit.Done(w, r, address(v.Election.ID, ""), "Les porteurs de clés et l’autorité des codes sont désignés. Un message part à chaque porteur.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if v, err = p.ours(r); err != nil {
			return err
		}
	}
	return p.showHolders(w, r, v, f, refusal)
}
