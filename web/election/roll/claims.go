package roll

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// claimView is the page where a structure claims.
type claimView struct {
	roll.Mine
	Key     string
	Contact string
}

// kinds are what may be claimed, as the structure stands.
func (v claimView) kinds() []ui.Option {
	var out []ui.Option
	if v.Own == nil {
		out = append(out, ui.Option{Value: string(roll.Add), Label: "Notre structure n’est pas sur la liste"})
	} else {
		out = append(out, ui.Option{Value: string(roll.College), Label: "Notre structure est dans le mauvais collège"},
			ui.Option{Value: string(roll.Name), Label: "Le nom de notre structure est à corriger", Hint: "Écrivez le nom exact plus bas."})
	}
	return append(out, ui.Option{Value: string(roll.Remove), Label: "Une autre structure ne devrait pas être sur la liste", Hint: "Elle ne saura pas qui le signale."})
}

var kindNames = []string{string(roll.Add), string(roll.College), string(roll.Name), string(roll.Remove)}

// ShowClaims shows /elections/{id}/reclamations.
func (p *Pages) ShowClaims(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	return p.showClaims(w, r, id, form.New(), nil)
}

func (p *Pages) showClaims(w http.ResponseWriter, r *http.Request, id election.ID, f *form.Form, refusal error) error {
	m, err := p.Service.Mine(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	v := claimView{Mine: m, Key: page.NewKey(), Contact: p.Contact}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), claimsPage(p.Kit.FormChrome(r, chrome(m.Election, "Réclamations sur la liste électorale"), f), v, f))
}

// readClaim reads what a claim asks.
func readClaim(f *form.Form) roll.Making {
	m := roll.Making{Kind: roll.Kind(f.Choice("objet", "Dites ce que vous demandez.", kindNames...))}
	m.About = access.OrganisationID(f.ID("structure", ""))
	m.Text = f.Text("texte", "Expliquez votre demande en quelques mots.", roll.MaxText)
	return m
}

// Claim answers POST /elections/{id}/reclamations.
func (p *Pages) Claim(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	m := readClaim(f)
	if m.Kind == roll.Remove && m.About == 0 && f.Error("structure") == "" {
		f.Fail("structure", "Choisissez la structure.")
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Claim(r.Context(), page.Actor(r), id, m); refusal == nil {
			return p.Kit.Done(w, r, claimsPath(id), "Votre réclamation est envoyée. La réponse, avec son motif, vous sera écrite et paraîtra ici.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showClaims(w, r, id, f, refusal)
}
