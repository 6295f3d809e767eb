package meeting

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// conveneView is what the pages of the convocation show to the team.
type conveneView struct {
	meeting.Convening
	Key     string
	Filter  string
	Page    int
	Message string // of the check page
	Reason  string
	Preview meeting.Preview
}

// conveneAddress is a page under the convocation: « verification », « preuves »…
func conveneAddress(id meeting.ID, part string) string {
	return teamAddress(id, PartConvocation+"/"+part)
}

func conveneRecipient(id meeting.ID, r meeting.ConvocationID) string {
	return conveneAddress(id, "destinataires/"+page.IDText(r))
}

func convenePreview(id meeting.ID, r meeting.Recipient) string {
	return page.Address(conveneAddress(id, "apercu"), "destinataire", r.PreviewKey())
}

// conveneChrome names a page about the convocation of a meeting.
func conveneChrome(m meeting.Meeting, title string, under ...ui.Crumb) ui.Chrome {
	c := meetingChrome(m, title, under...)
	c.Wide = true
	return c
}

func conveneCrumb(m meeting.Meeting) ui.Crumb {
	return ui.Crumb{Label: "Convocation", Href: teamAddress(m.ID, PartConvocation)}
}

// convening loads what the page of the address is about.
func (p *Pages) convening(r *http.Request, filter string, n int) (conveneView, error) {
	id, err := meetingID(r)
	if err != nil {
		return conveneView{}, err
	}
	c, err := p.Meetings.Convening(r.Context(), page.Actor(r), id, filter, n)
	return conveneView{Convening: c, Key: page.NewKey(), Filter: filter, Page: n}, err
}

// answerFilters are the values of « reponse » in the address of the answers.
func answerFilters() []ui.Option {
	out := []ui.Option{{Value: meeting.SilentFilter, Label: meeting.Answer("").Label()}}
	for _, a := range meeting.Answers {
		out = append(out, ui.Option{Value: string(a), Label: a.Label()})
	}
	return out
}

// ShowConvocation shows /equipe/reunions/{id}/convocation: the checklist before,
// answers and proof after.
func (p *Pages) ShowConvocation(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	filter := q.Get("reponse")
	if !slices.ContainsFunc(answerFilters(), func(o ui.Option) bool { return o.Value == filter }) {
		filter = ""
	}
	v, err := p.convening(r, filter, page.Number(q))
	if err != nil {
		return err
	}
	if v.Meeting.State == governance.Draft {
		f := form.New()
		f.Set("message", french.Typo(v.Meeting.DefaultMessage()))
		return p.showBefore(w, r, v, f, nil)
	}
	c := conveneChrome(v.Meeting, "Convocation")
	return p.Kit.Show(w, r, http.StatusOK, convenedPage(p.Kit.Chrome(r, c), v, page.FilterForm(q, "reponse")))
}

func (p *Pages) showBefore(w http.ResponseWriter, r *http.Request, v conveneView, f *form.Form, refusal error) error {
	c := conveneChrome(v.Meeting, "Convocation")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), convenePage(p.Kit.FormChrome(r, c, f), v, f))
}

// readConvene reads what the team sends: message, reason, and the version read.
func readConvene(r *http.Request) (f *form.Form, message, reason string, version int, err error) {
	f, err = form.Read(r)
	if err != nil {
		return nil, "", "", 0, err
	}
	message = f.Text("message", "", meeting.MessageMax)
	reason = f.Text("motif", "", 1000)
	version = f.Int("version", "", 0, 1<<30)
	return f, message, reason, version, f.Unknown()
}

// CheckConvocation answers POST …/convocation/verification: all that is about to
// leave, on one page.
func (p *Pages) CheckConvocation(w http.ResponseWriter, r *http.Request) error {
	f, message, reason, version, err := readConvene(r)
	if err != nil {
		return err
	}
	v, err := p.convening(r, "", 1)
	if err != nil {
		return err
	}
	if v.Meeting.State != governance.Draft {
		return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartConvocation), "Cette réunion est déjà convoquée : rien n’est parti une seconde fois.")
	}
	warnings, blocked := meeting.Warnings(v.Checks)
	switch {
	case blocked != nil:
		f.Fail("", french.Typo(blocked.Detail))
	case warnings > 0 && reason == "":
		f.Fail("motif", "Dites pourquoi vous convoquez malgré "+french.Plural(warnings, "le point à vérifier.", "les points à vérifier."))
	}
	var refusal error
	if version != v.Meeting.Version {
		refusal = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié la réunion pendant votre saisie : relisez cette page, puis recommencez.")
		page.Takes(f, refusal)
	}
	if !f.OK() {
		return p.showBefore(w, r, v, f, refusal)
	}
	v.Message, v.Reason = message, reason
	if v.Preview, err = p.Meetings.Preview(r.Context(), page.Actor(r), v.Meeting.ID, "", message); err != nil {
		return err
	}
	c := conveneChrome(v.Meeting, "Vérifiez avant l’envoi", conveneCrumb(v.Meeting))
	return p.Kit.Show(w, r, http.StatusOK, conveneCheckPage(p.Kit.Chrome(r, c), v))
}

