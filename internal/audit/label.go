package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"bordeaux-metropole.fr/portal/internal/french"
)

var (
	names   = map[string]string{"journal.verify": "Vérification du journal", "mail.resend": "Courriel renvoyé"}
	namesMu sync.RWMutex
)

// Name gives actions their French names; each area calls it for its own, from a
// package variable or an init. An action named twice is a mistake of the program
// and panics.
func Name(actions map[string]string) struct{} {
	namesMu.Lock()
	defer namesMu.Unlock()
	for action, label := range actions {
		if _, ok := names[action]; ok {
			panic(fmt.Sprintf("audit: action %s named twice", action))
		}
		names[action] = label
	}
	return struct{}{}
}

// Label returns the French name of an action; one that nobody named reads as
// itself, without its punctuation: « seat start » for « seat.start ».
func Label(action string) string {
	namesMu.RLock()
	defer namesMu.RUnlock()
	if label, ok := names[action]; ok {
		return label
	}
	return french.Capital(strings.NewReplacer(".", " ", "_", " ").Replace(action))
}

// Actions lists the named actions in the order of their French names, for the
// filter of the journal.
func Actions() []string {
	namesMu.RLock()
	list := slices.Collect(maps.Keys(names))
	namesMu.RUnlock()
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(Label(a), Label(b)) })
	return list
}

// fieldLabels names the fields that many areas journal. The others read as
// themselves.
var fieldLabels = map[string]string{
	"name": "Nom", "given_name": "Prénom", "family_name": "Nom de famille", "email": "Adresse électronique",
	"title": "Titre", "label": "Intitulé", "kind": "Nature", "state": "État", "status": "État", "role": "Rôle",
	"person": "Personne", "person_id": "Personne (n°)", "account_id": "Compte (n°)",
	"organisation": "Organisation", "organisation_id": "Organisation (n°)", "seat": "Siège", "seat_id": "Siège (n°)",
	"from": "Du", "to": "Au", "starts_on": "Début", "ends_on": "Fin", "start": "Début", "end": "Fin",
	"during": "Période", "source": "Source", "reason": "Motif", "note": "Note", "document": "Document",
	"disabled": "Compte fermé", "disabled_at": "Fermé le", "version": "Version", "ok": "Chaîne intacte",
	"seq": "Dernier sceau", "hash": "Empreinte", "entries": "Écritures", "fault": "Anomalie",
	"value": "Valeur", "to_address": "Adresse", "subject": "Objet", "attempts": "Essais",
}

// fieldLabel names a field for a reader: « starts_on » and « StartsOn » read
// « Début ».
func fieldLabel(key string) string {
	snake := snakeCase(key)
	if l, ok := fieldLabels[snake]; ok {
		return l
	}
	return french.Capital(strings.ReplaceAll(snake, "_", " "))
}

func snakeCase(key string) string {
	var b strings.Builder
	runes := []rune(key)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			if i > 0 && !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_' {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
