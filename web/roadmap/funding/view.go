package funding

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// fundingView is the page /financements.
type fundingView struct {
	funding.View
	Form *form.Form
	Mine access.Capacity // the organisation the reader acts for, if any
}

// measures are the four rows of each funder, in their order.
var measures = []struct {
	Label string
	Of    func(funding.Sums) roadmap.Cents
}{
	{"Prévu", func(s funding.Sums) roadmap.Cents { return s.Planned }},
	{"Obtenu", func(s funding.Sums) roadmap.Cents { return s.Obtained }},
	{"Dépensé", func(s funding.Sums) roadmap.Cents { return s.Spent }},
	{"Écart", funding.Sums.Gap},
}

var (
	natureSlugs = map[string]roadmap.Nature{"investissement": roadmap.Investment, "fonctionnement": roadmap.Running}
	sortOptions = ui.Options("", "Numéro", string(funding.ByPlanned), "Montant prévu", string(funding.ByGap), "Écart")
)

func natureSlug(n roadmap.Nature) string {
	for slug, nature := range natureSlugs {
		if nature == n {
			return slug
		}
	}
	return ""
}

// List shows /financements.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	v, err := p.asked(r)
	if err != nil {
		return err
	}
	query := v.Query
	if v.View, err = p.Funding.View(r.Context(), page.Actor(r), query); err != nil {
		return err
	}
	return p.Kit.Show(w, r, page.FilterStatus(v.Form), listPage(p.Kit.FormChrome(r, chrome("Financements"), v.Form), v))
}

// asked reads the filters of the address.
func (p *Pages) asked(r *http.Request) (fundingView, error) {
	values, err := page.Query(r)
	if err != nil {
		return fundingView{}, err
	}
	v := fundingView{Form: page.FilterForm(values, "financeur", "annee", "axe", "nature", "tri", "depuis"), Mine: page.Actor(r).Acting}
	v.Query = readQuery(v.Form, values)
	return v, nil
}

func readQuery(f *form.Form, values url.Values) funding.Query {
	q := funding.Query{Page: page.Number(values)}
	// No field shows the first year: an address that has a wrong one has none.
	if from, err := strconv.Atoi(f.Value("depuis")); err == nil && from >= roadmap.FirstBudgetYear && from <= roadmap.LastBudgetYear {
		q.From = from
	}
	q.Year = f.Int("annee", "", roadmap.FirstBudgetYear, roadmap.LastBudgetYear)
	q.Axis = roadmap.AxisID(f.ID("axe", ""))
	q.Nature = natureSlugs[f.Choice("nature", "", "investissement", "fonctionnement")]
	q.Sort = funding.Sort(f.Choice("tri", "", string(funding.ByPlanned), string(funding.ByGap)))
	if q.Funder = funding.FunderKey(f.Raw("financeur")); !q.Funder.Valid() {
		f.Fail("financeur", "Choisissez un financeur de la liste.")
		q.Funder = funding.AnyFunder
	}
	return q
}

// address is that of the view with other filters.
func address(path string, q funding.Query) string {
	return page.Address(path, "financeur", string(q.Funder), "annee", text(q.Year), "axe", text(int(q.Axis)), "nature", natureSlug(q.Nature),
		"tri", string(q.Sort), "depuis", text(q.From))
}

