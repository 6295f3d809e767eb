package roadmap

import (
	"strconv"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Number is a value of an indicator, exact to four decimals.
type Number = indicator.Number

// Axis is one of the axes of the roadmap.
type Axis struct {
	ID       AxisID `db:"id"`
	Position int    `db:"position"`
	Title    string `db:"title"`
	Strategy string `db:"strategy"` // the text of the strategy
	Colour   int    `db:"colour"`   // 1 to 8: class axis-1…; never without its pattern
	Pattern  int    `db:"pattern"`  // 1 to 8, each used once
	Version  int    `db:"version"`
}

// Action is the sheet of an action, without its lines.
type Action struct {
	ID            ID                  `db:"id"`
	Number        int                 `db:"number"` // « action n° 12 »: kept for ever; 0 before it is written
	AxisID        AxisID              `db:"axis_id"`
	Axis          string              `db:"axis"` // its title
	Title         string              `db:"title"`
	Objective     string              `db:"objective"` // in plain words
	PilotID       OrganisationID      `db:"pilot_id"`  // 0: none yet
	Pilot         string              `db:"pilot"`
	PilotPersonID access.PersonID     `db:"pilot_person_id"` // 0: none yet
	PilotPerson   string              `db:"pilot_person"`    // never shown to the public
	Body          governance.BodyCode `db:"body"`            // which follows it
	ProposedBy    governance.BodyCode `db:"proposed_by"`     // "": the team
	ProposerID    OrganisationID      `db:"proposer_id"`
	Proposer      string              `db:"proposer"`
	Audience      string              `db:"audience"` // public served
	StartsOn      day.Day             `db:"starts_on"`
	EndsOn        day.Day             `db:"ends_on"` // its last day
	Priority      Priority            `db:"priority"`
	FNE           string              `db:"fne_objective"` // objective of France Numérique Ensemble it serves
	Status        Status              `db:"status"`
	StatusReason  string              `db:"status_reason"`
	StatusSince   day.Day             `db:"status_since"`
	Confidence    Confidence          `db:"confidence"`
	Percent       *int                `db:"percent"` // 0 to 100 by tens; nil: never said
	AllCommunes   bool                `db:"all_communes"`
	ValidatedOn   day.Day             `db:"validated_on"` // zero: proposed, or refused: not public
	Validation    string              `db:"validation"`   // by what: « Décision CMTIN n° 2025-2 »
	LastNewsAt    *time.Time          `db:"last_news_at"` // of the last report that was not asked back
	Late          bool                `db:"late"`
	ChangedAt     time.Time           `db:"changed_at"`
	Version       int                 `db:"version"`
}

// Label names the action in the journal and in mails: « Action n° 12, titre ».
func (a Action) Label() string { return "Action n° " + strconv.Itoa(a.Number) + ", " + a.Title }

// Public tells whether everybody may read the action: it was validated once.
func (a Action) Public() bool { return !a.ValidatedOn.IsZero() }

// Party is an organisation of an action.
type Party struct {
	Action ID             `db:"action_id"`
	ID     OrganisationID `db:"organisation_id"`
	Name   string         `db:"name"`
	INSEE  string         `db:"insee"` // "" when it is no commune
	Part   string         `db:"part"`  // what a partner does in it
}

// Step is a step of an action; a milestone is a step the timeline shows.
type Step struct {
	ID        StepID  `db:"id"`
	Action    ID      `db:"action_id"`
	Position  int     `db:"position"`
	Title     string  `db:"title"`
	Milestone bool    `db:"milestone"` // then DueOn is set
	DueOn     day.Day `db:"due_on"`
	DoneOn    day.Day `db:"done_on"` // zero: not done
}

// Line is a budget line: a year, a funder, a nature. Amounts are never negative.
type Line struct {
	ID         LineID         `db:"id"`
	Action     ID             `db:"action_id"`
	Year       int            `db:"year"`
	FunderID   OrganisationID `db:"funder_id"` // 0: none of the portal's organisations
	FunderName string         `db:"funder"`    // its name; "": no funder found yet
	Nature     Nature         `db:"nature"`
	Planned    Cents          `db:"planned_cents"`
	Obtained   Cents          `db:"obtained_cents"`
	Spent      Cents          `db:"spent_cents"`
	Note       string         `db:"note"`
	Version    int            `db:"version"`
}

// Gap is what is planned and not obtained.
func (l Line) Gap() Cents { return l.Planned - l.Obtained }

// Indicator is what an action measures.
type Indicator struct {
	ID         IndicatorID `db:"id"`
	Action     ID          `db:"action_id"`
	Position   int         `db:"position"`
	Name       string      `db:"name"`
	Unit       string      `db:"unit"`
	Direction  Direction   `db:"direction"`
	ByCommune  bool        `db:"by_commune"` // each commune reports its own; the value is their sum
	Method     string      `db:"method"`
	Baseline   *Number     `db:"baseline"`
	BaselineOn day.Day     `db:"baseline_on"` // set when Baseline is
	Version    int         `db:"version"`
	Targets    []Target    `db:"-"` // by year
	Readings   []Reading   `db:"-"` // by day
}

// Target is what the indicator should reach at the end of a year.
type Target struct {
	Indicator IndicatorID `db:"indicator_id"`
	Year      int         `db:"year"`
	Value     Number      `db:"value"`
}

// Reading is a dated value of the indicator, with its source.
type Reading struct {
	ID        ReadingID   `db:"id"`
	Indicator IndicatorID `db:"indicator_id"`
	On        day.Day     `db:"on_day"`
	Value     Number      `db:"value"`
	Source    string      `db:"source"`
	By        string      `db:"by_name"`
}

// DecisionRef is a decision linked with an action.
type DecisionRef struct {
	Action    ID                   `db:"action_id"`
	ID        DecisionID           `db:"id"`
	Kind      string               `db:"kind"`
	Body      governance.BodyCode  `db:"body"`
	Year      int                  `db:"year"`
	Number    int                  `db:"number"`
	Title     string               `db:"title"`
	MeetingID governance.MeetingID `db:"meeting_id"`
	Public    bool                 `db:"public"` // the minutes of its meeting are published
}

// Reference names the decision for good: « CMTIN 2025-2 », « CMTIN 2025-A1 » for an
// opinion.
func (d DecisionRef) Reference() string {
	letter := ""
	if d.Kind == "opinion" {
		letter = "A"
	}
	return d.Body.Reference(d.Year, letter, d.Number)
}

// MeetingRef is a meeting linked with an action.
type MeetingRef struct {
	Action   ID                   `db:"action_id"`
	ID       governance.MeetingID `db:"id"`
	Body     governance.BodyCode  `db:"body"`
	StartsAt time.Time            `db:"starts_at"`
	Theme    string               `db:"theme"`
	Public   bool                 `db:"public"` // announced
}

// Document is a file of an action.
type Document struct {
	Link   DocumentID `db:"id"`
	Action ID         `db:"action_id"`
	Title  string     `db:"title"`
	Public bool       `db:"public"`
	document.File
}

// Whole is an action with everything on its sheet.
type Whole struct {
	Action
	Communes   []Party
	Partners   []Party
	Steps      []Step
	Budget     []Line
	Indicators []Indicator
	Decisions  []DecisionRef
	Meetings   []MeetingRef
	Documents  []Document
}

// Totals are sums of budget lines.
type Totals struct {
	Planned, Obtained, Spent Cents
}

// Sum adds lines up: the totals of an action are those of its lines, however they
// are grouped.
func Sum(lines []Line) Totals {
	var t Totals
	for _, l := range lines {
		t.Planned, t.Obtained, t.Spent = t.Planned+l.Planned, t.Obtained+l.Obtained, t.Spent+l.Spent
	}
	return t
}

// Gap is what is planned and not obtained.
func (t Totals) Gap() Cents { return t.Planned - t.Obtained }

// Check refuses what no action may be. Fields: axe, titre, objectif, instance, public,
// debut, fin, priorite, fne.
func (a Action) Check() error {
	for _, f := range []struct {
		field, text string
		most        int
	}{{"titre", a.Title, 200}, {"objectif", a.Objective, 2000}, {"public", a.Audience, 500}, {"fne", a.FNE, 300}} {
		if utf8.RuneCountInString(f.text) > f.most {
			return problem.OnField(f.field, "Ce texte est trop long : raccourcissez-le.")
		}
	}
	switch {
	case a.AxisID == 0:
		return problem.OnField("axe", "Choisissez un axe.")
	case a.Title == "":
		return problem.OnField("titre", "Donnez un titre à l’action.")
	case a.Body == "":
		return problem.OnField("instance", "Choisissez l’instance qui suit l’action.")
	case !a.StartsOn.IsZero() && !a.EndsOn.IsZero() && a.EndsOn.Before(a.StartsOn):
		return problem.OnField("fin", "La fin doit suivre le début.")
	}
	return nil
}
