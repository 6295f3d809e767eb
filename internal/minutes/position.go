package minutes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PositionKind tells a position taken from a request. D: the CMTIN « adopte des
// prises de position et des demandes ».
type PositionKind string

// The closed set of kinds (constraint position_kind_check).
const (
	KindPosition PositionKind = "position"
	KindRequest  PositionKind = "request"
)

// PositionKinds lists the kinds in display order.
var PositionKinds = []PositionKind{KindPosition, KindRequest}

// Label returns the French name of the kind.
func (k PositionKind) Label() string {
	switch k {
	case KindPosition:
		return "Prise de position"
	case KindRequest:
		return "Demande"
	}
	return string(k)
}

// PositionState is where a position stands; it is derived from its dates.
type PositionState string

// The closed set of states.
const (
	PositionToSend   PositionState = "to_send"
	PositionSent     PositionState = "sent"
	PositionAnswered PositionState = "answered"
	PositionClosed   PositionState = "closed"
)

// PositionStates lists the states in display order.
var PositionStates = []PositionState{PositionToSend, PositionSent, PositionAnswered, PositionClosed}

// Label returns the French name of the state.
func (s PositionState) Label() string {
	switch s {
	case PositionToSend:
		return "À envoyer"
	case PositionSent:
		return "Envoyée, en attente de réponse"
	case PositionAnswered:
		return "Réponse reçue"
	case PositionClosed:
		return "Close sans réponse"
	}
	return string(s)
}

// Position is a position or a request of the CMTIN.
type Position struct {
	ID   PositionID   `json:"id" db:"id"`
	Kind PositionKind `json:"nature" db:"kind"`
	Origin
	Year       int           `json:"annee" db:"year"`
	Number     int           `json:"numero" db:"number"`
	Title      string        `json:"titre" db:"title"`
	Text       string        `json:"texte" db:"text"`
	Addressee  string        `json:"destinataire" db:"addressee"`
	SentOn     day.Day       `json:"envoyee_le" db:"sent_on"`
	Answer     string        `json:"reponse" db:"answer"`
	AnsweredOn day.Day       `json:"repondue_le" db:"answered_on"`
	ClosedOn   day.Day       `json:"close_le" db:"closed_on"`
	State      PositionState `json:"etat" db:"state"`
	CreatedAt  time.Time     `json:"-" db:"created_at"`
	Version    int           `json:"-" db:"version"`
}

// Reference names the position for good: « CMTIN 2026-P1 ».
func (p Position) Reference() string { return p.Body.Reference(p.Year, "P", p.Number) }

// PositionInput is what the team says of a position.
type PositionInput struct {
	Kind      PositionKind `json:"nature"`
	Title     string       `json:"titre"`
	Text      string       `json:"texte"`
	Addressee string       `json:"destinataire"`
}

// check refuses what the schema would (fields nature, titre, texte, destinataire).
func (in PositionInput) check() error {
	if !slices.Contains(PositionKinds, in.Kind) {
		return problem.OnField("nature", "Choisissez une prise de position ou une demande.")
	}
	if err := checkTitleAndText(in.Title, in.Text); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(in.Addressee); n == 0 || n > 200 {
		return problem.OnField("destinataire", "Dites à qui elle s’adresse, en 200 caractères au plus.")
	}
	return nil
}

// ErrNoPosition says that a position does not exist, or not for who asks.
var ErrNoPosition = problem.New(problem.NotFound, "Cette prise de position n’existe pas.")

// RecordPosition writes a position or a request of a meeting of the CMTIN.
func (s *Service) RecordPosition(ctx context.Context, by access.Actor, id meeting.ID, item meeting.ItemID, in PositionInput) (PositionID, string, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, "", err
	}
	if err := in.check(); err != nil {
		return 0, "", err
	}
	var (
		made PositionID
		ref  string
	)
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := hostFor(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if m.Body != governance.CMTIN {
			return problem.New(problem.Invalid, "Seul le CMTIN adopte des prises de position et des demandes.")
		}
		if err := m.mayLeave(); err != nil {
			return err
		}
		if err := checkItem(ctx, tx, id, item); err != nil {
			return err
		}
		n, err := nextNumber(ctx, tx, m, "position")
		if err != nil {
			return err
		}
		ref = m.Body.Reference(m.Year, "P", n)
		made, err = postgres.Value[PositionID](ctx, tx, `
			INSERT INTO position_taken (kind, meeting_id, item_id, body, year, number, title, text, addressee)
			VALUES ($1, $2, nullif($3, 0), $4, $5, $6, $7, $8, $9) RETURNING id`,
			in.Kind, id, item, m.Body, m.Year, n, in.Title, in.Text, in.Addressee)
		if err != nil {
			return postgres.Wrap(err, "insert position")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "position.record", Object: "position", ID: int64(made),
			Label: ref + ", " + in.Title, After: in})
	})
	return made, ref, err
}

// ownPosition loads a position for the team and locks its meeting, then it.
func ownPosition(ctx context.Context, tx pgx.Tx, by access.Actor, id PositionID, version int) (Position, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Position{}, err
	}
	in, err := postgres.Value[meeting.ID](ctx, tx, `SELECT meeting_id FROM position_taken WHERE id = $1`, id)
	if err != nil {
		return Position{}, orNone(err, ErrNoPosition, "find position")
	}
	if _, err := hostFor(ctx, tx, by, in); err != nil {
		return Position{}, err
	}
	v, err := postgres.One[Position](ctx, tx, `SELECT `+positionColumns+positionTables+` WHERE d.id = $1 FOR UPDATE OF d`, id)
	if err != nil {
		return Position{}, orNone(err, ErrNoPosition, "lock position")
	}
	if v.Version != version {
		return v, errStale
	}
	return v, nil
}

