package sheet

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
)

// historyView is what was done to an action.
type historyView struct {
	roadmap.Action
	Events []audit.Event
}

// ShowHistory shows /equipe/feuille-de-route/actions/{id}/historique.
func (p *Pages) ShowHistory(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	a, events, err := p.Roadmap.ActionHistory(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, historyPage(p.Kit.Chrome(r, actionChrome("Historique de l’action", a)), historyView{a, events}))
}

// fieldNames are the fields that acts on actions journal without their accents.
var fieldNames = map[string]string{"debut": "Début", "priorite": "Priorité", "objectif_fne": "Objectif France Numérique Ensemble", "etat": "État",
	"validee_le": "Validée le", "validee_par": "Validée par", "pilote": "Organisation pilote", "personne_pilote": "Personne pilote", "public": "Public servi",
	"toutes_les_communes": "Toutes les communes", "etapes": "Étapes", "methode": "Méthode", "unite": "Unité", "annee": "Année", "prevu": "Prévu", "depense": "Dépensé",
	"realise_le": "Réalisé le", "echeance": "Échéance"}

func changeName(c audit.Change) string {
	if name, ok := fieldNames[c.Field]; ok {
		return name
	}
	return c.Label
}

// changeValue says a value in words.
func changeValue(c audit.Change, value string) string {
	if c.Field == "instance" && value != "" {
		return governance.BodyCode(value).Full()
	}
	return french.Typo(value)
}
