package meeting

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// answerView is the personal page of a recipient, whoever opens it.
type answerView struct {
	meeting.Personal
	Seat     meeting.PersonalSeat
	Action   string // where the answer goes; "" shows the page without its form
	Files    string // where documents are downloaded; "" for no link
	Paper    string // the convocation as a page; "" for no link
	Opening  string // where the page tells that it was opened; "" for nowhere
	Key      string
	ForTeam  bool // the team answers for somebody
	Chooses  bool // the account answers for several recipients
	Extra    templ.Component
	After    templ.Component
	CloseURL string // of the team: closes the personal links
}

// Closed says why no answer is taken.
func (v answerView) Closed() meeting.Closing {
	c := v.Meeting.AnswersClosed(v.Now)
	if v.ForTeam && c == meeting.ClosedStarted && !v.Meeting.Past() {
		return meeting.NotClosed // the team may still note what it was told
	}
	return c
}

func answerAddress(token string) string { return meeting.AnswerPath + token }

// linkView loads the page of a personal link.
func (p *Pages) linkView(r *http.Request) (answerView, error) {
	token := chi.URLParam(r, "token")
	v, err := p.Meetings.PersonalByLink(r.Context(), token)
	if err != nil {
		return answerView{}, err
	}
	seat, _ := v.Seat(0)
	a := answerAddress(token)
	return answerView{Personal: v, Seat: seat, Action: a, Files: a + "/documents", Paper: a + "/convocation", Opening: a + "/ouverture"}, nil
}

// ShowAnswer shows /reunions/reponse/{token}. It changes nothing: mail scanners
// open links before their readers do.
func (p *Pages) ShowAnswer(w http.ResponseWriter, r *http.Request) error {
	v, err := p.linkView(r)
	if err != nil {
		return err
	}
	return p.showAnswer(w, r, v, answerForm(v.Seat), nil)
}

// answerForm holds the answer given so far.
func answerForm(s meeting.PersonalSeat) *form.Form {
	f := form.New()
	f.Set("reponse", string(s.Answer))
	f.Set("note", s.AnswerNote)
	if s.ProxyTo != 0 {
		f.Set("pouvoir", page.IDText(s.ProxyTo))
	}
	return f
}

func (p *Pages) showAnswer(w http.ResponseWriter, r *http.Request, v answerView, f *form.Form, refusal error) error {
	c := ui.Chrome{Title: v.Meeting.Title(), Section: section, Crumbs: []ui.Crumb{crumbPublic}}
	if v.Opening != "" {
		c.Script = "answer.js"
	}
	if err := p.completeAnswer(r, &v, f); err != nil {
		return err
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), answerPage(p.Kit.FormChrome(r, c, f), v, f))
}

// readAnswer reads what a recipient says.
func readAnswer(r *http.Request) (*form.Form, meeting.AnswerInput, meeting.ConvocationID, error) {
	f, err := form.Read(r)
	if err != nil {
		return nil, meeting.AnswerInput{}, 0, err
	}
	allowed := make([]string, len(meeting.Answers))
	for i, a := range meeting.Answers {
		allowed[i] = string(a)
	}
	in := meeting.AnswerInput{
		Answer:  meeting.Answer(f.Choice("reponse", "Dites si vous viendrez.", allowed...)),
		ProxyTo: meeting.ConvocationID(f.ID("pouvoir", "")),
		Note:    f.Text("note", "", 500),
		Version: f.Int("version", "", 0, 1<<30),
	}
	if in.Answer == meeting.ProxyGiven && in.ProxyTo == 0 {
		f.Fail("pouvoir", "Choisissez à qui vous donnez pouvoir.")
	}
	return f, in, meeting.ConvocationID(f.ID("pour", "")), f.Unknown()
}

// Answer answers POST /reunions/reponse/{token}.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	f, in, _, err := readAnswer(r)
	if err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	save := func() error { return p.Meetings.AnswerByLink(r.Context(), page.Actor(r), token, in) }
	return p.saveThenShow(w, r, f, save, answerAddress(token), func() (answerView, error) { return p.linkView(r) })
}

