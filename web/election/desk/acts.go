package desk

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// confirmed keeps the acts that were done.
func confirmed(acts []election.Act) []election.Act {
	var out []election.Act
	for _, a := range acts {
		if a.ConfirmedAt != nil {
			out = append(out, a)
		}
	}
	return out
}

// actWords says an act that was done, with its people where the reader may know them.
func actWords(a election.Act) string {
	s := french.Capital("le "+french.DateTime(*a.ConfirmedAt)) + french.NBSP + ": " + french.Small(a.Kind.Label())
	if a.ClosesAt != nil {
		s += ", jusqu’au " + french.DateTime(*a.ClosesAt)
	}
	if a.Proposer != "" {
		s += ", proposé par " + a.Proposer + " et confirmé par " + a.Confirmer
	}
	s += "."
	if a.Reason != "" {
		s += " Raison : " + a.Reason
	}
	return french.Typo(s)
}

// officeView is the page of acts of two people.
type officeView struct {
	election.Page
	By  access.Actor
	Key string
}

// open are the acts that can be proposed now.
func (v officeView) open() []election.ActKind {
	var out []election.ActKind
	for _, k := range election.ActKinds {
		if v.Election.Refuses(k, nil, v.Facts.CountDecided) == nil && !v.pending(k) {
			out = append(out, k)
		}
	}
	return out
}

// pending tells whether an act of that kind waits, upon the election as it is.
func (v officeView) pending(k election.ActKind) bool {
	for _, a := range v.Acts {
		if a.Kind == k && a.Pending() && !a.Moved {
			return true
		}
	}
	return false
}

func (v officeView) waiting() []election.Act {
	var out []election.Act
	for _, a := range v.Acts {
		if a.Pending() {
			out = append(out, a)
		}
	}
	return out
}

// mayConfirm tells whether the reader can be the second person of the act.
func (v officeView) mayConfirm(a election.Act) bool {
	return !a.Moved && a.ProposedBy != v.By.Person && (!a.Kind.NeedsKeeper() || a.ProposedAs == access.Scrutineer || v.By.Is(access.Scrutineer))
}

// cannot says why the reader cannot confirm.
func (v officeView) cannot(a election.Act) string {
	switch {
	case a.Moved:
		return "L’élection a changé depuis : cette proposition ne peut plus être confirmée. Retirez-la, et proposez de nouveau."
	case a.ProposedBy == v.By.Person:
		return "Vous l’avez proposé : une autre personne le confirme."
	}
	return "Une personne de l’équipe l’a proposé : une personne qui agit comme scrutateur le confirme."
}

// Office shows /elections/{id}/bureau.
func (p *Pages) Office(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, officeChrome(v.Election, "Actes à deux"))
	return p.Kit.Show(w, r, http.StatusOK, officePage(c, officeView{Page: v, By: page.Actor(r), Key: page.NewKey()}))
}

// officeChrome describes a page of the board: an election that is not public has no
// public page to go back to.
func officeChrome(e election.Election, title string) ui.Chrome {
	c := publicChrome(e, title)
	if !e.Phase.Public() {
		c.Crumbs = c.Crumbs[:2]
	}
	return c
}

// kindOf reads the act of the address.
func kindOf(r *http.Request) (election.ActKind, error) {
	for _, k := range election.ActKinds {
		if k.Slug() == chi.URLParam(r, "acte") {
			return k, nil
		}
	}
	return "", page.ErrNotFound
}

// ShowProposal shows /elections/{id}/bureau/{acte}: what proposing means.
func (p *Pages) ShowProposal(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	f := form.New()
	setMoment(f, "closes_at", v.Election.ClosesAt)
	return p.showProposal(w, r, v, f, nil)
}

func (p *Pages) showProposal(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	k, err := kindOf(r)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, officeChrome(v.Election, k.Label()), f)
	stopped := v.Election.Refuses(k, nil, v.Facts.CountDecided)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), proposalPage(c, sheetOf(v, f, nil), k, stopped))
}