// Convene answers POST /equipe/reunions/{id}/convocation.
func (p *Pages) Convene(w http.ResponseWriter, r *http.Request) error {
	f, message, reason, version, err := readConvene(r)
	if err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		_, err := p.Meetings.Convene(r.Context(), page.Actor(r), id, version, reason, message)
		if err == nil {
			return p.Kit.Done(w, r, conveneAddress(id, "envoi"), "")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	v, err := p.convening(r, "", 1)
	if err != nil {
		return err
	}
	if v.Meeting.State != governance.Draft {
		return p.Kit.Done(w, r, teamAddress(id, PartConvocation), "Cette réunion est déjà convoquée : rien n’est parti une seconde fois.")
	}
	return p.showBefore(w, r, v, f, refusal)
}

// ShowSent shows …/convocation/envoi: what has just left.
func (p *Pages) ShowSent(w http.ResponseWriter, r *http.Request) error {
	v, err := p.convening(r, "", 1)
	if err != nil {
		return err
	}
	line, ok := lastConvocation(v.Sendings)
	if !ok {
		return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartConvocation), "")
	}
	title := french.Count(line.Mails, "convocation est partie", "convocations sont parties")
	if line.Queued > 0 {
		title = french.Count(line.Mails, "convocation", "convocations") + " en cours d’envoi"
	}
	c := conveneChrome(v.Meeting, title, conveneCrumb(v.Meeting))
	return p.Kit.Show(w, r, http.StatusOK, conveneSentPage(p.Kit.Chrome(r, c), v, line))
}

func lastConvocation(sendings []meeting.SendingLine) (meeting.SendingLine, bool) {
	i := slices.IndexFunc(sendings, func(s meeting.SendingLine) bool { return s.Kind == meeting.SentConvocation })
	if i < 0 {
		return meeting.SendingLine{}, false
	}
	return sendings[i], true
}

// recipientGroup is the recipients of one group of the composition.
type recipientGroup struct {
	Name string
	List []meeting.Recipient
}

func conveneGroups(all []meeting.Recipient) []recipientGroup {
	var out []recipientGroup
	for i, r := range all {
		if i == 0 || r.Group != all[i-1].Group {
			out = append(out, recipientGroup{Name: r.Group})
		}
		g := &out[len(out)-1]
		g.List = append(g.List, r)
	}
	return out
}

func conveneCount(n int) string { return french.Count(n, "destinataire", "destinataires") }

// checkKind is how a line of the checklist is drawn.
func checkKind(l meeting.CheckLevel) (ui.Kind, string) {
	switch l {
	case meeting.CheckOK:
		return ui.OK, "En ordre"
	case meeting.CheckWarning:
		return ui.Warn, "À vérifier"
	}
	return ui.Err, "Empêche l’envoi"
}

// checkParts says where each line is put right.
var checkParts = map[string]string{"agenda": PartAgenda, "duration": PartAgenda, "documents": PartDocuments}

func conveneTasks(v conveneView) []ui.Task {
	out := make([]ui.Task, 0, len(v.Checks))
	for _, c := range v.Checks {
		kind, word := checkKind(c.Level)
		t := ui.Task{Label: c.Label, Hint: french.Typo(c.Detail), Kind: kind, Status: word}
		if c.Level != meeting.CheckOK && c.Key != "recipients" && c.Key != "addresses" {
			t.Href = teamAddress(v.Meeting.ID, checkParts[c.Key])
		}
		out = append(out, t)
	}
	return out
}

// conveneWarned returns what the team was warned of, for the check page.
func conveneWarned(checks []meeting.ConveneCheck) string {
	var out []string
	for _, c := range checks {
		if c.Level == meeting.CheckWarning {
			out = append(out, french.Typo(c.Detail))
		}
	}
	return strings.Join(out, " ")
}

