package meeting

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// stateWord is the word of an address for a state of a meeting.
var stateWords = []struct {
	word  string
	state governance.MeetingState
}{
	{"prevue", governance.Draft}, {"convoquee", governance.Convened}, {"en-cours", governance.InProgress}, {"tenue", governance.Held},
	{"publiee", governance.Published}, {"reportee", governance.Postponed}, {"annulee", governance.Cancelled},
}

// stateKind gives a state its icon and colour.
func stateKind(s governance.MeetingState) ui.Kind {
	switch s {
	case governance.Convened, governance.InProgress:
		return ui.Info
	case governance.Held, governance.Published:
		return ui.OK
	case governance.Postponed, governance.Cancelled:
		return ui.Warn
	}
	return ui.Neutral
}

// listFilter reads the filters of a list of meetings: instance, annee, etat or etape.
func listFilter(q url.Values) meeting.ListFilter {
	var f meeting.ListFilter
	for _, c := range governance.BodyCodes {
		if q.Get("instance") == string(c) {
			f.Body = c
		}
	}
	if n, err := strconv.Atoi(q.Get("annee")); err == nil && n >= 1900 && n <= 2200 {
		f.Year = n
	}
	for _, s := range stateWords {
		if q.Get("etat") == s.word {
			f.State = s.state
		}
	}
	for _, s := range phaseWords {
		if q.Get("etape") == s.word {
			f.Phase = s.phase
		}
	}
	return f
}

