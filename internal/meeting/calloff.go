package meeting

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// CallOff is a meeting that will not take place on its day.
type CallOff struct {
	Version  int
	Reason   string
	Postpone bool // else it is cancelled
	To       Slot // of a postponement: its new date, zero when it is not known
}

// check refuses a call-off that cannot be. Fields: motif, date, fin.
func (c CallOff) check(ctx context.Context, q postgres.Querier, m Meeting) error {
	again := c.Postpone && !c.To.IsZero() && m.State == governance.Postponed && m.ReplacedByID == 0
	switch {
	case !m.Open() && !again:
		return problem.New(problem.Invalid, "Cette réunion ne peut plus être reportée ni annulée : elle est close, ou l’est déjà.")
	case c.Reason == "":
		return problem.OnField("motif", "Dites pourquoi : les personnes convoquées et le public le liront.")
	case len([]rune(c.Reason)) > 1000:
		return problem.OnField("motif", "Gardez 1 000 caractères au plus.")
	case !c.Postpone || c.To.IsZero():
		return nil
	}
	now, err := databaseNow(ctx, q)
	if err != nil {
		return err
	}
	if c.To.StartsAt.Equal(m.StartsAt) {
		return problem.OnField("date", "C’est la date actuelle : choisissez-en une autre.")
	}
	return c.To.check(now, false, "date", "fin")
}

// message is what everybody convened reads.
func (c CallOff) message(m Meeting) Message {
	what := m.Title() + " du " + french.LongDate(m.Day())
	e := "e" // « la séance est annulée », « l’atelier est annulé »
	if m.Kind == Workshop {
		e = ""
	}
	var p []string
	msg := Message{Kind: SentCancellation, Subject: "Annulation, " + what, Action: "Voir la page de la réunion", Note: c.Reason}
	first := what + " (" + french.ClockRange(m.StartsAt, m.EndsAt) + ")"
	switch {
	case !c.Postpone:
		p = append(p, first+" est annulé"+e+". Vous n’avez rien à faire.")
	case c.To.IsZero():
		msg.Kind, msg.Subject = SentPostponement, "Report, "+what
		p = append(p, first+" est reporté"+e+french.Typo(". La nouvelle date n’est pas encore fixée : un autre message vous la dira."))
	default:
		msg.Kind, msg.Subject = SentPostponement, "Report, "+what
		p = append(p, first+" est reporté"+e+" à une nouvelle date, "+c.To.Say()+".", "Un autre message vous invitera à répondre pour cette date.")
	}
	p = append(p, french.Typo("Motif : "+c.Reason))
	msg.Paragraphs = func(Recipient) []string { return p }
	return msg
}

// PreviewCallOff returns what would be told, and to how many people.
func (s *Service) PreviewCallOff(ctx context.Context, by access.Actor, id ID, c CallOff) (Letter, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Letter{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err == nil && c.Version != m.Version {
		err = errStale
	}
	if err == nil {
		err = c.check(ctx, s.db, m)
	}
	if err != nil || m.ConvenedAt == nil || !m.Open() {
		return Letter{}, err
	}
	to, err := s.Recipients(ctx, s.db, id)
	return letterOf(c.message(m), to), err
}

// CallOff postpones or cancels a meeting: everybody convened is told once, the
// calendar follows, the cadence stops counting it. Put off to a date, it is replaced
// by a draft that has its agenda, documents, guests and place in calendars; the id of
// that draft is returned, else 0. What was put off without a date may get one later.
func (s *Service) CallOff(ctx context.Context, by access.Actor, id ID, c CallOff) (ID, error) {
	var next ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, c.Version)
		if err != nil {
			return err
		}
		if err := c.check(ctx, tx, m); err != nil {
			return err
		}
		tell := m.Open() && m.ConvenedAt != nil
		if err := c.write(ctx, tx, m); err != nil {
			return err
		}
		if !c.To.IsZero() && c.Postpone {
			if next, err = s.replace(ctx, tx, by, m, c.To); err != nil {
				return err
			}
		}
		if tell {
			if err := s.tellCallOff(ctx, tx, by, m, next, c); err != nil {
				return err
			}
		}
		action := "meeting.cancel"
		if c.Postpone {
			action = "meeting.postpone"
		}
		after, _, err := load(ctx, tx, by, id)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "meeting", ID: int64(id), Label: m.label(), Before: m, After: after})
	})
	return next, err
}

// write closes the meeting and its poll. A meeting put off to a date leaves its uid
// to the one that replaces it.
func (c CallOff) write(ctx context.Context, tx pgx.Tx, m Meeting) error {
	state := governance.Cancelled
	if c.Postpone {
		state = governance.Postponed
	}
	_, err := postgres.Exec(ctx, tx, `
		WITH poll AS (UPDATE date_poll SET closed_at = now() WHERE meeting_id = $1 AND closed_at IS NULL)
		UPDATE meeting SET state = $2, call_off_reason = $3, called_off_at = coalesce(called_off_at, now()), sequence = sequence + 1,
		       changed_at = now(), check_in_code = NULL, version = version + 1,
		       uid = CASE WHEN $4 THEN gen_random_uuid() ELSE uid END
		WHERE id = $1`, m.ID, state, c.Reason, c.Postpone && !c.To.IsZero())
	return postgres.Wrap(err, "call off meeting")
}

// replace plans the meeting that takes the place of m.
func (s *Service) replace(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, to Slot) (ID, error) {
	id, err := postgres.Value[ID](ctx, tx, `
		INSERT INTO meeting (body, kind, starts_at, ends_at, place, video_url, theme, announced, state, replaces_id, uid, sequence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10::text::uuid, $11 + 1) RETURNING id`,
		m.Body, m.Kind, to.StartsAt, to.EndsAt, m.Place, m.VideoURL, m.Theme, m.Announced, m.ID, m.UID, m.Sequence)
	if err != nil {
		return 0, postgres.Wrap(err, "insert replacing meeting")
	}
	if err := s.copyAgenda(ctx, tx, m.ID, id, true, by.Name); err != nil {
		return 0, err
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO meeting_guest (meeting_id, role, person_id, name, organisation, email)
		SELECT $2, role, person_id, name, organisation, email FROM meeting_guest WHERE meeting_id = $1 AND NOT on_the_spot ORDER BY id`, m.ID, id)
	return id, postgres.Wrap(err, "copy guests")
}

// tellCallOff sends the message with the calendar that follows: the same event, moved
// or cancelled.
func (s *Service) tellCallOff(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, next ID, c CallOff) error {
	shown := m.ID
	if next != 0 {
		shown = next
	}
	event, _, err := load(ctx, tx, by, shown)
	if err != nil {
		return err
	}
	msg := c.message(m)
	msg.Calendar = s.calendarText(event)
	return s.tellAll(ctx, tx, by, m.ID, msg)
}
