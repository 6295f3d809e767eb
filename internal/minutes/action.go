package minutes

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ActionState is where an asked action stands.
type ActionState string

// The closed set of states (constraint asked_action_state_check).
const (
	ActionOpen    ActionState = "open"
	ActionDone    ActionState = "done"
	ActionDropped ActionState = "dropped"
)

// ActionStates lists the states in display order.
var ActionStates = []ActionState{ActionOpen, ActionDone, ActionDropped}

// Label returns the French name of the state.
func (s ActionState) Label() string {
	switch s {
	case ActionOpen:
		return "À faire"
	case ActionDone:
		return "Réalisée"
	case ActionDropped:
		return "Abandonnée"
	}
	return string(s)
}

// AskedAction is what a meeting asks of someone, by a date.
type AskedAction struct {
	ID ActionID `json:"id" db:"id"`
	Origin
	What        string          `json:"action" db:"what"`
	Owner       string          `json:"responsable" db:"owner"`
	OwnerPerson access.PersonID `json:"-" db:"owner_person_id"` // 0: the portal does not know them
	DueOn       day.Day         `json:"echeance" db:"due_on"`
	State       ActionState     `json:"etat" db:"state"`
	Note        string          `json:"note" db:"note"`
	SettledAt   *time.Time      `json:"-" db:"settled_at"`
	CreatedAt   time.Time       `json:"-" db:"created_at"`
	Version     int             `json:"-" db:"version"`
}

// Late tells whether the action is still to do past its date.
func (a AskedAction) Late(today day.Day) bool { return a.State == ActionOpen && a.DueOn.Before(today) }

// ActionInput is what the team says of an asked action. Recipient names somebody
// convened or invited, and then Owner is their name; else Owner is free text.
type ActionInput struct {
	What      string                `json:"action"`
	Owner     string                `json:"responsable"`
	Recipient meeting.ConvocationID `json:"destinataire"`
	DueOn     day.Day               `json:"echeance"`
}

// check refuses what the schema would (fields action, responsable, echeance).
func (in ActionInput) check() error {
	switch n := utf8.RuneCountInString(in.What); {
	case n == 0:
		return problem.OnField("action", "Dites ce qui est demandé.")
	case n > 500:
		return problem.OnField("action", "Gardez 500 caractères au plus.")
	}
	switch n := utf8.RuneCountInString(in.Owner); {
	case n == 0 && in.Recipient == 0:
		return problem.OnField("responsable", "Dites à qui l’action est demandée : choisissez dans la liste, ou écrivez un nom.")
	case n > 200:
		return problem.OnField("responsable", "Gardez 200 caractères au plus.")
	case n > 0 && in.Recipient != 0:
		return problem.OnField("responsable", "Choisissez dans la liste ou écrivez un nom, pas les deux.")
	}
	if in.DueOn.IsZero() {
		return problem.OnField("echeance", "Saisissez la date à laquelle l’action doit être faite.")
	}
	return nil
}

// ErrNoAction says that an asked action does not exist, or not for who asks.
var ErrNoAction = problem.New(problem.NotFound, "Cette action demandée n’existe pas.")

// ownerOf returns the name and the person that the input names.
func (in ActionInput) ownerOf(ctx context.Context, tx pgx.Tx, id meeting.ID) (string, access.PersonID, error) {
	if in.Recipient == 0 {
		return in.Owner, 0, nil
	}
	type row struct {
		Name   string          `db:"name"`
		Person access.PersonID `db:"person_id"`
	}
	v, err := postgres.One[row](ctx, tx, `
		SELECT name, coalesce(person_id, 0) AS person_id FROM convocation WHERE id = $1 AND meeting_id = $2`, in.Recipient, id)
	if postgres.IsNoRows(err) {
		return "", 0, problem.OnField("destinataire", "Choisissez une personne convoquée ou invitée à cette réunion.")
	}
	return v.Name, v.Person, postgres.Wrap(err, "owner of action")
}

// RecordAction writes what the meeting asks of someone. item may be 0.
func (s *Service) RecordAction(ctx context.Context, by access.Actor, id meeting.ID, item meeting.ItemID, in ActionInput) (ActionID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	if err := in.check(); err != nil {
		return 0, err
	}
	var made ActionID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := hostFor(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := m.mayLeave(); err != nil {
			return err
		}
		if err := checkItem(ctx, tx, id, item); err != nil {
			return err
		}
		owner, person, err := in.ownerOf(ctx, tx, id)
		if err != nil {
			return err
		}
		made, err = postgres.Value[ActionID](ctx, tx, `
			INSERT INTO asked_action (meeting_id, item_id, what, owner, owner_person_id, due_on)
			VALUES ($1, nullif($2, 0), $3, $4, nullif($5, 0), $6) RETURNING id`, id, item, in.What, owner, person, in.DueOn)
		if err != nil {
			return postgres.Wrap(err, "insert asked action")
		}
		in.Owner = owner
		return audit.Record(ctx, tx, by, audit.Entry{Action: "asked_action.record", Object: "asked_action", ID: int64(made),
			Label: owner + " : " + in.What, After: in})
	})
	return made, err
}

// ownAction loads an asked action and locks it. The team owns them all; who it is
// asked of owns theirs; it does not exist for others.
func ownAction(ctx context.Context, tx pgx.Tx, by access.Actor, id ActionID, version int) (AskedAction, error) {
	a, err := postgres.One[AskedAction](ctx, tx, `SELECT `+actionColumns+actionTables+` WHERE d.id = $1 FOR UPDATE OF d`, id)
	switch {
	case err != nil:
		return a, orNone(err, ErrNoAction, "lock asked action")
	case !by.RunsBodies() && (by.Person == 0 || a.OwnerPerson != by.Person):
		return a, ErrNoAction
	case a.Version != version:
		return a, errStale
	}
	return a, nil
}