func text(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// cellHref leads to the actions a cell sums; "" when the cell is no single funder's.
func (v fundingView) cellHref(key funding.FunderKey, year int) string {
	if key == funding.Others {
		return ""
	}
	q := v.Query
	q.From, q.Year, q.Sort = v.shownFrom(), year, funding.ByNumber
	if key != funding.AnyFunder {
		q.Funder = key
	}
	return address(rm.FundingPath, q) + actionsPart
}

// shownFrom is the first year shown as the address says it: nothing when it is this one.
func (v fundingView) shownFrom() int {
	if v.First == v.Today {
		return 0
	}
	return v.First
}

// window leads to the horizon that begins n years away; "" when no line is there.
func (v fundingView) window(n int) string {
	first := v.First + n
	if n < 0 && v.First <= v.Oldest || n > 0 && first > v.Latest || first < roadmap.FirstBudgetYear {
		return ""
	}
	q := v.Query
	q.From, q.Year = first, 0
	return address(rm.FundingPath, q)
}

// filtered tells whether the list is not the whole.
func (v fundingView) filtered() bool {
	q := v.Query
	return q.Funder != "" || q.Year != 0 || q.Axis != 0 || q.Nature != "" || q.From != 0
}

func (v fundingView) reset() string {
	if v.filtered() {
		return rm.FundingPath
	}
	return ""
}

func (v fundingView) funderOptions() []ui.Option {
	out := []ui.Option{{Value: string(funding.ToFind), Label: roadmap.NoFunder}}
	for _, f := range v.Funders {
		out = append(out, ui.Option{Value: string(f.Key), Label: f.Name})
	}
	return out
}

func (v fundingView) yearOptions() []ui.Option {
	var out []ui.Option
	for y := min(v.Oldest, v.First); y <= max(v.Latest, v.First+funding.Horizon-1); y++ {
		out = append(out, ui.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	return out
}

func (v fundingView) axisOptions() []ui.Option {
	var out []ui.Option
	for _, a := range v.Axes {
		out = append(out, ui.Option{Value: page.IDText(a.ID), Label: french.Typo(a.Title)})
	}
	return out
}

// period says which years are summed: « de 2026 à 2030 ».
func (v fundingView) period() string {
	return "de " + strconv.Itoa(v.First) + " à " + strconv.Itoa(v.YearAt(funding.Horizon-1))
}

// asking says which years the actions are listed for.
func (v fundingView) asking() string {
	if v.Query.Year != 0 {
		return "en " + strconv.Itoa(v.Query.Year)
	}
	return v.period()
}

// trend draws planned against obtained by year.
func (v fundingView) trend() ui.TrendView {
	planned, obtained := ui.TrendLine{Name: "Prévu"}, ui.TrendLine{Name: "Obtenu"}
	for n, s := range v.Years {
		y := strconv.Itoa(v.YearAt(n))
		point := func(c roadmap.Cents) ui.TrendPoint {
			return ui.TrendPoint{Day: day.Of(v.YearAt(n), 12, 31), Value: c.Float() / 1000, Text: c.String(), Label: "en " + y, Short: y}
		}
		planned.Points, obtained.Points = append(planned.Points, point(s.Planned)), append(obtained.Points, point(s.Obtained))
	}
	return ui.TrendView{ID: "budget", Title: "Prévu et obtenu par année, en milliers d’euros", Lines: []ui.TrendLine{planned, obtained}, Axis: true}
}

// ListFile answers /financements.{ext}: the budget lines of the list, one by one.
func (p *Pages) ListFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	v, err := p.asked(r)
	if err != nil {
		return err
	}
	lines, err := p.Funding.FileLines(r.Context(), page.Actor(r), v.Query)
	if err != nil {
		return err
	}
	return export.Send(w, format, fileOf(lines))
}

func fileOf(lines []funding.FileLine) export.Table {
	amount := func(key, heading string) export.Column {
		return export.Column{Key: key, Heading: heading, Kind: export.NumberKind, Width: 16}
	}
	t := export.Table{Title: "Financements de la feuille de route", Name: "financements", Date: day.Today(), Source: publisher, Columns: []export.Column{
		{Key: "annee", Heading: "Année", Kind: export.NumberKind}, {Key: "financeur", Heading: "Financeur", Width: 40}, {Key: "axe", Heading: "Axe", Width: 40},
		{Key: "numero", Heading: "Numéro de l’action", Kind: export.NumberKind}, {Key: "action", Heading: "Action", Width: 50}, {Key: "etat", Heading: "État"},
		{Key: "nature", Heading: "Nature", Width: 18}, amount("prevu", "Prévu, en euros"), amount("obtenu", "Obtenu, en euros"),
		amount("depense", "Dépensé, en euros"), amount("ecart", "Écart, en euros")}}
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{export.Int(l.Year), export.Text(l.Funder), export.Text(l.Axis), export.Int(l.Number), export.Text(l.Action),
			export.Text(l.Status.Label()), export.Text(l.Nature.Label()), export.Number(l.Planned.Float()), export.Number(l.Obtained.Float()),
			export.Number(l.Spent.Float()), export.Number(l.Gap().Float())})
	}
	return t
}

// organisationView is the page of what involves an organisation.
type organisationView struct {
	funding.Organisation
	Mine bool
}

// ShowOrganisation shows /financements/organisations/{id}.
func (p *Pages) ShowOrganisation(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.OrganisationID](r, "id")
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	o, err := p.Funding.Organisation(r.Context(), page.Actor(r), id, page.Number(q))
	if err != nil {
		return err
	}
	v := organisationView{Organisation: o, Mine: page.Actor(r).ActsFor(id)}
	c := chrome(french.Typo(o.Name)+french.NBSP+": actions et financements", crumbFunding)
	return p.Kit.Show(w, r, http.StatusOK, organisationPage(p.Kit.Chrome(r, c), v))
}

// role says how the action involves the organisation.
func role(a funding.Involved) string {
	var words []string
	if a.Pilots {
		words = append(words, "pilote")
	}
	if a.Takes {
		words = append(words, "partenaire")
	}
	if a.Lines > 0 {
		words = append(words, "financeur")
	}
	if len(words) == 0 {
		return "Commune concernée"
	}
	return french.Capital(french.List(words))
}