func bodyOptions() []ui.Option {
	var out []ui.Option
	for _, c := range governance.BodyCodes {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func yearOptions(years []int) []ui.Option {
	var out []ui.Option
	for _, y := range years {
		out = append(out, ui.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	return out
}

func stateOptions() []ui.Option {
	var out []ui.Option
	for _, s := range stateWords {
		out = append(out, ui.Option{Value: s.word, Label: s.state.Label()})
	}
	return out
}

// listView is a list of meetings as a page shows it.
type listView[T any] struct {
	List   meeting.List[T]
	Filter *form.Form
	Base   string // address with its filters
	Reset  string // address without, "" when no filter is set
}

func newList[T any](l meeting.List[T], q url.Values, path string, names ...string) listView[T] {
	var pairs []string
	for _, n := range names {
		pairs = append(pairs, n, q.Get(n))
	}
	v := listView[T]{List: l, Filter: page.FilterForm(q, names...), Base: page.Address(path, pairs...)}
	if v.Base != path {
		v.Reset = path
	}
	return v
}

// pager says which lines are shown.
func (v listView[T]) pager() ui.Pager {
	return page.Pager(v.List.Paging, v.Base, len(v.List.Lines), "réunion", "réunions")
}

// monthGroup is the meetings of a month.
type monthGroup struct {
	Title string
	Items []ui.AgendaItem
}

// byMonth groups what is to come, or what is past, in the order of the list.
func byMonth(lines []meeting.ListLine, toCome bool) []monthGroup {
	var out []monthGroup
	for _, l := range lines {
		if l.ToCome != toCome {
			continue
		}
		title := french.Capital(french.MonthYear(l.Day()))
		if len(out) == 0 || out[len(out)-1].Title != title {
			out = append(out, monthGroup{Title: title})
		}
		g := &out[len(out)-1]
		g.Items = append(g.Items, ui.AgendaItem{Day: l.Day(), Title: lineTitle(l), Href: publicAddress(l.ID), Meta: lineMeta(l),
			Kind: stateKind(l.State), Status: l.State.Label()})
	}
	return out
}

func lineTitle(l meeting.ListLine) string {
	if l.Theme != "" {
		return french.Typo(l.Title() + " : " + l.Theme)
	}
	return l.Title()
}

func lineMeta(l meeting.ListLine) string {
	s := french.Capital(french.Date(l.Day())) + ", " + french.ClockRange(l.StartsAt, l.EndsAt)
	if l.Place != "" {
		s += ", " + french.Typo(l.Place)
	}
	return s
}

// ShowMeetings shows /reunions.
func (p *Pages) ShowMeetings(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Meetings.Public(r.Context(), listFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Réunions"})
	return p.Kit.Show(w, r, http.StatusOK, publicList(c, newList(l, q, publicPath, "instance", "annee", "etat")))
}

// MeetingsFile answers /reunions.{ext}: the list on screen, all pages.
func (p *Pages) MeetingsFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Meetings.Public(r.Context(), listFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	t := meetingsTable("Réunions de la gouvernance de l’inclusion numérique", "reunions")
	t.Columns = append(t.Columns, export.Column{Key: "page", Heading: "Page", Width: 50})
	for _, x := range l.Lines {
		t.Rows = append(t.Rows, append(lineCells(x), export.Text(p.BaseURL.String()+publicAddress(x.ID))))
	}
	return export.Send(w, format, t)
}

// meetingsTable is the table of a list of meetings, without its lines.
func meetingsTable(title, name string) export.Table {
	return export.Table{Title: title, Name: name, Date: day.Today(), Source: "Bordeaux Métropole, délibération n° 2024-677",
		Columns: []export.Column{
			{Key: "id", Heading: "Numéro", Kind: export.NumberKind}, {Key: "instance", Heading: "Instance", Width: 40},
			{Key: "nature", Heading: "Nature", Width: 24}, {Key: "debut", Heading: "Début", Kind: export.TimeKind}, {Key: "fin", Heading: "Fin", Kind: export.TimeKind},
			{Key: "lieu", Heading: "Lieu", Width: 40}, {Key: "theme", Heading: "Thème", Width: 40}, {Key: "etat", Heading: "État", Width: 22},
		}}
}

func lineCells(l meeting.ListLine) []export.Cell {
	return []export.Cell{export.Int(int64(l.ID)), export.Text(l.Body.Label()), export.Text(l.Kind.Label()), export.Time(l.StartsAt), export.Time(l.EndsAt),
		export.Text(l.Place), export.Text(l.Theme), export.Text(l.State.Label())}
}

// ShowMeeting shows /reunions/{id}.
func (p *Pages) ShowMeeting(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	var (
		left    minutes.Record
		actions []roadmap.Linked
	)
	v, err := p.Meetings.Read(r.Context(), page.Actor(r), id, func(b *postgres.Batch, m meeting.Meeting) {
		roadmap.AddActionsOfMeeting(b, &actions, id, page.Actor(r))
		if m.State == governance.Published {
			left.AddDecisions(b, id)
		}
	})
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.Title() + " du " + french.LongDate(v.Day()), Section: section, Crumbs: []ui.Crumb{crumbPublic}}
	return p.Kit.Show(w, r, http.StatusOK, publicPage(p.Kit.Chrome(r, c), v, left, actions))
}

// meetingRows are the facts of a meeting.
func meetingRows(v meeting.ReadView) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Date", Value: french.Capital(french.Date(v.Day())) + ", " + french.ClockRange(v.StartsAt, v.EndsAt)},
		{Key: "Instance", Content: bodyLink(v.Body)},
	}
	if v.Place != "" {
		rows = append(rows, ui.SummaryRow{Key: "Lieu", Value: v.Place})
	}
	if v.VideoURL != "" && v.Sight >= meeting.Inside {
		rows = append(rows, ui.SummaryRow{Key: "Visioconférence", Content: outLink(v.VideoURL)})
	}
	if v.Theme != "" {
		rows = append(rows, ui.SummaryRow{Key: "Thème", Value: v.Theme})
	}
	return append(rows, ui.SummaryRow{Key: "État", Content: ui.Tag(stateKind(v.State), v.State.Label())})
}

// calledOff says what became of a meeting that does not take place.
func calledOff(m meeting.Meeting) string {
	if m.State == governance.Cancelled {
		return "Cette réunion est annulée."
	}
	if m.ReplacedByID == 0 {
		return "Cette réunion est reportée. La nouvelle date n’est pas encore fixée."
	}
	return "Cette réunion est reportée à une autre date."
}

// readAgenda is the agenda on the page of a meeting.
func readAgenda(v meeting.ReadView) agendaView {
	return agendaView{Meeting: v.Meeting, Items: v.Items, Following: v.Following, Documents: v.Documents, Files: publicAddress(v.ID) + "/documents"}
}

// myAddress is where somebody signed in answers.
func myAddress(id meeting.ID) string { return minePath + "/" + page.IDText(id) }

func dayOf(t time.Time) day.Day { return day.In(t) }

// answerWords says what the reader answered.
func answerWords(a meeting.MyAnswer) string {
	if a.Answer == "" {
		return "Vous n’avez pas encore répondu."
	}
	return "Votre réponse : " + strings.ToLower(a.Answer.Label()) + "."
}
