package candidacy

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// ID identifies a candidacy.
type ID = election.CandidacyID

// State is where a candidacy stands.
type State string

// The closed set of states (constraint candidacy_state_check).
const (
	Submitted State = "submitted"
	Asked     State = "asked"
	Accepted  State = "accepted"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// States lists the states in the order of the team's page.
var States = []State{Submitted, Asked, Accepted, Refused, Withdrawn}

// Label is the French name of the state.
func (s State) Label() string {
	switch s {
	case Submitted:
		return "À examiner"
	case Asked:
		return "Précision demandée"
	case Accepted:
		return "Acceptée"
	case Refused:
		return "Refusée"
	}
	return "Retirée"
}

// Person is the titular or the alternate of a candidacy. The address and the gender are
// for the team and the structure alone.
type Person struct {
	First    string `json:"first"`
	Last     string `json:"last"`
	Function string `json:"function"`
	Email    string `json:"email"`
	Gender   string `json:"gender"` // f, m, x; "" when the rules do not ask
}

// Name is the first and last name.
func (p Person) Name() string {
	if p.First == "" {
		return p.Last
	}
	return p.First + " " + p.Last
}

// Empty tells whether nobody is named.
func (p Person) Empty() bool { return p.First == "" && p.Last == "" }

// Genders are the answers about gender, in display order: value, label.
var Genders = [][2]string{{"f", "Femme"}, {"m", "Homme"}, {"x", "Autre, ou ne souhaite pas le dire"}}

// GenderLabel is the French name of a gender.
func GenderLabel(g string) string {
	for _, x := range Genders {
		if x[0] == g {
			return x[1]
		}
	}
	return ""
}

// Content is what a structure writes of its candidacy.
type Content struct {
	Titular   Person `json:"titular"`
	Alternate Person `json:"alternate"`
	Statement string `json:"statement"`
	PhotoAlt  string `json:"photo_alt"` // what the photo shows
	Consent   bool   `json:"consent"`
}

// Candidacy is a row of candidacy, without the bytes of its photo.
type Candidacy struct {
	ID            ID
	Structure     access.OrganisationID
	StructureName string
	Commune       string
	College       governance.College
	Content       Content
	HasPhoto      bool
	State         State
	Reason        string // asked, refused
	WithdrawnLate bool
	SubmittedAt   time.Time
	DecidedAt     *time.Time
	Place         int // 0 until the lists are sealed
	OnRoll        bool
	Version       int
}

// Live tells whether the candidacy is one, whatever is to be decided of it.
func (c Candidacy) Live() bool {
	return c.State == Submitted || c.State == Asked || c.State == Accepted
}

// NeedsAlternate tells whether the rules want an alternate: one replaces the titular, or
// the two are a pair.
func NeedsAlternate(r election.Rules) bool { return r.Gender == "pair" || r.Succession == "alternate" }

// NeedsGender tells whether the rules want the gender of the titular.
func NeedsGender(r election.Rules) bool { return r.Gender != "none" || r.Tie == "gender" }

// PublishedUntil is until when the names and the statement are published: the day the
// lists are to be destroyed, by the rules, thirty days being left for the count and the
// proclamation. It is said in the consent.
func PublishedUntil(e election.Election) day.Day {
	from := e.Now
	if e.ClosesAt != nil {
		from = *e.ClosesAt
	}
	return day.In(from).AddDays(30 + e.Rules.ContestDays + e.Rules.RetentionDays)
}

// Consent is the sentence that a candidacy accepts.
func Consent(e election.Election) string {
	return "J’accepte que mon nom et ma profession de foi soient publiés jusqu’au " + french.Date(PublishedUntil(e)) + "."
}

// Edit tells whether the structure may write its candidacy now: while candidacies are
// received, and after that to answer the team, until the last moment of withdrawals.
func Edit(e election.Election, c *Candidacy) bool {
	if e.Standing() {
		return true
	}
	return c != nil && c.State == Asked && e.Phase == election.Candidacies && e.WithdrawUntil != nil && e.Now.Before(*e.WithdrawUntil)
}

// Withdraw tells whether a candidacy may be withdrawn now, and whether it is late: after
// the lists are sealed, the ballot does not change.
func Withdraw(e election.Election, c Candidacy) (may, late bool) {
	switch {
	case !c.Live() || c.WithdrawnLate:
		return false, false
	case e.Phase == election.Candidacies:
		return e.WithdrawUntil == nil || e.Now.Before(*e.WithdrawUntil), false
	}
	late = e.Phase.Reached(election.Sealed) && !e.Phase.Reached(election.Counted) && c.Place > 0
	return late, late
}
