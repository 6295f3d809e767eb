package count

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/count"
	area "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// mostOpening is the longest text of a partial decryption that is read: 31 cells take
// about 60,000 characters.
const mostOpening = 400_000

// ShowOpening shows /elections/{id}/depouillement to a key holder.
func (p *Pages) ShowOpening(w http.ResponseWriter, r *http.Request) error {
	return p.showOpening(w, r, form.New(), nil)
}

func (p *Pages) showOpening(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	c, err := p.Service.Closing(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	me, err := c.Holder(page.Actor(r))
	if err != nil {
		return err
	}
	chrome := chromeOf(c.Election, "Ouvrir les sommes avec votre clé", false)
	chrome.Script, chrome.Style = "vote.js", "vote.css"
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), openingPage(p.Kit.FormChrome(r, chrome, f), c, me, f, page.NewKey()))
}

// Open answers POST /elections/{id}/depouillement.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		c, err := p.Service.Closing(r.Context(), page.Actor(r), id)
		if err != nil {
			return "", "", err
		}
		raws := map[election.BoxID][]byte{}
		for _, b := range c.Boxes {
			raws[b.ID] = []byte(f.Text(count.Field(b.ID), "", mostOpening))
		}
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", "", err
		}
		counted, err := p.Service.Open(r.Context(), page.Actor(r), id, raws)
		if counted {
			return area.Address(id) + "/resultats", "Toutes les clés ont servi : les sommes sont ouvertes et le résultat est connu.", err
		}
		return area.Address(id) + "/depouillement", "Votre ouverture est reçue et vérifiée. Le résultat sera connu quand chaque porteur de clé aura donné la sienne.", err
	}, func(f *form.Form, refusal error) error { return p.showOpening(w, r, f, refusal) })
}

// Prepare answers POST …/depouillement/somme, of a key holder or of the team.
func (p *Pages) Prepare(w http.ResponseWriter, r *http.Request) error {
	return p.teamAct(w, r, func(f *form.Form, id election.ID) (string, error) {
		if err := f.Unknown(); err != nil {
			return "", err
		}
		return "Les urnes sont vérifiées et leurs sommes chiffrées sont prêtes : les porteurs de clés sont prévenus.", p.Service.Prepare(r.Context(), page.Actor(r), id)
	})
}

// teamAct is act from the page of the count.
func (p *Pages) teamAct(w http.ResponseWriter, r *http.Request, do func(f *form.Form, id election.ID) (string, error)) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		done, err := do(f, id)
		return area.Desk(id) + "/depouillement", done, err
	}, func(f *form.Form, refusal error) error { return p.showCount(w, r, f, refusal) })
}

// ShowCount shows /equipe/elections/{id}/depouillement to the team and to key holders.
func (p *Pages) ShowCount(w http.ResponseWriter, r *http.Request) error {
	return p.showCount(w, r, form.New(), nil)
}

func (p *Pages) showCount(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	c, err := p.Service.Closing(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	chrome := p.Kit.FormChrome(r, chromeOf(c.Election, "Dépouillement", page.Actor(r).Is(access.Team)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), countPage(chrome, c, c.Counted(), f, page.NewKey()))
}

// ProposeDraw answers POST …/depouillement/tirage.
func (p *Pages) ProposeDraw(w http.ResponseWriter, r *http.Request) error {
	return p.teamAct(w, r, func(f *form.Form, id election.ID) (string, error) {
		value := f.Line("valeur", "Écrivez ce que le tirage a donné, dans l’ordre où le règlement le lit.", 200)
		seen := f.Int("version", "", 0, 1<<30)
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", err
		}
		return "La valeur du tirage est écrite : une autre personne doit la confirmer.", p.Service.ProposeDraw(r.Context(), page.Actor(r), id, seen, value)
	})
}

// ConfirmDraw answers POST …/depouillement/tirage/confirmation.
func (p *Pages) ConfirmDraw(w http.ResponseWriter, r *http.Request) error {
	return p.teamAct(w, r, func(f *form.Form, id election.ID) (string, error) {
		seen := f.Int("version", "", 0, 1<<30)
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", err
		}
		return "Le tirage est confirmé : les égalités sont départagées.", p.Service.ConfirmDraw(r.Context(), page.Actor(r), id, seen)
	})
}

// MakePV answers POST …/depouillement/proces-verbal.
func (p *Pages) MakePV(w http.ResponseWriter, r *http.Request) error {
	return p.teamAct(w, r, func(f *form.Form, id election.ID) (string, error) {
		if err := f.Unknown(); err != nil {
			return "", err
		}
		_, err := p.Service.MakePV(r.Context(), page.Actor(r), id, program())
		return "Les urnes sont vérifiées et le procès-verbal est établi : il attend les signatures.", err
	})
}
