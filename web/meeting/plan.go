package meeting

import (
	"net/http"
	"strconv"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const newPath = teamPath + "/nouvelle"

// planView is what the pages that plan a meeting show.
type planView struct {
	meeting.PlanChoices
	Meeting  meeting.Meeting // being changed; zero for a new one
	Copy     *meeting.Plan   // what a new one is made after
	Letter   meeting.Letter  // what is told, to be checked
	Versions []planVersion
	Key      string
}

// planVersion is a field as somebody else wrote it, and as it was typed.
type planVersion struct{ Label, Theirs, Yours string }

// Convened tells that people know of the meeting: its nature stays.
func (v planView) Convened() bool { return v.Meeting.State == governance.Convened }

// readSlot reads a date and two hours.
func readSlot(f *form.Form, date, from, to string, required bool) meeting.Slot {
	missing := [3]string{}
	if required {
		missing = [3]string{"Saisissez la date de la réunion.", "Saisissez l’heure de début.", "Saisissez l’heure de fin."}
	}
	d, a, b := f.Date(date, missing[0]), f.Clock(from, missing[1]), f.Clock(to, missing[2])
	if d.IsZero() {
		return meeting.Slot{}
	}
	if a < 0 || b < 0 {
		if f.Error(from) == "" && a < 0 {
			f.Fail(from, "Saisissez l’heure de début.")
		}
		if f.Error(to) == "" && b < 0 {
			f.Fail(to, "Saisissez l’heure de fin.")
		}
		return meeting.Slot{}
	}
	at := func(x time.Duration) time.Time { return d.At(int(x/time.Hour), int(x%time.Hour/time.Minute)) }
	return meeting.Slot{StartsAt: at(a), EndsAt: at(b)}
}

// readPlan reads what both forms share.
func readPlan(f *form.Form) meeting.Plan {
	p := meeting.Plan{Slot: readSlot(f, "date", "debut", "fin", true), Place: f.Line("lieu", "", 200), VideoURL: f.Line("visio", "", 500),
		Theme: f.Line("theme", "", 200), Announced: f.Bool("annoncer")}
	p.Kind = meeting.Session
	if f.Choice("nature", "", "reunion", "atelier") == "atelier" {
		p.Kind = meeting.Workshop
	}
	return p
}

func setPlan(f *form.Form, p meeting.Plan) {
	f.Set("instance", string(p.Body))
	f.Set("nature", kindWord(p.Kind))
	f.Set("debut", french.Clock(p.StartsAt))
	f.Set("fin", french.Clock(p.EndsAt))
	f.Set("lieu", p.Place)
	f.Set("visio", p.VideoURL)
	f.Set("theme", p.Theme)
	if p.Announced {
		f.Set("annoncer", "oui")
	}
}

func kindWord(k meeting.Kind) string {
	if k == meeting.Workshop {
		return "atelier"
	}
	return "reunion"
}

// newPlan loads what the form of a new meeting offers; copyID is the meeting it is
// made after, "" for none.
func (p *Pages) newPlan(r *http.Request, copyID string) (planView, error) {
	v := planView{Key: page.NewKey()}
	if copyID != "" {
		n, err := strconv.ParseInt(copyID, 10, 64)
		if err != nil || n <= 0 {
			return v, page.ErrNotFound
		}
		source, err := p.Meetings.Duplicate(r.Context(), page.Actor(r), meeting.ID(n))
		if err != nil {
			return v, err
		}
		v.Copy = &source
	}
	var err error
	v.PlanChoices, err = p.Meetings.Choices(r.Context(), page.Actor(r))
	return v, err
}

// ShowNew shows /equipe/reunions/nouvelle.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.newPlan(r, q.Get("copie"))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("nature", "reunion")
	if v.Copy != nil {
		setPlan(f, *v.Copy)
	} else if c := listFilter(q).Body; c != "" {
		f.Set("instance", string(c))
	}
	if len(v.State) > 0 {
		f.Set("etat", page.IDText(v.State[0].ID))
	}
	return p.showNew(w, r, v, f)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, v planView, f *form.Form) error {
	c := ui.Chrome{Title: "Planifier une réunion", Section: section, Crumbs: []ui.Crumb{crumbHome, crumbTeam}}
	return p.Kit.Show(w, r, page.FormStatus(f), newPage(p.Kit.FormChrome(r, c, f), v, f))
}