// Propose answers POST /elections/{id}/bureau/{acte}.
func (p *Pages) Propose(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	k, err := kindOf(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	missing := ""
	if k.NeedsReason() {
		missing = "Dites pourquoi, en une ou deux phrases."
	}
	reason := f.Text("motif", missing, 500)
	var to *time.Time
	if k == election.ActExtend {
		to = readMoment(f, "closes_at")
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if _, refusal = p.Elections.Propose(r.Context(), page.Actor(r), v.Election.ID, k, reason, to); refusal == nil {
			return p.Kit.Done(w, r, office(v.Election.ID), "L’acte est proposé. Une autre personne est avertie et doit le confirmer.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showProposal(w, r, v, f, refusal)
}

// act reads the act of the address.
func (p *Pages) act(r *http.Request) (officeView, election.Act, error) {
	v, err := p.load(r)
	if err != nil {
		return officeView{}, election.Act{}, err
	}
	id, err := page.PathID[election.ActID](r, "acte")
	if err != nil {
		return officeView{}, election.Act{}, err
	}
	for _, a := range v.Acts {
		if a.ID == id {
			return officeView{Page: v, By: page.Actor(r), Key: page.NewKey()}, a, nil
		}
	}
	return officeView{}, election.Act{}, page.ErrNotFound
}

// ShowConfirmation shows /elections/{id}/bureau/actes/{acte}.
func (p *Pages) ShowConfirmation(w http.ResponseWriter, r *http.Request) error {
	return p.showConfirmation(w, r, form.New(), nil)
}

func (p *Pages) showConfirmation(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, a, err := p.act(r)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, officeChrome(v.Election, "Confirmer : "+french.Small(a.Kind.Label())), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), confirmationPage(c, v, a, f))
}

// Confirm answers POST /elections/{id}/bureau/actes/{acte}.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request) error {
	return p.settle(w, r, true)
}

// Withdraw answers POST /elections/{id}/bureau/actes/{acte}/retrait.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	return p.settle(w, r, false)
}

func (p *Pages) settle(w http.ResponseWriter, r *http.Request, confirm bool) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showConfirmation(w, r, f, nil)
	}
	v, a, err := p.act(r)
	if err != nil {
		return err
	}
	do, message := p.Elections.Withdraw, "La proposition est retirée : rien n’a changé."
	if confirm {
		do, message = p.Elections.Confirm, "L’acte est confirmé. "+a.Kind.Effect()
	}
	if refusal := do(r.Context(), v.By, v.Election.ID, a.ID); refusal != nil {
		if !page.Takes(f, refusal) {
			return refusal
		}
		return p.showConfirmation(w, r, f, refusal)
	}
	return p.Kit.Done(w, r, office(v.Election.ID), french.Typo(message))
}

// actRows is what a person reads before confirming.
func actRows(v officeView, a election.Act) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Élection", Value: v.Election.Title}, {Key: "Étape", Value: v.Election.Phase.Label()},
		{Key: "Acte", Value: a.Kind.Label()}, {Key: "Proposé par", Value: a.Proposer + ", le " + french.DateTime(a.ProposedAt)}}
	if a.Reason != "" {
		rows = append(rows, ui.SummaryRow{Key: "Raison", Value: a.Reason})
	}
	if a.ClosesAt != nil {
		rows = append(rows, ui.SummaryRow{Key: "Clôture aujourd’hui", Value: french.Capital(moment(v.Election.ClosesAt, "à fixer"))},
			ui.SummaryRow{Key: "Nouvelle clôture", Value: french.Capital(moment(a.ClosesAt, ""))})
	} else {
		rows = append(rows, ui.SummaryRow{Key: "Vote", Value: votingWords(v.Election)})
	}
	return append(rows, ui.SummaryRow{Key: "Ce qui suit", Value: a.Kind.Effect()})
}

// ShowIncident shows /elections/{id}/bureau/incident.
func (p *Pages) ShowIncident(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return p.showIncident(w, r, v, form.New(), nil)
}

func (p *Pages) showIncident(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, officeChrome(v.Election, "Consigner un incident"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), incidentPage(c, sheetOf(v, f, nil)))
}

// AddIncident answers POST /elections/{id}/bureau/incident.
func (p *Pages) AddIncident(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	text := f.Text("texte", "Dites ce qui s’est passé.", 1000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Elections.Report(r.Context(), page.Actor(r), v.Election.ID, text); refusal == nil {
			return p.Kit.Done(w, r, web.Address(v.Election.ID), "L’incident est consigné, public, et les porteurs de clés sont avertis.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showIncident(w, r, v, f, refusal)
}
