// Package roadmap is the feuille de route « Inclusion Numérique » (deliberation
// 2024-677, article 2): axes, actions, what they cost and measure. The four bodies
// follow it and the CMTIN validates it each year.
//
// This package owns the sheet of an action and its rules. What is done with actions
// has rooms of its own: progress (what organisations report), campaign (asking the
// communes before their committee), funding (the partners' group), edition (the
// programme of a year), board (what is shown), watch (what goes wrong), sheetfile
// (spreadsheets in and out).
//
// Glossary: feuille de route = Roadmap, axe = Axis, action = Action, étape = Step,
// jalon = milestone, point d’avancement = Report, campagne = Campaign, programme
// annuel = Edition. Money is integer cents (Cents), percentages go by tens.
package roadmap

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/minutes"
)

// Ids of what this area owns.
type (
	AxisID      int64
	ID          int64 // of an action: roadmap_action.id, in /feuille-de-route/actions/{id}
	StepID      int64
	LineID      int64 // of a budget line
	IndicatorID int64
	ReadingID   int64
	DocumentID  int64 // of the link between an action and a document
)

// DecisionID identifies a decision of a meeting.
type DecisionID = minutes.DecisionID

// OrganisationID identifies a pilot, a partner, a commune or a funder.
type OrganisationID = access.OrganisationID

// Status is where an action stands. Late is no status: it is derived from the dates
// (SQL function action_late).
type Status string

// The closed set of statuses (constraint roadmap_action_status_check).
const (
	Proposed   Status = "proposed" // not public yet
	Validated  Status = "validated"
	InProgress Status = "in_progress"
	Suspended  Status = "suspended" // with a reason
	Done       Status = "done"
	Abandoned  Status = "abandoned" // with a reason
)

// Statuses lists the statuses in display order.
var Statuses = []Status{Proposed, Validated, InProgress, Suspended, Done, Abandoned}

// Label returns the French name of the status, of an action.
func (s Status) Label() string {
	switch s {
	case Proposed:
		return "Proposée"
	case Validated:
		return "À venir"
	case InProgress:
		return "En cours"
	case Suspended:
		return "Suspendue"
	case Done:
		return "Réalisée"
	case Abandoned:
		return "Abandonnée"
	}
	return string(s)
}

// Slug names the status in an address: « en-cours ».
func (s Status) Slug() string {
	switch s {
	case Proposed:
		return "proposee"
	case Validated:
		return "a-venir"
	case InProgress:
		return "en-cours"
	case Suspended:
		return "suspendue"
	case Done:
		return "realisee"
	case Abandoned:
		return "abandonnee"
	}
	return string(s)
}

// Over tells whether nothing more is expected of the action.
func (s Status) Over() bool { return s == Done || s == Abandoned }

// NeedsReason tells whether the status is given with a reason.
func (s Status) NeedsReason() bool { return s == Suspended || s == Abandoned }

// Next lists the statuses an action may take from this one. Validating is the CMTIN's
// (edition) or a decision's; a finished action may be taken up again.
func (s Status) Next() []Status {
	switch s {
	case Proposed:
		return []Status{Validated, Abandoned}
	case Validated:
		return []Status{InProgress, Suspended, Done, Abandoned}
	case InProgress:
		return []Status{Suspended, Done, Abandoned}
	case Suspended:
		return []Status{InProgress, Done, Abandoned}
	case Done, Abandoned:
		return []Status{InProgress}
	}
	return nil
}

// Confidence is the team's judgement on whether the action will reach its aim.
type Confidence string

// The closed set of levels (constraint roadmap_action_confidence_check); "" is not
// judged yet.
const (
	OnCourse     Confidence = "on_course"
	ToWatch      Confidence = "to_watch"
	NeedsSupport Confidence = "needs_support"
	Compromised  Confidence = "compromised"
)

// Confidences lists the levels from the best.
var Confidences = []Confidence{OnCourse, ToWatch, NeedsSupport, Compromised}

// Label returns the French name of the level.
func (c Confidence) Label() string {
	switch c {
	case OnCourse:
		return "Sur la bonne voie"
	case ToWatch:
		return "À surveiller"
	case NeedsSupport:
		return "Appui nécessaire"
	case Compromised:
		return "Compromise"
	}
	return "Pas encore évaluée"
}

// Meaning says in a sentence what the level means.
func (c Confidence) Meaning() string {
	switch c {
	case OnCourse:
		return "L’objectif sera atteint à la date prévue."
	case ToWatch:
		return "Un risque est connu, le pilote le traite."
	case NeedsSupport:
		return "Le pilote ne peut pas lever seul la difficulté."
	case Compromised:
		return "L’objectif ne sera pas atteint sans une décision."
	}
	return ""
}

// Priority is the rank of an action among others.
type Priority string

// The closed set of priorities (constraint roadmap_action_priority_check).
const (
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

// Priorities lists the priorities from the highest.
var Priorities = []Priority{High, Normal, Low}

// Label returns the French name of the priority.
func (p Priority) Label() string {
	switch p {
	case High:
		return "Haute"
	case Normal:
		return "Normale"
	case Low:
		return "Basse"
	}
	return string(p)
}

// Nature is what a budget line pays.
type Nature string

// The closed set of natures (constraint budget_line_nature_check).
const (
	Investment Nature = "investment"
	Running    Nature = "running"
)

// Natures lists the natures in display order.
var Natures = []Nature{Investment, Running}

// Label returns the French name of the nature.
func (n Nature) Label() string {
	if n == Investment {
		return "Investissement"
	}
	return "Fonctionnement"
}

// Direction is which way an indicator should go.
type Direction string

// The closed set of directions (constraint action_indicator_direction_check).
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// Directions lists the directions in display order.
var Directions = []Direction{Up, Down}

// Label returns the direction in words.
func (d Direction) Label() string {
	if d == Down {
		return "Doit baisser"
	}
	return "Doit augmenter"
}
