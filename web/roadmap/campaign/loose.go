package campaign

import (
	"net/http"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// loosePath is the reports that no campaign in course reads.
const loosePath = "/equipe/points"

func loosePointPath(x campaign.Loose) string { return loosePath + "/" + page.IDText(x.ID) }

func looseTitle(x campaign.Loose) string {
	return "Point de " + x.OrganisationName + ", action n° " + french.Number(x.Number)
}

func looseChrome(title string, under ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Feuille de route", Style: "roadmap.css", Crumbs: roadmap.TeamCrumbs(under...)}
}

// ShowLooseReports shows /equipe/points.
func (p *Pages) ShowLooseReports(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	list, paging, err := p.Campaigns.LooseReports(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, loosePage(p.Kit.Chrome(r, looseChrome("Points à relire")), list, page.Pager(paging, loosePath, len(list), "point", "points")))
}

// ShowLooseReport shows /equipe/points/{point}.
func (p *Pages) ShowLooseReport(w http.ResponseWriter, r *http.Request) error {
	x, err := p.loose(r)
	if err != nil {
		return err
	}
	return p.showLoose(w, r, x, form.New(), nil)
}

func (p *Pages) loose(r *http.Request) (campaign.Loose, error) {
	id, err := pointID(r)
	if err != nil {
		return campaign.Loose{}, err
	}
	return p.Campaigns.LooseReport(r.Context(), page.Actor(r), id)
}

func (p *Pages) showLoose(w http.ResponseWriter, r *http.Request, x campaign.Loose, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, looseChrome(looseTitle(x), ui.Crumb{Label: "Points à relire", Href: loosePath}), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), loosePointPage(c, x, f))
}

// AcceptLoose answers POST /equipe/points/{point}/acceptation.
func (p *Pages) AcceptLoose(w http.ResponseWriter, r *http.Request) error {
	return p.settleLoose(w, r, "Le point est accepté : il est public.", func(_ *form.Form, x campaign.Loose, version int) func() error {
		return func() error { return p.Campaigns.AcceptLoose(r.Context(), page.Actor(r), x.ID, version) }
	})
}

// AskLoose answers POST /equipe/points/{point}/precision.
func (p *Pages) AskLoose(w http.ResponseWriter, r *http.Request) error {
	return p.settleLoose(w, r, "La précision est demandée par courriel.", func(f *form.Form, x campaign.Loose, version int) func() error {
		reason := f.Text("motif", "Dites ce que vous attendez, en une phrase.", 1000)
		return func() error { return p.Campaigns.AskLoose(r.Context(), page.Actor(r), x.ID, version, reason) }
	})
}

func (p *Pages) settleLoose(w http.ResponseWriter, r *http.Request, done string, read func(*form.Form, campaign.Loose, int) func() error) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	x, err := p.loose(r)
	if err != nil {
		return err
	}
	act := read(f, x, f.Int("version", "", 0, 1<<30))
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = act(); refusal == nil {
			return p.done(w, r, loosePath, done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showLoose(w, r, x, f, refusal)
}

// looseRows says the report in words.
func looseRows(x campaign.Loose) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Action", Content: actionLink(x)}, {Key: "Situation", Value: change(x.Situation, x.Percent)}}
	return append(rows, saidRows(x.Report, nil)...)
}

func actionLink(x campaign.Loose) templ.Component {
	return link(roadmap.TeamPath(x.Action), french.Typo("n° "+french.Number(x.Number)+", "+x.Title))
}
