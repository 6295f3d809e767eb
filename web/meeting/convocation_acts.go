package meeting

import (
	"context"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// A later sending has a page that tells what leaves and to whom, then its act.
type laterSending struct {
	part  string
	title string
	rows  func(conveneView) []ui.SummaryRow // none: nothing to send
	none  string                            // says so
	lead  string
	label string
	text  bool // a message goes with it
	act   func(s *meeting.Service, ctx context.Context, by access.Actor, id meeting.ID, message string) (meeting.SentTo, error)
	done  func(meeting.SentTo) string
}

var additionSending = laterSending{
	part: "complement", title: "Envoyer un complément", label: "Envoyer le complément", text: true,
	lead: "Ce message part à toutes les personnes convoquées et invitées. Il ne dit que ce qui a été ajouté depuis le dernier envoi.",
	none: "Rien n’a été ajouté depuis le dernier envoi.",
	rows: func(v conveneView) []ui.SummaryRow {
		if v.Additions.None() {
			return nil
		}
		rows := []ui.SummaryRow{}
		for _, i := range v.Additions.Items {
			rows = append(rows, ui.SummaryRow{Key: "Point " + i.Number, Value: i.Title})
		}
		for _, d := range v.Additions.Documents {
			rows = append(rows, ui.SummaryRow{Key: "Document", Value: d.Title})
		}
		return append(rows, ui.SummaryRow{Key: "Destinataires", Value: conveneCount(v.Everybody())})
	},
	act:  (*meeting.Service).SendAddition,
	done: func(s meeting.SentTo) string { return "Le complément part à " + conveneCount(s.Mails) + "." },
}

var newcomerSending = laterSending{
	part: "nouveaux", title: "Convoquer aussi les nouveaux membres", label: "Convoquer ces personnes", text: true,
	lead: "La convocation part à ces seules personnes. Qui a été remplacé ne peut plus répondre, et les pouvoirs qu’il portait sont à redonner.",
	none: "Toutes les personnes de la composition d’aujourd’hui sont convoquées.",
	rows: func(v conveneView) []ui.SummaryRow {
		var rows []ui.SummaryRow
		for _, d := range v.Differences {
			if d.Convenable() {
				rows = append(rows, ui.SummaryRow{Key: d.SeatLabel, Value: differenceWords(d)})
			}
		}
		return rows
	},
	act:  (*meeting.Service).ConveneNew,
	done: func(s meeting.SentTo) string { return "La convocation part à " + conveneCount(s.Mails) + " de plus." },
}

var reminderSending = laterSending{
	part: "rappel", title: "Relancer les personnes sans réponse", label: "Envoyer le rappel",
	lead: "Le rappel part aux seules personnes qui n’ont pas répondu et dont l’adresse est connue.",
	none: "Personne n’est à relancer : tout le monde a répondu, ou n’a pas d’adresse.",
	rows: func(v conveneView) []ui.SummaryRow {
		if v.SilentReachable() == 0 {
			return nil
		}
		return []ui.SummaryRow{{Key: "Sans réponse", Value: conveneCount(v.Count(""))}, {Key: "Recevront le rappel", Value: conveneCount(v.SilentReachable())}}
	},
	act: func(s *meeting.Service, ctx context.Context, by access.Actor, id meeting.ID, _ string) (meeting.SentTo, error) {
		return s.Remind(ctx, by, id)
	},
	done: func(s meeting.SentTo) string { return "Le rappel part à " + conveneCount(s.Mails) + "." },
}

// showLater shows the page of a later sending.
func (p *Pages) showLater(w http.ResponseWriter, r *http.Request, l laterSending, f *form.Form, refusal error) error {
	v, err := p.convening(r, "", 1)
	if err != nil {
		return err
	}
	c := conveneChrome(v.Meeting, l.title, conveneCrumb(v.Meeting))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), laterPage(p.Kit.FormChrome(r, c, f), v, l, f))
}

// sendLater does it.
func (p *Pages) sendLater(w http.ResponseWriter, r *http.Request, l laterSending) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	message := ""
	if l.text {
		message = f.Text("message", "", meeting.MessageMax)
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		sent, err := l.act(p.Meetings, r.Context(), page.Actor(r), id, message)
		if err == nil {
			return p.Kit.Done(w, r, teamAddress(id, PartConvocation), french.Typo(l.done(sent)))
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showLater(w, r, l, f, refusal)
}

// ShowAddition shows …/convocation/complement.
func (p *Pages) ShowAddition(w http.ResponseWriter, r *http.Request) error {
	return p.showLater(w, r, additionSending, form.New(), nil)
}

// SendAddition answers POST …/convocation/complement.
func (p *Pages) SendAddition(w http.ResponseWriter, r *http.Request) error {
	return p.sendLater(w, r, additionSending)
}

// ShowNewcomers shows …/convocation/nouveaux.
func (p *Pages) ShowNewcomers(w http.ResponseWriter, r *http.Request) error {
	return p.showLater(w, r, newcomerSending, form.New(), nil)
}

// ConveneNewcomers answers POST …/convocation/nouveaux.
func (p *Pages) ConveneNewcomers(w http.ResponseWriter, r *http.Request) error {
	return p.sendLater(w, r, newcomerSending)
}

// ShowReminder shows …/convocation/rappel.
func (p *Pages) ShowReminder(w http.ResponseWriter, r *http.Request) error {
	return p.showLater(w, r, reminderSending, form.New(), nil)
}

// SendReminder answers POST …/convocation/rappel.
func (p *Pages) SendReminder(w http.ResponseWriter, r *http.Request) error {
	return p.sendLater(w, r, reminderSending)
}
