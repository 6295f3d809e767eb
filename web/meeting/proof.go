package meeting

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowProof shows …/convocation/preuves: what was sent to whom, and when.
func (p *Pages) ShowProof(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	n := page.Number(q)
	m, lines, err := p.Meetings.Proof(r.Context(), page.Actor(r), id, n)
	if err != nil {
		return err
	}
	c := conveneChrome(m, "Preuves d’envoi", conveneCrumb(m))
	return p.Kit.Show(w, r, http.StatusOK, proofPage(p.Kit.Chrome(r, c), m, lines, n))
}

// ProofFile answers GET …/convocation/preuves.{ext}: every line.
func (p *Pages) ProofFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	m, lines, err := p.Meetings.Proof(r.Context(), page.Actor(r), id, 0)
	if err != nil {
		return err
	}
	t := export.Table{
		Title: "Preuves d’envoi, " + m.Title() + " du " + french.LongDate(m.Day()), Name: "preuves-" + string(m.Body) + "-" + m.Day().String(),
		Date: day.Today(), Source: "Bordeaux Métropole",
		Columns: []export.Column{{Key: "nom", Heading: "Nom", Width: 28}, {Key: "siege", Heading: "Siège", Width: 40}, {Key: "envoi", Heading: "Envoi", Width: 16},
			{Key: "mis_en_file", Heading: "Préparé le", Kind: export.TimeKind}, {Key: "adresse", Heading: "Adresse", Width: 32},
			{Key: "etat", Heading: "État du courriel", Width: 22}, {Key: "remis", Heading: "Remis au serveur le", Kind: export.TimeKind},
			{Key: "ouverture", Heading: "Page ouverte le", Kind: export.TimeKind}, {Key: "reponse", Heading: "Réponse", Width: 28},
			{Key: "repondu", Heading: "Répondu le", Kind: export.TimeKind}, {Key: "voie", Heading: "Voie", Width: 22}},
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{export.Text(l.Name), export.Text(l.SeatLabel), export.Text(l.Kind.Label()), export.Time(l.QueuedAt),
			export.Text(l.Address), export.Text(proofState(l)), proofTime(l.SentAt), proofTime(l.OpenedAt), export.Text(l.Answer.Label()),
			proofTime(l.AnsweredAt), export.Text(meeting.AnsweredByWords(l.AnsweredBy))})
	}
	return export.Send(w, format, t)
}

func proofTime(t *time.Time) export.Cell {
	if t == nil {
		return export.Time(time.Time{})
	}
	return export.Time(*t)
}

// proofState says what became of the mail.
func proofState(l meeting.ProofLine) string {
	if l.Address == "" {
		return "Sans adresse"
	}
	return l.MailState.Label()
}

func proofKind(l meeting.ProofLine) ui.Kind {
	switch {
	case l.Address == "", l.MailState == notify.Failed:
		return ui.Err
	case l.MailState == notify.Sent:
		return ui.OK
	}
	return ui.Info
}

func proofWhen(t *time.Time) string {
	if t == nil {
		return ""
	}
	return french.ShortDateTime(*t)
}

func proofPager(m meeting.Meeting, lines []meeting.ProofLine, n int) ui.Pager {
	total := 0
	if len(lines) > 0 {
		total = lines[0].Total
	}
	return ui.Pager{Current: n, Last: (total + postgres.PageLength - 1) / postgres.PageLength,
		Base: page.PagerBase(conveneAddress(m.ID, "preuves")), Summary: french.Count(total, "envoi", "envois")}
}
