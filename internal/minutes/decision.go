package minutes

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// DecisionKind tells a decision from an opinion (« avis »).
type DecisionKind string

// The closed set of kinds (constraint decision_kind_check).
const (
	KindDecision DecisionKind = "decision"
	KindOpinion  DecisionKind = "opinion"
)

// DecisionKinds lists the kinds in display order.
var DecisionKinds = []DecisionKind{KindDecision, KindOpinion}

// Label returns the French name of the kind.
func (k DecisionKind) Label() string {
	switch k {
	case KindDecision:
		return "Décision"
	case KindOpinion:
		return "Avis"
	}
	return string(k)
}

// Outcomes lists what a meeting can do of a text of this kind.
func (k DecisionKind) Outcomes() []Outcome {
	if k == KindOpinion {
		return []Outcome{Favourable, Reserved, Unfavourable}
	}
	return []Outcome{Adopted, Rejected, PutOff}
}

// Outcome is what the meeting did of the text.
type Outcome string

// The closed set of outcomes (constraints decision_outcome_check and
// decision_outcome_of_kind): three of a decision, three of an opinion.
const (
	Adopted      Outcome = "adopted"
	Rejected     Outcome = "rejected"
	PutOff       Outcome = "postponed"
	Favourable   Outcome = "favourable"
	Reserved     Outcome = "reserved"
	Unfavourable Outcome = "unfavourable"
)

// Outcomes lists the outcomes in display order.
var Outcomes = []Outcome{Adopted, Rejected, PutOff, Favourable, Reserved, Unfavourable}

// Label returns the French name of the outcome.
func (o Outcome) Label() string {
	switch o {
	case Adopted:
		return "Adoptée"
	case Rejected:
		return "Rejetée"
	case PutOff:
		return "Reportée"
	case Favourable:
		return "Favorable"
	case Reserved:
		return "Réservé"
	case Unfavourable:
		return "Défavorable"
	}
	return string(o)
}

// Method is how the meeting decided.
type Method string

// The closed set of methods (constraint decision_method_check).
const (
	Consensus Method = "consensus"
	Vote      Method = "vote"
)

// Methods lists the methods in display order.
var Methods = []Method{Consensus, Vote}

// Label returns the French name of the method.
func (m Method) Label() string {
	switch m {
	case Consensus:
		return "Par consensus"
	case Vote:
		return "Par un vote"
	}
	return string(m)
}

// FollowUpState is what became of a decision.
type FollowUpState string

// The closed set of states (constraint decision_follow_up_check).
const (
	FollowOpen       FollowUpState = "open"
	FollowInProgress FollowUpState = "in_progress"
	FollowDone       FollowUpState = "done"
	FollowDropped    FollowUpState = "dropped"
	FollowNone       FollowUpState = "none"
)

// FollowUpStates lists the states in display order.
var FollowUpStates = []FollowUpState{FollowOpen, FollowInProgress, FollowDone, FollowDropped, FollowNone}

// Label returns the French name of the state.
func (s FollowUpState) Label() string {
	switch s {
	case FollowOpen:
		return "À suivre"
	case FollowInProgress:
		return "En cours"
	case FollowDone:
		return "Réalisée"
	case FollowDropped:
		return "Abandonnée"
	case FollowNone:
		return "Sans suite à donner"
	}
	return string(s)
}

// Open tells whether something is still expected.
func (s FollowUpState) Open() bool { return s == FollowOpen || s == FollowInProgress }

// Origin is the meeting and the point that something comes from.
type Origin struct {
	Meeting      meeting.ID              `json:"reunion" db:"meeting_id"`
	Item         meeting.ItemID          `json:"point" db:"item_id"` // 0: none
	ItemNumber   string                  `json:"-" db:"item_number"`
	ItemTitle    string                  `json:"-" db:"item_title"`
	Body         governance.BodyCode     `json:"instance" db:"body"`
	MeetingKind  meeting.Kind            `json:"-" db:"meeting_kind"`
	MeetingState governance.MeetingState `json:"-" db:"meeting_state"`
	StartsAt     time.Time               `json:"-" db:"starts_at"` // of the meeting
}

// Published tells whether the minutes of the meeting are out.
func (o Origin) Published() bool { return o.MeetingState == governance.Published }

// From returns the meeting as far as its title and its day need it.
func (o Origin) From() meeting.Meeting {
	return meeting.Meeting{ID: o.Meeting, Body: o.Body, Kind: o.MeetingKind, State: o.MeetingState, StartsAt: o.StartsAt}
}