// saveThenShow saves the answer; it reads the page only to show it again, with what
// stopped it.
func (p *Pages) saveThenShow(w http.ResponseWriter, r *http.Request, f *form.Form, save func() error, next string, read func() (answerView, error)) error {
	var refusal error
	if f.OK() {
		err := save()
		if err == nil {
			word := meeting.Answer(f.Value("reponse")).Label()
			return p.Kit.Done(w, r, next, "Votre réponse est enregistrée\u00a0: "+word+". Elle peut changer jusqu’au début de la réunion.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	v, err := read()
	if err != nil {
		return err
	}
	return p.showAnswer(w, r, v, f, refusal)
}

// MarkOpened answers POST /reunions/reponse/{token}/ouverture, sent by the page.
func (p *Pages) MarkOpened(w http.ResponseWriter, r *http.Request) error {
	if err := p.Meetings.MarkOpened(r.Context(), chi.URLParam(r, "token")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// accountView loads the page of somebody signed in; pour tells which recipient,
// when they answer for several.
func (p *Pages) accountView(r *http.Request, pour meeting.ConvocationID) (answerView, error) {
	id, err := meetingID(r)
	if err != nil {
		return answerView{}, err
	}
	v, err := p.Meetings.PersonalByAccount(r.Context(), page.Actor(r), id)
	if err != nil {
		return answerView{}, err
	}
	seat, ok := v.Seat(pour)
	if !ok && pour != 0 {
		return answerView{}, page.ErrNotFound
	}
	if !ok {
		seat = v.Seats[0]
	}
	return answerView{Personal: v, Seat: seat, Action: myAddress(id), Files: publicAddress(id) + "/documents", Key: page.NewKey(), Chooses: len(v.Seats) > 1,
		Paper: page.Address(myAddress(id)+"/convocation", "pour", page.IDText(seat.ID))}, nil
}

func answersFor(r *http.Request) (meeting.ConvocationID, error) {
	q, err := page.Query(r)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(q.Get("pour"), 10, 64)
	if q.Get("pour") != "" && (err != nil || n <= 0) {
		return 0, page.ErrNotFound
	}
	return meeting.ConvocationID(n), nil
}

// ShowMyAnswer shows /mes-reunions/{id}.
func (p *Pages) ShowMyAnswer(w http.ResponseWriter, r *http.Request) error {
	pour, err := answersFor(r)
	if err != nil {
		return err
	}
	v, err := p.accountView(r, pour)
	if err != nil {
		return err
	}
	return p.showAnswer(w, r, v, answerForm(v.Seat), nil)
}

// AnswerMine answers POST /mes-reunions/{id}.
func (p *Pages) AnswerMine(w http.ResponseWriter, r *http.Request) error {
	f, in, pour, err := readAnswer(r)
	if err != nil {
		return err
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	save := func() error { return p.Meetings.AnswerByAccount(r.Context(), page.Actor(r), id, pour, in) }
	next := page.Address(myAddress(id), "pour", page.IDText(pour))
	return p.saveThenShow(w, r, f, save, next, func() (answerView, error) { return p.accountView(r, pour) })
}

// teamView loads the page on which the team answers for somebody.
func (p *Pages) teamView(r *http.Request) (answerView, error) {
	id, err := meetingID(r)
	if err != nil {
		return answerView{}, err
	}
	who, err := page.PathID[meeting.ConvocationID](r, "destinataire")
	if err != nil {
		return answerView{}, err
	}
	v, err := p.Meetings.PersonalByTeam(r.Context(), page.Actor(r), id, who)
	if err != nil {
		return answerView{}, err
	}
	seat, _ := v.Seat(who)
	return answerView{Personal: v, Seat: seat, Action: conveneRecipient(id, who), Key: page.NewKey(), ForTeam: true,
		CloseURL: conveneRecipient(id, who) + "/liens"}, nil
}

// ShowRecipient shows …/convocation/destinataires/{destinataire}: what one recipient
// answered, and the form to answer for them.
func (p *Pages) ShowRecipient(w http.ResponseWriter, r *http.Request) error {
	v, err := p.teamView(r)
	if err != nil {
		return err
	}
	return p.showRecipient(w, r, v, answerForm(v.Seat), nil)
}

func (p *Pages) showRecipient(w http.ResponseWriter, r *http.Request, v answerView, f *form.Form, refusal error) error {
	c := conveneChrome(v.Meeting, v.Seat.Name, conveneCrumb(v.Meeting))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), recipientPage(p.Kit.FormChrome(r, c, f), v, f))
}

// AnswerForRecipient answers POST …/convocation/destinataires/{destinataire}.
func (p *Pages) AnswerForRecipient(w http.ResponseWriter, r *http.Request) error {
	f, in, _, err := readAnswer(r)
	if err != nil {
		return err
	}
	v, err := p.teamView(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Meetings.AnswerAsTeam(r.Context(), page.Actor(r), v.Meeting.ID, v.Seat.ID, in)
		if err == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartConvocation), "La réponse de "+v.Seat.Name+" est notée\u00a0: "+in.Answer.Label()+".")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showRecipient(w, r, v, f, refusal)
}

// CloseLinks answers POST …/convocation/destinataires/{destinataire}/liens.
func (p *Pages) CloseLinks(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.teamView(r)
	if err != nil {
		return err
	}
	if err := p.Meetings.CloseLinks(r.Context(), page.Actor(r), v.Meeting.ID, v.Seat.ID); err != nil {
		return err
	}
	return p.Kit.Done(w, r, conveneRecipient(v.Meeting.ID, v.Seat.ID), "Les liens envoyés à "+v.Seat.Name+" ne s’ouvrent plus. Le prochain message en portera un nouveau.")
}

// answerOptions are the answers, as the recipient would say them.
func answerOptions(v answerView) []ui.Option {
	out := []ui.Option{}
	for _, a := range v.Choices(v.Seat) {
		o := ui.Option{Value: string(a), Label: answerSentence(a, v)}
		if a == meeting.ProxyGiven && v.Seat.AlternateName != "" {
			o.Hint = "La suppléance vient d’abord\u00a0: donnez pouvoir si " + v.Seat.AlternateName + " ne peut pas venir."
		}
		out = append(out, o)
	}
	return out
}

func answerSentence(a meeting.Answer, v answerView) string {
	if v.ForTeam {
		if a == meeting.Represented {
			return "Représentation par " + v.Seat.AlternateName
		}
		return a.Label()
	}
	switch a {
	case meeting.WillCome:
		return "Je viens sur place"
	case meeting.WillBeRemote:
		return "Je participe à distance"
	case meeting.Represented:
		return v.Seat.AlternateName + " me représente"
	case meeting.ProxyGiven:
		return "Je donne pouvoir à un autre membre"
	}
	return "Je ne viens pas"
}

func proxyOptions(v answerView) []ui.Option {
	out := make([]ui.Option, 0, len(v.Seat.Candidates))
	for _, c := range v.Seat.Candidates {
		out = append(out, ui.Option{Value: page.IDText(c.ID), Label: c.Name + ", " + c.SeatLabel})
	}
	return out
}

func offersProxy(v answerView) bool {
	for _, a := range v.Choices(v.Seat) {
		if a == meeting.ProxyGiven {
			return true
		}
	}
	return false
}

// answerNow says the answer given so far; "" when there is none.
func answerNow(v answerView) string {
	s := v.Seat
	if s.AnsweredAt == nil {
		return ""
	}
	out := s.Answer.Label()
	if s.Answer == meeting.Represented {
		out = "Représentation par " + s.AlternateName
	} else if s.Answer == meeting.ProxyGiven {
		out = "Pouvoir donné à " + s.ProxyToName
	}
	out += ", le " + french.DateTime(*s.AnsweredAt)
	if by := meeting.AnsweredByWords(s.AnsweredBy); by != "" {
		out += ", " + by
	}
	return out
}

// answerRows are the facts one needs to answer, few: on a phone the question comes
// under them. The head of the page says whose answer it is, the agenda its theme.
func answerRows(v answerView) []ui.SummaryRow {
	m := v.Meeting
	rows := []ui.SummaryRow{{Key: "Date", Value: french.Capital(french.Date(m.Day())) + ", " + french.ClockRange(m.StartsAt, m.EndsAt)}}
	if m.Place != "" {
		rows = append(rows, ui.SummaryRow{Key: "Lieu", Value: m.Place})
	}
	if m.VideoURL != "" && !m.CalledOff() && !m.Past() {
		rows = append(rows, ui.SummaryRow{Key: "À distance", Content: videoLink(m.VideoURL)})
	}
	return rows
}

// closedWords says why answers are closed, and what to do.
func closedWords(v answerView) (title, text string) {
	switch v.Closed() {
	case meeting.ClosedPostponed:
		title, text = "Cette réunion est reportée.", "Votre réponse ne compte plus pour cette date."
		if v.Replaces != nil {
			text += " La nouvelle date est le " + french.DateTime(*v.Replaces) + "\u00a0: vous recevrez une nouvelle convocation."
		} else {
			text += " Vous recevrez une convocation quand la nouvelle date sera fixée."
		}
	case meeting.ClosedCancelled:
		title, text = "Cette réunion est annulée.", "Il n’y a rien à faire."
	case meeting.ClosedHeld:
		title, text = "Cette réunion a eu lieu.", "La présence est celle de l’émargement. Pour la corriger, écrivez à l’équipe inclusion numérique."
	default:
		title, text = "La réunion a commencé\u00a0: les réponses sont closes.", "Si vous arrivez, signalez-vous à l’accueil. Sinon, prévenez l’équipe inclusion numérique."
	}
	if v.Meeting.CallOffReason != "" && v.Meeting.CalledOff() {
		text = "Motif\u00a0: " + french.Typo(v.Meeting.CallOffReason) + " " + text
	}
	return title, text
}

// agenda is the agenda with the documents of the points.
func (v answerView) agenda() agendaView {
	return agendaView{Meeting: v.Meeting, Items: v.Items, Following: v.Following, Documents: v.Documents, Files: v.Files}
}
