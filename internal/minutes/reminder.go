package minutes

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// MyActionsPath is where who an action is asked of says that it is done.
const MyActionsPath = "/mes-reunions/actions"

const remindedAtOnce = 500

var _ = notify.NameKinds(map[string]string{"asked_action": "Rappel d’une action demandée"})

type dueAction struct {
	Person  access.PersonID     `db:"person_id"`
	Name    string              `db:"name"`
	Address string              `db:"email"`
	What    string              `db:"what"`
	DueOn   day.Day             `db:"due_on"`
	Late    bool                `db:"late"`
	Body    governance.BodyCode `db:"body"`
	HeldOn  day.Day             `db:"held_on"`
}

// RemindDue reminds owners of what was asked of them: once in the week before the
// date and once after it, in one message per person whatever the number of actions.
// It returns how many people it told. Two portals running it at once tell nobody
// twice: each takes rows that the other has not locked.
func (s *Service) RemindDue(ctx context.Context) (int, error) {
	told := 0
	for {
		n, taken := 0, 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			// One at a time, or the actions of a person are told in two messages.
			alone, err := postgres.Value[bool](ctx, tx, `SELECT pg_try_advisory_xact_lock(hashtext('remind_actions'))`)
			if err != nil || !alone {
				return postgres.Wrap(err, "lock reminders")
			}
			due, err := takeDue(ctx, tx)
			if err != nil {
				return err
			}
			notices := s.reminders(due)
			n, taken = len(notices), len(due)
			return s.outbox.Tell(ctx, tx, notices)
		})
		if err != nil {
			return told, err
		}
		if told += n; taken < remindedAtOnce {
			return told, nil
		}
	}
}

// takeDue marks as reminded the actions whose owner is to be told, and returns them.
// What was asked since yesterday is fresh in mind: it waits.
func takeDue(ctx context.Context, tx pgx.Tx) ([]dueAction, error) {
	v, err := postgres.List[dueAction](ctx, tx, `
		WITH due AS (
			SELECT a.id, a.due_on < paris_today() AS late, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email,
			       a.what, a.due_on, m.body, (m.starts_at AT TIME ZONE 'Europe/Paris')::date AS held_on
			FROM asked_action a
			JOIN person p ON p.id = a.owner_person_id AND p.email <> ''
			JOIN meeting m ON m.id = a.meeting_id
			WHERE a.state = 'open' AND a.created_at < now() - interval '1 day'
			  AND (a.due_on < paris_today() AND a.reminded_after_at IS NULL
			       OR a.due_on BETWEEN paris_today() AND paris_today() + 7 AND a.reminded_before_at IS NULL)
			ORDER BY a.owner_person_id, a.id LIMIT $1
			FOR UPDATE OF a SKIP LOCKED
		), marked AS (
			UPDATE asked_action a SET reminded_before_at = CASE WHEN due.late THEN a.reminded_before_at ELSE now() END,
			       reminded_after_at = CASE WHEN due.late THEN now() END
			FROM due WHERE a.id = due.id RETURNING a.id
		)
		SELECT due.person_id, due.name, due.email, due.what, due.due_on, due.late, due.body, due.held_on
		FROM due JOIN marked ON marked.id = due.id
		ORDER BY due.person_id, due.due_on, due.id`, remindedAtOnce)
	return v, postgres.Wrap(err, "take actions due")
}

// reminders makes one notice per person; the rows of a person stand together.
func (s *Service) reminders(due []dueAction) []notify.Notice {
	var out []notify.Notice
	for len(due) > 0 {
		n := 1
		for n < len(due) && due[n].Person == due[0].Person {
			n++
		}
		out = append(out, s.reminder(due[:n]))
		due = due[n:]
	}
	return out
}

func (s *Service) reminder(of []dueAction) notify.Notice {
	late, lines := 0, make([]string, 0, len(of))
	for _, a := range of {
		when := "à faire pour le"
		if a.Late {
			when = "attendue pour le"
			late++
		}
		lines = append(lines, fmt.Sprintf("« %s », %s %s (%s du %s).", strings.TrimRight(a.What, "."), when, french.LongDate(a.DueOn), a.Body.Label(), french.LongDate(a.HeldOn)))
	}
	subject := "Une action vous est demandée pour le " + french.LongDate(of[0].DueOn)
	switch {
	case late == 1 && len(of) == 1:
		subject = "Une action qui vous est demandée est en retard"
	case len(of) > 1:
		subject = french.Count(len(of), "action vous est demandée", "actions vous sont demandées")
	}
	return notify.Notice{
		Person: of[0].Person, Address: of[0].Address, Name: of[0].Name, Kind: "asked_action", Subject: french.Typo(subject),
		Text:   french.Typo(strings.Join(lines, " ") + " Si c’est fait, dites-le sur le portail : le suivi sera à jour."),
		Action: "Dire où j’en suis", Link: s.baseURL + MyActionsPath,
	}
}