// Create answers POST /equipe/reunions/nouvelle.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	var bodies []string
	for _, c := range governance.BodyCodes {
		bodies = append(bodies, string(c))
	}
	body := governance.BodyCode(f.Choice("instance", "Choisissez une instance.", bodies...))
	plan := readPlan(f)
	plan.Body, plan.CopyOf = body, meeting.ID(f.ID("copie", ""))
	plan.Expert = meeting.GuestInput{Name: f.Line("expert_nom", "", 160), Organisation: f.Line("expert_organisation", "", 200), Email: f.Email("expert_courriel", "")}
	if state := f.ID("etat", ""); body == governance.CMTIN {
		plan.State.Person = access.PersonID(state)
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.newPlan(r, f.Value("copie"))
	if err != nil {
		return err
	}
	if f.OK() {
		id, err := p.Meetings.Create(r.Context(), page.Actor(r), plan)
		if err == nil {
			m := meeting.Meeting{Kind: plan.Kind, Body: plan.Body}
			return p.Kit.Done(w, r, teamAddress(id, PartHub), m.Title()+" du "+french.LongDate(day.In(plan.StartsAt))+french.Typo(" : c’est planifié. ")+v.conveneBy(plan))
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showNew(w, r, v, f)
}

// conveneBy says the last day to convene a plan.
func (v planView) conveneBy(p meeting.Plan) string {
	for _, b := range v.Bodies {
		if b.Body == p.Body && !p.IsZero() {
			return "Dernier jour pour convoquer" + french.NBSP + ": " + french.Date(day.In(p.StartsAt).AddDays(-b.Notice)) + "."
		}
	}
	return ""
}

// latest says the last day to convene what is being typed, once it can be known.
func (v planView) latest(f *form.Form) string {
	d, err := form.ParseDate(f.Value("date"))
	if err != nil {
		return ""
	}
	return v.conveneBy(meeting.Plan{Body: governance.BodyCode(f.Value("instance")), Slot: meeting.Slot{StartsAt: d.At(12, 0)}})
}

// bodyChoices are the bodies with what they owe this year.
func bodyChoices(bodies []meeting.BodyChoice) []ui.Option {
	var out []ui.Option
	for _, b := range bodies {
		out = append(out, ui.Option{Value: string(b.Body), Label: b.Body.Label(), Hint: owed(b)})
	}
	return out
}

// owed says « 2 séances tenues sur 3 dues en 2026, 1 prévue ».
func owed(b meeting.BodyChoice) string {
	one, many := "réunion tenue", "réunions tenues"
	if b.Body == governance.CMTIN {
		one, many = "séance tenue", "séances tenues"
	}
	s := french.Count(b.Held, one, many) + " sur " + french.Count(b.Owed, "due", "dues") + " en " + strconv.Itoa(b.Year)
	if b.Planned > 0 {
		s += ", " + french.Count(b.Planned, "prévue", "prévues")
	}
	return s
}

func stateChoices(people []meeting.StatePerson) []ui.Option {
	var out []ui.Option
	for _, s := range people {
		out = append(out, ui.Option{Value: page.IDText(s.ID), Label: s.Name + ", " + s.Organisation})
	}
	return out
}

// ShowChange shows /equipe/reunions/{id}/modification.
func (p *Pages) ShowChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.changing(r)
	if err != nil {
		return err
	}
	f := form.New()
	m := v.Meeting
	setPlan(f, meeting.Plan{Body: m.Body, Kind: m.Kind, Slot: meeting.Slot{StartsAt: m.StartsAt, EndsAt: m.EndsAt}, Place: m.Place, VideoURL: m.VideoURL, Theme: m.Theme, Announced: m.Announced})
	f.Set("date", french.NumericDate(m.Day()))
	return p.showChange(w, r, v, f, nil)
}

// changing loads the meeting to change: the team's, and still to come.
func (p *Pages) changing(r *http.Request) (planView, error) {
	m, err := p.teamMeeting(r)
	if err == nil && m.State != governance.Draft && m.State != governance.Convened {
		err = problem.New(problem.Conflict, "Cette réunion ne se modifie plus : elle est en cours, close, reportée ou annulée.")
	}
	return planView{Meeting: m, Key: page.NewKey()}, err
}

// teamMeeting loads the meeting of the address for the team.
func (p *Pages) teamMeeting(r *http.Request) (meeting.Meeting, error) {
	id, err := meetingID(r)
	if err != nil {
		return meeting.Meeting{}, err
	}
	m, sight, err := p.Meetings.Load(r.Context(), page.Actor(r), id)
	if err == nil && sight != meeting.Backstage {
		err = page.ErrNotFound
	}
	return m, err
}

func (p *Pages) showChange(w http.ResponseWriter, r *http.Request, v planView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = planVersions(v.Meeting, f)
	}
	c := meetingChrome(v.Meeting, "Modifier la réunion")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), changePage(p.Kit.FormChrome(r, c, f), v, f))
}

