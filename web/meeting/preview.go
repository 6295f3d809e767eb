package meeting

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowPreview shows …/convocation/apercu?destinataire=: the mail and the page of one
// recipient, as they see them.
func (p *Pages) ShowPreview(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.Meetings.Preview(r.Context(), page.Actor(r), id, q.Get("destinataire"), "")
	if err != nil {
		return err
	}
	seat := v.Personal.Seats[0]
	c := conveneChrome(v.Personal.Meeting, "Aperçu\u00a0: "+seat.Name, conveneCrumb(v.Personal.Meeting))
	c.Wide = false
	f := page.FilterForm(q, "destinataire")
	f.Set("destinataire", seat.PreviewKey())
	view := answerView{Personal: v.Personal, Seat: seat}
	return p.Kit.Show(w, r, http.StatusOK, previewPage(p.Kit.Chrome(r, c), v, view, f))
}

func previewOptions(all []meeting.Recipient) []ui.Option {
	out := make([]ui.Option, 0, len(all))
	for _, r := range all {
		out = append(out, ui.Option{Value: r.PreviewKey(), Label: r.Name + ", " + r.SeatLabel, Group: r.Group})
	}
	return out
}

// paperView is the convocation as a document: to everybody, or to one recipient.
type paperView struct {
	meeting.Meeting
	To     string // « Alix Exemple, Maire de Bègles »; "" for all members
	Kind   meeting.ConvocationKind
	Agenda agendaView
	PDF    string // its address, on the page
	Back   string
}

func (v paperView) title() string { return v.Kind.Label() }

func (v paperView) lead() string {
	return v.Title() + ", " + french.Date(v.Day()) + ", " + french.ClockRange(v.StartsAt, v.EndsAt)
}

func (v paperView) document() paper.Document {
	kind := "convocation"
	if v.Kind == meeting.Invitation {
		kind = "invitation"
	}
	return paper.Document{Name: paper.Name(kind, v.Meeting), Title: v.title(), About: paper.About(v.Meeting), Lead: v.lead(), Body: paperBody(v)}
}

// sentence convenes or invites.
func (v paperView) sentence() string {
	if v.Kind == meeting.Invitation {
		return "Bordeaux Métropole a l’honneur de vous inviter à " + v.article() + paper.About(v.Meeting) + "."
	}
	return "Bordeaux Métropole vous convoque à " + v.article() + paper.About(v.Meeting) + "."
}

// article goes before the kind of the meeting: « la séance », « l’atelier ».
func (v paperView) article() string {
	if v.Meeting.Kind == meeting.Workshop {
		return "l’"
	}
	return "la "
}

func (v paperView) rows() []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Date", Value: french.Capital(french.Date(v.Day())) + ", " + french.ClockRange(v.StartsAt, v.EndsAt)}}
	if v.Place != "" {
		rows = append(rows, ui.SummaryRow{Key: "Lieu", Value: v.Place})
	}
	if v.VideoURL != "" {
		rows = append(rows, ui.SummaryRow{Key: "À distance", Value: v.VideoURL})
	}
	if v.Theme != "" {
		rows = append(rows, ui.SummaryRow{Key: "Thème", Value: french.Typo(v.Theme)})
	}
	return rows
}

// paperOfTeam is the convocation to all members.
func (p *Pages) paperOfTeam(r *http.Request) (paperView, error) {
	id, err := meetingID(r)
	if err != nil {
		return paperView{}, err
	}
	return p.teamPaper(r.Context(), page.Actor(r), id)
}

func (p *Pages) teamPaper(ctx context.Context, by access.Actor, id meeting.ID) (paperView, error) {
	v, err := p.Meetings.Convening(ctx, by, id, "", 1)
	if err != nil {
		return paperView{}, err
	}
	kind := meeting.Convocation
	if v.Meeting.Kind == meeting.Workshop {
		kind = meeting.Invitation
	}
	return paperView{Meeting: v.Meeting, Kind: kind,
		Agenda: agendaView{Meeting: v.Meeting, Items: v.Items, Following: v.Following, Documents: v.Documents},
		PDF:    teamAddress(v.Meeting.ID, "convocation.pdf"), Back: teamAddress(v.Meeting.ID, PartConvocation)}, nil
}

func paperOf(v answerView, pdf, back string) paperView {
	agenda := v.agenda()
	agenda.Files = ""
	return paperView{Meeting: v.Meeting, Kind: v.Seat.Kind, To: v.Seat.Name + ", " + v.Seat.SeatLabel, Agenda: agenda, PDF: pdf, Back: back}
}

// paperByLink is the convocation of whom a personal link belongs to.
func (p *Pages) paperByLink(r *http.Request) (paperView, error) {
	v, err := p.linkView(r)
	a := answerAddress(chi.URLParam(r, "token"))
	return paperOf(v, a+"/convocation.pdf", a), err
}

// paperOfMine is the convocation of somebody signed in.
func (p *Pages) paperOfMine(r *http.Request) (paperView, error) {
	pour, err := answersFor(r)
	if err != nil {
		return paperView{}, err
	}
	v, err := p.accountView(r, pour)
	a, who := myAddress(v.Meeting.ID), page.IDText(v.Seat.ID)
	return paperOf(v, page.Address(a+"/convocation.pdf", "pour", who), page.Address(a, "pour", who)), err
}

func (p *Pages) showPaper(w http.ResponseWriter, r *http.Request, v paperView, err error) error {
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.title(), Section: section, Crumbs: []ui.Crumb{crumbPublic}}
	return p.Kit.Show(w, r, http.StatusOK, paperPage(p.Kit.Chrome(r, c), v))
}

func (p *Pages) printPaper(w http.ResponseWriter, r *http.Request, v paperView, err error) error {
	if err != nil {
		return err
	}
	return paper.SendPDF(w, r, p.Printer, v.document())
}

// ShowPaper shows …/convocation/document; the others below are the same page and
// its PDF, for the team, by a personal link, by an account.
func (p *Pages) ShowPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperOfTeam(r)
	return p.showPaper(w, r, v, err)
}

// PrintPaper answers GET /equipe/reunions/{id}/convocation.pdf.
func (p *Pages) PrintPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperOfTeam(r)
	return p.printPaper(w, r, v, err)
}

// ShowLinkPaper shows /reunions/reponse/{token}/convocation.
func (p *Pages) ShowLinkPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperByLink(r)
	return p.showPaper(w, r, v, err)
}

// PrintLinkPaper answers GET /reunions/reponse/{token}/convocation.pdf.
func (p *Pages) PrintLinkPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperByLink(r)
	return p.printPaper(w, r, v, err)
}

// ShowMyPaper shows /mes-reunions/{id}/convocation.
func (p *Pages) ShowMyPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperOfMine(r)
	return p.showPaper(w, r, v, err)
}

// PrintMyPaper answers GET /mes-reunions/{id}/convocation.pdf.
func (p *Pages) PrintMyPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperOfMine(r)
	return p.printPaper(w, r, v, err)
}
