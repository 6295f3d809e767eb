// Package roadmap is what the pages of the roadmap share: addresses, and the marks of a
// status, a confidence, a situation and an axis. Each mark is an icon, a word and a
// colour, never a colour alone.
package roadmap

import (
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Addresses that several rooms lead to.
const (
	ListPath        = "/feuille-de-route"
	EditionsPath    = ListPath + "/editions"
	ProposePath     = ListPath + "/proposer"
	MyProposalsPath = ListPath + "/propositions"
	FundingPath     = "/financements"
	MinePath        = "/mes-actions" // the actions the reader answers for
	TeamListPath    = "/equipe/feuille-de-route"
	AxesPath        = TeamListPath + "/axes"
	ImportPath      = TeamListPath + "/import"
	CampaignPath    = "/equipe/campagnes"
	AlertsPath      = "/equipe/alertes"
	ProgrammesPath  = "/equipe/programmes"
	NotesPath       = "/notes"
)

// TeamCrumbs begin the breadcrumb of the pages of the team.
func TeamCrumbs(more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}, {Label: "Feuille de route (équipe)", Href: TeamListPath}}, more...)
}

// ActionPath is the page everybody reads of an action.
func ActionPath(id roadmap.ID) string { return ListPath + "/actions/" + page.IDText(id) }

// TeamPath is the team's page of an action; what hangs on it is below.
func TeamPath(id roadmap.ID) string { return TeamListPath + "/actions/" + page.IDText(id) }

// ReportPath is where an organisation reports on an action.
func ReportPath(id roadmap.ID) string { return MinePath + "/" + page.IDText(id) + "/point" }

// statusMark is the kind and the words of a status; late, which is derived, goes first.
func statusMark(s roadmap.Status, late bool) (ui.Kind, string) {
	if late {
		return ui.Warn, "En retard"
	}
	switch s {
	case roadmap.InProgress:
		return ui.Info, s.Label()
	case roadmap.Done:
		return ui.OK, s.Label()
	case roadmap.Abandoned:
		return ui.Err, s.Label()
	}
	return ui.Neutral, s.Label()
}

func confidenceKind(c roadmap.Confidence) ui.Kind {
	switch c {
	case roadmap.OnCourse:
		return ui.OK
	case roadmap.ToWatch:
		return ui.Info
	case roadmap.NeedsSupport:
		return ui.Warn
	case roadmap.Compromised:
		return ui.Err
	}
	return ui.Neutral
}

func situationKind(s progress.Situation) ui.Kind {
	switch s {
	case progress.InProgress:
		return ui.Info
	case progress.Done:
		return ui.OK
	case progress.Late:
		return ui.Warn
	case progress.Abandoned:
		return ui.Err
	}
	return ui.Neutral
}

func reportKind(s progress.State) ui.Kind {
	switch s {
	case progress.Accepted:
		return ui.OK
	case progress.AskedBack:
		return ui.Warn
	case progress.Sent:
		return ui.Info
	}
	return ui.Neutral
}
