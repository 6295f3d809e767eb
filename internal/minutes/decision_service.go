package minutes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"decision.record": "Décision inscrite", "decision.update": "Décision modifiée", "decision.supersede": "Décision rectifiée",
	"decision.delete": "Décision retirée", "decision.follow_up": "Suivi d’une décision",
	"position.record": "Prise de position inscrite", "position.update": "Prise de position modifiée", "position.delete": "Prise de position retirée",
	"position.send": "Prise de position envoyée", "position.answer": "Réponse à une prise de position", "position.close": "Prise de position close",
	"asked_action.record": "Action demandée", "asked_action.update": "Action demandée modifiée", "asked_action.delete": "Action demandée retirée",
	"asked_action.settle": "Action demandée réglée", "asked_action.reopen": "Action demandée rouverte",
	"item_note.save": "Notes de séance enregistrées",
})

// ErrNoDecision says that a decision does not exist, or not for who asks.
var ErrNoDecision = problem.New(problem.NotFound, "Cette décision n’existe pas.")

var errOut = problem.New(problem.Conflict, "Le compte rendu de cette réunion est publié : ce qu’il dit ne change plus que par une rectification.")

// hostMeeting is a meeting as far as what it leaves needs it, its row locked.
type hostMeeting struct {
	ID      meeting.ID              `db:"id"`
	Body    governance.BodyCode     `db:"body"`
	State   governance.MeetingState `db:"state"`
	Year    int                     `db:"year"`    // in Paris
	Reached bool                    `db:"reached"` // its day has come
}

// hostFor locks the meeting for the team: what it leaves is written one act at a
// time, and its publication waits for the act under way.
func hostFor(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID) (hostMeeting, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return hostMeeting{}, err
	}
	m, err := postgres.One[hostMeeting](ctx, tx, `
		SELECT id, body, state, extract(year FROM starts_at AT TIME ZONE 'Europe/Paris')::int AS year,
		       (starts_at AT TIME ZONE 'Europe/Paris')::date <= paris_today() AS reached
		FROM meeting WHERE id = $1 FOR UPDATE`, id)
	if postgres.IsNoRows(err) {
		return hostMeeting{}, meeting.ErrNotFound
	}
	return m, postgres.Wrap(err, "lock meeting")
}

// mayLeave refuses what is written of a meeting that is not held, or whose minutes
// are out.
func (m hostMeeting) mayLeave() error {
	switch {
	case m.State == governance.Published:
		return errOut
	case m.State == governance.InProgress, m.State == governance.Held, m.State == governance.Convened && m.Reached:
		return nil
	case m.State == governance.Postponed, m.State == governance.Cancelled:
		return problem.New(problem.Invalid, "Cette réunion n’a pas eu lieu : rien ne peut y être inscrit.")
	}
	return problem.New(problem.Invalid, "Cette réunion n’a pas encore eu lieu : inscrivez ses décisions à partir du jour où elle se tient.")
}

