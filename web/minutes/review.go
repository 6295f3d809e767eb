package minutes

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/minutes/review"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// linkPath is a page of a recipient's personal link.
func linkPath(token, below string) string { return meeting.AnswerPath + token + below }

// usualReviewDays is how long participants are given when the team does not say.
const usualReviewDays = 10

// ShowSendForReview shows …/compte-rendu/relecture: the check before minutes leave.
func (p *Pages) ShowSendForReview(w http.ResponseWriter, r *http.Request) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("jusqu_au", french.NumericDate(v.Today.AddDays(usualReviewDays)))
	return p.showSendForReview(w, r, v, f, nil)
}

func (p *Pages) showSendForReview(w http.ResponseWriter, r *http.Request, v minutes.Sheet, f *form.Form, refusal error) error {
	c := textChrome(v, "Envoyer le compte rendu en relecture")
	to, err := p.Meetings.Recipients(r.Context(), p.Minutes.Reader(), v.Meeting)
	if err != nil {
		return err
	}
	reached := 0
	for _, one := range to {
		if one.Email != "" {
			reached++
		}
	}
	rows := []ui.SummaryRow{
		{Key: "Compte rendu", Value: v.Title()},
		{Key: "Destinataires", Value: french.Count(reached, "personne", "personnes") + " avec une adresse, sur " + french.Count(len(to), "conviée", "conviées")},
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), sendPage(p.Kit.FormChrome(r, c, f), v, rows, page.NewKey(), f))
}

// SendForReview answers POST …/compte-rendu/relecture.
func (p *Pages) SendForReview(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	until := f.Date("jusqu_au", "Saisissez le dernier jour où des corrections peuvent être demandées.")
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var n int
		n, refusal = p.Minutes.SendForReview(r.Context(), page.Actor(r), v.Meeting, version, until)
		if refusal == nil {
			return p.Kit.Done(w, r, editorPath(v.Meeting, ""), "Le compte rendu est envoyé en relecture à "+french.Count(n, "personne", "personnes")+", jusqu’au "+french.LongDate(until)+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showSendForReview(w, r, v, f, refusal)
}

// reviewing says as whom somebody reviews, and where their pages are.
type reviewing struct {
	conv   meeting.ConvocationID
	read   string // the page of the text
	action string // where a correction is posted
	back   ui.Crumb
}

// byLink is reviewing by a personal link.
func (p *Pages) byLink(r *http.Request) (reviewing, error) {
	token := chi.URLParam(r, "token")
	conv, _, err := p.Meetings.RecipientOf(r.Context(), p.Minutes.Reader(), token)
	return reviewing{conv, linkPath(token, "/compte-rendu"), linkPath(token, "/correction"), ui.Crumb{Label: "Ma réponse", Href: linkPath(token, "")}}, err
}

// byAccount is reviewing signed in.
func (p *Pages) byAccount(r *http.Request) (reviewing, error) {
	id, err := textID(r)
	if err != nil {
		return reviewing{}, err
	}
	conv, err := p.Minutes.Participation(r.Context(), page.Actor(r), id)
	at := crumbMeetings.Href + "/" + page.IDText(id)
	return reviewing{conv, at + "/relecture", at + "/relecture", ui.Crumb{Label: "Réunion", Href: at}}, err
}

// ShowReviewByLink shows /reunions/reponse/{token}/compte-rendu.
func (p *Pages) ShowReviewByLink(w http.ResponseWriter, r *http.Request) error {
	return p.showReview(w, r, p.byLink, form.New(), nil)
}

// ShowReview shows /reunions/{id}/relecture to a participant signed in.
func (p *Pages) ShowReview(w http.ResponseWriter, r *http.Request) error {
	return p.showReview(w, r, p.byAccount, form.New(), nil)
}

func (p *Pages) showReview(w http.ResponseWriter, r *http.Request, who func(*http.Request) (reviewing, error), f *form.Form, refusal error) error {
	at, err := who(r)
	if err != nil {
		return err
	}
	v, err := p.Minutes.ReviewFor(r.Context(), at.conv)
	if err != nil {
		return err
	}
	if !v.Shown() {
		return page.ErrNotFound
	}
	c := ui.Chrome{Title: v.Title, Section: section, Crumbs: []ui.Crumb{crumbMeetings, at.back}}
	panel := review.Panel{Review: v, Form: f, Action: at.action, Public: publicText(v.Meeting), Key: page.NewKey()}
	w.Header().Set("Cache-Control", "no-store") // what is not published is in nobody's cache
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), reviewPage(p.Kit.FormChrome(r, c, f), v, panel))
}

// AskByLink answers POST /reunions/reponse/{token}/correction.
func (p *Pages) AskByLink(w http.ResponseWriter, r *http.Request) error { return p.ask(w, r, p.byLink) }

// Ask answers POST /reunions/{id}/relecture.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error { return p.ask(w, r, p.byAccount) }

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, who func(*http.Request) (reviewing, error)) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	at, err := who(r)
	if err != nil {
		return err
	}
	passage := f.Text("passage", "", minutes.MaxPassage)
	text := f.Text("correction", "Écrivez la correction que vous demandez.", minutes.MaxCorrection)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Minutes.AskCorrection(r.Context(), page.Actor(r), at.conv, passage, text)
		if refusal == nil {
			return p.Kit.Done(w, r, at.read, "Votre demande est enregistrée. L’équipe métropolitaine vous répondra.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showReview(w, r, who, f, refusal)
}
