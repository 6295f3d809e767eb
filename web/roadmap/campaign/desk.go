package campaign

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
	domain "bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// deskView is the follow-up of a campaign with its filters.
type deskView struct {
	campaign.Desk
	Query url.Values
	Form  *form.Form
	Page  int
}

func (v deskView) address(pairs ...string) string {
	return page.Address(deskPath(v.Campaign.ID), append([]string{"communes", v.Query.Get("communes"), "axe", v.Query.Get("axe")}, pairs...)...)
}

func (v deskView) filtered() bool { return v.Query.Get("communes") != "" || v.Query.Get("axe") != "" }

// Show shows /equipe/campagnes/{id}; a campaign in preparation is checked before it opens.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := page.FilterForm(q, "communes", "axe")
	filter := campaign.Filter{Page: page.Number(q)}
	filter.Communes = f.Choice("communes", "", communeFilters()...)
	filter.Axis = domain.AxisID(f.ID("axe", ""))
	desk, err := p.Campaigns.Desk(r.Context(), page.Actor(r), id, filter)
	if err != nil {
		return err
	}
	if desk.Campaign.State() == campaign.Preparing {
		return p.done(w, r, deskPath(id)+"/ouverture", "")
	}
	v := deskView{Desk: desk, Query: q, Form: f, Page: filter.Page}
	c := chrome(french.Typo(desk.Campaign.Title))
	c.Failed = len(f.Errors()) > 0
	return p.Kit.Show(w, r, page.FilterStatus(f), deskPage(p.Kit.Chrome(r, c), v))
}

func communeFilters() []string {
	out := []string{}
	for _, c := range campaign.CommuneFilters {
		out = append(out, c[0])
	}
	return out
}

func communeOptions() []ui.Option {
	out := []ui.Option{}
	for _, c := range campaign.CommuneFilters {
		out = append(out, ui.Option{Value: c[0], Label: c[1]})
	}
	return out
}

func axisOptions(axes []domain.Axis) []ui.Option {
	out := []ui.Option{}
	for _, a := range axes {
		out = append(out, ui.Option{Value: page.IDText(a.ID), Label: french.Typo(a.Title)})
	}
	return out
}

// tiles is n/28 on the map: five depths, from no answer to all.
func tiles(c campaign.Campaign, lines []campaign.CommuneLine) ui.TileMapView {
	v := ui.TileMapView{Title: "Réponses, commune par commune", Legend: []string{"aucune réponse", "moins de la moitié", "la moitié ou plus", "tout, à relire", "tout, relu"}}
	for _, l := range lines {
		v.Tiles = append(v.Tiles, ui.Tile{Name: l.Name, Abbr: l.Abbr, Row: l.Row, Col: l.Col, Href: communePath(c.ID, l.INSEE), Step: step(l),
			Value: ratio(l.Answered, l.Asked), Label: french.Count(l.Answered, "réponse", "réponses") + " sur " + strconv.Itoa(l.Asked)})
	}
	return v
}

func step(l campaign.CommuneLine) int {
	switch {
	case l.Answered == 0:
		return 0
	case 2*l.Answered < l.Asked:
		return 1
	case l.Answered < l.Asked:
		return 2
	case l.Waiting > 0 || l.AskedBack > 0:
		return 3
	}
	return 4
}

// Commune shows /equipe/campagnes/{id}/communes/{insee}.
func (p *Pages) Commune(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.Campaigns.Commune(r.Context(), page.Actor(r), id, chi.URLParam(r, "insee"))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, communePage(p.Kit.Chrome(r, chromeOf(v.Campaign, "Les réponses "+french.De(v.Commune.Name))), v))
}

// pointView is a report being read.
type pointView struct {
	campaign.Point
	Key string
}

func (p *Pages) point(r *http.Request) (pointView, error) {
	id, err := campaignID(r)
	if err != nil {
		return pointView{}, err
	}
	point, err := pointID(r)
	if err != nil {
		return pointView{}, err
	}
	v, err := p.Campaigns.Point(r.Context(), page.Actor(r), id, point)
	return pointView{Point: v, Key: page.NewKey()}, err
}

// settles tells whether the team may still act on the report.
func (v pointView) settles() bool {
	return v.Campaign.ClosedAt == nil && v.Report.State != progress.Replaced
}

// ShowPoint shows /equipe/campagnes/{id}/points/{point}.
func (p *Pages) ShowPoint(w http.ResponseWriter, r *http.Request) error {
	v, err := p.point(r)
	if err != nil {
		return err
	}
	return p.showPoint(w, r, v, form.New(), nil)
}

func (p *Pages) showPoint(w http.ResponseWriter, r *http.Request, v pointView, f *form.Form, refusal error) error {
	c := chromeOf(v.Campaign, "Le point "+french.De(v.Report.OrganisationName)+", action "+actionWords(v.Answer))
	if v.Answer.Report == 0 { // replaced: no longer the answer
		c.Title = "Un point remplacé " + french.De(v.Report.OrganisationName)
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), pointPage(p.Kit.FormChrome(r, c, f), v, f))
}

// after is where the team goes once a report is settled: the next one to read.
func (v pointView) after() string {
	if v.Next != 0 {
		return pointPath(v.Campaign.ID, v.Next)
	}
	return deskPath(v.Campaign.ID)
}

