package campaign

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rmweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// List shows /equipe/campagnes.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.Campaigns.List(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Campagnes d’avancement", Section: "Équipe métropolitaine", Wide: true, Crumbs: rmweb.TeamCrumbs()}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, c), v))
}

// planView is what the form of a campaign shows beside its fields.
type planView struct {
	campaign.Plan
	Versions []ui.Version
	Version  string
	Key      string
}

// axisGroup is the actions of an axis, ticked together.
type axisGroup struct {
	ID      roadmap.AxisID
	Title   string
	Field   ui.Field
	Options []ui.Option
}

func (v planView) groups() []axisGroup {
	var out []axisGroup
	for _, a := range v.Actions {
		if n := len(out); n == 0 || out[n-1].ID != a.AxisID {
			g := axisGroup{ID: a.AxisID, Title: a.Axis, Field: ui.Field{Name: "actions", Label: "Axe " + strconv.Itoa(n+1) + french.NBSP + ": " + french.Typo(a.Axis)}}
			if n > 0 { // the first bears the name, where the error summary leads
				g.Field.ID = "actions-axe-" + page.IDText(a.AxisID)
			}
			out = append(out, g)
		}
		g := &out[len(out)-1]
		g.Options = append(g.Options, ui.Option{Value: page.IDText(a.ID), Label: "Action n°" + french.NBSP + strconv.Itoa(a.Number) + ", " + french.Typo(a.Title),
			Hint: a.Status.Label() + ", " + french.Count(a.Communes, "commune concernée", "communes concernées")})
	}
	return out
}

func (v planView) meetings() []ui.Option {
	var out []ui.Option
	for _, m := range v.Meetings {
		label := french.Capital(french.DateTime(m.StartsAt))
		if m.Theme != "" {
			label += ", " + french.Typo(m.Theme)
		}
		out = append(out, ui.Option{Value: page.IDText(m.ID), Label: label})
	}
	return out
}

// ShowNew shows /equipe/campagnes/nouvelle.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	v, err := p.plan(r, 0)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", "Point d’avancement "+strconv.Itoa(day.Today().Year()))
	f.Set("heure", french.Clock(day.Today().At(18, 0)))
	f.Set("actions", all(v.Actions, 0)...)
	if len(v.Meetings) > 0 {
		f.Set("reunion", page.IDText(v.Meetings[0].ID))
	}
	return p.showPlan(w, r, v, f, http.StatusOK)
}

// all lists the actions of an axis, of all for 0.
func all(actions []campaign.ActionChoice, axis roadmap.AxisID) []string {
	out := []string{}
	for _, a := range actions {
		if axis == 0 || a.AxisID == axis {
			out = append(out, page.IDText(a.ID))
		}
	}
	return out
}

func (p *Pages) plan(r *http.Request, id campaign.ID) (planView, error) {
	plan, err := p.Campaigns.Plan(r.Context(), page.Actor(r), id)
	return planView{Plan: plan, Version: page.IDText(plan.Campaign.Version)}, err
}

func (p *Pages) showPlan(w http.ResponseWriter, r *http.Request, v planView, f *form.Form, status int) error {
	c := chrome("Préparer une campagne d’avancement")
	if v.Campaign.ID != 0 {
		c = chromeOf(v.Campaign, "Modifier la campagne")
	}
	v.Key = page.NewKey()
	return p.Kit.Show(w, r, status, planPage(p.Kit.FormChrome(r, c, f), v, f))
}

// ShowChange shows /equipe/campagnes/{id}/modification.
func (p *Pages) ShowChange(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.plan(r, id)
	if err != nil {
		return err
	}
	if v.Campaign.OpenedAt != nil {
		return p.done(w, r, deskPath(id)+"/echeance", "La campagne est ouverte : seule sa clôture change encore.")
	}
	f := form.New()
	f.Set("titre", v.Campaign.Title)
	f.Set("message", v.Campaign.Message)
	f.Set("jour", french.NumericDate(day.In(v.Campaign.ClosesAt)))
	f.Set("heure", french.Clock(v.Campaign.ClosesAt))
	if v.Campaign.MeetingID != 0 {
		f.Set("reunion", page.IDText(v.Campaign.MeetingID))
	}
	chosen := make([]string, len(v.Chosen))
	for i, a := range v.Chosen {
		chosen[i] = page.IDText(a)
	}
	f.Set("actions", chosen...)
	return p.showPlan(w, r, v, f, http.StatusOK)
}

// Add answers POST /equipe/campagnes/nouvelle.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error { return p.write(w, r, 0) }

// Change answers POST /equipe/campagnes/{id}/modification.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	return p.write(w, r, id)
}