// checkItem refuses a point of another meeting; 0 is no point.
func checkItem(ctx context.Context, tx pgx.Tx, m meeting.ID, item meeting.ItemID) error {
	if item == 0 {
		return nil
	}
	ok, err := postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM agenda_item WHERE id = $1 AND meeting_id = $2)`, item, m)
	if err == nil && !ok {
		return problem.New(problem.NotFound, "Ce point n’est pas à l’ordre du jour de cette réunion.")
	}
	return postgres.Wrap(err, "check item")
}

// nextNumber takes the next number of a register. Its row stays locked until the
// act is done: no number is given twice, none is lost to an act that fails.
func nextNumber(ctx context.Context, tx pgx.Tx, m hostMeeting, register string) (int, error) {
	n, err := postgres.Value[int](ctx, tx, `
		INSERT INTO register_number AS r (body, year, register, last) VALUES ($1, $2, $3, 1)
		ON CONFLICT (body, year, register) DO UPDATE SET last = r.last + 1 RETURNING last`, m.Body, m.Year, register)
	return n, postgres.Wrap(err, "next number")
}

// giveBack takes the last number off a register: false when a later one was given.
func giveBack(ctx context.Context, tx pgx.Tx, body governance.BodyCode, year int, register string, number int) (bool, error) {
	n, err := postgres.Exec(ctx, tx, `
		UPDATE register_number SET last = last - 1 WHERE body = $1 AND year = $2 AND register = $3 AND last = $4`,
		body, year, register, number)
	return n == 1, postgres.Wrap(err, "give number back")
}

// voicesOf counts the members that the roll has present, remote, represented or
// having given proxy; 0 when no roll was taken.
func voicesOf(ctx context.Context, q postgres.Querier, id meeting.ID) (int, error) {
	n, err := postgres.Value[int](ctx, q, voicesSQL, id)
	return n, postgres.Wrap(err, "count voices")
}

const voicesSQL = `
	SELECT count(*)::int FROM attendance a JOIN convocation c ON c.id = a.convocation_id
	WHERE a.meeting_id = $1 AND c.kind = 'convocation' AND a.status IN ('present', 'remote', 'represented', 'proxy')`

// RecordedDecision is a decision just written, with what is strange in it.
type RecordedDecision struct {
	ID        DecisionID
	Reference string
	Warning   string // "" for nothing; never stops the act
}

// RecordDecision writes a decision or an opinion of the meeting under the next
// number of its body, its year and its register. item may be 0.
func (s *Service) RecordDecision(ctx context.Context, by access.Actor, id meeting.ID, item meeting.ItemID, in DecisionInput) (RecordedDecision, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return RecordedDecision{}, err
	}
	if err := in.check(); err != nil {
		return RecordedDecision{}, err
	}
	var done RecordedDecision
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		done, err = RecordDecisionIn(ctx, tx, by, id, item, in)
		return err
	})
	return done, err
}

// RecordDecisionIn is RecordDecision in a transaction that does more: a decision is
// written with what it brings about, or not at all.
func RecordDecisionIn(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, item meeting.ItemID, in DecisionInput) (RecordedDecision, error) {
	var done RecordedDecision
	if err := in.check(); err != nil {
		return done, err
	}
	m, err := hostFor(ctx, tx, by, id)
	if err != nil {
		return done, err
	}
	if err := m.mayLeave(); err != nil {
		return done, err
	}
	if err := checkItem(ctx, tx, id, item); err != nil {
		return done, err
	}
	n, err := nextNumber(ctx, tx, m, string(in.Kind))
	if err != nil {
		return done, err
	}
	d := Decision{Kind: in.Kind, Origin: Origin{Body: m.Body}, Year: m.Year, Number: n}
	done.Reference = d.Reference()
	done.ID, err = postgres.Value[DecisionID](ctx, tx, `
		INSERT INTO decision (kind, meeting_id, item_id, body, year, number, title, text, outcome, method, votes_for, votes_against, abstentions, follow_up)
		VALUES ($1, $2, nullif($3, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`,
		in.Kind, id, item, m.Body, m.Year, n, in.Title, in.Text, in.Outcome, in.Method, in.For, in.Against, in.Abstentions, firstFollowUp(in.Outcome))
	if err != nil {
		return done, postgres.Wrap(err, "insert decision")
	}
	if done.Warning, err = in.warn(ctx, tx, id); err != nil {
		return done, err
	}
	return done, audit.Record(ctx, tx, by, audit.Entry{Action: "decision.record", Object: "decision", ID: int64(done.ID),
		Label: done.Reference + ", " + in.Title, After: in})
}

// firstFollowUp is where the follow-up of a text begins: only what was adopted, or
// was put off, calls for something.
func firstFollowUp(o Outcome) FollowUpState {
	if o == Adopted || o == PutOff {
		return FollowOpen
	}
	return FollowNone
}

func (in DecisionInput) warn(ctx context.Context, q postgres.Querier, id meeting.ID) (string, error) {
	if in.Method != Vote {
		return "", nil
	}
	voices, err := voicesOf(ctx, q, id)
	return tooManyVotes(*in.For+*in.Against+*in.Abstentions, voices), err
}

// ownDecision loads a decision for the team and locks its meeting, then it.
func ownDecision(ctx context.Context, tx pgx.Tx, by access.Actor, id DecisionID, version int) (Decision, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Decision{}, err
	}
	in, err := postgres.Value[meeting.ID](ctx, tx, `SELECT meeting_id FROM decision WHERE id = $1`, id)
	if err != nil {
		return Decision{}, orNone(err, ErrNoDecision, "find decision")
	}
	if _, err := hostFor(ctx, tx, by, in); err != nil {
		return Decision{}, err
	}
	d, err := postgres.One[Decision](ctx, tx, `SELECT `+decisionColumns+decisionTables+` WHERE d.id = $1 FOR UPDATE OF d`, id)
	if err != nil {
		return Decision{}, orNone(err, ErrNoDecision, "lock decision")
	}
	if d.Version != version {
		return d, errStale
	}
	if d.SupersededBy != 0 {
		return d, problem.New(problem.Conflict, "Cette décision a été rectifiée : ouvrez la version en vigueur.")
	}
	return d, nil
}

// orNone turns "no row" into the refusal.
func orNone(err error, refusal *problem.Error, doing string) error {
	if postgres.IsNoRows(err) {
		return refusal
	}
	return postgres.Wrap(err, "%s", doing)
}

// input is what the team said of the decision, for the journal.
func (d Decision) input() DecisionInput {
	return DecisionInput{d.Kind, d.Title, d.Text, d.Outcome, d.Method, d.For, d.Against, d.Abstentions}
}

// UpdateDecision changes a decision in place, as long as the minutes are not out:
// past that, Supersede. Its kind stays, as its number is of that register.
func (s *Service) UpdateDecision(ctx context.Context, by access.Actor, id DecisionID, version int, in DecisionInput) (RecordedDecision, error) {
	var done RecordedDecision
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		d, err := ownDecision(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if d.Published() {
			return errOut
		}
		in.Kind = d.Kind
		if err := in.check(); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE decision SET title = $2, text = $3, outcome = $4, method = $5, votes_for = $6, votes_against = $7, abstentions = $8,
			       follow_up = CASE WHEN followed_at IS NULL THEN $9 ELSE follow_up END, version = version + 1
			WHERE id = $1`, id, in.Title, in.Text, in.Outcome, in.Method, in.For, in.Against, in.Abstentions, firstFollowUp(in.Outcome))
		if err != nil {
			return postgres.Wrap(err, "update decision")
		}
		done.ID, done.Reference = id, d.Reference()
		if done.Warning, err = in.warn(ctx, tx, d.Meeting); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "decision.update", Object: "decision", ID: int64(id),
			Label: d.Reference() + ", " + in.Title, Before: d.input(), After: in})
	})
	return done, err
}