// UpdatePosition changes a position in place, as long as the minutes are not out.
func (s *Service) UpdatePosition(ctx context.Context, by access.Actor, id PositionID, version int, in PositionInput) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownPosition(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if v.Published() {
			return errOut
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE position_taken SET kind = $2, title = $3, text = $4, addressee = $5, version = version + 1 WHERE id = $1`,
			id, in.Kind, in.Title, in.Text, in.Addressee); err != nil {
			return postgres.Wrap(err, "update position")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "position.update", Object: "position", ID: int64(id),
			Label: v.Reference() + ", " + in.Title, Before: PositionInput{v.Kind, v.Title, v.Text, v.Addressee}, After: in})
	})
}

// DeletePosition is DeleteDecision for a position.
func (s *Service) DeletePosition(ctx context.Context, by access.Actor, id PositionID, version int) (meeting.ID, error) {
	var in meeting.ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownPosition(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if v.Published() {
			return errOut
		}
		in = v.Meeting
		last, err := giveBack(ctx, tx, v.Body, v.Year, "position", v.Number)
		if err != nil {
			return err
		}
		if !last {
			return problem.New(problem.Invalid, fmt.Sprintf("Le numéro %s n’est pas le dernier du registre : le retirer laisserait un trou. Modifiez le texte, ou retirez d’abord ceux qui le suivent.", v.Reference()))
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM position_taken WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "delete position")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "position.delete", Object: "position", ID: int64(id),
			Label: v.Reference() + ", " + v.Title, Before: PositionInput{v.Kind, v.Title, v.Text, v.Addressee}})
	})
	return in, err
}

// steps is what the journal keeps of the life of a position.
type steps struct {
	SentOn     day.Day `json:"envoyee_le"`
	AnsweredOn day.Day `json:"repondue_le"`
	ClosedOn   day.Day `json:"close_le"`
}

// PositionStep is one step of the life of a position: sent, answered, closed.
type PositionStep struct {
	State  PositionState // the state it leads to; not PositionToSend
	On     day.Day
	Answer string // of PositionAnswered
}

// MarkSent says when the position left.
func (s *Service) MarkSent(ctx context.Context, by access.Actor, id PositionID, version int, on day.Day) error {
	return s.Step(ctx, by, id, version, PositionStep{State: PositionSent, On: on})
}

// RecordAnswer keeps what the addressee answered.
func (s *Service) RecordAnswer(ctx context.Context, by access.Actor, id PositionID, version int, text string, on day.Day) error {
	return s.Step(ctx, by, id, version, PositionStep{State: PositionAnswered, On: on, Answer: text})
}

var stepActs = map[PositionState]string{PositionSent: "position.send", PositionAnswered: "position.answer", PositionClosed: "position.close"}

// Step takes a position one step further. Fields etape, date, reponse.
func (s *Service) Step(ctx context.Context, by access.Actor, id PositionID, version int, step PositionStep) error {
	step.Answer = strings.TrimSpace(step.Answer)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownPosition(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		today, err := postgres.Value[day.Day](ctx, tx, `SELECT paris_today()`)
		if err != nil {
			return postgres.Wrap(err, "today")
		}
		after := steps{v.SentOn, v.AnsweredOn, v.ClosedOn}
		if err := after.take(v, step, today); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE position_taken SET sent_on = $2, answered_on = $3, closed_on = $4, version = version + 1,
			       answer = CASE WHEN $5 = '' THEN answer ELSE $5 END WHERE id = $1`,
			id, after.SentOn, after.AnsweredOn, after.ClosedOn, step.Answer)
		if err != nil {
			return postgres.Wrap(err, "step of position")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: stepActs[step.State], Object: "position", ID: int64(id),
			Label: v.Reference() + ", " + step.State.Label(), Before: steps{v.SentOn, v.AnsweredOn, v.ClosedOn}, After: after})
	})
}

// take checks the step against what came before it and writes its date.
func (a *steps) take(v Position, step PositionStep, today day.Day) error {
	adopted := day.In(v.StartsAt)
	switch {
	case stepActs[step.State] == "":
		return problem.OnField("etape", "Choisissez ce qui s’est passé.")
	case step.On.IsZero():
		return problem.OnField("date", "Saisissez la date.")
	case step.On.After(today):
		return problem.OnField("date", "Cette date est à venir : inscrivez ce qui est fait.")
	case step.On.Before(adopted):
		return problem.OnField("date", "Cette date vient avant la réunion qui a adopté le texte.")
	}
	switch step.State {
	case PositionSent:
		if !v.AnsweredOn.IsZero() && step.On.After(v.AnsweredOn) {
			return problem.OnField("date", "L’envoi ne peut pas suivre la réponse.")
		}
		a.SentOn = step.On
	case PositionAnswered:
		switch n := utf8.RuneCountInString(step.Answer); {
		case v.SentOn.IsZero():
			return problem.OnField("etape", "Inscrivez d’abord la date d’envoi.")
		case step.On.Before(v.SentOn):
			return problem.OnField("date", "La réponse ne peut pas venir avant l’envoi.")
		case n == 0 || n > maxText:
			return problem.OnField("reponse", "Écrivez la réponse ou son résumé, en 8 000 caractères au plus.")
		}
		a.AnsweredOn, a.ClosedOn = step.On, day.Day{}
	case PositionClosed:
		if !v.AnsweredOn.IsZero() {
			return problem.OnField("etape", "Une réponse est déjà inscrite.")
		}
		a.ClosedOn = step.On
	}
	return nil
}
