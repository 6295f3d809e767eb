package details

import (
	"context"
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// What an action is linked with, in addresses.
const (
	linkDecisions = "/decisions"
	linkMeetings  = "/reunions"
)

// linkView is a search for what to link with an action.
type linkView struct {
	roadmap.Action
	Decisions []roadmap.DecisionChoice
	Meetings  []roadmap.MeetingChoice
	Paging    postgres.Paging
	Filter    *form.Form
	Path      string
	Base      string
	Reset     string
}

// ShowLinks shows …/liens.
func (p *Pages) ShowLinks(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, linksPage(p.Kit.Chrome(r, v.chrome("Décisions et réunions liées")), v))
}

// linkSearch reads what is looked for.
func linkSearch(r *http.Request) (url.Values, roadmap.ID, roadmap.LinkSearch, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return nil, 0, roadmap.LinkSearch{}, err
	}
	q, err := page.Query(r)
	if err != nil {
		return nil, 0, roadmap.LinkSearch{}, err
	}
	s := roadmap.LinkSearch{Words: q.Get("q")}
	for _, c := range governance.BodyCodes {
		if q.Get("instance") == string(c) {
			s.Body = c
		}
	}
	return q, id, s, nil
}

func (v *linkView) address(id roadmap.ID, kind string, q url.Values) {
	v.Path = partPath(id, partLinks) + kind
	v.Filter, v.Base = page.FilterForm(q, "q", "instance"), page.Address(v.Path, "q", q.Get("q"), "instance", q.Get("instance"))
	if v.Base != v.Path {
		v.Reset = v.Path
	}
}

func (v linkView) chrome(title string) ui.Chrome {
	return chromeOf(v.Action, title, ui.Crumb{Label: "Décisions et réunions", Href: partPath(v.ID, partLinks)})
}

// SearchDecisions shows …/liens/decisions.
func (p *Pages) SearchDecisions(w http.ResponseWriter, r *http.Request) error {
	q, id, s, err := linkSearch(r)
	if err != nil {
		return err
	}
	var v linkView
	if v.Action, v.Decisions, v.Paging, err = p.Roadmap.SearchDecisions(r.Context(), page.Actor(r), id, s, page.Number(q)); err != nil {
		return err
	}
	v.address(id, linkDecisions, q)
	return p.Kit.Show(w, r, http.StatusOK, decisionSearchPage(p.Kit.Chrome(r, v.chrome("Relier une décision")), v))
}

// SearchMeetings shows …/liens/reunions.
func (p *Pages) SearchMeetings(w http.ResponseWriter, r *http.Request) error {
	q, id, s, err := linkSearch(r)
	if err != nil {
		return err
	}
	var v linkView
	if v.Action, v.Meetings, v.Paging, err = p.Roadmap.SearchMeetings(r.Context(), page.Actor(r), id, s, page.Number(q)); err != nil {
		return err
	}
	v.address(id, linkMeetings, q)
	return p.Kit.Show(w, r, http.StatusOK, meetingSearchPage(p.Kit.Chrome(r, v.chrome("Relier une réunion")), v))
}

// linkAct reads a form of one hidden field and does what it asks.
func linkAct[T ~int64](p *Pages, w http.ResponseWriter, r *http.Request, field, message string,
	do func(ctx context.Context, by access.Actor, action roadmap.ID, other T) error) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	other := T(f.ID(field, "Choisissez une ligne de la liste."))
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return problem.New(problem.BadRequest, "Ce lien n’a pas pu être lu.")
	}
	if err := do(r.Context(), page.Actor(r), id, other); err != nil {
		return err
	}
	return p.Kit.Done(w, r, partPath(id, partLinks), message)
}

// LinkDecision answers POST …/liens/decisions.
func (p *Pages) LinkDecision(w http.ResponseWriter, r *http.Request) error {
	return linkAct(p, w, r, "decision", "La décision est reliée à l’action.", p.Roadmap.LinkDecision)
}

// UnlinkDecision answers POST …/liens/decisions/retrait.
func (p *Pages) UnlinkDecision(w http.ResponseWriter, r *http.Request) error {
	return linkAct(p, w, r, "decision", "La décision n’est plus reliée à l’action.", p.Roadmap.UnlinkDecision)
}

// LinkMeeting answers POST …/liens/reunions.
func (p *Pages) LinkMeeting(w http.ResponseWriter, r *http.Request) error {
	return linkAct(p, w, r, "reunion", "La réunion est reliée à l’action.", p.Roadmap.LinkMeeting)
}

// UnlinkMeeting answers POST …/liens/reunions/retrait.
func (p *Pages) UnlinkMeeting(w http.ResponseWriter, r *http.Request) error {
	return linkAct(p, w, r, "reunion", "La réunion n’est plus reliée à l’action.", p.Roadmap.UnlinkMeeting)
}
