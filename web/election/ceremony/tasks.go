package ceremony

import (
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/ui"
)

// tasks are the steps of the ceremony: what is done, what is missing and who must do it.
// acts tells that the reader is of the team, who is led to the page of the step.
func tasks(v ceremony.State, acts bool) []ui.Task {
	sealed := v.Election.Phase == election.Sealed
	setUp, named, keys := v.IsSetUp(), v.Named(), v.HasKeys()
	coded := len(v.Boxes) > 0 && len(v.Codeless()) == 0
	list := []ui.Task{
		task(v, "1. Désigner les porteurs de clés et l’autorité des codes", "/porteurs", named || setUp, sealed && !setUp,
			"À faire par l’équipe : "+count(v.Election.Rules.Trustees, "personne", "personnes")+", et une personne extérieure qui fabrique les codes."),
		task(v, "2. Déposer les clés publiques", "", keys, false, keysHint(v)),
		task(v, "3. Fabriquer et déposer les codes publics", "/codes", coded || setUp, named && sealed && !setUp, codesHint(v)),
		task(v, "4. Répéter le dépouillement", "/repetition", v.Done(ceremony.StepRehearsal), keys && sealed && !setUp, rehearsalHint(v)),
		task(v, "5. Mettre les urnes en place", "/mise-en-place", setUp, v.MaySetUp() == nil, "À faire par l’équipe, quand les étapes 1 à 4 sont faites. Cette étape ne s’annule pas."),
		task(v, "6. Montrer les urnes vides", "/urne-vide", v.Done(ceremony.StepEmpty), setUp && sealed, "À faire par l’équipe, devant les porteurs de clés."),
		task(v, "7. Constater et signer", "", v.Done(ceremony.StepEmpty) && len(v.Unsigned()) == 0, false, signHint(v)),
		task(v, "8. Clore la cérémonie", "/fin", v.Election.Phase.Reached(election.Ready), v.MayFinish() == nil, "À faire par l’équipe. Ensuite, deux personnes ouvrent le vote."),
	}
	for i := range list {
		if !acts {
			list[i].Href = ""
		}
		list[i].Hint = french.Typo(list[i].Hint)
	}
	return list
}

func task(v ceremony.State, label, part string, done, open bool, hint string) ui.Task {
	t := ui.Task{Label: label, Hint: hint, Kind: ui.Neutral, Status: "À venir"}
	switch {
	case done:
		t.Kind, t.Status, t.Hint = ui.OK, "Fait", ""
	case open || part == "" && v.Election.Phase == election.Sealed && hint != "":
		t.Kind, t.Status = ui.Info, "À faire"
	}
	if open && part != "" {
		t.Href = address(v.Election.ID, part)
	}
	return t
}

func holderNames(list []ceremony.Holder) string {
	out := make([]string, len(list))
	for i, h := range list {
		out[i] = h.Name
	}
	return french.List(out)
}

func keysHint(v ceremony.State) string {
	if missing := v.Keyless(); len(missing) > 0 {
		return "À faire par chaque porteur, sur sa page « Ma clé ». Il manque la clé de " + holderNames(missing) + "."
	}
	return ""
}

func codesHint(v ceremony.State) string {
	s := "À faire par l’autorité des codes, puis par l’équipe qui dépose les fichiers."
	for _, b := range v.Codeless() {
		s += " Il manque les codes de l’urne « " + b.Name + " » (" + count(b.Voters, "structure", "structures") + ")."
	}
	return s
}

func rehearsalHint(v ceremony.State) string {
	if len(v.Rehearsal) > 0 {
		return "En cours. Il manque l’ouverture par " + holderNames(v.Unopened()) + ", sur la page « Ma clé »."
	}
	return "À commencer par l’équipe, quand toutes les clés sont déposées. Chaque porteur y prouve que son fichier de clé est bon."
}

func signHint(v ceremony.State) string {
	if v.Done(ceremony.StepEmpty) {
		return "À faire par " + holderNames(v.Unsigned()) + ", sur la page « Ma clé »."
	}
	return ""
}
