// Package meeting is the life of a meeting from its date to the roll: planning,
// date poll, agenda, convocation, answers, the day itself. What a meeting leaves
// (notes, decisions, minutes) is internal/minutes.
//
// Rules come from deliberation 2024-677, part 2 (rhythm, who sits) and from the
// settings of each body where it is silent (notice, quorum, proxies, reminder).
// The files of the package follow a meeting's life: plan, poll, agenda, proposal,
// convocation, answer, roll, and calendar, statistics beside them.
package meeting

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// ID identifies a meeting; the other ids what belongs to it.
type (
	ID            = governance.MeetingID
	ItemID        int64 // agenda_item.id
	StandingID    int64 // standing_item.id
	ProposalID    int64 // agenda_proposal.id
	GuestID       int64 // meeting_guest.id
	ConvocationID int64 // convocation.id
	DocumentID    int64 // meeting_document.id
	SendingID     int64 // sending.id
	VoterID       int64 // poll_voter.id
	OptionID      int64 // poll_option.id
)

// Kind tells a statutory session, which the cadence counts, from a workshop.
type Kind string

// The closed set of kinds (constraint meeting_kind_check).
const (
	Session  Kind = "session"
	Workshop Kind = "workshop" // « atelier de concertation », with contributions
)

// Kinds lists the kinds in display order.
var Kinds = []Kind{Session, Workshop}

// Label returns the French name of the kind.
func (k Kind) Label() string {
	switch k {
	case Session:
		return "Réunion"
	case Workshop:
		return "Atelier de concertation"
	}
	return string(k)
}

// Meeting is a meeting as every page about it needs it.
type Meeting struct {
	ID                 ID                      `json:"id" db:"id"`
	Body               governance.BodyCode     `json:"instance" db:"body"`
	Kind               Kind                    `json:"nature" db:"kind"`
	StartsAt           time.Time               `json:"debut" db:"starts_at"`
	EndsAt             time.Time               `json:"fin" db:"ends_at"`
	Place              string                  `json:"lieu" db:"place"`
	VideoURL           string                  `json:"lien_video" db:"video_url"` // for participants only
	Theme              string                  `json:"theme" db:"theme"`
	State              governance.MeetingState `json:"etat" db:"state"`
	Announced          bool                    `json:"annoncee" db:"announced"` // the public knows of it
	UID                string                  `json:"-" db:"uid"`
	Sequence           int                     `json:"-" db:"sequence"`
	ChangedAt          time.Time               `json:"-" db:"changed_at"`
	ConvenedAt         *time.Time              `json:"convoquee_le" db:"convened_at"`
	ConveneReason      string                  `json:"motif_convocation" db:"convene_reason"`
	CallOffReason      string                  `json:"motif_annulation" db:"call_off_reason"`
	CalledOffAt        *time.Time              `json:"annulee_le" db:"called_off_at"`
	ReplacesID         ID                      `json:"remplace" db:"replaces_id"`      // 0: none
	ReplacedByID       ID                      `json:"remplacee_par" db:"replaced_by"` // 0: none
	OpenedAt           *time.Time              `json:"ouverte_le" db:"opened_at"`
	ClosedAt           *time.Time              `json:"close_le" db:"closed_at"`
	ChairPresent       bool                    `json:"presidence_presente" db:"chair_present"`
	StatePresent       bool                    `json:"etat_present" db:"state_present"`
	NoticeDays         int                     `json:"-" db:"notice_days"`   // setting of the body; 0 when not set
	QuorumPercent      *int                    `json:"-" db:"quorum"`        // nil: none
	ProxiesMax         *int                    `json:"-" db:"proxies"`       // per holder; nil: no limit set
	ReminderDays       *int                    `json:"-" db:"reminder_days"` // nil: no automatic reminder
	NeedsChairAndState bool                    `json:"-" db:"needs_chair_and_state"`
	Version            int                     `json:"-" db:"version"`
}

// Day returns the day of the meeting in Paris.
func (m Meeting) Day() day.Day { return day.In(m.StartsAt) }

// LatestConvene is the last day on which convening leaves the notice period of the
// body's settings (by analogy with CRPA R133-8 where the deliberation is silent).
func (m Meeting) LatestConvene() day.Day { return m.Day().AddDays(-m.NoticeDays) }

// CalledOff tells whether it was postponed or cancelled.
func (m Meeting) CalledOff() bool {
	return m.State == governance.Postponed || m.State == governance.Cancelled
}

