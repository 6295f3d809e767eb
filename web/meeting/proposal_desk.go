package meeting

import (
	"net/http"
	"net/url"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const deskPath = "/equipe/propositions"

var crumbDesk = ui.Crumb{Label: "Propositions de points", Href: deskPath}

var proposalStateSlugs = []struct {
	word  string
	state meeting.ProposalState
}{
	{"en-attente", meeting.ProposalWaiting}, {"differee", meeting.ProposalDeferred}, {"inscrite", meeting.ProposalTaken},
	{"refusee", meeting.ProposalRefused}, {"retiree", meeting.ProposalWithdrawn},
}

func proposalStateOf(word string) meeting.ProposalState {
	for _, s := range proposalStateSlugs {
		if s.word == word {
			return s.state
		}
	}
	return ""
}

// deskView is what the team's list of proposals shows.
type deskView struct {
	meeting.ProposalList
	Filters *form.Form
	Query   url.Values
	Page    int
}

// Pager says where the list stands.
func (v deskView) Pager() ui.Pager {
	address := page.Address(deskPath, "instance", v.Query.Get("instance"), "etat", v.Query.Get("etat"))
	return ui.Pager{Current: v.Page, Last: (v.Total + postgres.PageLength - 1) / postgres.PageLength, Base: page.PagerBase(address),
		Summary: french.Count(v.Total, "proposition", "propositions")}
}

// Reset is where the whole list is, "" when nothing narrows it.
func (v deskView) Reset() string {
	if v.Query.Get("instance") == "" && v.Query.Get("etat") == "" {
		return ""
	}
	return deskPath
}

func deskBodyOptions() []ui.Option {
	var out []ui.Option
	for _, c := range governance.BodyCodes {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func deskStateOptions() []ui.Option {
	var out []ui.Option
	for _, s := range proposalStateSlugs {
		out = append(out, ui.Option{Value: s.word, Label: s.state.Label()})
	}
	return out
}

// ListProposals shows /equipe/propositions.
func (p *Pages) ListProposals(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := page.FilterForm(q, "instance", "etat")
	body := governance.BodyCode(f.Choice("instance", "", bodyWords()...))
	state := proposalStateOf(q.Get("etat"))
	if q.Get("etat") != "" && state == "" {
		f.Fail("etat", "Choisissez une des réponses proposées.")
	}
	v := deskView{Filters: f, Query: q, Page: page.Number(q)}
	v.ProposalList, err = p.Meetings.Proposals(r.Context(), page.Actor(r), meeting.ProposalFilter{Body: body, State: state, Page: v.Page})
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Propositions de points", Section: section, Crumbs: []ui.Crumb{crumbHome}}
	return p.Kit.Show(w, r, page.FilterStatus(f), deskPage(p.Kit.FormChrome(r, c, f), v))
}

// deskItemView is what the page of one proposal shows.
type deskItemView struct {
	meeting.ProposalDesk
	Decided bool // by somebody else, meanwhile
	Key     [3]string
}

func deskItemPath(id meeting.ProposalID) string { return deskPath + "/" + page.IDText(id) }

func (p *Pages) proposal(r *http.Request) (deskItemView, error) {
	id, err := page.PathID[meeting.ProposalID](r, "id")
	if err != nil {
		return deskItemView{}, err
	}
	v, err := p.Meetings.ProposalDesk(r.Context(), page.Actor(r), id)
	return deskItemView{ProposalDesk: v, Key: [3]string{page.NewKey(), page.NewKey(), page.NewKey()}}, err
}

// ShowProposal shows /equipe/propositions/{id}.
func (p *Pages) ShowProposal(w http.ResponseWriter, r *http.Request) error {
	v, err := p.proposal(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("nature", itemKindWord(meeting.ForDiscussion))
	f.Set("duree", "15")
	if len(v.Meetings) > 0 {
		f.Set("reunion", page.IDText(v.Meetings[0].ID))
	}
	return p.showProposal(w, r, v, f, nil)
}

func (p *Pages) showProposal(w http.ResponseWriter, r *http.Request, v deskItemView, f *form.Form, refusal error) error {
	v.Decided = problem.KindOf(refusal) == problem.Conflict
	c := ui.Chrome{Title: v.Title, Section: section, Crumbs: []ui.Crumb{crumbHome, crumbDesk}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), deskItemPage(p.Kit.FormChrome(r, c, f), v, f))
}

// DecideProposal answers POST /equipe/propositions/{id}: taken, refused or deferred.
func (p *Pages) DecideProposal(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[meeting.ProposalID](r, "id")
	if err != nil {
		return err
	}
	do := p.decision(r, f, id, f.Int("version", "", 0, 1<<30))
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var to, message string
		if to, message, refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, to, message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.proposal(r)
	if err != nil {
		return err
	}
	return p.showProposal(w, r, v, f, refusal)
}

// decision reads what the team chose, and returns what does it.
func (p *Pages) decision(r *http.Request, f *form.Form, id meeting.ProposalID, version int) func() (to, message string, err error) {
	by, ctx := page.Actor(r), r.Context()
	switch f.Choice("acte", "Choisissez une réponse.", "inscrire", "refuser", "differer") {
	case "inscrire":
		in := meeting.Taking{Proposal: id, Version: version, Meeting: meeting.ID(f.ID("reunion", "Choisissez la réunion.")),
			Kind:    itemKindOf(f.Choice("nature", "Choisissez ce que la réunion est appelée à faire.", itemKindWords()...)),
			Minutes: f.Int("duree", "", 0, 600)}
		return func() (string, string, error) {
			i, err := p.Meetings.TakeProposal(ctx, by, in)
			return agendaAt(in.Meeting, i.ID), "La proposition est le point " + i.Number + " de l’ordre du jour. La personne qui l’a faite est prévenue.", err
		}
	case "refuser":
		reason := f.Text("motif", "Écrivez le motif\u00a0: la personne qui propose le lira.", 1000)
		return func() (string, string, error) {
			return deskPath, "La proposition est refusée, avec son motif.", p.Meetings.RefuseProposal(ctx, by, id, version, reason)
		}
	}
	word := f.Text("mot", "Dites en un mot pourquoi et jusqu’à quand\u00a0: la personne qui propose le lira.", 1000)
	return func() (string, string, error) {
		return deskPath, "La proposition est gardée pour plus tard.", p.Meetings.DeferProposal(ctx, by, id, version, word)
	}
}

func waitingLead(n int) string {
	if n == 0 {
		return "Aucune proposition n’attend de réponse."
	}
	return strconv.Itoa(n) + " " + french.Plural(n, "proposition attend", "propositions attendent") + " une réponse."
}
