package team

import (
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// fact is one field of an act in the history: what it was, what it became.
type fact struct{ Label, Before, After string }

// historyLabels names the fields the governance journals; those not named here
// (numbers of rows) are not shown.
var historyLabels = map[string]string{
	"personne": "Personne", "qualite": "Qualité", "debut": "Début", "fin": "Fin", "echeance": "Échéance",
	"designation": "Désignation", "reference": "Référence", "motif": "Motif", "nom": "Nom", "prenom": "Prénom",
	"courriel": "Adresse électronique", "categorie": "Catégorie", "fonction": "Fonction", "gestionnaire": "Gère les accès",
	"type": "Type", "college": "Collège",
}

var historyOrder = []string{"personne", "prenom", "nom", "courriel", "type", "categorie", "college", "qualite", "fonction",
	"gestionnaire", "debut", "fin", "echeance", "designation", "reference", "motif"}

// historyWords puts in French the values of closed sets.
func historyWords(field, value string) string {
	switch field {
	case "qualite":
		return governance.MandateKind(value).Label()
	case "college":
		return governance.College(value).Label()
	case "type":
		if l := governance.OrganisationKind(value).Label(); l != value {
			return l
		}
		return governance.SeatKind(value).Label()
	}
	return value
}

// facts returns what an act set (nothing before) or changed, in a fixed order.
func facts(h governance.HistoryEntry) []fact {
	var out []fact
	changes := audit.Diff(h.Before, h.After)
	for _, field := range historyOrder {
		i := slices.IndexFunc(changes, func(c audit.Change) bool { return c.Field == field })
		if i < 0 {
			continue
		}
		c := changes[i]
		if same := c.Before == c.After; same || (c.Before == "" && c.After == "") {
			continue
		}
		out = append(out, fact{historyLabels[field], historyWords(field, c.Before), historyWords(field, c.After)})
	}
	return out
}

// isCorrection tells a correction from a change: the two are never confused.
func isCorrection(h governance.HistoryEntry) bool { return strings.HasSuffix(h.Action, ".correct") }

// begins tells whether the act set things that were not there before.
func begins(h governance.HistoryEntry) bool { return len(h.Before) == 0 || string(h.Before) == "null" }

// when writes the instant of an act.
func when(h governance.HistoryEntry) string { return french.ShortDateTime(h.At) }
