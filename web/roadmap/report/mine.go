package report

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// mineView is the actions of an organisation, those asked first.
type mineView struct {
	progress.Board
	Asked, Others []progress.Item
	Pager         ui.Pager
}

// quick tells whether one tap can answer something that is asked.
func (v mineView) quick() bool {
	for _, i := range v.Asked {
		if i.Quick() {
			return true
		}
	}
	return false
}

// organisation names it, or says that there is none.
func (v mineView) organisation() string {
	if v.Name == "" {
		return "votre organisation"
	}
	return v.Name
}

// ShowMine shows /mes-actions.
func (p *Pages) ShowMine(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	b, err := p.Progress.Mine(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	v := mineView{Board: b}
	for _, i := range b.Items {
		if i.Asked {
			v.Asked = append(v.Asked, i)
		} else {
			v.Others = append(v.Others, i)
		}
	}
	v.Pager = page.Pager(b.Paging, rm.MinePath, len(b.Items), "action", "actions")
	return p.Kit.Show(w, r, http.StatusOK, minePage(p.Kit.Chrome(r, ui.Chrome{Title: section}), v))
}

// answeredWords is « 2 réponses sur 5 ».
func answeredWords(m progress.Mine) string {
	return french.Count(m.Answered, "réponse", "réponses") + " sur " + french.Number(m.Asked)
}

// NothingNew answers POST /mes-actions/{id}/rien-de-nouveau: the same as the page
// sent with « Rien de nouveau » and not a word.
func (p *Pages) NothingNew(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	in := progress.Sending{Action: at.action, For: at.pour, Seen: progress.ReportID(f.Int("vu", "", 0, 1<<53)),
		Campaign: progress.CampaignID(f.Int("campagne", "", 0, 1<<53)), Said: progress.Report{NothingNew: true}}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var sent progress.Report
		if sent, refusal = p.Progress.Send(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, rm.MinePath, "« Rien de nouveau » est enregistré : "+sent.Situation.Label()+spaced(percentWords(sent.Percent))+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	f.Set("situation", nothingNew)
	return p.again(w, r, at, f, refusal, false)
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// allView is what the check page says.
type allView struct {
	progress.Board
	Ready, First []progress.Item // those one answer repeats, those to be reported on
}

func (p *Pages) remaining(r *http.Request) (allView, error) {
	b, err := p.Progress.Remaining(r.Context(), page.Actor(r))
	v := allView{Board: b}
	for _, i := range b.Items {
		if i.Quick() {
			v.Ready = append(v.Ready, i)
		} else {
			v.First = append(v.First, i)
		}
	}
	return v, err
}

// confirm is what the check page lists and sends.
func (v allView) confirm() ui.ConfirmView {
	c := ui.ConfirmView{Lead: "Un point « Rien de nouveau » sera enregistré pour chacune de ces actions, avec la situation et l’avancement de votre dernier point.",
		Action: AllPath, Key: page.NewKey(), Cancel: rm.MinePath,
		Submit: "Rien de nouveau pour " + french.Count(len(v.Ready), "action", "actions"),
		Hidden: []ui.HiddenField{{Name: "campagne", Value: page.IDText(v.Open.ID)}}}
	for _, i := range v.Ready {
		c.Rows = append(c.Rows, ui.SummaryRow{Key: i.Title, Value: said(i)})
		c.Hidden = append(c.Hidden, ui.HiddenField{Name: "vu", Value: page.IDText(i.LastID)})
	}
	return c
}

// ShowAll shows /mes-actions/rien-de-nouveau, the check before answering for all.
func (p *Pages) ShowAll(w http.ResponseWriter, r *http.Request) error {
	return p.showAll(w, r, form.New(), nil)
}

func (p *Pages) showAll(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.remaining(r)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Rien de nouveau pour toutes les actions restantes", Section: section, Crumbs: []ui.Crumb{{Label: section, Href: rm.MinePath}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), allPage(p.Kit.FormChrome(r, c, f), v, f))
}

// All answers POST /mes-actions/rien-de-nouveau.
func (p *Pages) All(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	campaign := progress.CampaignID(f.Int("campagne", "", 0, 1<<53))
	var seen []progress.ReportID
	f.Raw("vu")
	for _, s := range f.Values("vu") {
		one := form.New()
		one.Set("vu", s)
		seen = append(seen, progress.ReportID(one.ID("vu", "")))
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if len(seen) > 3000 {
		return problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")
	}
	var refusal error
	if f.OK() {
		var n int
		if n, refusal = p.Progress.NothingNewForAll(r.Context(), page.Actor(r), campaign, seen); refusal == nil {
			return p.Kit.Done(w, r, rm.MinePath, "« Rien de nouveau » est enregistré pour "+french.Count(n, "action", "actions")+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showAll(w, r, f, refusal)
}