// Past tells whether the meeting was held: its roll is closed or its minutes are out.
func (m Meeting) Past() bool { return m.State == governance.Held || m.State == governance.Published }

// Open tells whether the meeting is still to come or going on.
func (m Meeting) Open() bool {
	return m.State == governance.Draft || m.State == governance.Convened || m.State == governance.InProgress
}

// Title names the meeting: « Séance du CMTIN », « Réunion du GNI », « Atelier de
// concertation du GNI ».
func (m Meeting) Title() string {
	switch {
	case m.Kind == Workshop:
		return "Atelier de concertation " + m.Body.Of()
	case m.Body == governance.CMTIN:
		return "Séance " + m.Body.Of()
	}
	return "Réunion " + m.Body.Of()
}

// Audience says who may see a document.
type Audience string

// The closed set of audiences (constraint meeting_document_audience_check), from
// the widest.
const (
	ForPublic  Audience = "public"  // everybody, once the meeting is convened
	ForMembers Audience = "members" // the convened and invited, and the team
	ForTeam    Audience = "team"
)

// Audiences lists the audiences in display order.
var Audiences = []Audience{ForPublic, ForMembers, ForTeam}

// Label returns the French name of the audience.
func (a Audience) Label() string {
	switch a {
	case ForPublic:
		return "Tout le monde"
	case ForMembers:
		return "Les personnes convoquées et invitées"
	case ForTeam:
		return "L’équipe seule"
	}
	return string(a)
}

// Sight is what somebody may see of a meeting, decided where it is loaded.
type Sight int

// The closed set, from the least.
const (
	Nothing   Sight = iota // the meeting does not exist for them: 404
	Outside                // what is public of an announced meeting
	Inside                 // convened, invited, or of the body
	Backstage              // the team: everything
)

// Sees tells what the audience needs.
func (s Sight) Sees(a Audience) bool {
	switch a {
	case ForPublic:
		return s >= Outside
	case ForMembers:
		return s >= Inside
	}
	return s >= Backstage
}

// Recipient is one person convened or invited, as on the day it was done, with
// their answer: a row of table convocation.
type Recipient struct {
	ID               ConvocationID         `db:"id"`
	Meeting          ID                    `db:"meeting_id"`
	Kind             ConvocationKind       `db:"kind"`
	Seat             governance.SeatID     `db:"seat_id"`    // 0: a guest
	Guest            GuestID               `db:"guest_id"`   // 0: a member
	GuestRole        GuestRole             `db:"guest_role"` // "": a member
	Person           access.PersonID       `db:"person_id"`
	Organisation     access.OrganisationID `db:"organisation_id"`
	Name             string                `db:"name"`
	SeatLabel        string                `db:"seat_label"`
	GroupPosition    int                   `db:"group_position"`
	Group            string                `db:"group_name"`
	OrganisationName string                `db:"organisation_name"`
	College          governance.College    `db:"college"`
	Chairs           bool                  `db:"chairs"`
	Email            string                `db:"email"`
	AlternatePerson  access.PersonID       `db:"alternate_person_id"`
	AlternateName    string                `db:"alternate_name"`
	OpenedAt         *time.Time            `db:"opened_at"`
	Answer           Answer                `db:"answer"` // "": silent
	AnswerNote       string                `db:"answer_note"`
	ProxyTo          ConvocationID         `db:"proxy_to_id"`
	ProxyToName      string                `db:"proxy_to_name"`
	AnsweredAt       *time.Time            `db:"answered_at"`
	AnsweredBy       string                `db:"answered_by"` // link, account, team
	Version          int                   `db:"version"`
}

// ConvocationKind: members of the composition are convened, guests are invited.
type ConvocationKind string

// The closed set of kinds (constraint convocation_kind_check).
const (
	Convocation ConvocationKind = "convocation"
	Invitation  ConvocationKind = "invitation"
)

// Label returns the French name of the kind.
func (k ConvocationKind) Label() string {
	switch k {
	case Convocation:
		return "Convocation"
	case Invitation:
		return "Invitation"
	}
	return string(k)
}

// GuestRole says why somebody who is no member is invited.
type GuestRole string

// The closed set of roles (constraint meeting_guest_role_check).
const (
	StateGuest  GuestRole = "state"  // D: « en présence du représentant de l’Etat »
	ExpertGuest GuestRole = "expert" // D: dialogue with a national expert
	OtherGuest  GuestRole = "guest"
)

// GuestRoles lists the roles in display order.
var GuestRoles = []GuestRole{StateGuest, ExpertGuest, OtherGuest}

