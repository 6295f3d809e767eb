// Package progress is what organisations say of the actions that concern them: the
// point d’avancement of a mayor, a delegate, a partner or a structure (deliberation
// 2024-677: the Comité des communes shares « l’état d’avancement des actions »). A
// report is written once; what follows it replaces it and keeps it.
package progress

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Ids of reports and of the campaigns that ask for them.
type (
	ReportID   int64
	CampaignID int64
)

// Situation is where the organisation says the action stands for it.
type Situation string

// The closed set of situations (constraint progress_report_situation_check).
const (
	ToCome     Situation = "to_come"
	InProgress Situation = "in_progress"
	Done       Situation = "done"
	Late       Situation = "late"      // with the difficulty
	Abandoned  Situation = "abandoned" // with the difficulty
)

// Situations lists the situations in display order.
var Situations = []Situation{ToCome, InProgress, Done, Late, Abandoned}

// Label returns the French name of the situation, of an action.
func (s Situation) Label() string {
	switch s {
	case ToCome:
		return "À venir"
	case InProgress:
		return "En cours"
	case Done:
		return "Réalisée"
	case Late:
		return "En retard"
	case Abandoned:
		return "Abandonnée"
	}
	return string(s)
}

// NeedsWhy tells whether the situation is said with the difficulty met.
func (s Situation) NeedsWhy() bool { return s == Late || s == Abandoned }

// NeedKind groups what organisations need.
type NeedKind string

// The closed set of kinds (constraint progress_report_need_kind_check); "" is no need.
const (
	Funding       NeedKind = "funding"
	People        NeedKind = "people"
	Training      NeedKind = "training"
	Equipment     NeedKind = "equipment"
	Premises      NeedKind = "premises"
	Communication NeedKind = "communication"
	Method        NeedKind = "method"
	Other         NeedKind = "other"
)

// NeedKinds lists the kinds in display order.
var NeedKinds = []NeedKind{Funding, People, Training, Equipment, Premises, Communication, Method, Other}

// Label returns the French name of the kind.
func (k NeedKind) Label() string {
	switch k {
	case Funding:
		return "Financement"
	case People:
		return "Personnes, temps d’agent"
	case Training:
		return "Formation"
	case Equipment:
		return "Matériel, connexion"
	case Premises:
		return "Locaux"
	case Communication:
		return "Communication"
	case Method:
		return "Méthode, exemple d’ailleurs"
	case Other:
		return "Autre besoin"
	}
	return string(k)
}

// State is where a report stands with the team.
type State string

// The closed set of states (constraint progress_report_state_check).
const (
	Sent      State = "sent"       // waits for the team; not public
	Accepted  State = "accepted"   // public: situation, percent, what was done, next step
	AskedBack State = "asked_back" // the organisation is to say more
	Replaced  State = "replaced"   // by a later report, or by the team's correction
)

// States lists the states in display order.
var States = []State{Sent, Accepted, AskedBack, Replaced}

// Label returns the French name of the state.
func (s State) Label() string {
	switch s {
	case Sent:
		return "Reçu, à relire"
	case Accepted:
		return "Accepté"
	case AskedBack:
		return "Précision demandée"
	case Replaced:
		return "Remplacé"
	}
	return string(s)
}

// Report is what an organisation said of an action on a day.
type Report struct {
	ID               ReportID               `db:"id"`
	Action           roadmap.ID             `db:"action_id"`
	Organisation     roadmap.OrganisationID `db:"organisation_id"`
	OrganisationName string                 `db:"organisation"`
	INSEE            string                 `db:"insee"`       // "" when it is no commune
	Campaign         CampaignID             `db:"campaign_id"` // 0: outside any
	Person           access.PersonID        `db:"person_id"`   // 0: the team
	By               string                 `db:"by_name"`     // never shown to the public
	Situation        Situation              `db:"situation"`
	NothingNew       bool                   `db:"nothing_new"`
	Percent          *int                   `db:"percent"` // 0 to 100 by tens
	FallReason       string                 `db:"fall_reason"`
	Done             string                 `db:"done"`       // ≤ 500
	Difficulty       string                 `db:"difficulty"` // ≤ 500; members only
	NeedKind         NeedKind               `db:"need_kind"`
	Need             string                 `db:"need"`      // ≤ 500; members only
	NextStep         string                 `db:"next_step"` // ≤ 300
	GoodPractice     bool                   `db:"good_practice"`
	State            State                  `db:"state"`
	ReviewNote       string                 `db:"review_note"`
	ReviewedBy       string                 `db:"reviewed_by"`
	ReviewedAt       *time.Time             `db:"reviewed_at"`
	Replaces         ReportID               `db:"replaces_id"`
	At               time.Time              `db:"at"`
	Version          int                    `db:"version"`
	Figures          []Figure               `db:"-"`
	Documents        []Document             `db:"-"`
}

// Document is a photo or a file that goes with a report.
type Document struct {
	Report  ReportID `db:"report_id"`
	Caption string   `db:"caption"` // what a photo shows, for who does not see it
	document.File
}

// Figure is the value a report gives to an indicator.
type Figure struct {
	Report    ReportID            `db:"report_id"`
	Indicator roadmap.IndicatorID `db:"indicator_id"`
	Name      string              `db:"name"`
	Unit      string              `db:"unit"`
	Value     roadmap.Number      `db:"value"`
}

// Bare tells whether the report says nothing the team has to read: nothing new, and
// no word more. Such a report is accepted as it comes.
func (r Report) Bare() bool {
	return r.NothingNew && r.Done == "" && r.Difficulty == "" && r.Need == "" && r.NextStep == "" && len(r.Figures) == 0 && len(r.Documents) == 0
}

// Check refuses what no report may say. Fields: situation, avancement, fait, difficulte,
// besoin, type_besoin, suite, pourquoi. before is the percent last reported, nil for none:
// a fall is allowed and says why.
func (r Report) Check(before *int) error {
	switch {
	case r.Situation == "":
		return problem.OnField("situation", "Choisissez où en est l’action.")
	case r.Percent != nil && (*r.Percent < 0 || *r.Percent > 100 || *r.Percent%10 != 0):
		return problem.OnField("avancement", "Choisissez un avancement de 0 à 100 %, par dizaine.")
	case r.Situation == Late && !r.NothingNew && r.Difficulty == "":
		return problem.OnField("difficulte", "Dites en une phrase pourquoi l’action est en retard.")
	case r.Situation == Abandoned && !r.NothingNew && r.Difficulty == "":
		return problem.OnField("difficulte", "Dites en une phrase pourquoi l’action est abandonnée.")
	case r.Situation == Done && r.Percent != nil && *r.Percent != 100:
		return problem.OnField("avancement", "Une action réalisée est à 100 %.")
	case (r.Need == "") != (r.NeedKind == ""):
		if r.Need == "" {
			return problem.OnField("besoin", "Dites ce dont vous avez besoin, ou choisissez « Aucun besoin ».")
		}
		return problem.OnField("type_besoin", "Choisissez de quel besoin il s’agit.")
	case before != nil && r.Percent != nil && *r.Percent < *before && r.FallReason == "":
		return problem.OnField("pourquoi", "L’avancement baisse : dites pourquoi en quelques mots.")
	}
	return nil
}
