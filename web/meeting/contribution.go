package meeting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func myContributionPath(id meeting.ID) string {
	return "/mes-reunions/" + page.IDText(id) + "/contribution"
}

// ShowMyContribution shows /mes-reunions/{id}/contribution.
func (p *Pages) ShowMyContribution(w http.ResponseWriter, r *http.Request) error {
	return p.showMyContribution(w, r, form.New(), nil)
}

func (p *Pages) showMyContribution(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	v, err := p.Meetings.MyWorkshop(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Contribuer à l’atelier", Section: section,
		Crumbs: []ui.Crumb{crumbHome, {Label: v.Meeting.Title(), Href: publicAddress(id)}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), myContributionPage(p.Kit.FormChrome(r, c, f), v, page.NewKey(), f))
}

// SendMyContribution answers POST /mes-reunions/{id}/contribution.
func (p *Pages) SendMyContribution(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	text := f.Text("contribution", "Écrivez votre contribution.", 4000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.ContributeAs(r.Context(), page.Actor(r), id, text); refusal == nil {
			return p.Kit.Done(w, r, myContributionPath(id), "Votre contribution est reçue. Merci.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showMyContribution(w, r, f, refusal)
}

func contributionTag(s meeting.ContributionState) ui.Kind {
	switch s {
	case meeting.ContributionKept:
		return ui.OK
	case meeting.ContributionReceived:
		return ui.Info
	}
	return ui.Neutral
}

// contributionsView is what the team's page of contributions shows.
type contributionsView struct {
	Meeting       meeting.Meeting
	Contributions []meeting.Contribution
	Failed        meeting.ContributionID // whose form is to be put right
}

func contributionsPath(id meeting.ID) string { return teamAddress(id, "contributions") }

// ShowContributions shows /equipe/reunions/{id}/contributions.
func (p *Pages) ShowContributions(w http.ResponseWriter, r *http.Request) error {
	return p.showContributions(w, r, form.New(), 0, nil)
}

func (p *Pages) showContributions(w http.ResponseWriter, r *http.Request, f *form.Form, failed meeting.ContributionID, refusal error) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	v := contributionsView{Failed: failed}
	if v.Meeting, v.Contributions, err = p.Meetings.Contributions(r.Context(), page.Actor(r), id); err != nil {
		return err
	}
	c := meetingChrome(v.Meeting, "Contributions")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), contributionsPage(p.Kit.FormChrome(r, c, f), v, f))
}

// SortContribution answers POST /equipe/reunions/{id}/contributions.
func (p *Pages) SortContribution(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	in := meeting.Sorting{Contribution: meeting.ContributionID(f.ID("contribution", "Choisissez une contribution.")), Version: f.Int("version", "", 0, 1<<30)}
	message := "La contribution est retenue. Elle sera publique une fois l’atelier tenu."
	missing := ""
	switch f.Choice("acte", "Choisissez de retenir ou d’écarter.", "retenir", "ecarter") {
	case "retenir":
		in.State = meeting.ContributionKept
	case "ecarter":
		in.State, message, missing = meeting.ContributionSetAside, "La contribution est écartée, avec son motif.", "Écrivez pourquoi cette contribution est écartée."
	}
	in.Reason = f.Text("motif", missing, 500)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.SortContribution(r.Context(), page.Actor(r), id, in); refusal == nil {
			return p.Kit.Done(w, r, contributionsPath(id), message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showContributions(w, r, f, in.Contribution, refusal)
}

// form gives its refusal to the contribution it is about, and to no other.
func (v contributionsView) form(f *form.Form, id meeting.ContributionID) *form.Form {
	if v.Failed == id {
		return f
	}
	return form.New()
}

// reasonID is the id of the field of a contribution: the one to put right bears the
// name that the summary of errors leads to.
func (v contributionsView) reasonID(id meeting.ContributionID) string {
	if v.Failed == id {
		return ""
	}
	return "motif-" + page.IDText(id)
}

func contributionsLead(v contributionsView) string {
	waiting := 0
	for _, c := range v.Contributions {
		if c.State == meeting.ContributionReceived {
			waiting++
		}
	}
	if len(v.Contributions) == 0 {
		return "Aucune contribution n’est arrivée."
	}
	return french.Count(len(v.Contributions), "contribution reçue", "contributions reçues") + ", dont " + french.Number(waiting) + " à trier."
}