// Accept answers POST …/points/{point}/acceptation.
func (p *Pages) Accept(w http.ResponseWriter, r *http.Request) error {
	return p.settle(w, r, "Le point est accepté.", func(f *form.Form, v pointView, version int) func() error {
		return func() error {
			return p.Campaigns.Accept(r.Context(), page.Actor(r), v.Campaign.ID, v.Report.ID, version)
		}
	})
}

// AskBack answers POST …/points/{point}/precision.
func (p *Pages) AskBack(w http.ResponseWriter, r *http.Request) error {
	return p.settle(w, r, "La précision est demandée par courriel.", func(f *form.Form, v pointView, version int) func() error {
		reason := f.Text("motif", "Dites ce que vous attendez, en une phrase.", 1000)
		return func() error {
			return p.Campaigns.AskBack(r.Context(), page.Actor(r), v.Campaign.ID, v.Report.ID, version, reason)
		}
	})
}

func (p *Pages) settle(w http.ResponseWriter, r *http.Request, done string, read func(*form.Form, pointView, int) func() error) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.point(r)
	if err != nil {
		return err
	}
	act := read(f, v, f.Int("version", "", 0, 1<<30))
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = act(); refusal == nil {
			return p.done(w, r, v.after(), done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPoint(w, r, v, f, refusal)
}

// ShowCorrection shows …/points/{point}/correction.
func (p *Pages) ShowCorrection(w http.ResponseWriter, r *http.Request) error {
	v, err := p.point(r)
	if err != nil {
		return err
	}
	f, x := form.New(), v.Report
	for name, value := range map[string]string{"situation": string(x.Situation), "pourquoi": x.FallReason, "fait": x.Done, "difficulte": x.Difficulty,
		"type_besoin": string(x.NeedKind), "besoin": x.Need, "suite": x.NextStep} {
		f.Set(name, value)
	}
	if x.Percent != nil {
		f.Set("avancement", strconv.Itoa(*x.Percent))
	}
	if x.GoodPractice {
		f.Set("bonne_pratique", "oui")
	}
	for _, g := range x.Figures {
		f.Set(figureField(g.Indicator), g.Value.String())
	}
	return p.showCorrection(w, r, v, f, nil)
}

func figureField(id domain.IndicatorID) string { return "chiffre_" + page.IDText(id) }

func (p *Pages) showCorrection(w http.ResponseWriter, r *http.Request, v pointView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, chromeOf(v.Campaign, "Corriger le point "+french.De(v.Report.OrganisationName)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), correctionPage(c, v, f))
}

// Correct answers POST …/points/{point}/correction.
func (p *Pages) Correct(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.point(r)
	if err != nil {
		return err
	}
	in := readReport(f, v)
	why := f.Text("motif", "Dites pourquoi vous corrigez ce point.", 1000)
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Campaigns.Correct(r.Context(), page.Actor(r), v.Campaign.ID, v.Report.ID, version, in, why); refusal == nil {
			return p.done(w, r, v.after(), "Le point est corrigé. L’ancien reste dans l’historique, et la personne qui l’a envoyé est prévenue.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if problem.KindOf(refusal) == problem.Conflict && v.Report.State == progress.Replaced {
			return refusal
		}
	}
	return p.showCorrection(w, r, v, f, refusal)
}

func readReport(f *form.Form, v pointView) progress.Report {
	in := progress.Report{Situation: progress.Situation(f.Choice("situation", "Choisissez où en est l’action.", situations()...))}
	if n, err := strconv.Atoi(f.Choice("avancement", "", percents()...)); err == nil {
		in.Percent = &n
	}
	in.FallReason = f.Text("pourquoi", "", 300)
	in.Done = f.Text("fait", "", 500)
	in.Difficulty = f.Text("difficulte", "", 500)
	in.NeedKind = progress.NeedKind(f.Choice("type_besoin", "", needs()...))
	in.Need = f.Text("besoin", "", 500)
	in.NextStep = f.Text("suite", "", 300)
	for _, i := range v.Indicators {
		text := f.Line(figureField(i.ID), "", 40)
		if text == "" || f.Error(figureField(i.ID)) != "" {
			continue
		}
		n, err := indicator.ParseNumber(text)
		if err != nil {
			f.Fail(figureField(i.ID), "Saisissez un nombre, par exemple 12 ou 12,5.")
			continue
		}
		in.Figures = append(in.Figures, progress.Figure{Indicator: i.ID, Value: n})
	}
	in.GoodPractice = f.Bool("bonne_pratique")
	return in
}

func situations() []string {
	var out []string
	for _, s := range progress.Situations {
		out = append(out, string(s))
	}
	return out
}

func needs() []string {
	var out []string
	for _, k := range progress.NeedKinds {
		out = append(out, string(k))
	}
	return out
}

func percents() []string {
	var out []string
	for n := 0; n <= 100; n += 10 {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// marks are what a row of a report should tell at a glance.
func marks(a campaign.Answer) string {
	var out []string
	for _, m := range []struct {
		that bool
		word string
	}{{a.Fell(), "en baisse"}, {a.Difficulty != "", "difficulté"}, {a.Need != "", "besoin"}, {a.GoodPractice, "à partager"}, {a.NothingNew, "rien de nouveau"}} {
		if m.that {
			out = append(out, m.word)
		}
	}
	return french.Capital(strings.Join(slices.Clip(out), ", "))
}
