package dashboard

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// structureDuties is what the register asks of somebody of a structure.
func structureDuties(t structure.StructureTodo) []task {
	var out []task
	if t.Stale {
		out = append(out, task{Urgency: vacant, Status: "À confirmer", Href: structure.SpacePath, Label: "Confirmer que vos informations sont à jour",
			Hint: "Dernière confirmation" + french.NBSP + ": le " + french.LongDate(day.In(t.Since)) + "."})
	}
	if t.Waiting > 0 {
		out = append(out, task{Urgency: vacant, Status: "À traiter", Href: structure.AccessPath,
			Label: french.Count(t.Waiting, "demande d’accès attend", "demandes d’accès attendent") + " votre réponse"})
	}
	if !t.Manager {
		return out
	}
	if t.NoCommune {
		out = append(out, task{Urgency: someday, Status: "À compléter", Href: structure.SpacePath + "/fiche/" + string(structure.Place),
			Label: "Indiquer la commune de votre structure"})
	}
	if t.NoService {
		out = append(out, task{Urgency: someday, Status: "À compléter", Href: structure.SpacePath + "/fiche/" + string(structure.Offer),
			Label: "Dire ce que fait votre structure"})
	}
	return out
}
