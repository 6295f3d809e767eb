// Package indicator is the pages of the observatory: its figures, with their source,
// their date and their method; the networks the metropole runs; the GNI as a body
// over time. Every page is read in two round trips at most.
package indicator

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/network"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the observatory.
type Pages struct {
	Kit        *page.Kit
	Indicators *indicator.Service
	Network    *network.Service
}

// Addresses of the pages.
const (
	listPath     = "/indicateurs"
	aladdinPath  = "/reseaux/aladdin"
	teamPath     = "/equipe/indicateurs"
	newPath      = teamPath + "/nouveau"
	advisersPath = "/equipe/structures/conseillers-numeriques"
	communesPath = "/equipe/structures/communes"
)

const publisher = "Bordeaux Métropole, portail de la gouvernance de l’inclusion numérique"

func figurePath(slug string) string { return listPath + "/" + slug }

func sheetPath(id indicator.ID) string { return teamPath + "/" + page.IDText(id) }

func valuePath(v indicator.Value, act string) string {
	return sheetPath(v.Indicator) + "/valeurs/" + page.IDText(v.ID) + "/" + act
}

func structurePath(id structure.ID) string { return "/structures/" + page.IDText(id) }

func communePath(insee string) string { return "/communes/" + insee }

// chrome is what the public pages share: the sheet of the drawings.
func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Observatoire", Style: "figures.css", Crumbs: crumbs}
}

var (
	crumbList = ui.Crumb{Label: "Observatoire", Href: listPath}
	crumbTeam = ui.Crumb{Label: "Indicateurs", Href: teamPath}
)

// crumbHome leads to the dashboard of the team.
var crumbHome = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}

func teamChrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Style: "figures.css", Wide: true, Crumbs: append([]ui.Crumb{crumbHome}, crumbs...)}
}

// asked reads the format and the filters of a file's address.
func asked(r *http.Request) (export.Format, url.Values, error) {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return "", nil, page.ErrNotFound
	}
	q, err := page.Query(r)
	return format, q, err
}

// file begins a file dated of a day.
func file(title, name string, on day.Day, columns ...export.Column) export.Table {
	return export.Table{Title: title + " au " + french.LongDate(on), Name: name + "-" + on.String(), Date: on, Source: publisher, Columns: columns}
}
