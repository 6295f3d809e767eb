package meeting

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"convocation.send": "Réunion convoquée", "convocation.send_more": "Convocation de nouveaux membres",
	"convocation.addition": "Complément envoyé", "convocation.remind": "Rappel envoyé",
	"convocation.answer": "Réponse à une convocation", "convocation.close_link": "Liens personnels fermés",
})

// SentTo is what a sending did.
type SentTo struct {
	Recipients int `json:"destinataires"`
	Mails      int `json:"courriels"`
	NoAddress  int `json:"sans_adresse"`
}

func sentTo(all []Recipient) SentTo {
	silent := len(Unreachable(all))
	return SentTo{Recipients: len(all), Mails: len(all) - silent, NoAddress: silent}
}

// Convene convenes the composition of today and the guests: one row per recipient,
// one mail each, all in one transaction. Whatever the number of recipients, the
// number of statements is the same. reason is asked when the checklist warns
// (field motif); message stands in every mail.
func (s *Service) Convene(ctx context.Context, by access.Actor, id ID, version int, reason, message string) (SentTo, error) {
	var done SentTo
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		switch {
		case err != nil:
			return err
		case m.State != governance.Draft:
			return problem.New(problem.Conflict, "Cette réunion est déjà convoquée, ou ne peut plus l’être : rien n’est parti une seconde fois.")
		case m.Version != version:
			return errStale
		}
		v := Convening{Meeting: m}
		if err := v.judge(ctx, tx, reason); err != nil {
			return err
		}
		if err := snapshot(ctx, tx, m); err != nil {
			return err
		}
		if v.Meeting, err = markConvened(ctx, tx, m, reason); err != nil {
			return err
		}
		all, err := s.Recipients(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := s.Send(ctx, tx, by, id, all, s.convocationMessage(v.Meeting, v.Items, v.Documents, message)); err != nil {
			return err
		}
		done = sentTo(all)
		return recordSending(ctx, tx, by, m, "convocation.send", done)
	})
	return done, err
}

// judge reads the checklist in the transaction and refuses what it forbids.
func (v *Convening) judge(ctx context.Context, tx pgx.Tx, reason string) error {
	var b postgres.Batch
	v.ask(&b)
	if err := b.Run(ctx, tx); err != nil {
		return postgres.Wrap(err, "read checklist")
	}
	v.complete()
	warnings, blocked := Warnings(v.Checks)
	switch {
	case blocked != nil:
		return problem.New(problem.Conflict, blocked.Detail)
	case warnings > 0 && reason == "":
		return problem.OnField("motif", "Dites pourquoi vous convoquez malgré "+french.Plural(warnings, "le point à vérifier.", "les points à vérifier."))
	}
	return nil
}

// snapshot writes who is convened: the composition of the day of convening.
func snapshot(ctx context.Context, tx pgx.Tx, m Meeting) error {
	_, err := postgres.Exec(ctx, tx, plannedRecipients+`
		INSERT INTO convocation (meeting_id, kind, seat_id, guest_id, person_id, organisation_id, name, seat_label, group_position, group_name,
		                         organisation_name, college, chairs, email, alternate_person_id, alternate_name)
		SELECT $1, p.kind, p.seat_id, p.guest_id, p.person_id, p.organisation_id, p.name, p.seat_label, p.group_position, p.group_name,
		       p.organisation_name, p.college, p.chairs, p.email, p.alternate_person_id, p.alternate_name
		FROM planned p ORDER BY p.group_position, p.seat_id, p.guest_id`, m.ID, m.Body, m.memberKind())
	return postgres.Wrap(err, "snapshot of the composition")
}

