package sheet

import (
	"net/http"
	"slices"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// deskView is the team's page of an action.
type deskView struct {
	roadmap.ActionDesk
	Have, Of int
	Missing  []roadmap.Missing
}

// Show shows /equipe/feuille-de-route/actions/{id}: where the team starts from for
// anything about an action.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	d, err := p.Roadmap.ActionDesk(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	v := deskView{ActionDesk: d}
	v.Have, v.Of, v.Missing = d.Completeness()
	return p.Kit.Show(w, r, http.StatusOK, deskPage(p.Kit.Chrome(r, chrome(d.Title, crumbList)), v))
}

// below is the address of a page that hangs on the action.
func (v deskView) below(what string) string { return rm.TeamPath(v.ID) + "/" + what }

// facts are the fields of the sheet.
func (v deskView) facts() []ui.SummaryRow {
	edit := func(field string) string { return v.below("modification#" + field) }
	rows := []ui.SummaryRow{
		{Key: "Axe", Value: v.Axis, ActionHref: edit("axe")},
		{Key: "Objectif", Value: v.Objective, ActionHref: edit("objectif")},
		{Key: "Public servi", Value: v.Audience, ActionHref: edit("public")},
		{Key: "Instance qui suit l’action", Value: v.Body.Full(), ActionHref: edit("instance")},
		{Key: "Organisation pilote", Value: v.Pilot, ActionHref: edit("pilote")},
		{Key: "Personne pilote", Value: v.PilotPerson, ActionHref: edit("personne")},
		{Key: "Partenaires", Value: parties(v.Partners), ActionHref: edit("partenaires")},
		{Key: "Communes concernées", Value: v.where(), ActionHref: edit("perimetre")},
		{Key: "Dates", Value: french.Capital(period(v.StartsOn, v.EndsOn)), ActionHref: edit("debut")},
		{Key: "Priorité", Value: v.Priority.Label(), ActionHref: edit("priorite")},
		{Key: "Objectif de France Numérique Ensemble", Value: v.FNE, ActionHref: edit("fne")},
	}
	if v.ProposedBy != "" {
		s := v.ProposedBy.Full()
		if v.Proposer != "" {
			s += ", par " + v.Proposer
		}
		rows = append(rows, ui.SummaryRow{Key: "Proposée au nom de l’instance", Value: s})
	}
	return rows
}

// standing says where the action stands, and since when.
func (v deskView) standing() []ui.SummaryRow {
	state := v.Status.Label() + ", depuis le " + french.LongDate(v.StatusSince)
	if v.StatusReason != "" {
		state += " : " + v.StatusReason
	}
	rows := []ui.SummaryRow{{Key: "État", Value: state, ActionLabel: "Changer l’état", ActionHref: v.below("etat")},
		{Key: "Confiance", Value: confidence(v.Confidence), ActionLabel: "Évaluer", ActionHref: v.below("confiance")},
		{Key: "Avancement", Value: percent(v.Percent), ActionLabel: "Faire le point", ActionHref: rm.ReportPath(v.ID)}}
	if v.Public() {
		rows = append(rows, ui.SummaryRow{Key: "Validée", Value: "Le " + french.LongDate(v.ValidatedOn) + ", par : " + v.Validation})
	}
	return rows
}

func confidence(c roadmap.Confidence) string {
	if c == "" {
		return c.Label()
	}
	return c.Label() + ". " + c.Meaning()
}

func (v deskView) where() string {
	if v.AllCommunes {
		return "Les 28 communes"
	}
	return parties(v.Communes)
}

func parties(all []roadmap.Party) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
		if p.Part != "" {
			names[i] += " (" + p.Part + ")"
		}
	}
	return french.List(names)
}

// stepState says where a step stands.
func (v deskView) stepState(s roadmap.Step) (ui.Kind, string) {
	switch {
	case !s.DoneOn.IsZero():
		return ui.OK, "Faite le " + french.ShortDate(s.DoneOn)
	case !s.DueOn.IsZero() && s.DueOn.Before(v.Today):
		return ui.Warn, "Échéance passée"
	}
	return ui.Neutral, "À faire"
}

// yearLine is the budget of a year.
type yearLine struct {
	Year int
	roadmap.Totals
}

// years sums the budget up by year, in order.
func (v deskView) years() []yearLine {
	by := map[int][]roadmap.Line{}
	for _, l := range v.Budget {
		by[l.Year] = append(by[l.Year], l)
	}
	var out []yearLine
	for y, lines := range by {
		out = append(out, yearLine{y, roadmap.Sum(lines)})
	}
	slices.SortFunc(out, func(a, b yearLine) int { return a.Year - b.Year })
	return out
}

// withUnit writes a value with its unit.
func withUnit(n roadmap.Number, unit string) string {
	if unit == "" {
		return n.String()
	}
	return n.String() + french.NBSP + french.Typo(unit)
}

func baseline(i roadmap.Indicator) string {
	if i.Baseline == nil {
		return ""
	}
	return withUnit(*i.Baseline, i.Unit) + " (" + french.ShortDate(i.BaselineOn) + ")"
}

func lastReading(i roadmap.Indicator) string {
	if len(i.Readings) == 0 {
		return ""
	}
	last := i.Readings[len(i.Readings)-1]
	return withUnit(last.Value, i.Unit) + " (" + french.ShortDate(last.On) + ")"
}

// nextTarget is the target of this year, else of the first year after, else the last.
func nextTarget(i roadmap.Indicator, today day.Day) string {
	if len(i.Targets) == 0 {
		return ""
	}
	t := i.Targets[len(i.Targets)-1]
	for _, x := range i.Targets {
		if x.Year >= today.Year() {
			t = x
			break
		}
	}
	return withUnit(t.Value, i.Unit) + " fin " + page.IDText(t.Year)
}

func (v deskView) reportsLead() string {
	total := v.Reports[0].Total
	if total <= len(v.Reports) {
		return french.Count(total, "point reçu.", "points reçus.")
	}
	return "Les " + french.Number(len(v.Reports)) + " derniers, sur " + french.Number(total) + " points reçus."
}

func situation(r roadmap.ReportLine) progress.Situation { return progress.Situation(r.Situation) }
func reportState(r roadmap.ReportLine) progress.State   { return progress.State(r.State) }
