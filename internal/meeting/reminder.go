package meeting

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Remind writes to the recipients who have not answered, and to nobody else. Once a
// day: two people who remind at once send one reminder.
func (s *Service) Remind(ctx context.Context, by access.Actor, id ID) (SentTo, error) {
	var done SentTo
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := ownConvened(ctx, tx, by, id)
		if err != nil {
			return err
		}
		last, err := postgres.Values[string](ctx, tx, `
			SELECT to_char(created_at AT TIME ZONE 'Europe/Paris', 'FMHH24" h "MI') FROM sending
			WHERE meeting_id = $1 AND kind = 'reminder' AND (created_at AT TIME ZONE 'Europe/Paris')::date = paris_today()
			ORDER BY id DESC LIMIT 1`, id)
		switch {
		case err != nil:
			return postgres.Wrap(err, "last reminder")
		case len(last) > 0:
			return problem.New(problem.Conflict, "Un rappel est déjà parti aujourd’hui à "+last[0]+" : attendez demain pour en envoyer un autre.")
		}
		done, err = s.remind(ctx, tx, by, m)
		if err == nil && done.Mails == 0 {
			err = problem.New(problem.Conflict, "Personne n’est à relancer : tout le monde a répondu, ou n’a pas d’adresse.")
		}
		return err
	})
	return done, err
}

// remind writes to the silent who have an address.
func (s *Service) remind(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting) (SentTo, error) {
	silent, err := postgres.List[Recipient](ctx, tx, recipientRows+`
		WHERE c.meeting_id = $1 AND c.answer IS NULL AND c.email <> ''`+recipientOrder, m.ID)
	if err != nil {
		return SentTo{}, postgres.Wrap(err, "the silent")
	}
	done := sentTo(silent)
	if done.Mails == 0 {
		return SentTo{}, nil
	}
	if _, err := s.Send(ctx, tx, by, m.ID, silent, s.reminderMessage(m)); err != nil {
		return SentTo{}, err
	}
	return done, recordSending(ctx, tx, by, m, "convocation.remind", done)
}

// RemindDue sends the automatic reminders: of meetings convened before today that
// begin within the number of days of the body's settings. Each leaves once, by
// constraint: several instances may run this at the same time. It returns how many
// meetings were reminded; the failure of one stops no other.
func (s *Service) RemindDue(ctx context.Context) (int, error) {
	due, err := postgres.Values[ID](ctx, s.db, `
		SELECT m.id FROM meeting m JOIN body_setting g ON g.body = m.body AND g.key = 'reminder_days' AND g.value IS NOT NULL
		WHERE m.state = 'convened' AND m.starts_at > now()
		  AND (m.starts_at AT TIME ZONE 'Europe/Paris')::date - g.value <= paris_today()
		  AND (m.convened_at AT TIME ZONE 'Europe/Paris')::date < paris_today()
		  AND NOT EXISTS (SELECT FROM sending s WHERE s.meeting_id = m.id AND s.kind = 'reminder'
		      AND (s.sent_by = '' OR (s.created_at AT TIME ZONE 'Europe/Paris')::date = paris_today()))
		  AND EXISTS (SELECT FROM convocation c WHERE c.meeting_id = m.id AND c.answer IS NULL AND c.email <> '')
		ORDER BY m.starts_at, m.id`)
	if err != nil {
		return 0, postgres.Wrap(err, "reminders due")
	}
	reminded, failures := 0, []error{}
	for _, id := range due {
		sent, err := s.remindOnce(ctx, id)
		if err != nil {
			failures = append(failures, postgres.Wrap(err, "remind meeting %d", id))
		}
		if sent {
			reminded++
		}
	}
	return reminded, errors.Join(failures...)
}

// remindOnce sends the automatic reminder of one meeting, unless another instance
// did.
func (s *Service) remindOnce(ctx context.Context, id ID) (sent bool, err error) {
	by := access.System("Rappel automatique")
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := ownConvened(ctx, tx, by, id)
		if err != nil {
			return err
		}
		done, err := s.remind(ctx, tx, by, m)
		sent = err == nil && done.Mails > 0
		return err
	})
	if postgres.Violates(err, "sending_reminder_once") || errors.Is(err, errNotConvened) {
		return false, nil // another instance was first, or the meeting changed
	}
	return sent && err == nil, err
}

// ReminderWords says when the automatic reminder leaves: « 3 jours avant », or that
// there is none.
func (m Meeting) ReminderWords() string {
	if m.ReminderDays == nil {
		return "aucun"
	}
	return french.Count(*m.ReminderDays, "jour", "jours") + " avant la réunion, aux personnes sans réponse"
}
