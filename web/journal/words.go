package journal

import (
	"net/url"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

func entryPath(id int64) string { return listPath + "/" + strconv.FormatInt(id, 10) }

// newest is the address of the first page under the same filters.
func (v listView) newest() string {
	if len(v.Query) == 0 {
		return listPath
	}
	return listPath + "?" + v.Query.Encode()
}

// who says who acted and in which role.
func who(r audit.Row) string {
	if r.Actor == "" {
		return "Personne non connectée"
	}
	if role := r.Role(); role != "" {
		return r.Actor + " (" + role + ")"
	}
	return r.Actor
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// entryRows are the facts of one entry, with the ways to its neighbours.
func entryRows(e audit.EntryPage) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Date", Content: when(e.At)},
		{Key: "Par", Value: who(e.Row)},
		{Key: "Action", Value: e.ActionLabel() + " (" + e.Action + ")"},
		{Key: "Objet", Value: e.Label,
			ActionLabel: "Son histoire", ActionHidden: e.Label,
			ActionHref: listPath + "?" + url.Values{"objet": {e.Object}, "numero": {strconv.FormatInt(e.ObjectID, 10)}}.Encode()},
	}
	if id := e.Account(); id != 0 {
		rows[1].ActionLabel, rows[1].ActionHidden = "Ses actions", e.Actor
		rows[1].ActionHref = listPath + "?" + url.Values{"compte": {strconv.FormatInt(int64(id), 10)}}.Encode()
	}
	if e.RequestID != "" {
		rows = append(rows, ui.SummaryRow{Key: "Référence de la requête", Value: e.RequestID})
	}
	return rows
}

// chainRows are what is known of the chain.
func chainRows(k audit.Checked) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Écritures scellées", Value: french.Number(k.Head.Seq)}}
	if !k.Head.IsZero() {
		rows = append(rows, ui.SummaryRow{Key: "Empreinte du sceau n° " + strconv.FormatInt(k.Head.Seq, 10), Content: hash(k.Head.Hex())})
	}
	last := "Jamais"
	if v := k.Last; v != nil {
		last = french.Capital(french.DateTime(v.At)) + ", par " + v.Actor + " : "
		if v.OK {
			last += french.Count(v.Entries, "écriture", "écritures") + ", aucune anomalie"
		} else {
			last += "une anomalie"
		}
	}
	return append(rows, ui.SummaryRow{Key: "Dernière vérification", Value: last})
}

// fieldNames are the fields journalled in French without accents; the others have
// their name in the audit.
var fieldNames = map[string]string{
	"college": "Collège", "qualite": "Qualité", "debut": "Début", "echeance": "Échéance", "designation": "Désignation",
	"reference": "Référence", "prenom": "Prénom", "categorie": "Catégorie", "gestionnaire": "Gère les accès",
}

func fieldName(x audit.Change) string {
	if l, ok := fieldNames[x.Field]; ok {
		return l
	}
	return x.Label
}

// fieldValue puts in French the values of closed sets.
func fieldValue(field, value string) string {
	label := value
	switch field {
	case "qualite":
		label = governance.MandateKind(value).Label()
	case "college":
		label = governance.College(value).Label()
	case "type":
		if label = governance.OrganisationKind(value).Label(); label == value || label == "" {
			label = governance.SeatKind(value).Label()
		}
	}
	if label == "" {
		return value
	}
	return label
}

// changeWord says what became of a field.
func changeWord(x audit.Change) string {
	switch {
	case x.Before == "":
		return "Ajouté"
	case x.After == "":
		return "Retiré"
	}
	return "Modifié"
}
