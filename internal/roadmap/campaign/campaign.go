package campaign

import (
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// ID identifies a campaign.
type ID = progress.CampaignID

// State is where a campaign stands; it is derived, and kept nowhere.
type State string

// The closed set of states.
const (
	Preparing State = "preparing" // nobody was written to
	Answering State = "answering" // communes answer
	Ended     State = "ended"     // past its closing hour: no more answers, and no pack yet
	Closed    State = "closed"    // the pack is made
)

// Label returns the French name of the state, of a campaign.
func (s State) Label() string {
	switch s {
	case Preparing:
		return "En préparation"
	case Answering:
		return "Ouverte"
	case Ended:
		return "Réponses closes, dossier à faire"
	case Closed:
		return "Close"
	}
	return string(s)
}

// Campaign is a campaign with what counts it.
type Campaign struct {
	ID           ID                  `db:"id"`
	Title        string              `db:"title"`
	MeetingID    meeting.ID          `db:"meeting_id"` // 0: prepares no meeting
	MeetingBody  governance.BodyCode `db:"meeting_body"`
	MeetingAt    *time.Time          `db:"meeting_at"`
	MeetingTheme string              `db:"meeting_theme"`
	MeetingOpen  bool                `db:"meeting_open"` // its agenda may still change
	Message      string              `db:"message"`
	OpenedAt     *time.Time          `db:"opened_at"`
	ClosesAt     time.Time           `db:"closes_at"` // half-open: at that instant it is too late
	ClosedAt     *time.Time          `db:"closed_at"`
	Over         bool                `db:"over"` // by the clock of the database
	Version      int                 `db:"version"`
	Communes     int                 `db:"communes"` // asked
	Answered     int                 `db:"answered"` // communes with one report at least
	Asked        int                 `db:"asked"`    // questions: a commune and an action
	Actions      int                 `db:"actions"`
}

// State tells where the campaign stands.
func (c Campaign) State() State {
	switch {
	case c.ClosedAt != nil:
		return Closed
	case c.OpenedAt == nil:
		return Preparing
	case c.Over:
		return Ended
	}
	return Answering
}

// label names the campaign in the journal.
func (c Campaign) label() string { return "Campagne « " + c.Title + " »" }

// Input is what the team types of a campaign.
type Input struct {
	Title    string
	Meeting  meeting.ID
	ClosesOn day.Day
	ClosesAt time.Duration // since midnight in Paris
	Message  string
	Actions  []roadmap.ID
	Version  int // Change only: the one the form showed
}

// Closing is the instant of the closing day and hour.
func (in Input) Closing() time.Time {
	return in.ClosesOn.At(int(in.ClosesAt/time.Hour), int(in.ClosesAt%time.Hour/time.Minute))
}

// check refuses what no campaign may be. Fields: titre, message, jour, heure, actions.
func (in Input) check() error {
	switch {
	case in.Title == "":
		return problem.OnField("titre", "Donnez un titre à la campagne.")
	case utf8.RuneCountInString(in.Title) > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	case utf8.RuneCountInString(in.Message) > 2000:
		return problem.OnField("message", "Gardez 2 000 caractères au plus.")
	case in.ClosesOn.IsZero():
		return problem.OnField("jour", "Saisissez le dernier jour des réponses.")
	case in.ClosesAt < 0 || in.ClosesAt >= 24*time.Hour:
		return problem.OnField("heure", "Saisissez l’heure de clôture, par exemple 18 h.")
	case len(in.Actions) == 0:
		return problem.OnField("actions", "Choisissez au moins une action à demander.")
	}
	return nil
}

// Person is somebody who is written to for a commune.
type Person struct {
	Commune roadmap.OrganisationID `db:"organisation_id"`
	ID      access.PersonID        `db:"person_id"`
	Name    string                 `db:"name"`
	Email   string                 `db:"email"`
}

// CommuneLine is how a commune answers a campaign.
type CommuneLine struct {
	ID         roadmap.OrganisationID `db:"organisation_id"`
	Name       string                 `db:"name"`
	INSEE      string                 `db:"insee"`
	Abbr       string                 `db:"abbr"`
	Row        int                    `db:"tile_row"`
	Col        int                    `db:"tile_col"`
	Asked      int                    `db:"asked"`
	Answered   int                    `db:"answered"`
	Waiting    int                    `db:"waiting"`    // reports the team has not read
	AskedBack  int                    `db:"asked_back"` // the commune is to say more
	Attention  int                    `db:"attention"`  // late, abandoned, falling or in need
	LastAt     *time.Time             `db:"last_at"`
	RemindedAt *time.Time             `db:"reminded_at"`
}

// Silent tells whether the commune said nothing.
func (l CommuneLine) Silent() bool { return l.Answered == 0 }

// Partial tells whether the commune said something and not all.
func (l CommuneLine) Partial() bool { return l.Answered > 0 && l.Answered < l.Asked }

// ActionLine is how an action is answered.
type ActionLine struct {
	ID        roadmap.ID `db:"action_id"`
	Number    int        `db:"number"`
	Title     string     `db:"title"`
	Axis      string     `db:"axis"`
	Asked     int        `db:"asked"`
	Answered  int        `db:"answered"`
	Waiting   int        `db:"waiting"`
	Attention int        `db:"attention"`
	LastAt    *time.Time `db:"last_at"`
}

// Answer is a question of a campaign with the report that answers it, if any, and
// what was last said before the campaign.
type Answer struct {
	Commune         roadmap.OrganisationID `db:"organisation_id"`
	CommuneName     string                 `db:"commune"`
	INSEE           string                 `db:"insee"`
	Action          roadmap.ID             `db:"action_id"`
	Number          int                    `db:"number"`
	Title           string                 `db:"title"`
	AxisID          roadmap.AxisID         `db:"axis_id"`
	Axis            string                 `db:"axis"`
	Report          progress.ReportID      `db:"report_id"` // 0: silent
	State           progress.State         `db:"state"`
	Situation       progress.Situation     `db:"situation"`
	Percent         *int                   `db:"percent"`
	NothingNew      bool                   `db:"nothing_new"`
	FallReason      string                 `db:"fall_reason"`
	Done            string                 `db:"done"`
	Difficulty      string                 `db:"difficulty"`
	NeedKind        progress.NeedKind      `db:"need_kind"`
	Need            string                 `db:"need"`
	NextStep        string                 `db:"next_step"`
	GoodPractice    bool                   `db:"good_practice"`
	By              string                 `db:"by_name"`
	At              *time.Time             `db:"at"`
	BeforeSituation progress.Situation     `db:"before_situation"` // "": never said before
	BeforePercent   *int                   `db:"before_percent"`
	BeforeAt        *time.Time             `db:"before_at"`
}

// Fell tells whether the percent is lower than it was.
func (a Answer) Fell() bool {
	return a.Percent != nil && a.BeforePercent != nil && *a.Percent < *a.BeforePercent
}

// Rose tells whether the percent is higher than it was.
func (a Answer) Rose() bool {
	return a.Percent != nil && a.BeforePercent != nil && *a.Percent > *a.BeforePercent
}

// Moved tells whether the report says something else than the one before: another
// situation or percent, what was done, what blocks.
func (a Answer) Moved() bool {
	return a.Report != 0 && (a.Situation != a.BeforeSituation || a.Fell() || a.Rose() || a.Done != "" || a.Difficulty != "")
}

// Plain tells whether the report may be accepted with others: no difficulty, no fall.
func (a Answer) Plain() bool {
	return a.State == progress.Sent && a.Difficulty == "" && a.FallReason == "" && !a.Situation.NeedsWhy() && !a.Fell()
}
