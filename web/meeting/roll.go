package meeting

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxRollBody is what a form of the roll may weigh: one page of people.
const MaxRollBody = 64 << 10

// Names of the fields of a row: what is marked, what the page showed, who carries
// the proxy. Each is followed by the row's identifier.
const (
	markField  = "p"
	shownField = "vu"
	proxyField = "pouvoir"
	alsoField  = "aussi"
)

func rowField(name string, id meeting.ConvocationID) string { return name + "_" + page.IDText(id) }

// rollView is what the page of the roll shows.
type rollView struct {
	meeting.Roll
	Form    *form.Form // what was typed, when it comes back
	Filter  *form.Form
	Action  string
	Reset   string
	Refused []meeting.RollRefusal
}

// rollChrome describes a page of the roll of m.
func rollChrome(m meeting.Meeting, title string) ui.Chrome {
	c := meetingChrome(m, title)
	c.Style = "meeting.css"
	if title != rollTitle {
		c.Crumbs = append(c.Crumbs, ui.Crumb{Label: rollTitle, Href: teamAddress(m.ID, PartRoll)})
	}
	return c
}

const rollTitle = "Émargement"

// rollAddress is a page of the roll.
func rollAddress(id meeting.ID, part string) string {
	a := teamAddress(id, PartRoll)
	if part != "" {
		a += "/" + part
	}
	return a
}

// rollQuery reads the filter of the address.
func rollQuery(r *http.Request) (url.Values, meeting.RollFilter, error) {
	q, err := page.Query(r)
	if err != nil {
		return nil, meeting.RollFilter{}, err
	}
	group, _ := strconv.Atoi(q.Get("groupe")) // what is no group filters nothing
	return q, meeting.RollFilter{Q: q.Get("q"), Group: min(max(group, 0), 999), Page: page.Number(q)}, nil
}

// ShowRoll shows /equipe/reunions/{id}/emargement.
func (p *Pages) ShowRoll(w http.ResponseWriter, r *http.Request) error {
	return p.showRoll(w, r, form.New(), nil)
}

func (p *Pages) showRoll(w http.ResponseWriter, r *http.Request, f *form.Form, refused []meeting.RollRefusal) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	q, filter, err := rollQuery(r)
	if err != nil {
		return err
	}
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, filter)
	if err != nil {
		return err
	}
	base := rollAddress(id, "")
	v := rollView{Roll: roll, Form: f, Filter: page.FilterForm(q, "q", "groupe"), Refused: refused,
		Action: page.Address(base, "q", q.Get("q"), "groupe", q.Get("groupe"), "page", q.Get("page"))}
	if q.Get("q") != "" || q.Get("groupe") != "" {
		v.Reset = base
	}
	c := rollChrome(roll.Meeting, rollTitle)
	c.Wide = true
	if roll.Open() {
		c.Script = "roll.js"
	}
	return p.Kit.Show(w, r, refusedStatus(f, refused), rollPage(p.Kit.FormChrome(r, c, f), v))
}

// refusedStatus is 409 when somebody else wrote otherwise, 422 when only a rule
// refused.
func refusedStatus(f *form.Form, refused []meeting.RollRefusal) int {
	for _, x := range refused {
		if x.Kind == problem.Conflict {
			return http.StatusConflict
		}
	}
	return page.FormStatus(f)
}

// readMarks reads the rows of a form, and what else it asks.
func readMarks(f *form.Form) (marks []meeting.Mark, also string) {
	names := make([]string, 0, len(f.All()))
	for name := range f.All() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		id, ok := strings.CutPrefix(name, markField+"_")
		n, err := strconv.ParseInt(id, 10, 64)
		if !ok || err != nil || n <= 0 || id != strconv.FormatInt(n, 10) {
			continue // Unknown refuses it
		}
		row := meeting.ConvocationID(n)
		marks = append(marks, meeting.Mark{Convocation: row,
			Status:  meeting.Status(f.Choice(name, "", statusWords(meeting.Statuses)...)),
			Was:     meeting.Status(f.Choice(rowField(shownField, row), "", statusWords(meeting.Statuses)...)),
			ProxyTo: meeting.ConvocationID(f.ID(rowField(proxyField, row), ""))})
	}
	// A row nobody marked sends what was shown, or a choice that stands alone.
	for _, name := range names {
		for _, prefix := range []string{shownField + "_", proxyField + "_"} {
			if id, ok := strings.CutPrefix(name, prefix); ok {
				if _, err := strconv.ParseInt(id, 10, 64); err == nil {
					f.Raw(name)
				}
			}
		}
	}
	return marks, f.Choice(alsoField, "", "reponses", "pointages")
}

