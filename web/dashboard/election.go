package dashboard

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
)

// electionDuties is what the elections in course ask of the role acted in.
func electionDuties(cards []election.Card, by access.Actor) []task {
	var out []task
	for _, c := range cards {
		switch by.Role() {
		case access.Structure:
			out = append(out, structureElection(c)...)
		case access.Scrutineer:
			out = append(out, keeperElection(c)...)
		case access.Team:
			out = append(out, teamElection(c)...)
		case access.Chair:
			if c.Election.Phase == election.Counted {
				out = append(out, task{Urgency: vacant, Status: "À proclamer", Href: web.Desk(c.Election.ID) + "/proclamation", Label: "Proclamer le résultat" + french.NBSP + ": " + french.Typo(c.Election.Title)})
			}
		}
	}
	return out
}

func structureElection(c election.Card) []task {
	e, here := c.Election, web.Address(c.Election.ID)
	switch {
	case e.Voting() && c.Mine.OnRoll && !c.Mine.Voted:
		return []task{{Urgency: coming, Due: day.In(*e.ClosesAt), Href: here + "/vote", Label: "Votre structure peut voter jusqu’au " + french.DateTime(*e.ClosesAt),
			Hint: "Élection des représentants du Groupe Numérique Inclusif (GNI)."}}
	case c.Mine.Candidacy == "asked" && e.Phase == election.Candidacies:
		return []task{{Urgency: vacant, Status: "À compléter", Href: here + "/ma-candidature", Label: "Compléter votre candidature"}}
	case e.Standing() && c.Mine.Candidacy == "":
		return []task{{Urgency: coming, Due: day.In(*e.CandidaciesUntil), Href: here + "/ma-candidature", Label: "Déposez une candidature jusqu’au " + french.DateTime(*e.CandidaciesUntil),
			Hint: "Élection des représentants du Groupe Numérique Inclusif (GNI). Facultatif."}}
	case e.Claiming() && !c.Mine.OnRoll:
		return []task{{Urgency: coming, Due: day.In(*e.ClaimsUntil), Href: here + "/reclamations", Label: "Votre structure n’est pas sur la liste électorale" + french.NBSP + ": réclamez jusqu’au " + french.DateTime(*e.ClaimsUntil)}}
	}
	return nil
}

func keeperElection(c election.Card) []task {
	e, here := c.Election, web.Address(c.Election.ID)
	var out []task
	if c.Mine.Acts > 0 {
		out = append(out, task{Urgency: vacant, Status: "À confirmer", Href: here + "/bureau",
			Label: french.Count(c.Mine.Acts, "acte attend", "actes attendent") + " une deuxième personne", Hint: french.Typo(e.Title)})
	}
	if c.Mine.Owner > 0 && e.Phase == election.Sealed && !c.Mine.Key {
		out = append(out, task{Urgency: vacant, Status: "À déposer", Href: here + "/cle", Label: "Faire votre clé et déposer sa partie publique", Hint: french.Typo(e.Title)})
	}
	if c.Mine.Owner > 0 && e.Phase == election.Closed && c.Facts.CountDecided && c.Mine.Partials < c.Facts.Boxes {
		out = append(out, task{Urgency: vacant, Status: "À déposer", Href: here + "/depouillement", Label: "Déposer votre déchiffrement partiel", Hint: french.Typo(e.Title)})
	}
	return out
}

// teamElection is the next step of an election where it is up to the team, or to two
// people of whom it can be one.
func teamElection(c election.Card) []task {
	s := c.Step()
	if c.Mine.Acts > 0 {
		return []task{{Urgency: vacant, Status: "À confirmer", Href: web.Address(c.Election.ID) + "/bureau",
			Label: french.Count(c.Mine.Acts, "acte d’une élection attend", "actes d’une élection attendent") + " une deuxième personne", Hint: french.Typo(c.Election.Title)}}
	}
	if s.Who != election.TeamHand && s.Who != election.TwoHands {
		return nil
	}
	t := task{Urgency: someday, Status: "À faire", Href: web.Desk(c.Election.ID), Label: french.Typo(s.Next), Hint: french.Typo(c.Election.Title)}
	switch {
	case s.Late:
		t.Urgency, t.Status = overdue, "En retard"
	case s.Until != nil:
		t.Urgency, t.Due = coming, day.In(*s.Until)
	}
	return []task{t}
}

// scrutineerView is the home of a scrutineer.
type scrutineerView struct {
	Cards []election.Card
	Tasks []task
	Today day.Day
}

// scrutineerHref is the public page of an election, or that of its acts before it has one.
func scrutineerHref(e election.Election) string {
	if e.Phase.Public() {
		return web.Address(e.ID)
	}
	return web.Address(e.ID) + "/bureau"
}
