package desk

import (
	"net/http"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Show shows /elections/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if !v.Election.Phase.Public() { // the board prepares it elsewhere
		return p.Kit.Done(w, r, office(v.Election.ID), "")
	}
	return p.Kit.Show(w, r, http.StatusOK, showPage(p.Kit.Chrome(r, publicChrome(v.Election, "")), v, page.Actor(r)))
}

// moment is a time in words, or what stands for none.
func moment(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return "le " + french.DateTime(*t)
}

func votingWords(e election.Election) string {
	if e.OpensAt == nil || e.ClosesAt == nil {
		return "Dates à fixer"
	}
	return "Du " + french.DateTime(*e.OpensAt) + " au " + french.DateTime(*e.ClosesAt)
}

// milestone is a line of the timeline.
type milestone struct {
	label string
	phase election.Phase // in which it goes on
	at    *time.Time     // when it was done; nil: a span, or not yet
	from  *time.Time     // span
	until *time.Time     // span or deadline
	done  election.Phase // reached once it is over
}

// milestones are the stages of an election with their dates.
func milestones(e election.Election) []milestone {
	return []milestone{
		{label: "Règlement publié", phase: election.Draft, at: e.RulesPublishedAt, done: election.Published},
		{label: "Liste électorale provisoire et réclamations", phase: election.Roll, until: e.ClaimsUntil, done: election.Sealed},
		{label: "Dépôt des candidatures", phase: election.Candidacies, from: e.CandidaciesFrom, until: e.CandidaciesUntil, done: election.Sealed},
		{label: "Listes arrêtées, ordre des candidatures tiré", phase: election.Candidacies, at: e.SealedAt, done: election.Sealed},
		{label: "Cérémonie des clés, urne vide scellée", phase: election.Sealed, at: e.ReadyAt, done: election.Ready},
		{label: "Vote", phase: election.Open, from: e.OpensAt, until: e.ClosesAt, done: election.Closed},
		{label: "Dépouillement", phase: election.Closed, at: e.CountedAt, done: election.Counted},
		{label: "Proclamation", phase: election.Counted, at: e.ProclaimedAt, done: election.Proclaimed},
		{label: "Délai pour contester le résultat", phase: election.Proclaimed, until: e.ContestUntil, done: election.Archived},
		{label: "Destruction des bulletins et des listes", phase: election.Archived, at: e.DestroyedAt, from: e.RetainUntil(), done: election.Destroyed},
	}
}

// when says the dates of a milestone.
func (m milestone) when() string {
	switch {
	case m.at != nil:
		return "Le " + french.DateTime(*m.at)
	case m.from != nil && m.until != nil:
		return "Du " + french.DateTime(*m.from) + " au " + french.DateTime(*m.until)
	case m.until != nil:
		return "Jusqu’au " + french.DateTime(*m.until)
	case m.from != nil:
		return "À partir du " + french.DateTime(*m.from)
	}
	return ""
}

// timeline is the stages as lines, with where each stands. A stage with hours is in
// course within them, whatever the phase.
func timeline(e election.Election) []ui.Task {
	list := milestones(e)
	out := make([]ui.Task, len(list))
	for i, m := range list {
		out[i] = ui.Task{Label: m.label, Hint: m.when(), Kind: ui.Neutral, Status: "À venir"}
		over := m.until != nil && !e.Now.Before(*m.until) && e.Phase.Reached(m.phase)
		switch {
		case e.Phase == election.Cancelled && m.at == nil:
			out[i].Status = "Abandonné"
		case m.at != nil, over, e.Phase.Reached(m.done):
			out[i].Kind, out[i].Status = ui.OK, "Fait"
		case e.Phase == m.phase && (m.from == nil || !e.Now.Before(*m.from)), m.phase == election.Roll && e.Claiming():
			out[i].Kind, out[i].Status = ui.Info, "En cours"
		}
	}
	return out
}

// doable is what the reader can do now.
func doable(v election.Page, by access.Actor) []ui.Task {
	e, here := v.Election, web.Address(v.Election.ID)
	var out []ui.Task
	switch by.Role() {
	case access.Structure:
		out = structureTasks(v, here)
	case access.Scrutineer:
		out = keeperTasks(v, here)
	case access.Team:
		out = append(out, ui.Task{Label: "Conduire l’élection", Href: web.Desk(e.ID), Kind: ui.Neutral, Status: "Équipe"})
	case access.Chair:
		if e.Phase == election.Counted {
			out = append(out, ui.Task{Label: "Proclamer le résultat", Href: web.Desk(e.ID) + "/proclamation", Kind: ui.Warn, Status: "À faire"})
		}
	}
	return out
}

