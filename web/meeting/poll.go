package meeting

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var pollWords = []struct {
	word   string
	answer meeting.PollAnswer
}{{"oui", meeting.PollYes}, {"si-besoin", meeting.PollIfNeeded}, {"non", meeting.PollNo}}

func pollOptions() []ui.Option {
	var out []ui.Option
	for _, x := range pollWords {
		out = append(out, ui.Option{Value: x.word, Label: x.answer.Label()})
	}
	return out
}

// ShowPoll shows /equipe/reunions/{id}/sondage.
func (p *Pages) ShowPoll(w http.ResponseWriter, r *http.Request) error {
	v, err := p.poll(r)
	if err != nil {
		return err
	}
	return p.showPoll(w, r, v, form.New(), nil)
}

func (p *Pages) poll(r *http.Request) (meeting.PollView, error) {
	id, err := meetingID(r)
	if err != nil {
		return meeting.PollView{}, err
	}
	return p.Meetings.PollPage(r.Context(), page.Actor(r), id)
}

func (p *Pages) showPoll(w http.ResponseWriter, r *http.Request, v meeting.PollView, f *form.Form, refusal error) error {
	c := meetingChrome(v.Meeting, "Sondage de dates")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), pollPage(p.Kit.FormChrome(r, c, f), v, f, page.NewKey()))
}

// pollRows numbers the dates of the form that opens a poll.
func pollRows() []string {
	var out []string
	for i := 1; i <= meeting.MaxDates; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// OpenPoll answers POST /equipe/reunions/{id}/sondage.
func (p *Pages) OpenPoll(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := meeting.PollInput{}
	for i, n := range pollRows() {
		if s := readSlot(f, "date_"+n, "debut_"+n, "fin_"+n, i < meeting.MinDates); !s.IsZero() {
			in.Dates = append(in.Dates, s)
		}
	}
	in.Closes = f.Date("cloture", "Saisissez le dernier jour pour répondre.")
	in.Message = f.Text("message", "", 2000)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.poll(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.OpenPoll(r.Context(), page.Actor(r), v.Meeting.ID, in); refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, "sondage"), "Le sondage est ouvert : chaque membre reçoit son lien personnel.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPoll(w, r, v, f, refusal)
}

// RemindPoll answers POST /equipe/reunions/{id}/sondage/rappel.
func (p *Pages) RemindPoll(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.poll(r)
	if err != nil {
		return err
	}
	n, err := p.Meetings.RemindPoll(r.Context(), page.Actor(r), v.Meeting.ID)
	if err != nil {
		if !page.Takes(f, err) {
			return err
		}
		return p.showPoll(w, r, v, f, err)
	}
	return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, "sondage"), french.Count(n, "personne sans réponse est relancée.", "personnes sans réponse sont relancées."))
}

// ChooseDate answers POST /equipe/reunions/{id}/sondage/choix.
func (p *Pages) ChooseDate(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	option, version := meeting.OptionID(f.ID("choix", "Choisissez une date.")), f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.poll(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.ChooseDate(r.Context(), page.Actor(r), v.Meeting.ID, version, option); refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartHub), "La date est choisie et le sondage est clos. Personne n’est encore prévenu : la convocation le fera.")
		}
		if p, ok := refusal.(*problem.Error); ok && p.Field == "date" {
			refusal = problem.OnField("choix", p.Message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPoll(w, r, v, f, refusal)
}

// dateChoices are the dates one may choose, with what was answered.
func dateChoices(dates []meeting.PollDate) []ui.Option {
	var out []ui.Option
	for _, d := range dates {
		if d.Past {
			continue
		}
		label := french.Capital(d.Say())
		if d.Best {
			label += " (la mieux placée)"
		}
		out = append(out, ui.Option{Value: page.IDText(d.ID), Label: label, Hint: dateCounts(d)})
	}
	return out
}

func dateCounts(d meeting.PollDate) string {
	return french.Number(d.Yes) + " oui, " + french.Number(d.IfNeeded) + " si besoin, " + french.Number(d.No) + " non"
}

// closing says until when one may answer: the last day.
func closing(t time.Time) string { return french.Date(dayOf(t.Add(-time.Second))) }

// ShowVote shows /reunions/sondage/{token}. It changes nothing.
func (p *Pages) ShowVote(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Meetings.Voter(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	f := form.New()
	for _, d := range v.Dates {
		for _, x := range pollWords {
			if x.answer == d.Mine {
				f.Set(voteField(d), x.word)
			}
		}
	}
	f.Set("commentaire", v.Comment)
	return p.showVote(w, r, v, f)
}

func voteField(d meeting.PollDate) string { return "date_" + page.IDText(d.ID) }

func (p *Pages) showVote(w http.ResponseWriter, r *http.Request, v meeting.VoterView, f *form.Form) error {
	c := ui.Chrome{Title: "Quelles dates vous conviennent" + french.Narrow + "?", Section: section, Crumbs: []ui.Crumb{crumbPublic}}
	return p.Kit.Show(w, r, page.FormStatus(f), votePage(p.Kit.FormChrome(r, c, f), v, f, votePath(r)))
}

func votePath(r *http.Request) string { return meeting.PollPath + chi.URLParam(r, "token") }

// Vote answers POST /reunions/sondage/{token}.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.Meetings.Voter(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	answers := map[meeting.OptionID]meeting.PollAnswer{}
	for _, d := range v.Dates {
		word := f.Choice(voteField(d), "Répondez pour le "+strings.TrimSpace(french.DateNoYear(dayOf(d.StartsAt)))+".", "oui", "si-besoin", "non")
		for _, x := range pollWords {
			if x.word == word {
				answers[d.ID] = x.answer
			}
		}
	}
	comment := f.Text("commentaire", "", 500)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !v.Open {
		return problem.New(problem.Gone, french.Typo(v.Closed()))
	}
	if f.OK() {
		err := p.Meetings.AnswerPoll(r.Context(), chi.URLParam(r, "token"), answers, comment)
		if err == nil {
			return p.Kit.Done(w, r, votePath(r), "Merci, vos réponses sont enregistrées. Vous pouvez les changer jusqu’au "+closing(v.ClosesAt)+".")
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showVote(w, r, v, f)
}

// pollLead says where the poll stands.
func pollLead(v meeting.PollView) string {
	s := french.Count(v.Poll.Answered, "réponse", "réponses") + " sur " + french.Count(v.Poll.Voters, "personne", "personnes") + ". "
	if v.Poll.Open {
		return s + "On peut répondre jusqu’au " + closing(v.Poll.ClosesAt) + "."
	}
	return s + "Le sondage est clos."
}

func commentRows(v meeting.PollView) []ui.SummaryRow {
	var rows []ui.SummaryRow
	for _, x := range v.Voters {
		if x.Comment != "" {
			rows = append(rows, ui.SummaryRow{Key: x.Name, Value: x.Comment})
		}
	}
	return rows
}