// Supersede rectifies a published decision: a new one takes its number, says why,
// and the old one stays readable. Field motif.
func (s *Service) Supersede(ctx context.Context, by access.Actor, id DecisionID, version int, in DecisionInput, reason string) (RecordedDecision, error) {
	var done RecordedDecision
	reason = strings.TrimSpace(reason)
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		d, err := ownDecision(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if !d.Published() {
			return problem.New(problem.Conflict, "Le compte rendu n’est pas publié : modifiez la décision, sans la rectifier.")
		}
		in.Kind = d.Kind
		if err := in.check(); err != nil {
			return err
		}
		if n := utf8.RuneCountInString(reason); n == 0 || n > maxRegisterWhy {
			return problem.OnField("motif", "Dites pourquoi la décision est rectifiée, en 1 000 caractères au plus : ce motif est publié.")
		}
		// The old row leaves the index of numbers before the new one enters it, and
		// points at it before the statement ends: one statement, whose id is known.
		done.Reference = d.Reference()
		done.ID, err = postgres.Value[DecisionID](ctx, tx, `
			WITH fresh AS MATERIALIZED (
				SELECT nextval(pg_get_serial_sequence('decision', 'id')) AS id
			), old AS (
				UPDATE decision SET superseded_by = fresh.id, version = version + 1 FROM fresh WHERE decision.id = $1
				RETURNING decision.*
			)
			INSERT INTO decision (id, kind, meeting_id, item_id, body, year, number, title, text, outcome, method, votes_for, votes_against,
			                      abstentions, follow_up, follow_up_note, followed_at, rectification)
			OVERRIDING SYSTEM VALUE
			SELECT old.superseded_by, kind, meeting_id, item_id, body, year, number, $2, $3, $4, $5, $6, $7, $8,
			       CASE WHEN followed_at IS NULL THEN $10 ELSE follow_up END, follow_up_note, followed_at, $9
			FROM old RETURNING id`,
			id, in.Title, in.Text, in.Outcome, in.Method, in.For, in.Against, in.Abstentions, reason, firstFollowUp(in.Outcome))
		if err != nil {
			return postgres.Wrap(err, "supersede decision")
		}
		if done.Warning, err = in.warn(ctx, tx, d.Meeting); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "decision.supersede", Object: "decision", ID: int64(done.ID),
			Label: d.Reference() + ", " + in.Title, Before: d.input(), After: struct {
				DecisionInput
				Reason string `json:"motif_rectification"`
			}{in, reason}})
	})
	return done, err
}

