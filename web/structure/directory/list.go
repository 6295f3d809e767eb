package directory

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const listPath = "/structures"

// choice is a filter of the directory: its name in the address, what it asks.
type choice struct {
	name, label, blank string
	facet              directory.Facet
}

// choices are the filters, in display order.
var choices = []choice{
	{"commune", "Commune", "Toutes", directory.FacetCommune},
	{"college", "Collège", "Les deux", directory.FacetCollege},
	{"service", "Service proposé", "Tous", directory.FacetService},
	{"reseau", "Réseau ou programme", "Tous", directory.FacetNetwork},
	{"acces", "Pour venir ou écrire", "Tous les moyens", directory.FacetAccess},
}

// networks is what FacetNetwork holds: the metropole's network, then the national
// programmes.
var networks = append(national.Vocabulary{{Value: directory.AladdinNetwork, Slug: "aladdin", Label: "Réseau Aladdin"}}, national.Programmes...)

// terms returns the values of a filter, as the address and the page write them.
func (c choice) terms(communes []directory.CommuneTile) national.Vocabulary {
	switch c.facet {
	case directory.FacetService:
		return national.Services
	case directory.FacetNetwork:
		return networks
	case directory.FacetAccess:
		return national.AccessModes
	case directory.FacetCollege:
		out := make(national.Vocabulary, len(governance.Colleges))
		for i, k := range governance.Colleges {
			out[i] = national.Term{Value: string(k), Slug: string(k), Label: k.Label()}
		}
		return out
	}
	out := make(national.Vocabulary, len(communes))
	for i, k := range communes {
		out[i] = national.Term{Value: k.INSEE, Slug: k.INSEE, Label: k.Name}
	}
	return out
}

// asked is what an address of the directory asks for: what no page of ours writes is
// left out.
type asked struct {
	filter directory.Filter
	slugs  map[string]string // of the filters that are set, by their name
}

func readAsked(q url.Values) asked {
	a := asked{directory.Filter{Q: q.Get("q"), With: map[directory.Facet]string{}, Page: page.Number(q)}, map[string]string{}}
	for _, c := range choices {
		slug := q.Get(c.name)
		value := c.terms(nil).BySlug(slug)
		if c.facet == directory.FacetCommune && isINSEE(slug) {
			value = slug
		}
		if value != "" {
			a.filter.With[c.facet], a.slugs[c.name] = value, slug
		}
	}
	switch s := directory.Sort(q.Get("tri")); s {
	case directory.ByCommune, directory.ByFreshness:
		a.filter.Sort = s
	}
	return a
}

func isINSEE(s string) bool {
	return len(s) == 5 && strings.Trim(s, "0123456789AB") == ""
}

// address is the list with these filters, one of them replaced.
func (a asked) address(name, slug string) string {
	pairs := []string{"q", a.filter.Q, "tri", string(a.filter.Sort)}
	for _, c := range choices {
		if c.name == name {
			pairs = append(pairs, name, slug)
		} else {
			pairs = append(pairs, c.name, a.slugs[c.name])
		}
	}
	return page.Address(listPath, pairs...)
}

// listView is the directory as the page shows it.
type listView struct {
	directory.Page
	Base, Reset string
	Form        *form.Form
	Options     map[string][]ui.Option // by name of filter
	Map         ui.TileMapView
	Found       string // « 12 structures répondent à votre recherche », the heading of the list
}

// List shows /structures: the members of the GNI, as they agreed to be shown.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	a := readAsked(q)
	d, err := p.Directory.Page(r.Context(), a.filter)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, ui.Chrome{Title: "Annuaire des structures"}), newListView(a, d)))
}

func newListView(a asked, d directory.Page) listView {
	v := listView{Page: d, Base: a.address("", ""), Form: form.New(), Options: map[string][]ui.Option{}}
	v.Form.Set("q", a.filter.Q)
	v.Form.Set("tri", string(a.filter.Sort))
	if !a.filter.Empty() || a.filter.Sort != "" {
		v.Reset = listPath
	}
	switch {
	case d.Paging.Total == 0:
		v.Found = "Aucune structure"
	case a.filter.Empty():
		v.Found = french.Count(d.Paging.Total, "structure membre", "structures membres")
	default:
		v.Found = french.Count(d.Paging.Total, "structure répond", "structures répondent") + " à votre recherche"
	}
	for _, c := range choices {
		v.Form.Set(c.name, a.slugs[c.name])
		v.Options[c.name] = options(c, d, a.slugs[c.name])
	}
	v.Map = tileMap(a, d)
	return v
}

