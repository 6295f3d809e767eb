package meeting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const proposalsPath = meeting.ProposalsPath

// myProposalsView is what a member's page of proposals shows.
type myProposalsView struct {
	meeting.MyProposals
	Key string
}

// BodyOptions are the instances a member may propose to.
func (v myProposalsView) BodyOptions() []ui.Option {
	var out []ui.Option
	for _, c := range v.Bodies {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func bodyWords() []string {
	out := make([]string, 0, len(governance.BodyCodes))
	for _, c := range governance.BodyCodes {
		out = append(out, string(c))
	}
	return out
}

// ShowMyProposals shows /mes-reunions/propositions.
func (p *Pages) ShowMyProposals(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	v, err := p.Meetings.MyProposals(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	if len(v.Bodies) == 1 {
		f.Set("instance", string(v.Bodies[0]))
	}
	return p.showMyProposals(w, r, v, f, nil)
}

func (p *Pages) showMyProposals(w http.ResponseWriter, r *http.Request, v meeting.MyProposals, f *form.Form, refusal error) error {
	c := ui.Chrome{Title: "Mes propositions de points", Section: section, Crumbs: []ui.Crumb{crumbHome}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), myProposalsPage(p.Kit.FormChrome(r, c, f), myProposalsView{v, page.NewKey()}, f))
}

// ChangeMyProposals answers POST /mes-reunions/propositions: a point proposed, or one
// withdrawn.
func (p *Pages) ChangeMyProposals(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	by, ctx := page.Actor(r), r.Context()
	var do func() error
	message := "Votre proposition est envoyée à l’équipe métropolitaine. Sa réponse s’affichera ici et vous sera écrite."
	if f.Choice("acte", "Choisissez ce que vous voulez faire.", "proposer", "retirer") == "retirer" {
		id := meeting.ProposalID(f.ID("proposition", "Choisissez une proposition."))
		message = "Votre proposition est retirée."
		do = func() error { return p.Meetings.WithdrawProposal(ctx, by, id) }
	} else {
		in := meeting.NewProposal{
			Body:  governance.BodyCode(f.Choice("instance", "Choisissez une instance où vous siégez.", bodyWords()...)),
			Title: f.Line("titre", "Saisissez l’intitulé du point.", 200),
			Text:  f.Text("pourquoi", "", 4000),
		}
		do = func() error { _, err := p.Meetings.Propose(ctx, by, in); return err }
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, proposalsPath, message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.Meetings.MyProposals(ctx, by)
	if err != nil {
		return err
	}
	return p.showMyProposals(w, r, v, f, refusal)
}

func proposalTag(s meeting.ProposalState) ui.Kind {
	switch s {
	case meeting.ProposalTaken:
		return ui.OK
	case meeting.ProposalRefused:
		return ui.Warn
	case meeting.ProposalWaiting:
		return ui.Info
	}
	return ui.Neutral
}

// proposalNews says what became of a proposal, beside its state.
func proposalNews(p meeting.Proposal) string {
	switch {
	case p.State == meeting.ProposalTaken && p.MeetingAt != nil:
		return "Réunion du " + french.Date(day.In(*p.MeetingAt)) + "."
	case p.Reason != "":
		return p.Reason
	case p.State == meeting.ProposalWaiting:
		return "Reçue " + french.Ago(day.In(p.CreatedAt), day.Today()) + "."
	}
	return ""
}
