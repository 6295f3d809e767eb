// Package campaign is the pages of the campaigns of the team and the pack of the meeting.
package campaign

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit       *page.Kit
	Campaigns *campaign.Service
	Printer   *printing.Printer
}

const (
	listPath   = roadmap.CampaignPath
	newPath    = listPath + "/nouvelle"
	memberPath = "/campagnes"
)

func deskPath(id campaign.ID) string { return listPath + "/" + page.IDText(id) }

func pointPath(id campaign.ID, point progress.ReportID) string {
	return deskPath(id) + "/points/" + page.IDText(point)
}

func communePath(id campaign.ID, insee string) string { return deskPath(id) + "/communes/" + insee }

func packPath(id campaign.ID) string { return deskPath(id) + "/dossier" }

func chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Wide: true,
		Crumbs: roadmap.TeamCrumbs(append([]ui.Crumb{{Label: "Campagnes d’avancement", Href: listPath}}, crumbs...)...)}
}

// chromeOf is the chrome of a page under a campaign.
func chromeOf(c campaign.Campaign, title string) ui.Chrome {
	return chrome(title, ui.Crumb{Label: french.Typo(c.Title), Href: deskPath(c.ID)})
}

func campaignID(r *http.Request) (campaign.ID, error) { return page.PathID[campaign.ID](r, "id") }

func pointID(r *http.Request) (progress.ReportID, error) {
	return page.PathID[progress.ReportID](r, "point")
}

func stateKind(s campaign.State) ui.Kind {
	switch s {
	case campaign.Answering:
		return ui.Info
	case campaign.Ended:
		return ui.Warn
	case campaign.Closed:
		return ui.OK
	}
	return ui.Neutral
}

// answeredWords is « 12/28 » in words.
func answeredWords(c campaign.Campaign) string {
	return french.Count(c.Answered, "commune", "communes") + " sur " + french.Number(c.Communes)
}

// meetingWords names the meeting a campaign prepares.
func meetingWords(c campaign.Campaign) string {
	if c.MeetingAt == nil {
		return "Aucune réunion"
	}
	return "Réunion du Comité des communes du " + french.LongDate(day.In(*c.MeetingAt))
}

// percentWords is a percent, or a dash in words.
func percentWords(p *int) string {
	if p == nil {
		return ""
	}
	return french.Percent(*p)
}

// change says a situation and its percent, before and after: « En cours, 40 % ».
func change(s progress.Situation, p *int) string {
	words := s.Label()
	if s == "" {
		return "Pas encore de point"
	}
	if p != nil {
		words += ", " + french.Percent(*p)
	}
	return words
}

func ratio(a, b int) string { return strconv.Itoa(a) + "/" + strconv.Itoa(b) }

func actionWords(a campaign.Answer) string {
	return "n°" + french.NBSP + strconv.Itoa(a.Number) + ", " + french.Typo(a.Title)
}

// done answers a POST that did its work, with its message set in French typography.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, to, message string) error {
	return p.Kit.Done(w, r, to, french.Typo(message))
}
