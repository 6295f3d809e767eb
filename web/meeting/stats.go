package meeting

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const attendancePath = "/equipe/presences"

var attendanceWords = []struct {
	word, tab, heading string
	by                 meeting.AttendanceBy
}{
	{"instance", "Par instance", "Instance", meeting.ByBody},
	{"commune", "Par commune", "Commune", meeting.ByCommune},
	{"organisation", "Par organisation", "Organisation", meeting.ByOrganisation},
}

// attendanceView is the attendance as the page shows it.
type attendanceView struct {
	Lines   []meeting.AttendanceLine
	Heading string
	Tabs    []ui.Tab
	Filter  *form.Form
	Base    string // with its filters
	Reset   string
	Page    int
}

// attendanceFilter reads the address; par is the grouping, as in the address.
func attendanceFilter(q url.Values) (f meeting.AttendanceFilter, par, heading string) {
	at := max(0, slices.IndexFunc(attendanceWords, func(w struct {
		word, tab, heading string
		by                 meeting.AttendanceBy
	}) bool {
		return w.word == q.Get("par")
	}))
	f = meeting.AttendanceFilter{By: attendanceWords[at].by, Page: page.Number(q)}
	if c := governance.BodyCode(q.Get("instance")); slices.Contains(governance.BodyCodes, c) {
		f.Body = c
	}
	if n, err := strconv.Atoi(q.Get("annee")); err == nil && n >= 1900 && n <= 2200 {
		f.Year = n
	}
	return f, attendanceWords[at].word, attendanceWords[at].heading
}

// ShowAttendance shows /equipe/presences.
func (p *Pages) ShowAttendance(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f, par, heading := attendanceFilter(q)
	lines, err := p.Meetings.Attendance(r.Context(), page.Actor(r), f)
	if err != nil {
		return err
	}
	v := attendanceView{Lines: lines, Heading: heading, Page: f.Page, Filter: page.FilterForm(q, "par", "instance", "annee"),
		Base: page.Address(attendancePath, "par", par, "instance", string(f.Body), "annee", yearText(f.Year))}
	v.Filter.Set("par", par)
	if f.Body != "" || f.Year != 0 {
		v.Reset = page.Address(attendancePath, "par", par)
	}
	for _, x := range attendanceWords {
		v.Tabs = append(v.Tabs, ui.Tab{Label: x.tab, Current: x.word == par,
			Href: page.Address(attendancePath, "par", x.word, "instance", string(f.Body), "annee", yearText(f.Year))})
	}
	c := ui.Chrome{Title: "Présences aux réunions", Section: section, Crumbs: []ui.Crumb{crumbHome, crumbTeam}}
	return p.Kit.Show(w, r, http.StatusOK, attendancePage(p.Kit.Chrome(r, c), v))
}

func yearText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// AttendanceFile answers /equipe/presences.{ext}: what is on screen, all pages.
func (p *Pages) AttendanceFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f, par, heading := attendanceFilter(q)
	f.Page = 0
	lines, err := p.Meetings.Attendance(r.Context(), page.Actor(r), f)
	if err != nil {
		return err
	}
	on := day.Today()
	number := func(key, heading string) export.Column {
		return export.Column{Key: key, Heading: heading, Kind: export.NumberKind}
	}
	t := export.Table{Title: "Présences aux réunions au " + french.LongDate(on), Name: "presences-" + par + "-" + on.String(), Date: on,
		Source: "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole",
		Columns: []export.Column{{Key: par, Heading: heading, Width: 44}, number("annee", "Année"), number("reunions", "Réunions"),
			number("convocations", "Convocations"), number("presents", "Présents"), number("a_distance", "À distance"),
			number("representes", "Représentés"), number("pouvoirs", "Pouvoirs"), number("excuses", "Excusés"), number("absents", "Absents"),
			number("taux", "Participation (%)")}}
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{export.Text(l.Name), export.Int(l.Year), export.Int(l.Meetings), export.Int(l.Convened),
			export.Int(l.Present), export.Int(l.Remote), export.Int(l.Represented), export.Int(l.Proxies), export.Int(l.Excused),
			export.Int(l.Absent), export.Number(rate(l))})
	}
	return export.Send(w, format, t)
}

// rate is the share of the convened who took part, in percent, to one decimal.
func rate(l meeting.AttendanceLine) float64 {
	if l.Convened == 0 {
		return 0
	}
	return float64((l.Attended()*2000+l.Convened)/(2*l.Convened)) / 10
}

// attendanceParts are the segments of the bar of a line.
func attendanceParts(l meeting.AttendanceLine) []ui.BarPart {
	return []ui.BarPart{
		{Kind: ui.OK, N: l.Present, Label: "présents"}, {Kind: ui.Info, N: l.Remote + l.Represented, Label: "à distance ou représentés"},
		{Kind: ui.Warn, N: l.Proxies + l.Excused, Label: "pouvoirs et excusés"}, {Kind: ui.Neutral, N: l.Absent, Label: "absents"},
	}
}

func (v attendanceView) pager() ui.Pager {
	if len(v.Lines) == 0 {
		return ui.Pager{}
	}
	return page.Pager(postgres.PagingOf(v.Page, v.Lines[0].Total), v.Base, len(v.Lines), "ligne", "lignes")
}

func attendanceBodies() []ui.Option {
	out := make([]ui.Option, 0, len(governance.BodyCodes))
	for _, c := range governance.BodyCodes {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}