func structureTasks(v election.Page, here string) []ui.Task {
	e, m := v.Election, v.Mine
	var out []ui.Task
	if e.Claiming() {
		t := ui.Task{Label: "Vérifier votre inscription, et réclamer si elle est fausse", Href: here + "/reclamations", Kind: ui.OK, Status: "Votre structure est inscrite"}
		if !m.OnRoll {
			t.Kind, t.Status = ui.Warn, "Votre structure n’est pas inscrite"
		}
		t.Hint = "Jusqu’au " + french.DateTime(*e.ClaimsUntil)
		out = append(out, t)
	}
	if e.Phase == election.Candidacies && (e.Standing() || m.Candidacy != "") {
		t := ui.Task{Label: "Déposer une candidature", Href: here + "/ma-candidature", Kind: ui.Neutral, Status: "Facultatif", Hint: "Jusqu’au " + french.DateTime(*e.CandidaciesUntil)}
		if words := candidacyWords(m.Candidacy); words != "" {
			t.Label, t.Status, t.Kind = "Votre candidature", words, ui.Info
		}
		out = append(out, t)
	}
	if e.Phase == election.Open && m.OnRoll {
		out = append(out, voteTask(e, m, here))
	}
	return out
}

func voteTask(e election.Election, m election.Mine, here string) ui.Task {
	t := ui.Task{Label: "Voter au nom de votre structure", Href: here + "/vote", Kind: ui.Warn, Status: "À faire"}
	if e.ClosesAt != nil {
		t.Hint = "Jusqu’au " + french.DateTime(*e.ClosesAt)
	}
	switch {
	case m.Voted:
		t.Label, t.Kind, t.Status = "Votre structure a voté", ui.OK, "Fait"
	case !e.Voting():
		t.Href, t.Kind, t.Status = "", ui.Neutral, "À venir"
		t.Hint = french.Capital(moment(e.OpensAt, ""))
	}
	return t
}

// candidacyWords says where one's own candidacy stands.
func candidacyWords(state string) string {
	switch state {
	case "submitted":
		return "Déposée"
	case "asked":
		return "À compléter"
	case "accepted":
		return "Acceptée"
	case "refused":
		return "Refusée"
	case "withdrawn":
		return "Retirée"
	}
	return ""
}

func keeperTasks(v election.Page, here string) []ui.Task {
	e, m := v.Election, v.Mine
	out := []ui.Task{{Label: "Les actes à deux et les incidents", Href: here + "/bureau", Kind: ui.Neutral, Status: "Scrutateurs"}}
	if m.Acts > 0 {
		out[0].Label, out[0].Kind, out[0].Status = "Confirmer "+french.Count(m.Acts, "acte proposé", "actes proposés"), ui.Warn, "À faire"
	}
	if m.Owner > 0 && (e.Phase == election.Sealed || e.Phase == election.Ready) {
		t := ui.Task{Label: "Votre clé et la cérémonie", Href: here + "/cle", Kind: ui.Warn, Status: "Clé à déposer"}
		if m.Key {
			t.Kind, t.Status = ui.OK, "Clé déposée"
		}
		out = append(out, t)
	}
	if m.Owner > 0 && e.Phase == election.Closed && v.Facts.CountDecided {
		t := ui.Task{Label: "Déposer votre déchiffrement partiel", Href: here + "/depouillement", Kind: ui.Warn, Status: "À faire"}
		if m.Partials >= v.Facts.Boxes {
			t.Kind, t.Status = ui.OK, "Fait"
		}
		out = append(out, t)
	}
	return out
}

// pageLink is a page of the election that exists at its phase.
type pageLink struct{ label, href string }

// publicLinks are the pages everybody may open at this phase, and no other.
func publicLinks(v election.Page) []pageLink {
	e, here := v.Election, web.Address(v.Election.ID)
	if e.Phase == election.Cancelled && e.RulesPublishedAt == nil {
		return nil
	}
	out := []pageLink{{"Le règlement et ses dates", here + "/reglement"}}
	add := func(ok bool, label, path string) {
		if ok {
			out = append(out, pageLink{label, here + path})
		}
	}
	kept := !e.Phase.Reached(election.Destroyed)
	add(kept && e.Phase.Reached(election.Roll), "La liste électorale", "/liste")
	add(kept && e.Phase.Reached(election.Candidacies), "Les candidatures", "/candidatures")
	add(kept && e.Phase.Reached(election.Ready), "L’urne : participation, numéros de suivi, contrôles", "/urne")
	add(kept && e.Phase.Reached(election.Open), "Vérifier mon bulletin", "/verifier")
	add(e.Phase.Reached(election.Counted), "Les résultats", "/resultats")
	add(v.Facts.Minutes, "Le procès-verbal", "/proces-verbal")
	return out
}

// brief is the rules in two lines.
func brief(r election.Rules) []string {
	who := "Chaque structure a une voix : elle choisit de 1 à " + french.Number(r.MaxChoices) + " noms de son collège, ou vote blanc."
	if r.Voters == "all" {
		who = "Chaque structure a une voix : dans chacun des deux collèges, elle choisit de 1 à " + french.Number(r.MaxChoices) + " noms, ou vote blanc."
	}
	won := "Dans chaque collège, les " + french.Number(r.Seats) + " candidatures qui ont le plus de voix sont élues, en un seul tour"
	if r.Quorum > 0 {
		won += ", si " + french.Percent(r.Quorum) + " des structures inscrites votent"
	}
	again := ". Le vote est définitif."
	if r.Revote == "last" {
		again = ". On peut voter de nouveau : le dernier bulletin compte."
	}
	return []string{french.Typo(who), french.Typo(won + again)}
}