func (p *Pages) write(w http.ResponseWriter, r *http.Request, id campaign.ID) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.plan(r, id)
	if err != nil {
		return err
	}
	if tick := f.Raw("selection"); tick != "" && len(tick) < 40 {
		ticked(f, v.Actions, tick)
		v.Version = f.Value("version")
		return p.showPlan(w, r, v, f, http.StatusOK)
	}
	in := readPlan(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		act, to, done := "", "", campaign.Campaign{ID: id}
		if id == 0 {
			done, refusal = p.Campaigns.Add(r.Context(), page.Actor(r), in)
			act = "La campagne est préparée. Vérifiez-la, puis ouvrez-la."
		} else {
			refusal = p.Campaigns.Change(r.Context(), page.Actor(r), id, in)
			act = "La campagne est modifiée."
		}
		if to = deskPath(done.ID) + "/ouverture"; refusal == nil {
			return p.done(w, r, to, act)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	if v.Version = f.Value("version"); problem.KindOf(refusal) == problem.Conflict {
		v.Versions, v.Version = planVersions(v, f), page.IDText(v.Campaign.Version)
	}
	return p.showPlan(w, r, v, f, page.RefusalStatus(f, refusal))
}

// ticked ticks all actions, none, or those of an axis with those ticked already.
func ticked(f *form.Form, actions []campaign.ActionChoice, what string) {
	switch axis, one := strings.CutPrefix(what, "axe-"); {
	case one:
		n, err := strconv.ParseInt(axis, 10, 64)
		if err != nil || n <= 0 {
			return
		}
		now := slices.Clone(f.Values("actions"))
		for _, a := range all(actions, roadmap.AxisID(n)) {
			if !slices.Contains(now, a) {
				now = append(now, a)
			}
		}
		f.Set("actions", now...)
	case what == "toutes":
		f.Set("actions", all(actions, 0)...)
	default:
		f.Set("actions")
	}
}

func readPlan(f *form.Form) campaign.Input {
	in := campaign.Input{
		Title:    f.Line("titre", "Donnez un titre à la campagne.", 200),
		Meeting:  meeting.ID(f.ID("reunion", "")),
		ClosesOn: f.Date("jour", "Saisissez le dernier jour des réponses."),
		ClosesAt: f.Clock("heure", "Saisissez l’heure de clôture, par exemple 18 h."),
		Message:  f.Text("message", "", 2000),
	}
	f.Raw("actions")
	for _, a := range f.Values("actions") {
		n, err := strconv.ParseInt(a, 10, 64)
		if err != nil || n <= 0 {
			f.Fail("actions", "Choisissez des actions de la liste.")
			break
		}
		in.Actions = append(in.Actions, roadmap.ID(n))
	}
	if len(in.Actions) == 0 {
		f.Fail("actions", "Choisissez au moins une action à demander.")
	}
	in.Version = f.Int("version", "", 0, 1<<30)
	return in
}

func planVersions(v planView, f *form.Form) []ui.Version {
	now := v.Campaign
	return []ui.Version{{Label: "Titre", Theirs: now.Title, Yours: f.Value("titre")},
		{Label: "Dernier jour", Theirs: french.NumericDate(day.In(now.ClosesAt)), Yours: f.Value("jour")},
		{Label: "Heure", Theirs: french.Clock(now.ClosesAt), Yours: f.Value("heure")},
		{Label: "Message", Theirs: now.Message, Yours: f.Value("message")},
		{Label: "Actions demandées", Theirs: french.Number(len(v.Chosen)), Yours: french.Number(len(f.Values("actions")))}}
}

// ShowExtend shows /equipe/campagnes/{id}/echeance.
func (p *Pages) ShowExtend(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.plan(r, id)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("jour", french.NumericDate(day.In(v.Campaign.ClosesAt)))
	f.Set("heure", french.Clock(v.Campaign.ClosesAt))
	return p.showExtend(w, r, v, f, http.StatusOK)
}

func (p *Pages) showExtend(w http.ResponseWriter, r *http.Request, v planView, f *form.Form, status int) error {
	v.Key = page.NewKey()
	return p.Kit.Show(w, r, status, extendPage(p.Kit.FormChrome(r, chromeOf(v.Campaign, "Déplacer la clôture"), f), v, f))
}

// Extend answers POST /equipe/campagnes/{id}/echeance.
func (p *Pages) Extend(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.plan(r, id)
	if err != nil {
		return err
	}
	in := campaign.Input{ClosesOn: f.Date("jour", "Saisissez le dernier jour des réponses."), ClosesAt: f.Clock("heure", "Saisissez l’heure de clôture, par exemple 18 h.")}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var to time.Time = in.Closing()
		if refusal = p.Campaigns.Extend(r.Context(), page.Actor(r), id, version, to); refusal == nil {
			return p.done(w, r, deskPath(id), "Les réponses sont attendues avant le "+french.DateTime(to)+". Une relance le dira aux communes.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	if v.Version = f.Value("version"); problem.KindOf(refusal) == problem.Conflict {
		v.Version = page.IDText(v.Campaign.Version)
	}
	return p.showExtend(w, r, v, f, page.RefusalStatus(f, refusal))
}