func statusWords(list []meeting.Status) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// SaveRoll answers POST /equipe/reunions/{id}/emargement: the rows of the page, or
// one row sent by roll.js, which reads JSON.
func (p *Pages) SaveRoll(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	marks, also := readMarks(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	quiet := strings.Contains(r.Header.Get("Accept"), "application/json")
	if !f.OK() {
		return p.showRoll(w, r, f, nil)
	}
	done, err := p.Meetings.MarkRoll(r.Context(), page.Actor(r), id, marks)
	if err != nil {
		if quiet || !page.Takes(f, err) {
			return err
		}
		return p.showRoll(w, r, f, nil)
	}
	if quiet {
		return p.tellRoll(w, r, id, done.Refused)
	}
	if len(done.Refused) > 0 {
		for _, x := range done.Refused {
			f.Fail(rowField(markField, x.Row.ID), x.Row.Name+"\u00a0: "+french.Typo(x.Message))
			f.Set(rowField(shownField, x.Row.ID), string(x.Row.Mark)) // seen: sending again writes
		}
		return p.showRoll(w, r, f, done.Refused)
	}
	more, err := p.markAlso(r, id, also)
	if err != nil {
		return err
	}
	to := r.URL.Path
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	return p.Kit.Done(w, r, to, savedWords(done.Saved+more))
}

// markAlso does what the button pressed asks beside saving.
func (p *Pages) markAlso(r *http.Request, id meeting.ID, also string) (int, error) {
	switch also {
	case "reponses":
		return p.Meetings.MarkAnswered(r.Context(), page.Actor(r), id)
	case "pointages":
		return p.Meetings.ConfirmCheckIns(r.Context(), page.Actor(r), id)
	}
	return 0, nil
}

func savedWords(n int) string {
	if n == 0 {
		return "Rien n’avait changé\u00a0: rien n’a été enregistré."
	}
	return french.Count(n, "personne enregistrée", "personnes enregistrées") + "."
}

// rollState is what roll.js reads of the roll.
type rollState struct {
	Count   string             `json:"count"`
	Quorum  string             `json:"quorum"`
	Rows    map[string]rowSeen `json:"rows"`
	Refused map[string]string  `json:"refused,omitempty"`
}

// rowSeen is one row: its mark and the words under the name.
type rowSeen struct {
	Mark meeting.Status `json:"s"`
	Note string         `json:"n"`
}

// RollState answers GET /equipe/reunions/{id}/emargement/etat: what others have
// marked since, 304 when nothing.
func (p *Pages) RollState(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	return p.tellRoll(w, r, id, nil)
}

func (p *Pages) tellRoll(w http.ResponseWriter, r *http.Request, id meeting.ID, refused []meeting.RollRefusal) error {
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, meeting.RollFilter{})
	if err != nil {
		return err
	}
	v := rollState{Count: countWords(roll.Count), Quorum: quorumWords(roll.Quorum), Rows: make(map[string]rowSeen, len(roll.All))}
	for _, row := range roll.All {
		v.Rows[page.IDText(row.ID)] = rowSeen{row.Mark, rowNote(row)}
	}
	for _, x := range refused {
		if v.Refused == nil {
			v.Refused = map[string]string{}
		}
		says := french.Typo(x.Message)
		if x.Kind == problem.Conflict {
			says += " " + conflictWords(x)
		}
		v.Refused[page.IDText(x.Row.ID)] = says
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return sendState(w, r, b)
}

func sendState(w http.ResponseWriter, r *http.Request, b []byte) error {
	h := w.Header()
	etag := etagOf(b)
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader left: nothing to tell it
	return nil
}

// rollLead says where the meeting stands.
func rollLead(m meeting.Meeting) string {
	return m.Title() + " du " + french.LongDate(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt)
}

// rollShut says why the roll cannot be written, and what to do.
func rollShut(m meeting.Meeting) string {
	switch m.State {
	case governance.Draft:
		return "La réunion n’est pas encore convoquée\u00a0: l’émargement suit la liste des personnes convoquées."
	case governance.Published:
		return "Le compte rendu est publié\u00a0: l’émargement ne change plus."
	case governance.Postponed, governance.Cancelled:
		return "La réunion n’a pas eu lieu."
	}
	return "L’émargement s’ouvre avec la réunion."
}
