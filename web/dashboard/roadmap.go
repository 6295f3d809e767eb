package dashboard

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/roadmap"
)

// teamRoadmap is what the roadmap says on the home of the team.
type teamRoadmap struct {
	Alerts   []watch.Tally
	Campaign campaign.Open
	Edition  edition.Open
}

// lines are the alerts by kind, each leading to its list; none when nothing is wrong.
func (r teamRoadmap) lines() []link {
	var out []link
	p := watch.Page{Counts: r.Alerts}
	for _, k := range watch.Kinds {
		if n := p.Of(k); n > 0 {
			out = append(out, link{k.Count(n), roadmap.AlertsPath + "?type=" + k.Slug()})
		}
	}
	return out
}

// course says which campaign is open and which programme is made, each leading there.
func (r teamRoadmap) course() []link {
	var out []link
	if c := r.Campaign; c.ID != 0 {
		label := "Campagne «\u00a0" + c.Title + "\u00a0»\u00a0: " + french.Number(c.Answered) + " sur " + french.Count(c.Asked, "commune a répondu", "communes ont répondu") +
			", réponses jusqu’au " + french.DateTime(c.Deadline)
		out = append(out, link{label, roadmap.CampaignPath + "/" + strconv.FormatInt(int64(c.ID), 10)})
	}
	if n := r.Campaign.Waiting; n > 0 {
		out = append(out, link{french.Count(n, "point d’avancement à relire", "points d’avancement à relire"), roadmap.CampaignPath})
	}
	if e := r.Edition; e.Year != 0 {
		label := "Programme " + strconv.Itoa(e.Year) + " en préparation"
		if e.ToExamine > 0 {
			label += "\u00a0: " + french.Count(e.ToExamine, "action à examiner", "actions à examiner")
		}
		out = append(out, link{label, roadmap.ProgrammesPath})
	}
	return out
}

// mineDuties is what the roadmap asks of the organisation acted for.
func mineDuties(m progress.Mine) []task {
	var out []task
	if n := m.Remaining(); n > 0 && m.Deadline != nil {
		out = append(out, task{Urgency: coming, Due: day.In(*m.Deadline), Href: roadmap.MinePath,
			Label: "Faire le point sur " + french.Count(n, "action", "actions"),
			Hint:  "Réponse attendue avant le " + french.DateTime(*m.Deadline) + "."})
	}
	if m.AskedBack > 0 {
		out = append(out, task{Urgency: vacant, Status: "À compléter", Href: roadmap.MinePath,
			Label: french.Count(m.AskedBack, "point d’avancement à préciser", "points d’avancement à préciser")})
	}
	return out
}

// concerned says how many actions the organisation answers for.
func concerned(m progress.Mine) string {
	if m.Actions == 0 {
		return "Aucune action de la feuille de route ne concerne votre organisation."
	}
	return french.Count(m.Actions, "action de la feuille de route concerne", "actions de la feuille de route concernent") + " votre organisation."
}
