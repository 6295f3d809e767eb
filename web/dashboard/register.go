package dashboard

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// structuresPath is the team's register of the GNI.
const structuresPath = "/equipe/structures"

// waitsLong is after how many days a request that waits is late (ux.md 2.6).
const waitsLong = 10

// registerDuties is what the register of structures asks of the team.
func registerDuties(t structure.TeamTodo, late structure.FreshnessCounts, today day.Day) []task {
	var out []task
	if t.Waiting > 0 {
		a := task{Urgency: vacant, Status: "À examiner", Href: structuresPath + "?etat=a-examiner",
			Label: french.Count(t.Waiting, "structure", "structures") + " à examiner"}
		if t.Oldest != nil {
			came := day.In(*t.Oldest)
			a.Hint = "La plus ancienne demande est arrivée " + french.Ago(came, today) + "."
			if came.DaysUntil(today) > waitsLong {
				a.Urgency, a.Status, a.Due = overdue, "En retard", came.AddDays(waitsLong)
			}
		}
		out = append(out, a)
	}
	if t.Accesses > 0 {
		out = append(out, task{Urgency: vacant, Status: "À décider", Href: structuresPath + "?etat=acces",
			Label: french.Count(t.Accesses, "demande d’accès", "demandes d’accès") + " à une structure"})
	}
	out = append(out, lateSheets(late)...)
	if n := len(t.Bare); n > 0 {
		a := task{Urgency: someday, Href: structuresPath + "?etat=membres",
			Label: french.Count(n, "commune n’a", "communes n’ont") + " aucune structure dans le GNI"}
		if n <= bareNamed {
			a.Hint = french.Capital(french.List(t.Bare)) + "."
		}
		out = append(out, a)
	}
	return out
}

// bareNamed is how many communes are named in a line.
const bareNamed = 6

// lateSheets is the sheets that nobody confirmed for a year and that no reminder will
// bring up to date: the team has to call.
func lateSheets(c structure.FreshnessCounts) []task {
	var out []task
	if n := c.Unreachable; n > 0 {
		out = append(out, task{Urgency: someday, Href: structuresPath + "?etat=membres&fraicheur=personne-a-joindre",
			Label: french.Count(n, "fiche n’est plus à jour et n’a personne à qui le rappeler", "fiches ne sont plus à jour et n’ont personne à qui le rappeler"),
			Hint:  "Aucune personne qui gère la fiche n’a d’adresse électronique."})
	}
	if n := c.Silent; n > 0 {
		out = append(out, task{Urgency: someday, Href: structuresPath + "?etat=membres&fraicheur=sans-reponse",
			Label: french.Count(n, "structure n’a pas répondu", "structures n’ont pas répondu") + " à trois rappels de mise à jour",
			Hint:  "Le portail ne leur écrit plus\u00a0: un appel peut aider."})
	}
	return out
}