// Decision is a decision or an opinion of a meeting.
type Decision struct {
	ID   DecisionID   `json:"id" db:"id"`
	Kind DecisionKind `json:"nature" db:"kind"`
	Origin
	Year          int           `json:"annee" db:"year"`
	Number        int           `json:"numero" db:"number"`
	Title         string        `json:"titre" db:"title"`
	Text          string        `json:"texte" db:"text"`
	Outcome       Outcome       `json:"resultat" db:"outcome"`
	Method        Method        `json:"mode" db:"method"`
	For           *int          `json:"pour" db:"votes_for"` // nil but of a vote
	Against       *int          `json:"contre" db:"votes_against"`
	Abstentions   *int          `json:"abstentions" db:"abstentions"`
	FollowUp      FollowUpState `json:"suivi" db:"follow_up"`
	FollowUpNote  string        `json:"note_suivi" db:"follow_up_note"`
	FollowedAt    *time.Time    `json:"-" db:"followed_at"` // nil: nothing said since the meeting
	SupersededBy  DecisionID    `json:"-" db:"superseded_by"`
	Rectification string        `json:"motif_rectification" db:"rectification"` // why it takes the place of another
	CreatedAt     time.Time     `json:"-" db:"created_at"`
	Version       int           `json:"-" db:"version"`
}

// Reference names the decision for good: « GNI 2026-3 », « GNI 2026-A2 » for an
// opinion.
func (d Decision) Reference() string {
	letter := ""
	if d.Kind == KindOpinion {
		letter = "A"
	}
	return d.Body.Reference(d.Year, letter, d.Number)
}

// Cast is how many votes were cast; 0 by consensus.
func (d Decision) Cast() int {
	if d.For == nil || d.Against == nil || d.Abstentions == nil {
		return 0
	}
	return *d.For + *d.Against + *d.Abstentions
}

// DecisionInput is what the team says of a decision.
type DecisionInput struct {
	Kind    DecisionKind `json:"nature"`
	Title   string       `json:"titre"`
	Text    string       `json:"texte"`
	Outcome Outcome      `json:"resultat"`
	Method  Method       `json:"mode"`
	// With a vote, and then all three.
	For         *int `json:"pour"`
	Against     *int `json:"contre"`
	Abstentions *int `json:"abstentions"`
}

const (
	maxTitle       = 200
	maxText        = 8000
	maxVotes       = 10_000
	maxRegisterWhy = 1000
	maxFollowNote  = 2000
)

// check refuses what the schema would (fields nature, titre, texte, resultat, mode,
// pour, contre, abstentions).
func (in DecisionInput) check() error {
	switch {
	case !slices.Contains(DecisionKinds, in.Kind):
		return problem.OnField("nature", "Choisissez une décision ou un avis.")
	case !slices.Contains(in.Kind.Outcomes(), in.Outcome):
		return problem.OnField("resultat", "Choisissez ce que la réunion a fait du texte.")
	case !slices.Contains(Methods, in.Method):
		return problem.OnField("mode", "Choisissez comment la réunion a décidé.")
	}
	if err := checkTitleAndText(in.Title, in.Text); err != nil {
		return err
	}
	for _, v := range []struct {
		field string
		value *int
	}{{"pour", in.For}, {"contre", in.Against}, {"abstentions", in.Abstentions}} {
		switch {
		case in.Method == Vote && v.value == nil:
			return problem.OnField(v.field, "Saisissez un nombre, 0 s’il n’y en a pas : un vote s’inscrit avec ses trois nombres.")
		case in.Method != Vote && v.value != nil:
			return problem.OnField(v.field, "Laissez ce nombre vide : par consensus, aucune voix n’est comptée.")
		case v.value != nil && (*v.value < 0 || *v.value > maxVotes):
			return problem.OnField(v.field, "Saisissez un nombre entre 0 et 10 000.")
		}
	}
	if in.Method == Vote && *in.For+*in.Against+*in.Abstentions == 0 {
		return problem.OnField("pour", "Aucune voix n’est comptée : saisissez le résultat du vote, ou choisissez « par consensus ».")
	}
	return nil
}

// checkTitleAndText refuses a title or a text too long or missing.
func checkTitleAndText(title, text string) error {
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		return problem.OnField("titre", "Donnez un titre, qui dira la décision dans les listes.")
	case n > maxTitle:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return problem.OnField("texte", "Écrivez le texte tel qu’il est adopté.")
	case n > maxText:
		return problem.OnField("texte", "Gardez 8 000 caractères au plus.")
	}
	return nil
}

// tooManyVotes warns that more votes were cast than the roll has voices. Without a
// roll there is nothing to compare with.
func tooManyVotes(cast, voices int) string {
	if voices == 0 || cast <= voices {
		return ""
	}
	return fmt.Sprintf("Le vote compte %d voix pour %d membres présents, représentés ou ayant donné pouvoir : vérifiez les nombres ou l’émargement.", cast, voices)
}

// Warning says what is strange in the votes, "" for nothing. voices is how many the
// roll has, 0 when it was not taken.
func (d Decision) Warning(voices int) string { return tooManyVotes(d.Cast(), voices) }