func markConvened(ctx context.Context, tx pgx.Tx, m Meeting, reason string) (Meeting, error) {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE meeting SET state = 'convened', announced = true, convened_at = now(), convene_reason = $2,
		       sequence = sequence + 1, changed_at = now(), version = version + 1 WHERE id = $1`, m.ID, reason)
	if err != nil {
		return m, postgres.Wrap(err, "mark convened")
	}
	v, _, err := load(ctx, tx, access.System("convocation"), m.ID)
	return v, err
}

func recordSending(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, action string, what any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "meeting", ID: int64(m.ID),
		Label: m.Title() + ", " + french.LongDate(m.Day()), After: what})
}

// errNotConvened refuses what is done of a convened meeting still to come.
var errNotConvened = problem.New(problem.Conflict, "Cette réunion n’est pas convoquée, ou elle a commencé : rien n’est parti.")

// ownConvened locks a meeting that is convened and has not begun.
func ownConvened(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Meeting, error) {
	m, err := own(ctx, tx, by, id, 0)
	if err != nil {
		return m, err
	}
	ahead, err := postgres.Value[bool](ctx, tx, `SELECT starts_at > clock_timestamp() FROM meeting WHERE id = $1`, id)
	if err == nil && (m.State != governance.Convened || !ahead) {
		err = errNotConvened
	}
	return m, err
}

// ConveneNew convenes whom the composition of today has and the snapshot has not:
// new members and guests, whoever took over a seat, whoever has a new address.
// Those who leave keep nothing of the seat: their links close, and the proxies they
// held are to be given again. Nobody else is written to.
func (s *Service) ConveneNew(ctx context.Context, by access.Actor, id ID, message string) (SentTo, error) {
	var done SentTo
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := ownConvened(ctx, tx, by, id)
		if err != nil {
			return err
		}
		orphans, err := replaceLeavers(ctx, tx, m)
		if err != nil {
			return err
		}
		fresh, err := addNewcomers(ctx, tx, m)
		if err != nil {
			return err
		}
		if len(fresh) == 0 {
			return problem.New(problem.Conflict, "Il n’y a personne d’autre à convoquer : rien n’est parti.")
		}
		v := Convening{Meeting: m}
		var b postgres.Batch
		v.ask(&b)
		if err := b.Run(ctx, tx); err != nil {
			return postgres.Wrap(err, "read agenda")
		}
		all, err := s.Recipients(ctx, tx, id)
		if err != nil {
			return err
		}
		to := among(all, fresh)
		if _, err := s.Send(ctx, tx, by, id, to, s.convocationMessage(m, v.Items, v.Documents, message)); err != nil {
			return err
		}
		if lost := among(all, orphans); len(lost) > 0 {
			if _, err := s.Send(ctx, tx, by, id, lost, s.orphanMessage(m, "La personne")); err != nil {
				return err
			}
		}
		done = sentTo(to)
		return recordSending(ctx, tx, by, m, "convocation.send_more", struct {
			SentTo
			Names []string `json:"noms"`
		}{done, names(to)})
	})
	return done, err
}

// replaceLeavers closes the links of whoever lost a seat to somebody else and takes
// back the proxies given to them, whose givers it returns.
func replaceLeavers(ctx context.Context, tx pgx.Tx, m Meeting) ([]ConvocationID, error) {
	v, err := postgres.Values[ConvocationID](ctx, tx, newcomers+`, gone AS (SELECT instead_id FROM newcomer WHERE change = 'replaced'),
		closed AS (UPDATE convocation_link SET revoked_at = now()
		           WHERE revoked_at IS NULL AND convocation_id IN (SELECT instead_id FROM gone))
		UPDATE convocation SET answer = NULL, proxy_to_id = NULL, answered_at = NULL, answered_by = '', version = version + 1
		WHERE proxy_to_id IN (SELECT instead_id FROM gone) RETURNING id`, m.ID, m.Body, m.memberKind())
	return v, postgres.Wrap(err, "replace leavers")
}

// addNewcomers writes the rows of newcomers; who takes over a seat takes its row,
// without the answer of the other. The mails sent to the other stay in the proof.
func addNewcomers(ctx context.Context, tx pgx.Tx, m Meeting) ([]ConvocationID, error) {
	v, err := postgres.Values[ConvocationID](ctx, tx, newcomers+`
		INSERT INTO convocation AS c (meeting_id, kind, seat_id, guest_id, person_id, organisation_id, name, seat_label, group_position, group_name,
		                              organisation_name, college, chairs, email, alternate_person_id, alternate_name)
		SELECT $1, p.kind, p.seat_id, p.guest_id, p.person_id, p.organisation_id, p.name, p.seat_label, p.group_position, p.group_name,
		       p.organisation_name, p.college, p.chairs, p.email, p.alternate_person_id, p.alternate_name
		FROM newcomer p ORDER BY p.group_position, p.seat_id, p.guest_id
		ON CONFLICT ON CONSTRAINT convocation_seat_once DO UPDATE SET
		    person_id = excluded.person_id, organisation_id = excluded.organisation_id, name = excluded.name, seat_label = excluded.seat_label,
		    email = excluded.email, alternate_person_id = excluded.alternate_person_id, alternate_name = excluded.alternate_name,
		    created_at = now(), version = c.version + 1,
		    opened_at = CASE WHEN c.person_id = excluded.person_id THEN c.opened_at END,
		    answer = CASE WHEN c.person_id = excluded.person_id THEN c.answer END,
		    answer_note = CASE WHEN c.person_id = excluded.person_id THEN c.answer_note ELSE '' END,
		    proxy_to_id = CASE WHEN c.person_id = excluded.person_id THEN c.proxy_to_id END,
		    answered_at = CASE WHEN c.person_id = excluded.person_id THEN c.answered_at END,
		    answered_by = CASE WHEN c.person_id = excluded.person_id THEN c.answered_by ELSE '' END
		RETURNING c.id`, m.ID, m.Body, m.memberKind())
	return v, postgres.Wrap(err, "convene newcomers")
}

func among(all []Recipient, ids []ConvocationID) []Recipient {
	var out []Recipient
	for _, r := range all {
		if slices.Contains(ids, r.ID) {
			out = append(out, r)
		}
	}
	return out
}

func names(all []Recipient) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = r.Name
	}
	return out
}

// SendAddition tells every recipient what was added since they were last told, and
// only that.
func (s *Service) SendAddition(ctx context.Context, by access.Actor, id ID, message string) (SentTo, error) {
	var done SentTo
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := ownConvened(ctx, tx, by, id)
		if err != nil {
			return err
		}
		var (
			added Additions
			b     postgres.Batch
		)
		added.ask(&b, m)
		if err := b.Run(ctx, tx); err != nil {
			return postgres.Wrap(err, "read additions")
		}
		if added.None() {
			return problem.New(problem.Conflict, "Rien n’a été ajouté depuis le dernier envoi : rien n’est parti.")
		}
		all, err := s.Recipients(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := s.Send(ctx, tx, by, id, all, s.additionMessage(m, added, message)); err != nil {
			return err
		}
		done = sentTo(all)
		return recordSending(ctx, tx, by, m, "convocation.addition", done)
	})
	return done, err
}

// CloseLinks makes the personal links sent to a recipient so far open nothing: a
// mail that went to the wrong person. The next mail brings a new link.
func (s *Service) CloseLinks(ctx context.Context, by access.Actor, id ID, recipient ConvocationID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		r, err := oneRecipient(ctx, tx, id, recipient)
		if err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE convocation_link SET revoked_at = now() WHERE convocation_id = $1 AND revoked_at IS NULL`, recipient)
		if err != nil {
			return postgres.Wrap(err, "close links")
		}
		return recordSending(ctx, tx, by, m, "convocation.close_link", map[string]string{"name": r.Name})
	})
}

// oneRecipient reads a recipient of the meeting, without a lock.
func oneRecipient(ctx context.Context, q postgres.Querier, id ID, recipient ConvocationID) (Recipient, error) {
	r, err := postgres.One[Recipient](ctx, q, recipientRows+` WHERE c.meeting_id = $1 AND c.id = $2`, id, recipient)
	if postgres.IsNoRows(err) {
		return r, problem.New(problem.NotFound, "Cette personne n’est pas convoquée à cette réunion.")
	}
	return r, postgres.Wrap(err, "recipient")
}