// Label returns the French name of the role.
func (g GuestRole) Label() string {
	switch g {
	case StateGuest:
		return "Représentation de l’État"
	case ExpertGuest:
		return "Expertise nationale"
	case OtherGuest:
		return "Autre personne invitée"
	}
	return string(g)
}

// Answer is what a recipient says they will do.
type Answer string

// The closed set of answers (constraint convocation_answer_check).
const (
	WillCome     Answer = "present"
	WillBeRemote Answer = "remote"
	Excused      Answer = "excused"
	Represented  Answer = "represented" // by the alternate
	ProxyGiven   Answer = "proxy"       // « pouvoir » to a named member of the same group
)

// Answers lists the answers in display order.
var Answers = []Answer{WillCome, WillBeRemote, Represented, ProxyGiven, Excused}

// Label returns the French name of the answer.
func (a Answer) Label() string {
	switch a {
	case WillCome:
		return "Sur place"
	case WillBeRemote:
		return "À distance"
	case Excused:
		return "Excusé"
	case Represented:
		return "Représenté par son suppléant"
	case ProxyGiven:
		return "Pouvoir donné"
	case "":
		return "Sans réponse"
	}
	return string(a)
}

// Status is what the roll says of a recipient.
type Status string

// The closed set of statuses (constraint attendance_status_check).
const (
	StatusPresent     Status = "present"
	StatusRemote      Status = "remote"
	StatusExcused     Status = "excused"
	StatusRepresented Status = "represented"
	StatusProxy       Status = "proxy"
	StatusAbsent      Status = "absent"
)

// Statuses lists the statuses in display order.
var Statuses = []Status{StatusPresent, StatusRemote, StatusRepresented, StatusProxy, StatusExcused, StatusAbsent}

// Label returns the French name of the status.
func (s Status) Label() string {
	switch s {
	case StatusPresent:
		return "Présent"
	case StatusRemote:
		return "À distance"
	case StatusExcused:
		return "Excusé"
	case StatusRepresented:
		return "Représenté"
	case StatusProxy:
		return "Pouvoir"
	case StatusAbsent:
		return "Absent"
	case "":
		return "Non pointé"
	}
	return string(s)
}

// ItemKind says what the meeting is asked to do of a point.
type ItemKind string

// The closed set of kinds (constraint agenda_item_kind_check).
const (
	ForInformation ItemKind = "information"
	ForDiscussion  ItemKind = "discussion"
	ForDecision    ItemKind = "decision"
	ForOpinion     ItemKind = "opinion"
	FollowUp       ItemKind = "follow_up" // fills itself with the open decisions of the body
)

// ItemKinds lists the kinds in display order.
var ItemKinds = []ItemKind{ForInformation, ForDiscussion, ForDecision, ForOpinion, FollowUp}

// Label returns the French name of the kind.
func (k ItemKind) Label() string {
	switch k {
	case ForInformation:
		return "Information"
	case ForDiscussion:
		return "Échange"
	case ForDecision:
		return "Décision"
	case ForOpinion:
		return "Avis"
	case FollowUp:
		return "Suivi des décisions"
	}
	return string(k)
}

// Item is a point of the agenda, as every page shows it.
type Item struct {
	ID             ItemID    `db:"id"`
	Meeting        ID        `db:"meeting_id"`
	Parent         ItemID    `db:"parent_id"` // 0: a point, else a sub-point of it
	Position       int       `db:"position"`  // from 1 among its siblings
	Number         string    `db:"number"`    // « 3 », « 3.2 »
	Title          string    `db:"title"`
	Text           string    `db:"text"`
	Kind           ItemKind  `db:"kind"`
	Minutes        int       `db:"minutes"`
	Rapporteur     string    `db:"rapporteur"`
	Origin         string    `db:"origin"`    // "", standing, proposal, moved, pushed
	OriginItem     ItemID    `db:"origin_id"` // of moved and pushed
	OriginMeeting  ID        `db:"origin_meeting_id"`
	OriginWords    string    `db:"origin_words"` // « GNI du 11 juin 2026 » or the proposer, "" for none
	MovedTo        ItemID    `db:"moved_to_id"`  // 0: it is dealt with here
	MovedToMeeting ID        `db:"moved_to_meeting_id"`
	CreatedAt      time.Time `db:"created_at"`
	Version        int       `db:"version"`
}

// Moved tells whether another meeting deals with the point.
func (i Item) Moved() bool { return i.MovedTo != 0 }
