package board

import (
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// State is where a public action stands for its readers: its status, or late, which
// goes before it.
type State string

// The closed set of states: late is derived (SQL function action_late).
const (
	Late      State = "late"
	Done      State = State(roadmap.Done)
	Running   State = State(roadmap.InProgress)
	ToCome    State = State(roadmap.Validated)
	Suspended State = State(roadmap.Suspended)
	Abandoned State = State(roadmap.Abandoned)
)

// States lists the states in display order.
var States = []State{Done, Running, Late, ToCome, Suspended, Abandoned}

// StateOf returns the state of a public action.
func StateOf(a roadmap.Action) State {
	if a.Late {
		return Late
	}
	return State(a.Status)
}

// Slug names the state in an address: « en-retard ».
func (s State) Slug() string {
	if s == Late {
		return "en-retard"
	}
	return roadmap.Status(s).Slug()
}

// Label returns the French name of the state, of an action.
func (s State) Label() string {
	if s == Late {
		return "En retard"
	}
	return roadmap.Status(s).Label()
}

// Tally counts public actions by state.
type Tally struct {
	Done      int `db:"done"`
	Running   int `db:"running"`
	Late      int `db:"late"`
	ToCome    int `db:"to_come"`
	Suspended int `db:"suspended"`
	Abandoned int `db:"abandoned"`
}

// Of returns how many actions are in the state.
func (t Tally) Of(s State) int {
	switch s {
	case Done:
		return t.Done
	case Running:
		return t.Running
	case Late:
		return t.Late
	case ToCome:
		return t.ToCome
	case Suspended:
		return t.Suspended
	case Abandoned:
		return t.Abandoned
	}
	return 0
}

// Total counts them all.
func (t Tally) Total() int {
	return t.Done + t.Running + t.Late + t.ToCome + t.Suspended + t.Abandoned
}

// Plus adds two tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{t.Done + u.Done, t.Running + u.Running, t.Late + u.Late, t.ToCome + u.ToCome, t.Suspended + u.Suspended, t.Abandoned + u.Abandoned}
}

// AxisProgress is an axis and where its public actions stand.
type AxisProgress struct {
	roadmap.Axis
	Tally
}

const (
	// stateOf is the state of the action a: action_late, from the day it is.
	stateOf = `CASE WHEN a.late_from <= (SELECT paris_today()) THEN 'late' ELSE a.status END`

	tallyColumns = `
	count(*) FILTER (WHERE s.state = 'done')::int AS done, count(*) FILTER (WHERE s.state = 'in_progress')::int AS running,
	count(*) FILTER (WHERE s.state = 'late')::int AS late, count(*) FILTER (WHERE s.state = 'validated')::int AS to_come,
	count(*) FILTER (WHERE s.state = 'suspended')::int AS suspended, count(*) FILTER (WHERE s.state = 'abandoned')::int AS abandoned`
)

// AddTally asks in a batch for where the public actions stand, all axes together.
func AddTally(b *postgres.Batch, dst *Tally) {
	postgres.AddOne(b, dst, `SELECT `+tallyColumns+`
		FROM (SELECT `+stateOf+` AS state FROM roadmap_action a WHERE a.validated_on IS NOT NULL) s`)
}

// AddProgress asks in a batch for the axes and where their public actions stand.
func AddProgress(b *postgres.Batch, dst *[]AxisProgress) {
	postgres.AddList(b, dst, `
		WITH n AS (
			SELECT s.axis_id, `+tallyColumns+`
			FROM (SELECT a.axis_id, `+stateOf+` AS state FROM roadmap_action a WHERE a.validated_on IS NOT NULL) s GROUP BY s.axis_id)
		SELECT x.id, x.position, x.title, x.strategy, x.colour, x.pattern, x.version,
		       coalesce(n.done, 0) AS done, coalesce(n.running, 0) AS running, coalesce(n.late, 0) AS late,
		       coalesce(n.to_come, 0) AS to_come, coalesce(n.suspended, 0) AS suspended, coalesce(n.abandoned, 0) AS abandoned
		FROM axis x LEFT JOIN n ON n.axis_id = x.id ORDER BY x.position`)
}

// Whole adds up the axes.
func Whole(axes []AxisProgress) Tally {
	var t Tally
	for _, x := range axes {
		t = t.Plus(x.Tally)
	}
	return t
}
