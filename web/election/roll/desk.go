package roll

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// deskView is the team's page of a roll.
type deskView struct {
	roll.Desk
	Key string
}

// provisional tells whether the roll is shown and still changes.
func (v deskView) provisional() bool {
	return v.Election.Phase == election.Roll || v.Election.Phase == election.Candidacies
}

// ShowDesk shows /equipe/elections/{id}/liste.
func (p *Pages) ShowDesk(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	d, err := p.Service.Desk(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, deskPage(p.Kit.Chrome(r, teamChrome(d.Election, "Liste électorale")), deskView{d, page.NewKey()}))
}

// ShowOpening shows /equipe/elections/{id}/liste/ouverture.
func (p *Pages) ShowOpening(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	return p.showOpening(w, r, id, form.New(), nil)
}

func (p *Pages) showOpening(w http.ResponseWriter, r *http.Request, id election.ID, f *form.Form, refusal error) error {
	d, err := p.Service.Desk(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, teamChrome(d.Election, "Montrer la liste électorale provisoire", ui.Crumb{Label: "Liste électorale", Href: deskPath(id)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), openingPage(c, deskView{d, page.NewKey()}, f))
}

// Open answers POST /equipe/elections/{id}/liste/ouverture.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var n int
		if n, refusal = p.Service.OpenRoll(r.Context(), page.Actor(r), id, version); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), "La liste provisoire est montrée"+french.NBSP+": "+french.Count(n, "structure inscrite", "structures inscrites")+". Chacune est invitée à vérifier sa ligne.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showOpening(w, r, id, f, refusal)
}

// Refresh answers POST /equipe/elections/{id}/liste/actualisation.
func (p *Pages) Refresh(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.Review() {
		return p.ShowDesk(w, r)
	}
	changed, err := p.Service.Refresh(r.Context(), page.Actor(r), id)
	if problem.KindOf(err) == problem.Conflict {
		return p.Kit.Done(w, r, deskPath(id), french.Typo(err.Error()))
	}
	if err != nil {
		return err
	}
	return p.Kit.Done(w, r, deskPath(id), "La liste suit le registre"+french.NBSP+": "+french.Count(len(changed), "ligne changée", "lignes changées")+".")
}

// paperView is the form of a claim that came on paper.
type paperView struct {
	roll.Desk
	Key string
}

// ShowPaper shows /equipe/elections/{id}/liste/reclamation.
func (p *Pages) ShowPaper(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	return p.showPaper(w, r, id, form.New(), nil)
}

func (p *Pages) showPaper(w http.ResponseWriter, r *http.Request, id election.ID, f *form.Form, refusal error) error {
	d, err := p.Service.Desk(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, teamChrome(d.Election, "Noter une réclamation reçue autrement", ui.Crumb{Label: "Liste électorale", Href: deskPath(id)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), paperPage(c, paperView{d, page.NewKey()}, f))
}

// AddPaper answers POST /equipe/elections/{id}/liste/reclamation.
func (p *Pages) AddPaper(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	m := readClaim(f)
	if m.About == 0 && f.Error("structure") == "" {
		f.Fail("structure", "Choisissez la structure.")
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.ClaimFor(r.Context(), page.Actor(r), id, m); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), "La réclamation est notée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPaper(w, r, id, f, refusal)
}

// answerView is the page where the team answers a claim.
type answerView struct {
	Election election.Election
	Claim    roll.Claim
	Key      string
	Version  string
}

func (v answerView) path() string {
	return deskPath(v.Election.ID) + "/reclamations/" + page.IDText(v.Claim.ID)
}

// effect says what accepting does.
func (v answerView) effect() string {
	switch v.Claim.Kind {
	case roll.Add:
		return "La structure est inscrite, avec le nom, la commune et le collège du registre."
	case roll.College:
		return french.Typo("Le collège change dans le registre du GNI (aujourd’hui : " + v.Claim.College.Label() + "), et la liste le suit.")
	case roll.Name:
		return "Le nom change dans le registre du GNI, et la liste le suit."
	}
	return "La structure est retirée de la liste et en est avertie. Elle reste dans le registre du GNI."
}

// ShowAnswer shows /equipe/elections/{id}/liste/reclamations/{reclamation}.
func (p *Pages) ShowAnswer(w http.ResponseWriter, r *http.Request) error {
	return p.showAnswer(w, r, form.New(), nil)
}

func (p *Pages) showAnswer(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, claim, err := claimOf(r)
	if err != nil {
		return err
	}
	e, c, err := p.Service.OneClaim(r.Context(), page.Actor(r), id, claim)
	if err != nil {
		return err
	}
	v := answerView{Election: e, Claim: c, Key: page.NewKey(), Version: page.IDText(c.Version)}
	if problem.KindOf(refusal) != problem.Conflict { // what the person was reading
		v.Version = page.SeenVersion(f, c.Version, nil)
	}
	ch := p.Kit.FormChrome(r, teamChrome(e, "Réclamation"+french.NBSP+": "+french.Typo(c.About), ui.Crumb{Label: "Liste électorale", Href: deskPath(id)}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), answerPage(ch, v, f))
}

func claimOf(r *http.Request) (election.ID, roll.ClaimID, error) {
	id, err := electionID(r)
	if err != nil {
		return 0, 0, err
	}
	claim, err := page.PathID[roll.ClaimID](r, "reclamation")
	return id, claim, err
}

// Answer answers POST /equipe/elections/{id}/liste/reclamations/{reclamation}.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	id, claim, err := claimOf(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	a := roll.Answering{Accept: f.Choice("decision", "Choisissez une décision.", "accepter", "refuser") == "accepter"}
	a.Name = f.Line("nom", "", 200)
	a.Text = f.Text("reponse", "Écrivez le motif"+french.NBSP+": la personne qui réclame le lira.", roll.MaxAnswer)
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Answer(r.Context(), page.Actor(r), id, claim, version, a); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), "La réponse est envoyée, avec son motif.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showAnswer(w, r, f, refusal)
}

// next leads to what comes after the roll is shown.
func (v deskView) next() string { return web.Desk(v.Election.ID) + "/candidatures" }
