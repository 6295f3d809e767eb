package voting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowDesk is GET /equipe/elections/{id}/bureau-de-vote: the assisted desk of a meeting.
func (p *Pages) ShowDesk(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	return p.showDesk(w, r, id, form.New(), nil)
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, id election.ID, f *form.Form, refusal error) error {
	v, err := p.Service.ShowDesk(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := chrome(v.Election, "Bureau de vote assisté")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), deskPage(p.Kit.FormChrome(r, c, f), v, page.Actor(r), f))
}

// Desk is POST /equipe/elections/{id}/bureau-de-vote: open it, confirm it, close it,
// choose who votes, and the ballot of who does.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	act := f.Choice("acte", "Choisissez ce que vous voulez faire.", "ouvrir", "confirmer", "fermer", "choisir", "voter")
	switch act {
	case "choisir", "voter":
		return p.voteAtDesk(w, r, id, f, act)
	}
	by, ctx := page.Actor(r), r.Context()
	var do func() error
	var message string
	switch act {
	case "ouvrir":
		place := f.Line("lieu", "Dites où se tient le bureau de vote.", 200)
		do, message = func() error { return p.Service.OpenDesk(ctx, by, id, place) }, "Le bureau de vote attend la confirmation d’un scrutateur présent."
	case "confirmer":
		desk := voting.DeskID(f.ID("bureau", "Relisez la page."))
		do, message = func() error { return p.Service.ConfirmDesk(ctx, by, id, desk) }, "Le bureau de vote est ouvert."
	case "fermer":
		desk := voting.DeskID(f.ID("bureau", "Relisez la page."))
		do, message = func() error { return p.Service.CloseDesk(ctx, by, id, desk) }, "Le bureau de vote est fermé."
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showDesk(w, r, id, f, refusal)
}

// voteAtDesk shows the ballot of the structure chosen, then receives it. Who is there
// was checked by the desk, and is written nowhere.
func (p *Pages) voteAtDesk(w http.ResponseWriter, r *http.Request, id election.ID, f *form.Form, act string) error {
	structure := access.OrganisationID(f.ID("structure", "Choisissez la structure qui vote."))
	if !f.Bool("identite") {
		f.Fail("identite", "Vérifiez l’identité de la personne, et qu’elle agit pour cette structure.")
	}
	if len(f.Errors()) > 0 {
		return p.showDesk(w, r, id, f, nil)
	}
	v, err := p.Service.DeskBallot(r.Context(), page.Actor(r), id, structure)
	if err != nil {
		if page.Takes(f, err) {
			return p.showDesk(w, r, id, f, err)
		}
		return err
	}
	b := ballot{View: v, Form: f, Action: deskPath(id), Contact: p.Contact, Desk: true,
		Hidden: []ui.HiddenField{{Name: "acte", Value: "voter"}, {Name: "structure", Value: page.IDText(structure)}, {Name: "identite", Value: "oui"}}}
	if act == "voter" {
		return p.receive(w, r, b)
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if !v.MayVote() {
		return p.showBefore(w, r, b, p.refusal(b))
	}
	return p.showBallot(w, r, b, http.StatusOK)
}