// DeleteDecision takes off a decision written by mistake, as long as the minutes are
// not out and no later number was given: numbers have no gap.
func (s *Service) DeleteDecision(ctx context.Context, by access.Actor, id DecisionID, version int) (meeting.ID, error) {
	var in meeting.ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		d, err := ownDecision(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if d.Published() {
			return errOut
		}
		in = d.Meeting
		last, err := giveBack(ctx, tx, d.Body, d.Year, string(d.Kind), d.Number)
		if err != nil {
			return err
		}
		if !last {
			return problem.New(problem.Invalid, fmt.Sprintf("Le numéro %s n’est pas le dernier du registre : le retirer laisserait un trou. Modifiez la décision, ou retirez d’abord celles qui la suivent.", d.Reference()))
		}
		_, err = postgres.Exec(ctx, tx, `DELETE FROM decision WHERE id = $1`, id)
		switch {
		case postgres.Violates(err, "action_decision_decision_id_fkey"):
			return problem.New(problem.Invalid, "Une action de la feuille de route est reliée à cette décision : retirez d’abord le lien, depuis la fiche de l’action.")
		case postgres.Violates(err, "edition_decision_id_fkey"):
			return problem.New(problem.Invalid, "Un programme annuel cite cette décision, qui l’a validé : elle ne peut plus être retirée.")
		case err != nil:
			return postgres.Wrap(err, "delete decision")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "decision.delete", Object: "decision", ID: int64(id),
			Label: d.Reference() + ", " + d.Title, Before: d.input()})
	})
	return in, err
}

// followUp is what the journal keeps of a follow-up: its history is read from there.
type followUp struct {
	State FollowUpState `json:"suivi"`
	Note  string        `json:"note_suivi"`
}

// SetFollowUp says what becomes of a decision. Fields etat, note.
func (s *Service) SetFollowUp(ctx context.Context, by access.Actor, id DecisionID, version int, state FollowUpState, note string) error {
	note = strings.TrimSpace(note)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		d, err := ownDecision(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(FollowUpStates, state):
			return problem.OnField("etat", "Choisissez où en est la décision.")
		case utf8.RuneCountInString(note) > maxFollowNote:
			return problem.OnField("note", "Gardez 2 000 caractères au plus.")
		case state == FollowDropped && note == "":
			return problem.OnField("note", "Dites pourquoi la décision est abandonnée.")
		case state == d.FollowUp && note == d.FollowUpNote:
			return nil // nothing new to date
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE decision SET follow_up = $2, follow_up_note = $3, followed_at = now(), version = version + 1 WHERE id = $1`, id, state, note)
		if err != nil {
			return postgres.Wrap(err, "set follow-up")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "decision.follow_up", Object: "decision", ID: int64(id),
			Label: d.Reference() + ", " + state.Label(), Before: followUp{d.FollowUp, d.FollowUpNote}, After: followUp{state, note}})
	})
}
