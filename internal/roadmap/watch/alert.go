package watch

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Kind is what goes wrong.
type Kind string

// The closed set of kinds, as alertsSQL names them.
const (
	Late      Kind = "late"
	Milestone Kind = "milestone" // passed and not done
	OffPath   Kind = "off_path"  // an indicator behind what was expected
	Silent    Kind = "silent"    // no news for 90 days
	Unfunded  Kind = "unfunded"  // a budget line without funder
	Decision  Kind = "decision"  // adopted, and no action carries it
	Unread    Kind = "unread"    // a report outside any open campaign, that nobody has read
)

// Kinds lists the kinds in display order.
var Kinds = []Kind{Late, Milestone, OffPath, Silent, Unfunded, Decision, Unread}

// Label names the kind.
func (k Kind) Label() string {
	switch k {
	case Late:
		return "Action en retard"
	case Milestone:
		return "Jalon dépassé"
	case OffPath:
		return "Indicateur hors de sa trajectoire"
	case Silent:
		return "Sans nouvelles depuis 90 jours"
	case Unfunded:
		return "Budget sans financeur"
	case Decision:
		return "Décision sans action"
	case Unread:
		return "Point à relire"
	}
	return string(k)
}

// Count says how many: « 3 actions en retard ».
func (k Kind) Count(n int) string { return french.Number(n) + french.NBSP + k.Words(n) }

// Words are those of a number of them, without it: « actions en retard ».
func (k Kind) Words(n int) string {
	switch k {
	case Late:
		return french.Plural(n, "action en retard", "actions en retard")
	case Milestone:
		return french.Plural(n, "jalon dépassé", "jalons dépassés")
	case OffPath:
		return french.Plural(n, "indicateur hors de sa trajectoire", "indicateurs hors de leur trajectoire")
	case Silent:
		return french.Plural(n, "action sans nouvelles depuis 90 jours", "actions sans nouvelles depuis 90 jours")
	case Unfunded:
		return french.Plural(n, "ligne de budget sans financeur", "lignes de budget sans financeur")
	case Unread:
		return french.Plural(n, "point à relire", "points à relire")
	}
	return french.Plural(n, "décision sans action", "décisions sans action")
}

// Slug names the kind in an address.
func (k Kind) Slug() string {
	switch k {
	case Late:
		return "retard"
	case Milestone:
		return "jalon"
	case OffPath:
		return "trajectoire"
	case Silent:
		return "sans-nouvelles"
	case Unfunded:
		return "sans-financeur"
	case Unread:
		return "a-relire"
	}
	return "decision"
}

// Severity is how serious an alert is.
type Severity int

// The closed set of severities.
const (
	Watchful Severity = 1
	ToDo     Severity = 2
	Urgent   Severity = 3
)

// Label says the severity in words.
func (s Severity) Label() string {
	switch s {
	case Urgent:
		return "Urgent"
	case ToDo:
		return "À traiter"
	}
	return "À surveiller"
}

// Alert is one thing that goes wrong.
type Alert struct {
	Kind     Kind           `db:"kind"`
	Action   roadmap.ID     `db:"action_id"` // 0 for a decision
	Number   int            `db:"number"`
	Title    string         `db:"title"` // of the action, or of the decision
	AxisID   roadmap.AxisID `db:"axis_id"`
	Axis     string         `db:"axis"`
	Object   int64          `db:"object_id"` // of the step, the line, the indicator, the decision or the report
	Subject  string         `db:"subject"`   // its name
	Since    day.Day        `db:"since"`
	Severity Severity       `db:"severity"`
	Begun    bool           `db:"begun"` // a late action has begun
	Year     int            `db:"year"`  // of a budget line
	Planned  roadmap.Cents  `db:"planned"`
	Value    roadmap.Number `db:"value"` // of an indicator
	Expected roadmap.Number `db:"expected"`
}

// Label names what the alert is about.
func (a Alert) Label() string {
	if a.Kind == Decision {
		return "Décision « " + a.Title + " »"
	}
	return "Action n° " + strconv.Itoa(a.Number) + ", " + a.Title
}

// What says what goes wrong and since when, in a sentence with ordinary spaces.
func (a Alert) What() string {
	on := french.LongDate(a.Since)
	switch a.Kind {
	case Late:
		if a.Begun {
			return "Elle devait être terminée le " + on + "."
		}
		return "Elle devait commencer le " + on + "."
	case Milestone:
		return "Le jalon « " + a.Subject + " » était attendu le " + on + "."
	case OffPath:
		return "« " + a.Subject + " » : " + a.Value.String() + " le " + on + ", " + a.Expected.About().String() + " attendu."
	case Silent:
		return "Aucune nouvelle depuis le " + on + "."
	case Unfunded:
		return "Aucun financeur pour " + a.Planned.String() + " prévus en " + strconv.Itoa(a.Year) + "."
	case Unread:
		return "Un point de « " + a.Subject + " », reçu le " + on + " hors campagne, attend d’être relu."
	}
	return "Adoptée le " + on + ", son suivi est ouvert et aucune action de la feuille de route ne la porte."
}

// Remedy returns what to do, and where in the portal.
func (a Alert) Remedy() (label, path string) {
	of := "/equipe/feuille-de-route/actions/" + strconv.FormatInt(int64(a.Action), 10)
	object := strconv.FormatInt(a.Object, 10)
	switch a.Kind {
	case Late:
		return "Revoir l’état de l’action", of + "/etat"
	case Milestone:
		return "Mettre à jour les étapes", of + "/etapes"
	case OffPath:
		return "Voir les valeurs de l’indicateur", of + "/indicateurs/" + object + "/valeurs"
	case Silent:
		return "Ouvrir la fiche et demander des nouvelles", of
	case Unfunded:
		return "Compléter le budget", of + "/budget"
	case Unread:
		return "Lire le point", "/equipe/points/" + object
	}
	return "Décider de la suite", "/equipe/decisions/" + object + "/suivi"
}