// options are the values that some structure answers, with how many, and the one
// that is asked for.
func options(c choice, d directory.Page, current string) []ui.Option {
	var out []ui.Option
	for _, t := range c.terms(d.Communes) {
		if n := d.Counts[c.facet][t.Value]; n > 0 || t.Slug == current {
			out = append(out, ui.Option{Value: t.Slug, Label: t.Label + " (" + french.Number(n) + ")"})
		}
	}
	return out
}

// tileMap is the communes with how many structures answer the other filters.
func tileMap(a asked, d directory.Page) ui.TileMapView {
	v := ui.TileMapView{Title: "Nombre de structures, commune par commune"}
	counts, most := d.Counts[directory.FacetCommune], 0
	for _, n := range counts {
		most = max(most, n)
	}
	bounds := depths(most)
	v.Legend = append(v.Legend, "aucune structure")
	from := 1
	for _, to := range bounds {
		legend := french.Number(from) + " à " + french.Number(to)
		if from == to {
			legend = french.Number(to)
		}
		v.Legend = append(v.Legend, legend)
		from = to + 1
	}
	for _, c := range d.Communes {
		n := counts[c.INSEE]
		t := ui.Tile{Name: c.Name, Abbr: c.Abbr, Row: c.Row, Col: c.Col, Href: a.address("commune", c.INSEE), Value: french.Number(n)}
		for step, to := range bounds {
			if n > 0 && t.Step == 0 && n <= to {
				t.Step = step + 1
			}
		}
		v.Tiles = append(v.Tiles, t)
	}
	return v
}

// depths cuts 1 to most in four parts at most, and returns the last number of each.
func depths(most int) []int {
	var out []int
	for i := 1; i <= 4; i++ {
		to := (most*i + 3) / 4
		if to > 0 && (len(out) == 0 || to > out[len(out)-1]) {
			out = append(out, to)
		}
	}
	return out
}

// inShort names the first services of a list, and how many others there are.
func inShort(services []string) string {
	const shown = 2
	names := make([]string, 0, shown)
	for _, s := range services[:min(len(services), shown)] {
		names = append(names, national.Services.Label(s))
	}
	text := strings.Join(names, ", ")
	if more := len(services) - shown; more > 0 {
		text += " et " + french.Count(more, "autre", "autres")
	}
	return text
}

// ListFile answers /structures.{ext}: the list on screen with its filters, all pages.
func (p *Pages) ListFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	a := readAsked(q)
	a.filter.Page = postgres.AllPages
	d, err := p.Directory.Page(r.Context(), a.filter)
	if err != nil {
		return err
	}
	return export.Send(w, format, listTable(day.In(time.Now()), d.Entries))
}

func listTable(on day.Day, entries []directory.Entry) export.Table {
	t := export.Table{
		Title: "Annuaire des structures du GNI au " + french.LongDate(on), Name: "structures-" + on.String(),
		Date: on, Source: "Bordeaux Métropole, registre du Groupe Numérique Inclusif",
		Columns: []export.Column{
			{Key: "id", Heading: "Identifiant", Kind: export.NumberKind, Width: 12}, {Key: "nom", Heading: "Structure", Width: 44},
			{Key: "commune", Heading: "Commune", Width: 26}, {Key: "code_insee", Heading: "Code INSEE", Width: 12},
			{Key: "college", Heading: "Collège", Width: 24}, {Key: "fiche_publiee", Heading: "Fiche publiée", Width: 14},
			{Key: "services", Heading: "Services", Width: 60}, {Key: "reseaux", Heading: "Réseaux et programmes", Width: 40},
			{Key: "modalites_acces", Heading: "Pour venir ou écrire", Width: 40}, {Key: "verifiee_le", Heading: "Vérifiée le", Kind: export.DayKind},
		},
	}
	for _, e := range entries {
		published, checked, inNetworks := "non", day.Day{}, e.Programmes
		if e.Published {
			published = "oui"
		}
		if e.UpToDateAt != nil {
			checked = day.In(*e.UpToDateAt)
		}
		if e.Aladdin != "" {
			inNetworks = append([]string{directory.AladdinNetwork}, inNetworks...)
		}
		t.Rows = append(t.Rows, []export.Cell{export.Int(e.ID), export.Text(e.Name), export.Text(e.Commune), export.Text(e.INSEE),
			export.Text(e.College.Label()), export.Text(published), labels(e.Services, national.Services), labels(inNetworks, networks),
			labels(e.Access, national.AccessModes), export.Day(checked)})
	}
	return t
}

// labels is several values in one cell, cut as the national standard does.
func labels(values []string, list national.Vocabulary) export.Cell {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = list.Label(v)
	}
	return export.Text(strings.Join(out, "|"))
}