// conveneRows sums up what is about to leave.
func conveneRows(v conveneView) []ui.SummaryRow {
	m := v.Meeting
	rows := []ui.SummaryRow{
		{Key: "Réunion", Value: m.Title()},
		{Key: "Date", Value: french.Date(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt), ActionHref: teamAddress(m.ID, PartHub)},
		{Key: "Lieu", Value: m.Place, ActionHref: teamAddress(m.ID, PartHub)},
	}
	if m.VideoURL != "" {
		rows = append(rows, ui.SummaryRow{Key: "Visioconférence", Value: m.VideoURL, ActionHref: teamAddress(m.ID, PartHub)})
	}
	rows = append(rows,
		ui.SummaryRow{Key: "Ordre du jour", Value: french.Count(len(v.Items), "point", "points"), ActionHref: teamAddress(m.ID, PartAgenda)},
		ui.SummaryRow{Key: "Documents", Value: french.Count(len(v.Documents), "document", "documents"), ActionHref: teamAddress(m.ID, PartDocuments)},
		ui.SummaryRow{Key: "Destinataires", Value: conveneCount(len(v.Planned))})
	if n := len(meeting.Unreachable(v.Planned)); n > 0 {
		rows = append(rows, ui.SummaryRow{Key: "Sans adresse", Value: conveneCount(n) + ", à prévenir autrement"})
	}
	if warned := conveneWarned(v.Checks); warned != "" {
		rows = append(rows, ui.SummaryRow{Key: "À vérifier", Value: warned}, ui.SummaryRow{Key: "Votre motif", Value: v.Reason})
	}
	return append(rows, ui.SummaryRow{Key: "Rappel automatique", Value: m.ReminderWords()})
}

func conveneSendLabel(planned []meeting.Recipient) string {
	n := len(planned) - len(meeting.Unreachable(planned))
	if n == 0 {
		return "Convoquer sans envoi de courriel"
	}
	return "Envoyer " + french.Count(n, "convocation", "convocations")
}

// answeredRows are the counts of answers.
func answeredRows(v conveneView) []ui.Tab {
	base := teamAddress(v.Meeting.ID, PartConvocation)
	tabs := []ui.Tab{{Label: "Tous", Href: base, Current: v.Filter == "", Count: strconv.Itoa(v.Everybody())}}
	for _, o := range answerFilters() {
		a := meeting.Answer(o.Value)
		if o.Value == meeting.SilentFilter {
			a = ""
		}
		n := v.Count(a)
		if n > 0 || v.Filter == o.Value {
			tabs = append(tabs, ui.Tab{Label: o.Label, Href: page.Address(base, "reponse", o.Value), Current: v.Filter == o.Value, Count: strconv.Itoa(n)})
		}
	}
	return tabs
}

func convenePager(v conveneView) ui.Pager {
	base := page.Address(teamAddress(v.Meeting.ID, PartConvocation), "reponse", v.Filter)
	return ui.Pager{Current: v.Page, Last: (v.Total + postgres.PageLength - 1) / postgres.PageLength, Base: page.PagerBase(base), Summary: conveneCount(v.Total)}
}

// answerTag draws an answer: its word, and the sense of it.
func answerTag(a meeting.Answer) (ui.Kind, string) {
	switch a {
	case meeting.WillCome, meeting.WillBeRemote:
		return ui.OK, a.Label()
	case meeting.Represented, meeting.ProxyGiven:
		return ui.Info, a.Label()
	}
	return ui.Neutral, a.Label()
}

// answerDetail completes an answer: who holds the proxy, who stands in, the note.
func answerDetail(r meeting.Recipient) string {
	var parts []string
	switch r.Answer {
	case meeting.ProxyGiven:
		parts = append(parts, "à "+r.ProxyToName)
	case meeting.Represented:
		parts = append(parts, r.AlternateName)
	}
	if r.AnswerNote != "" {
		parts = append(parts, french.Typo("« "+r.AnswerNote+" »"))
	}
	return strings.Join(parts, ", ")
}

// differenceWords says what changed, in one sentence.
func differenceWords(d meeting.SnapshotDifference) string {
	switch d.Change {
	case "replaced":
		return d.Name + " remplace " + d.Instead + " (" + d.SeatLabel + ")"
	case "address":
		return d.Name + " a une nouvelle adresse (" + d.SeatLabel + ")"
	case "left":
		return d.Name + " a quitté l’instance (" + d.SeatLabel + ")"
	}
	return d.Name + " est maintenant de l’instance (" + d.SeatLabel + ")"
}

func conveneNewcomers(v conveneView) int {
	n := 0
	for _, d := range v.Differences {
		if d.Convenable() {
			n++
		}
	}
	return n
}

// sendingWords says what a sending did.
func sendingWords(s meeting.SendingLine) string {
	out := french.Count(s.Mails, "courriel", "courriels")
	if s.Queued > 0 {
		out += ", dont " + strconv.Itoa(s.Queued) + " en attente"
	}
	if s.Failed > 0 {
		out += ", dont " + french.Count(s.Failed, "échec", "échecs")
	}
	if s.NoAddress > 0 {
		out += ", " + french.Count(s.NoAddress, "personne", "personnes") + " sans adresse"
	}
	return out
}

func sendingAuthor(s meeting.SendingLine) string {
	if s.SentBy == "" {
		return "Rappel automatique"
	}
	return s.SentBy
}
