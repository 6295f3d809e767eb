package meeting

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/minutes/review"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// completeAnswer adds to a personal page what the moment calls for: contributing to a
// workshop, reading its minutes again.
func (p *Pages) completeAnswer(r *http.Request, v *answerView, f *form.Form) error {
	if v.ForTeam {
		return nil
	}
	if v.Meeting.Kind == meeting.Workshop {
		mine, err := p.Meetings.ContributionsOf(r.Context(), p.DB, v.Seat.ID)
		if err != nil {
			return err
		}
		to := ""
		if v.Meeting.CanContribute() {
			to = myContributionPath(v.Meeting.ID)
			if v.Opening != "" { // by a personal link
				to = v.Action + "/contribution"
			}
		}
		v.Extra = contributionBox(to, mine, f)
	}
	if !v.Meeting.Past() {
		return nil
	}
	minutes, err := p.Minutes.ReviewFor(r.Context(), v.Seat.ID)
	if err != nil {
		return err
	}
	panel := review.Panel{Review: minutes, Form: f, Public: publicAddress(v.Meeting.ID) + "/compte-rendu",
		Action: publicAddress(v.Meeting.ID) + "/relecture", Read: publicAddress(v.Meeting.ID) + "/relecture", Key: page.NewKey()}
	if v.Opening != "" {
		panel.Action, panel.Read, panel.Key = v.Action+"/correction", v.Action+"/compte-rendu", ""
	}
	v.After = minutesBox(panel)
	return nil
}

// ContributeByLink answers POST /reunions/reponse/{token}/contribution.
func (p *Pages) ContributeByLink(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	conv, _, err := p.Meetings.RecipientOf(r.Context(), p.DB, token)
	if err != nil {
		return err
	}
	text := f.Text("contribution", "Écrivez votre contribution.", 4000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.Contribute(r.Context(), conv, text); refusal == nil {
			return p.Kit.Done(w, r, answerAddress(token), "Votre contribution est reçue. Merci.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.linkView(r)
	if err != nil {
		return err
	}
	shown := answerForm(v.Seat)
	shown.Set("contribution", f.Value("contribution"))
	for _, e := range f.Errors() {
		shown.Fail(e.Field, e.Message)
	}
	c := ui.Chrome{Title: v.Meeting.Title(), Section: section, Crumbs: []ui.Crumb{crumbPublic}, Script: "answer.js"}
	if err := p.completeAnswer(r, &v, shown); err != nil {
		return err
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), answerPage(p.Kit.FormChrome(r, c, shown), v, shown))
}
