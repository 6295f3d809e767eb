package space

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowAccessList shows /ma-structure/acces.
func (p *Pages) ShowAccessList(w http.ResponseWriter, r *http.Request) error {
	id, err := own(r)
	if err != nil {
		return err
	}
	list, err := p.Structures.AccessRequests(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, accessListPage(p.Kit.Chrome(r, chrome("Demandes d’accès")), list))
}

// accessView is one access request, for who may answer it.
type accessView struct {
	structure.AccessRequest
	Path   string // of the request
	Back   string // where its answer leads
	ByTeam bool
	Key    string
}

// Open tells whether the request waits.
func (v accessView) Open() bool { return v.State == structure.AccessWaiting }

// rows says who asks for what.
func (v accessView) rows() []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Structure", Value: v.StructureName},
		{Key: "Personne", Value: v.Name()},
		{Key: "Adresse électronique", Value: v.Email},
		{Key: "Fonction", Value: v.Title},
	}
	if v.Message != "" {
		rows = append(rows, ui.SummaryRow{Key: "Message", Content: ui.Lines(v.Message)})
	}
	rows = append(rows, ui.SummaryRow{Key: "Demande reçue", Value: french.Capital(french.DateTime(v.CreatedAt))})
	if v.Open() {
		return rows
	}
	rows = append(rows, ui.SummaryRow{Key: "Réponse", Value: v.State.Label() + " par " + v.DecidedBy + ", " + french.DateTime(*v.DecidedAt)})
	if v.Reason != "" {
		rows = append(rows, ui.SummaryRow{Key: "Motif", Value: v.Reason})
	}
	return rows
}

// access reads the request of the address: of the structure acted for, or, for the
// team, of the structure of the address.
func (p *Pages) access(r *http.Request, team bool) (accessView, error) {
	v := accessView{ByTeam: team, Key: page.NewKey()}
	id, err := page.PathID[structure.AccessID](r, "demande")
	if err != nil {
		return v, err
	}
	of, err := own(r)
	if team {
		of, err = page.PathID[structure.ID](r, "id")
	}
	if err != nil {
		return v, err
	}
	if v.AccessRequest, err = p.Structures.AccessRequest(r.Context(), page.Actor(r), id); err != nil {
		return v, err
	}
	if v.Structure != of {
		return v, page.ErrNotFound
	}
	v.Path, v.Back = accessPath+"/"+page.IDText(id), accessPath
	if team {
		v.Back = "/equipe/structures/" + page.IDText(of)
		v.Path = v.Back + "/acces/" + page.IDText(id)
	}
	return v, nil
}

func (p *Pages) accessChrome(v accessView) ui.Chrome {
	title := "Demande d’accès " + french.De(v.Name())
	if v.ByTeam {
		return ui.Chrome{Title: title, Section: "Équipe", Crumbs: []ui.Crumb{crumbDashboard, {Label: french.Typo(v.StructureName), Href: v.Back}}}
	}
	return chrome(title, ui.Crumb{Label: "Demandes d’accès", Href: accessPath})
}

// Answers to an access request.
const (
	grantAccess  = "accepter"
	refuseAccess = "refuser"
)

// ShowAccess shows /ma-structure/acces/{demande}.
func (p *Pages) ShowAccess(w http.ResponseWriter, r *http.Request) error {
	return p.readAccess(w, r, false)
}

// ShowTeamAccess shows /equipe/structures/{id}/acces/{demande}.
func (p *Pages) ShowTeamAccess(w http.ResponseWriter, r *http.Request) error {
	return p.readAccess(w, r, true)
}

func (p *Pages) readAccess(w http.ResponseWriter, r *http.Request, team bool) error {
	v, err := p.access(r, team)
	if err != nil {
		return err
	}
	return p.showAccess(w, r, v, form.New(), nil)
}

func (p *Pages) showAccess(w http.ResponseWriter, r *http.Request, v accessView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), accessPage(p.Kit.FormChrome(r, p.accessChrome(v), f), v, f))
}

// DecideAccess answers POST /ma-structure/acces/{demande}.
func (p *Pages) DecideAccess(w http.ResponseWriter, r *http.Request) error {
	return p.decideAccess(w, r, false)
}

// DecideTeamAccess answers POST /equipe/structures/{id}/acces/{demande}.
func (p *Pages) DecideTeamAccess(w http.ResponseWriter, r *http.Request) error {
	return p.decideAccess(w, r, true)
}

func (p *Pages) decideAccess(w http.ResponseWriter, r *http.Request, team bool) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	grant := f.Choice("reponse", "Choisissez votre réponse.", grantAccess, refuseAccess) == grantAccess
	manager, reason := f.Bool("gestionnaire"), f.Text("motif", "", 1000)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.access(r, team)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Structures.DecideAccess(r.Context(), page.Actor(r), v.ID, grant, manager, reason)
		if err == nil {
			message := "La demande est refusée. Un message part à " + v.Name() + "."
			if grant {
				message = v.Name() + " agit maintenant pour la structure, et reçoit un message."
			}
			return p.Kit.Done(w, r, v.Back, message)
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
		if v, err = p.access(r, team); err != nil { // as it is now
			return err
		}
	}
	return p.showAccess(w, r, v, f, refusal)
}
