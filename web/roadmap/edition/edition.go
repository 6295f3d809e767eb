// Package edition is the pages of the programme of a year, from proposals to the frozen edition.
package edition

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit      *page.Kit
	Editions *edition.Service
	Printer  *printing.Printer
}

const (
	section  = "Feuille de route"
	teamList = rm.ProgrammesPath
	minePath = rm.ListPath + "/propositions"
	citation = "valider les actions à mener pour l’année suivante"
)

var (
	crumbRoadmap  = ui.Crumb{Label: section, Href: rm.ListPath}
	crumbEditions = ui.Crumb{Label: "Programmes annuels", Href: rm.EditionsPath}
	crumbMine     = ui.Crumb{Label: "Mes propositions d’actions", Href: minePath}
	crumbTeam     = ui.Crumb{Label: "Programmes annuels", Href: teamList}
)

func editionPath(year int) string { return rm.EditionsPath + "/" + strconv.Itoa(year) }
func teamPath(year int) string    { return teamList + "/" + strconv.Itoa(year) }
func linePath(year int, id roadmap.ID) string {
	return teamPath(year) + "/lignes/" + page.IDText(id)
}
func ownPath(id roadmap.ID) string { return edition.ProposalPath(id) }

func teamCrumb(year int) ui.Crumb {
	return ui.Crumb{Label: "Programme " + strconv.Itoa(year), Href: teamPath(year)}
}

// yearOf reads the year of the address.
func yearOf(r *http.Request) (int, error) {
	n, err := strconv.Atoi(chi.URLParam(r, "annee"))
	if err != nil {
		return 0, page.ErrNotFound
	}
	return n, nil
}

func teamChrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: rm.TeamCrumbs(crumbs...)}
}

func stateKind(s edition.State) ui.Kind {
	switch s {
	case edition.Frozen:
		return ui.OK
	case edition.Examination:
		return ui.Warn
	}
	return ui.Info
}

func outcomeKind(o edition.Outcome) ui.Kind {
	switch o {
	case edition.Adopted, edition.Retained:
		return ui.OK
	case edition.SetAside, edition.Refused:
		return ui.Err
	case edition.Waiting:
		return ui.Info
	}
	return ui.Neutral
}

// slugs of the words of forms and addresses.
var outcomeSlugs = map[edition.Outcome]string{edition.Waiting: "a-examiner", edition.Retained: "retenue", edition.SetAside: "ecartee",
	edition.Adopted: "adoptee", edition.Refused: "refusee", edition.Withdrawn: "retiree"}

var originSlugs = map[edition.Origin]string{edition.Fresh: "nouvelle", edition.CarriedOver: "reconduite"}

func keyOf[K comparable](slugs map[K]string, word string) (k K) {
	for key, w := range slugs {
		if w == word {
			return key
		}
	}
	return k
}

func outcomeOptions() []ui.Option {
	var out []ui.Option
	for _, o := range edition.Outcomes {
		out = append(out, ui.Option{Value: outcomeSlugs[o], Label: o.Label()})
	}
	return out
}

func originOptions() []ui.Option {
	var out []ui.Option
	for _, o := range edition.Origins {
		out = append(out, ui.Option{Value: originSlugs[o], Label: o.Label()})
	}
	return out
}

func axisOptions(axes []roadmap.Axis) []ui.Option {
	out := make([]ui.Option, len(axes))
	for i, a := range axes {
		out[i] = ui.Option{Value: page.IDText(a.ID), Label: french.Typo(a.Title)}
	}
	return out
}

func percentWords(p *int) string {
	if p == nil {
		return "Pas encore dit"
	}
	return french.Percent(*p)
}

func named(number int, title string) string {
	return "Action n°" + french.NBSP + strconv.Itoa(number) + ", " + french.Typo(title)
}
