package minutes

import (
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// followView is the team's follow-up as its page shows it.
type followView struct {
	minutes.FollowUpPage
	Carried map[minutes.DecisionID][]roadmap.Linked // the actions of each decision
	Filter  *form.Form
	Base    string
	Reset   string
}

func (v followView) shown() int { return len(v.Decisions) + len(v.Actions) + len(v.Positions) }

func followFilter(q url.Values) minutes.FollowUpFilter {
	return minutes.FollowUpFilter{View: minutes.FollowUpView(q.Get("vue")), Body: bodyFor(q.Get("instance")), When: valueFor(whenWords, q.Get("echeance"))}
}

// viewPath is the address of one list of the follow-up.
func viewPath(v minutes.FollowUpView) string {
	if v == minutes.ViewDecisions {
		return followPath
	}
	return page.Address(followPath, "vue", string(v))
}

func followTabs(v minutes.FollowUpPage) []ui.Tab {
	counts := map[minutes.FollowUpView]int{minutes.ViewDecisions: v.Counts.OpenDecisions, minutes.ViewActions: v.Counts.OpenActions, minutes.ViewPositions: v.Counts.WaitingPositions}
	tabs := make([]ui.Tab, 0, len(minutes.FollowUpViews))
	for _, x := range minutes.FollowUpViews {
		tabs = append(tabs, ui.Tab{Label: x.Label(), Href: viewPath(x), Current: x == v.View, Count: french.Number(counts[x])})
	}
	return tabs
}

// ShowFollowUp shows /equipe/suivi.
func (p *Pages) ShowFollowUp(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	found, err := p.Minutes.FollowUp(r.Context(), page.Actor(r), followFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	v := followView{FollowUpPage: found, Filter: page.FilterForm(q, "instance", "echeance")}
	ids := make([]minutes.DecisionID, len(v.Decisions))
	for i, d := range v.Decisions {
		ids[i] = d.ID
	}
	if v.Carried, err = p.Roadmap.ActionsOfDecisions(r.Context(), page.Actor(r), ids); err != nil {
		return err
	}
	whole := viewPath(v.View)
	vue := ""
	if v.View != minutes.ViewDecisions {
		vue = string(v.View)
	}
	v.Base = page.Address(followPath, "vue", vue, "instance", q.Get("instance"), "echeance", q.Get("echeance"))
	if v.Base != whole {
		v.Reset = whole
	}
	c := ui.Chrome{Title: "Suivi", Section: "Équipe", Crumbs: []ui.Crumb{crumbHome}, Wide: true}
	return p.Kit.Show(w, r, http.StatusOK, followPage(p.Kit.Chrome(r, c), v))
}

// FollowUpFile answers /equipe/suivi.{ext}: the list on screen, all pages.
func (p *Pages) FollowUpFile(w http.ResponseWriter, r *http.Request) error {
	format, q, err := fileAsked(r)
	if err != nil {
		return err
	}
	v, err := p.Minutes.FollowUp(r.Context(), page.Actor(r), followFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	var t export.Table
	switch v.View {
	case minutes.ViewActions:
		t = actionTable(v)
	case minutes.ViewPositions:
		t = positionTable("Positions sans réponse", "positions-sans-reponse", v.Positions)
	default:
		t = decisionTable("Décisions à suivre", "decisions-a-suivre", v.Decisions)
	}
	t.Source = "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole"
	return export.Send(w, format, t)
}

func actionTable(v minutes.FollowUpPage) export.Table {
	t := registerTable("Actions demandées", "actions-demandees",
		export.Column{Key: "action", Heading: "Action", Width: 60}, export.Column{Key: "responsable", Heading: "Demandée à", Width: 30},
		export.Column{Key: "echeance", Heading: "Échéance", Kind: export.DayKind}, export.Column{Key: "etat", Heading: "État", Width: 14},
		export.Column{Key: "instance", Heading: "Instance", Width: 26}, export.Column{Key: "reunion", Heading: "Réunion du", Kind: export.DayKind},
		export.Column{Key: "point", Heading: "Point de l’ordre du jour", Width: 40})
	for _, a := range v.Actions {
		_, label := actionTag(a, v.Today)
		t.Rows = append(t.Rows, []export.Cell{export.Text(a.What), export.Text(a.Owner), export.Day(a.DueOn), export.Text(label),
			export.Text(a.Body.Label()), export.Day(day.In(a.StartsAt)), export.Text(pointWords(a.Origin))})
	}
	return t
}
