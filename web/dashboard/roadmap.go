package dashboard

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/roadmap"
)

// teamRoadmap is what the roadmap says on the home of the team.
type teamRoadmap struct {
	Alerts []watch.Tally
	Course watch.Course
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
	c := r.Course
	if c.Campaign != 0 {
		label := "Campagne «\u00a0" + c.Title + "\u00a0»\u00a0: " + french.Number(c.Answered) + " sur " + french.Count(c.Asked, "organisation a répondu", "organisations ont répondu")
		if c.ClosesAt != nil {
			label += ", réponses jusqu’au " + french.DateTime(*c.ClosesAt)
		}
		out = append(out, link{label, roadmap.CampaignPath + "/" + strconv.FormatInt(c.Campaign, 10)})
	}
	if c.Waiting > 0 {
		out = append(out, link{french.Count(c.Waiting, "point d’avancement à relire", "points d’avancement à relire"), roadmap.CampaignPath})
	}
	if c.Year != 0 {
		label := "Programme " + strconv.Itoa(c.Year) + " en préparation"
		if c.Proposals > 0 {
			label += "\u00a0: " + french.Count(c.Proposals, "action à examiner", "actions à examiner")
		}
		out = append(out, link{label, roadmap.ProgrammesPath})
	}
	return out
}

// mineDuties is what the roadmap asks of the organisation acted for.
func mineDuties(m watch.Mine) []task {
	var out []task
	if m.Asked > 0 && m.ClosesAt != nil {
		out = append(out, task{Urgency: coming, Due: day.In(*m.ClosesAt), Href: roadmap.MinePath,
			Label: "Faire le point sur " + french.Count(m.Asked, "action", "actions"),
			Hint:  "Réponse attendue avant le " + french.DateTime(*m.ClosesAt) + "."})
	}
	if m.AskedBack > 0 {
		out = append(out, task{Urgency: vacant, Status: "À compléter", Href: roadmap.MinePath,
			Label: french.Count(m.AskedBack, "point d’avancement à préciser", "points d’avancement à préciser")})
	}
	return out
}

// concerned says how many actions the organisation answers for.
func concerned(m watch.Mine) string {
	if m.Actions == 0 {
		return "Aucune action de la feuille de route ne concerne votre organisation."
	}
	return french.Count(m.Actions, "action de la feuille de route concerne", "actions de la feuille de route concernent") + " votre organisation."
}
