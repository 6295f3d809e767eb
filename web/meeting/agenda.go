package meeting

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// agendaPageView is what the team's page of an agenda shows.
type agendaPageView struct {
	meeting.Agenda
	Slots []meeting.TimedItem
	Key   string
}

// Steps are the moves a point can make; none once the agenda is closed.
func (v agendaPageView) Steps(id meeting.ItemID) []meeting.Step {
	if !v.Meeting.Open() {
		return nil
	}
	return meeting.Steps(v.Items, id)
}

// Moves tells whether a point may go to a later meeting.
func (v agendaPageView) Moves(i meeting.Item) bool {
	return i.MovedTo == 0 && (v.Meeting.Open() || v.Meeting.State == governance.Held)
}

// Pushes tells whether a point may be pushed up to the CMTIN.
func (v agendaPageView) Pushes(i meeting.Item) bool {
	return v.Meeting.Body != governance.CMTIN && !v.Meeting.CalledOff() && i.MovedTo == 0 && !slices.Contains(v.Pushed, i.ID)
}

// Parents are the points that may take a sub-point.
func (v agendaPageView) Parents() []ui.Option {
	var out []ui.Option
	for _, s := range v.Slots {
		if s.MovedTo == 0 {
			out = append(out, ui.Option{Value: page.IDText(s.ID), Label: s.Number + ". " + s.Title})
		}
	}
	return out
}

func (p *Pages) agenda(r *http.Request) (agendaPageView, error) {
	id, err := meetingID(r)
	if err != nil {
		return agendaPageView{}, err
	}
	a, err := p.Meetings.Agenda(r.Context(), page.Actor(r), id)
	return agendaPageView{Agenda: a, Slots: meeting.Timetable(a.Items, a.Meeting.StartsAt), Key: page.NewKey()}, err
}

// ShowAgenda shows /equipe/reunions/{id}/ordre-du-jour.
func (p *Pages) ShowAgenda(w http.ResponseWriter, r *http.Request) error {
	v, err := p.agenda(r)
	if err != nil {
		return err
	}
	return p.showAgenda(w, r, v, form.New(), nil)
}

func (p *Pages) showAgenda(w http.ResponseWriter, r *http.Request, v agendaPageView, f *form.Form, refusal error) error {
	c := meetingChrome(v.Meeting, "Ordre du jour")
	c.Script = "agenda.js"
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), agendaPage(p.Kit.FormChrome(r, c, f), v, f))
}

var agendaSteps = map[string]meeting.Step{"monter": meeting.StepUp, "descendre": meeting.StepDown, "dedans": meeting.StepIn, "dehors": meeting.StepOut}

// ChangeAgenda answers POST /equipe/reunions/{id}/ordre-du-jour: a point added, one
// moved by a step, a whole order (agenda.js), or the standing points taken.
func (p *Pages) ChangeAgenda(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	var to, message string
	switch act := f.Choice("acte", "Choisissez ce que vous voulez faire.", "ajouter", "monter", "descendre", "dedans", "dehors", "ordre", "permanents"); act {
	case "ajouter":
		to, message, err = p.addItem(r, f, id)
	case "ordre":
		to, message, err = p.reorder(r, f, id)
	case "permanents":
		to, message, err = p.takeStanding(r, f, id)
	case "":
		err = problem.New(problem.BadRequest, "Ce choix n’existe pas.")
	default:
		to, message, err = p.stepItem(r, f, id, agendaSteps[act])
	}
	if err == nil && f.OK() {
		return p.Kit.Done(w, r, to, message)
	}
	if err != nil && !page.Takes(f, err) {
		return err
	}
	v, loadErr := p.agenda(r)
	if loadErr != nil {
		return loadErr
	}
	return p.showAgenda(w, r, v, f, err)
}

// itemInput reads the fields of a point.
func itemInput(f *form.Form) meeting.ItemInput {
	return meeting.ItemInput{
		Title:      f.Line("titre", "Saisissez l’intitulé du point.", 200),
		Kind:       itemKindOf(f.Choice("nature", "Choisissez ce que la réunion est appelée à faire.", itemKindWords()...)),
		Minutes:    f.Int("duree", "", 0, 600),
		Rapporteur: f.Line("rapporteur", "", 160),
		Text:       f.Text("texte", "", 4000),
	}
}

func (p *Pages) addItem(r *http.Request, f *form.Form, id meeting.ID) (to, message string, err error) {
	in := itemInput(f)
	in.Parent = meeting.ItemID(f.ID("dans", ""))
	if err := f.Unknown(); err != nil || !f.OK() {
		return "", "", err
	}
	i, err := p.Meetings.AddItem(r.Context(), page.Actor(r), id, in)
	return agendaAt(id, i.ID), "Le point " + i.Number + " est ajouté\u00a0: " + i.Title + ".", err
}

func agendaAt(id meeting.ID, item meeting.ItemID) string {
	return teamAddress(id, PartAgenda) + "#" + itemAnchor(item)
}

func (p *Pages) stepItem(r *http.Request, f *form.Form, id meeting.ID, step meeting.Step) (to, message string, err error) {
	item := meeting.ItemID(f.ID("point", "Choisissez un point."))
	if err := f.Unknown(); err != nil || !f.OK() {
		return "", "", err
	}
	done, err := p.Meetings.MoveItem(r.Context(), page.Actor(r), id, item, step)
	message = "Le point " + done.From + " est maintenant le point " + done.To + "."
	if done.From == done.To {
		message = "Le point " + done.From + " reste à sa place\u00a0: il ne peut pas aller plus loin."
	}
	return agendaAt(id, item), message, err
}

// reorder reads an order as agenda.js writes it: « 12:0 14:12 13:0 », each point and
// the one it is in.
func (p *Pages) reorder(r *http.Request, f *form.Form, id meeting.ID) (to, message string, err error) {
	mark, item := f.Line("vu", "Cet ordre ne dit pas d’où il part.", 40), meeting.ItemID(f.ID("point", "Choisissez un point."))
	var order []meeting.ItemPlace
	for _, word := range strings.Fields(f.Line("ordre", "Cet ordre est vide.", 20000)) {
		a, b, _ := strings.Cut(word, ":")
		i, errI := strconv.ParseInt(a, 10, 64)
		in, errIn := strconv.ParseInt(b, 10, 64)
		if errI != nil || errIn != nil || i <= 0 || in < 0 {
			return "", "", problem.New(problem.BadRequest, "Cet ordre ne peut pas être lu.")
		}
		order = append(order, meeting.ItemPlace{Item: meeting.ItemID(i), Parent: meeting.ItemID(in)})
	}
	if err := f.Unknown(); err != nil || !f.OK() {
		return "", "", err
	}
	done, err := p.Meetings.Reorder(r.Context(), page.Actor(r), id, mark, order, item)
	return agendaAt(id, item), "Le point " + done.From + " est maintenant le point " + done.To + ".", err
}

func (p *Pages) takeStanding(r *http.Request, f *form.Form, id meeting.ID) (to, message string, err error) {
	if err := f.Unknown(); err != nil || !f.OK() {
		return "", "", err
	}
	n, err := p.Meetings.TakeStanding(r.Context(), page.Actor(r), id)
	message = "Les points permanents de l’instance sont à l’ordre du jour."
	if n == 0 {
		message = "Les points permanents étaient déjà à l’ordre du jour."
	}
	return teamAddress(id, PartAgenda), message, err
}
