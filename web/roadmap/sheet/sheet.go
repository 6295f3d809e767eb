// Package sheet is the pages of the team’s sheets of actions: axes, fields, status, history.
package sheet

import (
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit        *page.Kit
	Roadmap    *roadmap.Service
	Governance *governance.Service
}

const newPath = rm.TeamListPath + "/actions/nouvelle"

var (
	crumbHome = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbList = ui.Crumb{Label: "Feuille de route (équipe)", Href: rm.TeamListPath}
	crumbAxes = ui.Crumb{Label: "Axes", Href: rm.AxesPath}
)

func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Style: "roadmap.css", Wide: true, Crumbs: append([]ui.Crumb{crumbHome}, crumbs...)}
}

// actionChrome is the chrome of what hangs on an action.
func actionChrome(title string, a roadmap.Action) ui.Chrome {
	return chrome(title, crumbList, ui.Crumb{Label: french.Typo(a.Title), Href: rm.TeamPath(a.ID)})
}

// pair is a value and its word in an address or a form.
type pair[T comparable] struct {
	word  string
	value T
}

var prioritySlugs = []pair[roadmap.Priority]{{"haute", roadmap.High}, {"normale", roadmap.Normal}, {"basse", roadmap.Low}}

var confidenceSlugs = []pair[roadmap.Confidence]{{"sur-la-bonne-voie", roadmap.OnCourse}, {"a-surveiller", roadmap.ToWatch},
	{"appui-necessaire", roadmap.NeedsSupport}, {"compromise", roadmap.Compromised}}

func valueOf[T comparable](pairs []pair[T], word string) (v T) {
	for _, p := range pairs {
		if p.word == word {
			return p.value
		}
	}
	return v
}

func wordOf[T comparable](pairs []pair[T], value T) string {
	for _, p := range pairs {
		if p.value == value {
			return p.word
		}
	}
	return ""
}

func words[T comparable](pairs []pair[T]) []string {
	out := make([]string, len(pairs))
	for i, p := range pairs {
		out[i] = p.word
	}
	return out
}

// statusOf reads a status as addresses and forms say it; "" when the word is none.
func statusOf(word string) roadmap.Status {
	for _, s := range roadmap.Statuses {
		if s.Slug() == word {
			return s
		}
	}
	return ""
}

func bodyOptions() []ui.Option {
	out := make([]ui.Option, 0, len(governance.BodyCodes))
	for _, c := range governance.BodyCodes {
		out = append(out, ui.Option{Value: string(c), Label: c.Full()})
	}
	return out
}

func bodyWords() []string {
	out := make([]string, 0, len(governance.BodyCodes))
	for _, c := range governance.BodyCodes {
		out = append(out, string(c))
	}
	return out
}

func axisOptions(axes []roadmap.Axis) []ui.Option {
	out := make([]ui.Option, 0, len(axes))
	for _, a := range axes {
		out = append(out, ui.Option{Value: page.IDText(a.ID), Label: french.Typo(a.Title)})
	}
	return out
}

// choiceOptions are organisations by kind, or people by organisation.
func choiceOptions(choices []roadmap.Choice) []ui.Option {
	out := make([]ui.Option, 0, len(choices))
	for _, c := range choices {
		out = append(out, ui.Option{Value: page.IDText(c.ID), Label: french.Typo(c.Name), Group: groupName(c.Group)})
	}
	return out
}

// groupName names a kind of organisation; a name stays itself.
func groupName(g string) string {
	switch governance.OrganisationKind(g) {
	case governance.MetropoleOrganisation:
		return "Métropole"
	case governance.PartnerOrganisation:
		return "Partenaires"
	case governance.CommuneOrganisation:
		return "Communes"
	case governance.StateService:
		return "Services de l’État"
	case governance.LocalStructure:
		return "Structures du GNI"
	}
	return french.Typo(g)
}

// completeness says how full a sheet is: « 9 points sur 12 », « Complète ».
func completeness(have, of int) string {
	if have == of {
		return "Fiche complète"
	}
	return french.Number(have) + " points sur " + french.Number(of)
}

// lacks says what a sheet lacks: « Il manque l’objectif, un jalon et le budget ».
func lacks(missing []roadmap.Missing) string {
	names := make([]string, len(missing))
	for i, m := range missing {
		names[i] = m.Words
	}
	return "Il manque " + french.List(names) + "."
}

// percent says how far an action is, "" when nobody said.
func percent(p *int) string {
	if p == nil {
		return ""
	}
	return french.Percent(*p)
}

// pathOf is where what is missing is put right.
func pathOf(id roadmap.ID, m roadmap.Missing) string {
	return rm.TeamPath(id) + "/" + strings.TrimPrefix(m.Path, "/")
}