// UpdateAction changes an asked action that is still to do. Another date, or another
// owner, is reminded anew.
func (s *Service) UpdateAction(ctx context.Context, by access.Actor, id ActionID, version int, in ActionInput) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := ownAction(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if a.State != ActionOpen {
			return problem.New(problem.Conflict, "Cette action est réglée : rouvrez-la pour la modifier.")
		}
		owner, person, err := in.ownerOf(ctx, tx, a.Meeting)
		if err != nil {
			return err
		}
		if in.Recipient == 0 && owner == a.Owner {
			person = a.OwnerPerson // the name is unchanged, and so is who bears it
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE asked_action SET what = $2, owner = $3, owner_person_id = nullif($4, 0), due_on = $5, version = version + 1,
			       reminded_before_at = CASE WHEN due_on = $5 AND owner = $3 THEN reminded_before_at END,
			       reminded_after_at = CASE WHEN due_on = $5 AND owner = $3 THEN reminded_after_at END
			WHERE id = $1`, id, in.What, owner, person, in.DueOn)
		if err != nil {
			return postgres.Wrap(err, "update asked action")
		}
		in.Owner = owner
		return audit.Record(ctx, tx, by, audit.Entry{Action: "asked_action.update", Object: "asked_action", ID: int64(id),
			Label: owner + " : " + in.What, Before: ActionInput{What: a.What, Owner: a.Owner, DueOn: a.DueOn}, After: in})
	})
}

// DeleteAction takes off an asked action written by mistake, as long as the minutes
// are not out.
func (s *Service) DeleteAction(ctx context.Context, by access.Actor, id ActionID, version int) (meeting.ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	var in meeting.ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := ownAction(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if a.Published() {
			return errOut
		}
		in = a.Meeting
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM asked_action WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "delete asked action")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "asked_action.delete", Object: "asked_action", ID: int64(id),
			Label: a.Owner + " : " + a.What, Before: ActionInput{What: a.What, Owner: a.Owner, DueOn: a.DueOn}})
	})
	return in, err
}

// SettleAction says that an asked action is done, or dropped and why: by the team or
// by who it was asked of. ActionOpen reopens it. Fields etat, note.
func (s *Service) SettleAction(ctx context.Context, by access.Actor, id ActionID, version int, state ActionState, note string) error {
	note = strings.TrimSpace(note)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := ownAction(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		act := "asked_action.settle"
		switch {
		case state == ActionOpen && a.State == ActionOpen:
			return problem.OnField("etat", "Cette action est déjà à faire.")
		case state == ActionOpen:
			act = "asked_action.reopen"
		case state != ActionDone && state != ActionDropped:
			return problem.OnField("etat", "Dites si l’action est réalisée ou abandonnée.")
		case state == ActionDropped && note == "":
			return problem.OnField("note", "Dites pourquoi l’action est abandonnée.")
		}
		if utf8.RuneCountInString(note) > 1000 {
			return problem.OnField("note", "Gardez 1 000 caractères au plus.")
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE asked_action SET state = $2, note = $3, settled_at = CASE WHEN $2 = 'open' THEN NULL ELSE now() END, version = version + 1,
			       reminded_before_at = CASE WHEN $2 = 'open' THEN NULL ELSE reminded_before_at END,
			       reminded_after_at = CASE WHEN $2 = 'open' THEN NULL ELSE reminded_after_at END
			WHERE id = $1`, id, state, note)
		if err != nil {
			return postgres.Wrap(err, "settle asked action")
		}
		type said struct {
			State ActionState `json:"etat"`
			Note  string      `json:"note"`
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: act, Object: "asked_action", ID: int64(id),
			Label: a.Owner + " : " + a.What, Before: said{a.State, a.Note}, After: said{state, note}})
	})
}

// MyActions returns what was asked of the actor: what is to do first, then what they
// settled in the last year.
func (s *Service) MyActions(ctx context.Context, by access.Actor) ([]AskedAction, error) {
	if by.Person == 0 {
		return nil, nil
	}
	v, err := postgres.List[AskedAction](ctx, s.db, `SELECT `+actionColumns+actionTables+`
		WHERE d.owner_person_id = $1 AND (d.state = 'open' OR d.settled_at > now() - interval '1 year')
		ORDER BY d.state <> 'open', d.due_on, d.id LIMIT 200`, by.Person)
	return v, postgres.Wrap(err, "my asked actions")
}

// ActionByID returns an asked action for the team, and of whom it can be asked.
func (s *Service) ActionByID(ctx context.Context, by access.Actor, id ActionID) (AskedAction, []OwnerChoice, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return AskedAction{}, nil, err
	}
	var (
		b      postgres.Batch
		found  []AskedAction
		owners []OwnerChoice
	)
	postgres.AddList(&b, &found, `SELECT `+actionColumns+actionTables+` WHERE d.id = $1`, id)
	postgres.AddList(&b, &owners, `
		SELECT c.id, c.name, c.seat_label FROM convocation c JOIN asked_action a ON a.meeting_id = c.meeting_id
		WHERE a.id = $1 ORDER BY c.group_position, fold(c.name), c.id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return AskedAction{}, nil, postgres.Wrap(err, "asked action")
	}
	if len(found) == 0 {
		return AskedAction{}, nil, ErrNoAction
	}
	return found[0], owners, nil
}
