package governance

import (
	"net/url"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// bodyView is the page of a body on a day.
type bodyView struct {
	Code           governance.BodyCode
	Lead           string
	On             string // in words
	IsToday        bool
	Before         string
	Quotes         []quote
	Facts          []fact
	CadenceQuote   quote
	CadenceKind    ui.Kind
	CadenceStatus  string // "" when the year owes nothing
	Cadence        string
	Year           string
	Meetings       []meetingRow
	Settings       []settingRow
	Sum            []string // sentences that add up
	SumRows        []sumRow // the same as a table, when there are several groups
	Total          sumRow
	Groups         []groupView
	Form           *form.Form
	Filters        bool // the GNI's: name and college
	Colleges       []ui.Option
	Reset          string
	Pages          pagerView
	Found          string // « 12 structures répondent à votre recherche. »
	Export         string
	Differences    string
	Founded, Today string // addresses
}

// quote is words of the deliberation and where they stand on /deliberation.
type quote struct{ Text, Href string }

// pagerView says which page of the structures is shown.
type pagerView struct {
	Current, Last int
	Base, Summary string
}

// fact is one line about the body: its words, or who presides.
type fact struct {
	Key, Value string // Value "" : Chair, or no date
	Chair      *governance.Line
}

type meetingRow struct {
	When  string
	Href  string
	Theme string
	Kind  ui.Kind
	State string
	Note  string
}

type settingRow struct {
	Label, Value, Source string
}

// sumRow is a line of the sum: Seats = Persons + Vacant + Above.
type sumRow struct {
	Name                          string
	Seats, Persons, Vacant, Above string
}

// groupView is the seats one rule brings, as a table.
type groupView struct {
	Name   string
	Source quote
	Lines  []governance.Line
	Sheets bool // structures lead to their sheet: they are members today
}

func quoteOf(code governance.BodyCode, text string) quote {
	return quote{text, "/deliberation#" + string(code)}
}

func newBodyView(b governance.BodyPage, f *form.Form) bodyView {
	n := names[b.Code]
	v := bodyView{
		Code: b.Code, Lead: n.level + ". " + n.role, On: french.Date(b.On), IsToday: b.On == b.Today,
		Form: f, Filters: b.Code == governance.GNI,
		Today: bodyHref(b.Code), Founded: bodyHref(b.Code) + "?le=" + governance.Founded.String(),
		Year: strconv.Itoa(b.On.Year()),
	}
	if f.Error("le") == "" && !b.Query.On.IsZero() {
		f.Set("le", french.NumericDate(b.On))
	}
	for _, s := range append(b.Founding.Mission, b.Founding.Who...) {
		v.Quotes = append(v.Quotes, quoteOf(b.Code, s.Text))
	}
	v.CadenceQuote = quoteOf(b.Code, b.Founding.Cadence.Text)
	if b.BeforeFounding {
		v.Filters = false
		v.Before = "Le " + french.LongDate(b.On) + ", cette instance n’existait pas encore"
		return v
	}
	v.addresses(b)
	v.facts(b)
	v.rhythm(b)
	v.settings(b)
	v.sum(b)
	for _, g := range b.Groups {
		v.Groups = append(v.Groups, groupView{Name: g.Name, Source: quoteOf(b.Code, g.Source), Lines: g.Lines, Sheets: v.IsToday})
	}
	return v
}

// addresses sets the links that keep the date and the filters.
func (v *bodyView) addresses(b governance.BodyPage) {
	q := url.Values{}
	if on := orToday(b.On, b.Today); on != "" {
		q.Set("le", on)
	}
	dated := query(q)
	if b.Query.College != "" {
		q.Set("college", string(b.Query.College))
	}
	if b.Query.Q != "" {
		q.Set("q", b.Query.Q)
	}
	v.Export = bodyHref(b.Code) + query(q)
	v.Differences = bodyHref(b.Code) + "/differences"
	if !v.IsToday && b.On.Before(b.Today) {
		v.Differences += "?du=" + b.On.String()
	}
	if !v.IsToday || b.Filtered() {
		v.Reset = bodyHref(b.Code)
		if b.Filtered() {
			v.Reset += dated
		}
	}
	if !v.Filters {
		return
	}
	for _, c := range b.Colleges {
		v.Colleges = append(v.Colleges, ui.Option{Value: string(c.College), Label: c.College.Label() + " (" + french.Number(c.Seats) + ")"})
	}
	base := v.Export + "?page="
	if strings.Contains(v.Export, "?") {
		base = v.Export + "&page="
	}
	if b.Paging.Total > 0 {
		first := (b.Paging.Page-1)*50 + 1
		v.Pages = pagerView{Current: b.Paging.Page, Last: b.Paging.Pages, Base: base,
			Summary: french.Number(first) + " à " + french.Number(min(first+49, b.Paging.Total)) + " sur " + french.Count(b.Paging.Total, "structure", "structures")}
	}
	if b.Filtered() && b.Paging.Total > 0 {
		v.Found = french.Count(b.Matching, "structure répond", "structures répondent") + " à votre recherche, sur " + french.Number(b.Seats) + "."
	}
}

func query(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// facts are the chair, and the next and last meetings.
func (v *bodyView) facts(b governance.BodyPage) {
	chair := fact{Key: "Animation", Value: "Les équipes de la Métropole : la délibération ne prévoit pas de présidence."}
	if b.Chair != nil {
		chair = fact{Key: "Présidence", Chair: b.Chair}
	}
	v.Facts = append(v.Facts, chair, fact{Key: "Composition", Value: seats(b.Code, b.Counts)})
	if !v.IsToday {
		return
	}
	next := fact{Key: "Prochaine " + names[b.Code].meeting}
	for _, m := range b.Marks {
		if m.Planned() && !m.Day().Before(b.Today) {
			next.Value = when(m)
			break
		}
	}
	v.Facts = append(v.Facts, next)
}

func (v *bodyView) rhythm(b governance.BodyPage) {
	if counted(b.On.Year()) {
		v.CadenceKind, v.CadenceStatus = cadenceState(b.Cadence)
		v.Cadence = cadenceSentence(b.Cadence, b.On.Year())
	} else {
		v.Cadence = "La délibération date du 6 décembre 2024 : le rythme annuel se compte à partir de 2025."
	}
	for _, m := range b.Marks {
		row := meetingRow{When: when(m), Href: meetingHref(m.ID), Theme: m.Theme, Kind: meetingKind(m.State), State: m.State.Label()}
		if held(m) && !m.Counts {
			row.Note = "Ne compte pas : la présence de la présidence et du représentant de l’État n’est pas enregistrée."
		}
		v.Meetings = append(v.Meetings, row)
	}
}

func (v *bodyView) settings(b governance.BodyPage) {
	for _, s := range b.Settings {
		row := settingRow{Label: s.Key.Label(), Value: s.Say(), Source: s.Source.Label()}
		if s.Note != "" {
			row.Source += ". " + s.Note
		}
		v.Settings = append(v.Settings, row)
	}
}

// sum says the composition in sentences whose numbers add up.
func (v *bodyView) sum(b governance.BodyPage) {
	n := names[b.Code]
	if v.IsToday {
		v.Sum = append(v.Sum, "Composition d’aujourd’hui, "+v.On+".")
	}
	above, parts := 0, make([]string, 0, len(b.Groups))
	for _, g := range b.Groups {
		above += g.CountedAbove
		parts = append(parts, groupCount(g.Seats, g.Name))
		v.SumRows = append(v.SumRows, newSumRow(g.Name, g.Counts, g.CountedAbove))
	}
	v.Total = newSumRow("Total", b.Counts, above)
	if len(b.Groups) > 1 {
		v.Sum = append(v.Sum, n.they+" compte "+french.Count(b.Seats, "siège", "sièges")+" : "+french.List(parts)+".")
	} else {
		v.Sum = append(v.Sum, n.they+" compte "+french.List(parts)+", un siège chacune.")
		v.SumRows = nil
	}
	s := french.Capital(french.Count(b.Persons, "personne y siège", "personnes y siègent"))
	equation := french.Number(b.Persons)
	if b.Vacant > 0 {
		s += ", " + french.Count(b.Vacant, "siège est à pourvoir", "sièges sont à pourvoir")
		equation += " + " + french.Number(b.Vacant)
	}
	if above > 0 {
		s += ", " + french.Count(above, "siège est tenu par une personne déjà comptée", "sièges sont tenus par des personnes déjà comptées")
		equation += " + " + french.Number(above)
	}
	if b.Vacant+above > 0 {
		s += " : " + equation + " = " + french.Number(b.Seats)
	}
	v.Sum = append(v.Sum, s+".")
}

func newSumRow(name string, n governance.Counts, above int) sumRow {
	return sumRow{name, french.Number(n.Seats), french.Number(n.Persons), french.Number(n.Vacant), french.Number(above)}
}
