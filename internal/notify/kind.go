package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"bordeaux-metropole.fr/portal/internal/french"
)

var (
	kinds = map[string]string{
		"invitation": "Invitation", "password_reset": "Mot de passe oublié", "sign_in_code": "Code de connexion",
	}
	kindsMu sync.RWMutex
)

// NameKinds gives kinds of mail their French names; an area calls it for its own.
// Naming one again replaces its name.
func NameKinds(names map[string]string) struct{} {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	maps.Copy(kinds, names)
	return struct{}{}
}

// KindLabel returns the French name of a kind of mail; one that nobody named reads
// as itself.
func KindLabel(kind string) string {
	kindsMu.RLock()
	defer kindsMu.RUnlock()
	if label, ok := kinds[kind]; ok {
		return label
	}
	return french.Capital(strings.ReplaceAll(kind, "_", " "))
}

// Kinds lists the named kinds in the order of their French names.
func Kinds() []string {
	kindsMu.RLock()
	list := slices.Collect(maps.Keys(kinds))
	kindsMu.RUnlock()
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(KindLabel(a), KindLabel(b)) })
	return list
}

// State is what became of a mail.
type State string

// The closed set of states (constraint mail_state_check).
const (
	Queued State = "queued" // waits for its try, first or next
	Sent   State = "sent"   // the mail server took charge of it
	Kept   State = "kept"   // there is no mail server
	Failed State = "failed" // given up
)

// States lists the states in display order.
var States = []State{Queued, Failed, Kept, Sent}

// Label returns the French name of the state.
func (s State) Label() string {
	switch s {
	case Queued:
		return "En attente"
	case Sent:
		return "Envoyé"
	case Kept:
		return "Conservé, non envoyé"
	case Failed:
		return "Échec"
	}
	return fmt.Sprintf("État %s", string(s))
}
