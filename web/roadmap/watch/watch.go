// Package watch is the pages of the alerts of the team.
package watch

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	pages "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Watch *watch.Service
}

// listView is the page of the alerts.
type listView struct {
	watch.Page
	Kind     watch.Kind
	Filtered bool
	Filters  *form.Form
	Pager    ui.Pager
}

// List shows /equipe/alertes.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := watch.Filter{Page: page.Number(q)}
	for _, k := range watch.Kinds {
		if q.Get("type") == k.Slug() {
			f.Kind = k
		}
	}
	axis, err := strconv.ParseInt(q.Get("axe"), 10, 64)
	if err == nil && axis > 0 {
		f.Axis = roadmap.AxisID(axis)
	}
	found, err := p.Watch.List(r.Context(), page.Actor(r), f)
	if err != nil {
		return err
	}
	slug, axisText := "", ""
	if f.Kind != "" {
		slug = f.Kind.Slug()
	}
	if f.Axis != 0 {
		axisText = page.IDText(f.Axis)
	}
	v := listView{Page: found, Kind: f.Kind, Filtered: slug+axisText != "", Filters: page.FilterForm(q, "type", "axe")}
	v.Pager = page.Pager(found.Paging, page.Address(pages.AlertsPath, "type", slug, "axe", axisText), len(found.Alerts), "alerte", "alertes")
	c := ui.Chrome{Title: "Alertes de la feuille de route", Section: "Équipe", Crumbs: pages.TeamCrumbs()}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, c), v))
}

func severityKind(s watch.Severity) ui.Kind {
	switch s {
	case watch.Urgent:
		return ui.Err
	case watch.ToDo:
		return ui.Warn
	}
	return ui.Info
}

func kindOptions(p watch.Page) []ui.Option {
	var out []ui.Option
	for _, k := range watch.Kinds {
		out = append(out, ui.Option{Value: k.Slug(), Label: k.Label() + " (" + strconv.Itoa(p.Of(k)) + ")"})
	}
	return out
}

func axisOptions(axes []roadmap.Axis) []ui.Option {
	var out []ui.Option
	for _, a := range axes {
		out = append(out, ui.Option{Value: page.IDText(a.ID), Label: a.Title})
	}
	return out
}

func (v listView) reset() string {
	if v.Filtered {
		return pages.AlertsPath
	}
	return ""
}

func remedyLabel(a watch.Alert) string { label, _ := a.Remedy(); return label }

func remedyPath(a watch.Alert) string { _, path := a.Remedy(); return path }
