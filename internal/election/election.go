// Package election is the election of the ten representatives of the Groupe Numérique
// Inclusif (deliberation 2024-677: « le Groupe Numérique Inclusif désigne dix
// représentants », five of action sociale, five of médiation numérique): what an
// election is, its rules, its phases and the acts that need two people.
//
// The ballots are in belenios (the protocol, pure); who votes in election/roll, who
// stands in election/candidacy, keys and codes in election/ceremony, casting in
// election/voting, what everybody checks in election/board, the count and what follows
// in election/count. Nothing in the database joins a structure to a ballot.
package election

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/governance"
)

// ID identifies an election (election.id).
type ID int64

// BoxID identifies a ballot box (ballot_box.id).
type BoxID int64

// Phase is where an election stands. Being inside the hours of voting or of claims is
// judged by the database clock, beside the phase.
type Phase string

// The closed set of phases (constraint election_phase_check), in their order.
const (
	Draft       Phase = "draft"       // the team writes the rules
	Published   Phase = "published"   // rules frozen, with their hash
	Roll        Phase = "roll"        // provisional roll shown, claims received
	Candidacies Phase = "candidacies" // structures stand; the roll is still provisional
	Sealed      Phase = "sealed"      // roll and candidates frozen, order drawn; the key ceremony goes on
	Ready       Phase = "ready"       // boxes set up and shown empty
	Open        Phase = "open"        // opened by two people; votes are taken in [OpensAt, ClosesAt)
	Closed      Phase = "closed"      // nothing enters the boxes any more
	Counted     Phase = "counted"     // the sums are opened, the result is known
	Proclaimed  Phase = "proclaimed"  // by the chair: mandates are open, the contest period runs
	Archived    Phase = "archived"    // the contest period is over
	Destroyed   Phase = "destroyed"   // ballots and lists erased; procès-verbal kept
	Cancelled   Phase = "cancelled"   // given up before the vote
)

// Phases lists the phases in their order, Cancelled last.
var Phases = []Phase{Draft, Published, Roll, Candidacies, Sealed, Ready, Open, Closed, Counted, Proclaimed, Archived, Destroyed, Cancelled}

// Label returns the French name of the phase.
func (p Phase) Label() string {
	switch p {
	case Draft:
		return "En préparation"
	case Published:
		return "Règlement publié"
	case Roll:
		return "Liste électorale provisoire"
	case Candidacies:
		return "Dépôt des candidatures"
	case Sealed:
		return "Listes arrêtées"
	case Ready:
		return "Urne scellée"
	case Open:
		return "Vote"
	case Closed:
		return "Vote clos"
	case Counted:
		return "Dépouillée"
	case Proclaimed:
		return "Résultat proclamé"
	case Archived:
		return "Archivée"
	case Destroyed:
		return "Bulletins détruits"
	case Cancelled:
		return "Abandonnée"
	}
	return string(p)
}

// Reached tells whether p is other or comes after it. A cancelled election reached
// nothing.
func (p Phase) Reached(other Phase) bool {
	return p != Cancelled && p.order() >= other.order()
}

func (p Phase) order() int {
	for i, q := range Phases {
		if p == q {
			return i
		}
	}
	return -1
}

// Public tells whether everybody may know of the election: from the publication of its
// rules on.
func (p Phase) Public() bool { return p.Reached(Published) || p == Cancelled }

// Election is a row of election. Now is the database clock when it was read: deadlines
// are judged against it, never against the clock of the machine.
type Election struct {
	ID          ID
	Title       string
	Complements *ID // the election whose empty seats this one fills
	Phase       Phase
	Rules       Rules
	RulesText   string // the bytes that were hashed
	RulesSHA256 []byte

	RulesPublishedAt *time.Time
	ClaimsUntil      *time.Time
	CandidaciesFrom  *time.Time
	CandidaciesUntil *time.Time
	WithdrawUntil    *time.Time
	OpensAt          *time.Time
	ClosesAt         *time.Time
	ContestUntil     *time.Time

	OrderSeed string
	TieSource string
	TieSeed   string

	SealedAt     *time.Time
	ReadyAt      *time.Time
	OpenedAt     *time.Time
	ClosedAt     *time.Time
	CountedAt    *time.Time
	ProclaimedAt *time.Time
	ArchivedAt   *time.Time
	DestroyedAt  *time.Time

	CancelledReason string
	CreatedAt       time.Time
	Version         int
	Now             time.Time
}

// within tells whether now is in the half-open interval [from, until), nil bounds
// being never.
func within(now time.Time, from, until *time.Time) bool {
	return from != nil && until != nil && !now.Before(*from) && now.Before(*until)
}

// Claiming tells whether claims on the provisional roll are received.
func (e Election) Claiming() bool {
	return (e.Phase == Roll || e.Phase == Candidacies) && e.ClaimsUntil != nil && e.Now.Before(*e.ClaimsUntil)
}

// Standing tells whether candidacies are received.
func (e Election) Standing() bool {
	return e.Phase == Candidacies && within(e.Now, e.CandidaciesFrom, e.CandidaciesUntil)
}

// Voting tells whether ballots are taken.
func (e Election) Voting() bool { return e.Phase == Open && within(e.Now, e.OpensAt, e.ClosesAt) }

// Contesting tells whether the result can still be contested.
func (e Election) Contesting() bool {
	return e.Phase == Proclaimed && e.ContestUntil != nil && e.Now.Before(*e.ContestUntil)
}

// Box is a ballot box: one archive.
type Box struct {
	ID         BoxID               `db:"id"`
	Election   ID                  `db:"election_id"`
	Rehearsal  bool                `db:"rehearsal"`
	College    *governance.College `db:"college"` // nil: both colleges, two questions
	UUID       string              `db:"uuid"`
	Name       string              `db:"name"`
	Seats      int                 `db:"seats"`
	Stamp      *int64              `db:"stamp"`         // Unix seconds, in the headers of the archive
	Raw        []byte              `db:"election_json"` // nil until the ceremony
	Codes      int                 `db:"public_credentials"`
	NextHeight int                 `db:"next_height"`
	NextSeq    int                 `db:"next_seq"`
	Head       []byte              `db:"head"`
	Ballots    int                 `db:"ballots"`
}

// CollegeLabel is the French name of who votes in the box.
func (b Box) CollegeLabel() string {
	if b.College == nil {
		return "Les deux collèges"
	}
	return b.College.Label()
}
