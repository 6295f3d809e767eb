package edition

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

var _ = notify.NameKinds(map[string]string{"edition_receipt": "Proposition d’action reçue", "edition_answer": "Réponse à une proposition d’action"})

// Mission is what the deliberation asks of the CMTIN, word for word (2024-677) but for
// its apostrophe, which is the typographic one of all our texts.
const Mission = "valider les actions à mener pour l’année suivante"

// State is where the programme of a year stands.
type State string

// The closed set of states (constraint edition_state_check).
const (
	Proposals   State = "proposals"
	Examination State = "examination"
	Frozen      State = "frozen"
)

// Label returns the French name of the state, of a programme.
func (s State) Label() string {
	switch s {
	case Proposals:
		return "Ouvert aux propositions"
	case Examination:
		return "En examen"
	case Frozen:
		return "Adopté et figé"
	}
	return string(s)
}

// Origin is where a line comes from.
type Origin string

// The closed set of origins (constraint edition_line_origin_check).
const (
	Fresh       Origin = "new"
	CarriedOver Origin = "carried_over"
)

// Origins lists the origins in display order.
var Origins = []Origin{Fresh, CarriedOver}

// Label returns the French name of the origin, of an action.
func (o Origin) Label() string {
	if o == CarriedOver {
		return "Reconduite"
	}
	return "Nouvelle"
}

// Outcome is what became of a line.
type Outcome string

// The closed set of outcomes (constraint edition_line_outcome_check).
const (
	Waiting   Outcome = "proposed" // nothing said yet
	Retained  Outcome = "retained" // put to the vote
	SetAside  Outcome = "set_aside"
	Adopted   Outcome = "adopted"
	Refused   Outcome = "refused"
	Withdrawn Outcome = "withdrawn"
)

// Outcomes lists the outcomes in display order.
var Outcomes = []Outcome{Waiting, Retained, SetAside, Adopted, Refused, Withdrawn}

// Label returns the French name of the outcome, of an action.
func (o Outcome) Label() string {
	switch o {
	case Waiting:
		return "À examiner"
	case Retained:
		return "Retenue pour le vote"
	case SetAside:
		return "Écartée"
	case Adopted:
		return "Adoptée"
	case Refused:
		return "Refusée"
	case Withdrawn:
		return "Retirée"
	}
	return string(o)
}

// Edition is the programme of a year.
type Edition struct {
	Year       int                  `db:"year"`
	State      State                `db:"state"`
	Until      *time.Time           `db:"proposals_until"` // half-open
	Accepting  bool                 `db:"accepting"`       // bodies may propose now, by the database clock
	MeetingID  governance.MeetingID `db:"meeting_id"`      // that voted; 0 before
	DecisionID roadmap.DecisionID   `db:"decision_id"`
	FrozenAt   *time.Time           `db:"frozen_at"`
	Hash       string               `db:"hash"` // sha256 of the content, "" before
	Version    int                  `db:"version"`
}

// Label names the programme in the journal and in mails.
func (e Edition) Label() string { return title(e.Year) }

const columns = `
	e.year, e.state, e.proposals_until, e.state = 'proposals' AND clock_timestamp() < e.proposals_until AS accepting,
	coalesce(e.meeting_id, 0) AS meeting_id, coalesce(e.decision_id, 0) AS decision_id, e.frozen_at,
	coalesce(encode(e.sha256, 'hex'), '') AS hash, e.version`

// Line is an action in the programme of a year.
type Line struct {
	Year        int     `db:"year"`
	Origin      Origin  `db:"origin"`
	Outcome     Outcome `db:"outcome"`
	Reason      string  `db:"reason"`       // of carrying over, of setting aside, of a refusal
	LineVersion int     `db:"line_version"` // 0: the action has no line yet
	Question    string  `db:"question"`     // what the team asked its author and is not answered
	roadmap.Action
}

// Carried tells whether the action was validated before: it is carried over, or left
// with a fate, and never simply refused.
func (l Line) Carried() bool { return l.Origin == CarriedOver || l.Public() }

const lineColumns = `l.year, l.origin, l.outcome, l.reason, l.version AS line_version, coalesce(q.question, '') AS question, ` + roadmap.Columns

const lineTables = roadmap.Tables + ` JOIN edition_line l ON l.action_id = a.id LEFT JOIN action_proposal q ON q.action_id = a.id`

// ErrNotFound says that there is no programme of that year.
var ErrNotFound = problem.New(problem.NotFound, "Il n’y a pas de programme pour cette année.")

var (
	errFrozen   = problem.New(problem.Conflict, "Ce programme a été adopté et figé : il ne change plus.")
	errNotTaken = problem.New(problem.Conflict, "Ce programme n’est plus au même point : relisez-le, puis recommencez.")
)

// lock keeps the edition from others until the transaction ends: every act on a
// programme begins here, so that none waits for another in a circle. version 0 is any.
func lock(ctx context.Context, tx pgx.Tx, year, version int) (Edition, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM edition WHERE year = $1 FOR UPDATE`, year); err != nil {
		return Edition{}, postgres.Wrap(err, "lock edition %d", year)
	}
	e, err := postgres.One[Edition](ctx, tx, `SELECT `+columns+` FROM edition e WHERE e.year = $1`, year)
	switch {
	case postgres.IsNoRows(err):
		return e, ErrNotFound
	case err != nil:
		return e, postgres.Wrap(err, "read edition %d", year)
	case e.State == Frozen:
		return e, errFrozen
	case version != 0 && e.Version != version:
		return e, roadmap.ErrStale
	}
	return e, nil
}

func record(ctx context.Context, tx pgx.Tx, by access.Actor, act string, e Edition, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "roadmap." + act, Object: "edition", ID: int64(e.Year), Label: e.Label(), Before: before, After: after})
}