func planVersions(m meeting.Meeting, f *form.Form) []planVersion {
	return []planVersion{
		{"Date", french.NumericDate(m.Day()), f.Value("date")}, {"Début", french.Clock(m.StartsAt), f.Value("debut")},
		{"Fin", french.Clock(m.EndsAt), f.Value("fin")}, {"Lieu", m.Place, f.Value("lieu")},
		{"Visioconférence", m.VideoURL, f.Value("visio")}, {"Thème", m.Theme, f.Value("theme")},
	}
}

// Change answers POST /equipe/reunions/{id}/modification: it shows what everybody
// convened will be told before it leaves.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	plan, version, confirmed := readPlan(f), f.Int("version", "", 0, 1<<30), f.Bool("confirme")
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.changing(r)
	if err != nil {
		return err
	}
	f.Set("instance", string(v.Meeting.Body))
	if !f.OK() {
		return p.showChange(w, r, v, f, nil)
	}
	v.Letter, err = p.Meetings.PreviewUpdate(r.Context(), page.Actor(r), v.Meeting.ID, version, plan)
	if err == nil && len(v.Letter.Changes) > 0 && !confirmed {
		c := meetingChrome(v.Meeting, "Vérifier avant de prévenir")
		return p.Kit.Show(w, r, http.StatusOK, changeCheck(p.Kit.Chrome(r, c), v, f))
	}
	if err == nil {
		err = p.Meetings.Update(r.Context(), page.Actor(r), v.Meeting.ID, version, plan)
	}
	if err != nil {
		if !page.Takes(f, err) {
			return err
		}
		return p.showChange(w, r, v, f, err)
	}
	done := "La réunion est modifiée."
	if len(v.Letter.Changes) > 0 {
		done += " " + toldWords(v.Letter)
	}
	return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartHub), done)
}

// toldWords says how many people are told, and how many cannot be.
func toldWords(l meeting.Letter) string {
	s := french.Count(l.To, "personne est prévenue", "personnes sont prévenues") + " par courriel."
	if l.NoAddress > 0 {
		s += " " + french.Count(l.NoAddress, "personne n’a pas d’adresse : prévenez-la", "personnes n’ont pas d’adresse : prévenez-les") + " autrement."
	}
	return french.Typo(s)
}

// hiddenOf carries the fields of a form to the page that confirms it.
func hiddenOf(f *form.Form, names ...string) []ui.HiddenField {
	var out []ui.HiddenField
	for _, n := range names {
		if s := f.Value(n); s != "" {
			out = append(out, ui.HiddenField{Name: n, Value: s})
		}
	}
	return append(out, ui.HiddenField{Name: "confirme", Value: "oui"})
}

// Announce answers POST /equipe/reunions/{id}/annonce.
func (p *Pages) Announce(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	if err := p.Meetings.Announce(r.Context(), page.Actor(r), id, version); err != nil {
		return err
	}
	return p.Kit.Done(w, r, teamAddress(id, PartHub), "La date est annoncée : la page publique des réunions et les calendriers la montrent.")
}
