package meeting

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// PlanChange is one thing that changes for whoever was convened, in words.
type PlanChange struct{ What, Old, New string }

// Letter is a message as it is about to leave, for the page that shows it before.
type Letter struct {
	Changes    []PlanChange // of an update; none else
	Subject    string
	Paragraphs []string
	To         int // how many people are told by mail
	NoAddress  int // how many have no address
}

// Told tells whether anybody is told.
func (l Letter) Told() bool { return l.To+l.NoAddress > 0 }

// changesOf compares what was convened with what is asked.
func changesOf(m Meeting, p Plan) []PlanChange {
	var out []PlanChange
	add := func(what, old, new string) {
		if old != new {
			out = append(out, PlanChange{what, saidOrNone(old), saidOrNone(new)})
		}
	}
	add("Date", french.Date(m.Day()), french.Date(day.In(p.StartsAt)))
	add("Horaire", french.ClockRange(m.StartsAt, m.EndsAt), french.ClockRange(p.StartsAt, p.EndsAt))
	add("Lieu", m.Place, p.Place)
	add("Visioconférence", m.VideoURL, p.VideoURL)
	return out
}

func saidOrNone(s string) string {
	if s == "" {
		return "aucun"
	}
	return s
}

// changeMessage says what changed: the old, then the new.
func changeMessage(m Meeting, changes []PlanChange) Message {
	paragraphs := []string{french.Typo(m.Title() + " du " + french.LongDate(m.Day()) + " : voici ce qui change.")}
	var note []string
	for _, c := range changes {
		line := french.Typo(c.What) + french.NBSP + ": " + c.Old + " → " + c.New
		paragraphs, note = append(paragraphs, line), append(note, line)
	}
	paragraphs = append(paragraphs, "Votre réponse reste enregistrée. Si ce changement la modifie, changez-la depuis votre page.")
	return Message{Kind: SentChange, Subject: french.Typo("Changement : ") + strings.ToLower(m.Title()[:1]) + m.Title()[1:] + " du " + french.LongDate(m.Day()),
		Paragraphs: func(Recipient) []string { return paragraphs }, Action: "Voir la réunion et ma réponse", Note: clipNote(strings.Join(note, "\n"), 4000)}
}

// clipNote keeps the n first characters of s.
func clipNote(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// letterOf shows a message as it will leave.
func letterOf(msg Message, to []Recipient) Letter {
	l := Letter{Subject: msg.Subject, Paragraphs: msg.Paragraphs(Recipient{})}
	for _, r := range to {
		if r.Email == "" {
			l.NoAddress++
		} else {
			l.To++
		}
	}
	return l
}

// updated checks an update of m and returns the plan as it will be written.
func updated(ctx context.Context, q postgres.Querier, m Meeting, p Plan) (Plan, error) {
	if m.State != governance.Draft && m.State != governance.Convened {
		return p, errClosed(m)
	}
	now, err := databaseNow(ctx, q)
	if err != nil {
		return p, err
	}
	p.Body, p.CopyOf = m.Body, 0
	kept := false
	if m.State == governance.Convened {
		p.Kind, p.Announced = m.Kind, true
		kept = p.StartsAt.Equal(m.StartsAt)
	}
	return p, p.check(now, kept)
}

// PreviewUpdate returns what an update of a convened meeting would tell, and to how
// many: no Changes when nobody needs to know.
func (s *Service) PreviewUpdate(ctx context.Context, by access.Actor, id ID, version int, p Plan) (Letter, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Letter{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err == nil && version != m.Version {
		err = errStale
	}
	if err != nil {
		return Letter{}, err
	}
	if p, err = updated(ctx, s.db, m, p); err != nil || m.State != governance.Convened {
		return Letter{}, err
	}
	changes := changesOf(m, p)
	if len(changes) == 0 {
		return Letter{}, nil
	}
	to, err := s.Recipients(ctx, s.db, id)
	l := letterOf(changeMessage(m, changes), to)
	l.Changes = changes
	return l, err
}

// Update changes a meeting that is planned or convened; its body stays. When a
// convened meeting changes of date, hours, place or link, everybody convened or
// invited is told once, with the calendar that follows.
func (s *Service) Update(ctx context.Context, by access.Actor, id ID, version int, p Plan) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if p, err = updated(ctx, tx, m, p); err != nil {
			return err
		}
		changes := changesOf(m, p)
		moved := len(changes) > 0 || p.Theme != m.Theme || p.Kind != m.Kind
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE meeting SET kind = $2, starts_at = $3, ends_at = $4, place = $5, video_url = $6, theme = $7, announced = $8,
			       sequence = sequence + $9::boolean::int, changed_at = CASE WHEN $9 THEN now() ELSE changed_at END, version = version + 1
			WHERE id = $1`, id, p.Kind, p.StartsAt, p.EndsAt, p.Place, p.VideoURL, p.Theme, p.Announced, moved); err != nil {
			return postgres.Wrap(err, "update meeting")
		}
		after, _, err := load(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if m.State == governance.Convened && len(changes) > 0 {
			msg := changeMessage(m, changes)
			msg.Calendar = s.calendarText(after)
			if err := s.tellAll(ctx, tx, by, id, msg); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.change", Object: "meeting", ID: int64(id), Label: after.label(), Before: m, After: after})
	})
}

// tellAll sends to everybody convened or invited.
func (s *Service) tellAll(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, msg Message) error {
	to, err := s.Recipients(ctx, tx, id)
	if err != nil || len(to) == 0 {
		return err
	}
	_, err = s.Send(ctx, tx, by, id, to, msg)
	return err
}

// BodyChoice is a body as the form that plans a meeting offers it.
type BodyChoice struct {
	governance.Cadence
	Year int `db:"year"`
}

// StatePerson is somebody who acts for a service of the State today.
type StatePerson struct {
	ID           access.PersonID `db:"id"`
	Name         string          `db:"name"`
	Organisation string          `db:"organisation"`
}

// PlanChoices is what the form that plans a meeting offers.
type PlanChoices struct {
	Bodies []BodyChoice
	State  []StatePerson
	Today  day.Day
}

// Choices returns the bodies with what they owe this year, and the people who may
// represent the State at the CMTIN, in one round trip.
func (s *Service) Choices(ctx context.Context, by access.Actor) (PlanChoices, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return PlanChoices{}, err
	}
	var v PlanChoices
	var b postgres.Batch
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	postgres.AddList(&b, &v.Bodies, `
		SELECT c.*, extract(year FROM paris_today())::int AS year
		FROM cadence(extract(year FROM paris_today())::int, paris_today()) c`)
	postgres.AddList(&b, &v.State, `
		SELECT p.id, p.first_name || ' ' || p.last_name AS name, o.name AS organisation
		FROM membership m JOIN organisation o ON o.id = m.organisation_id JOIN person p ON p.id = m.person_id
		WHERE o.kind = 'state_service' AND m.during @> paris_today()
		ORDER BY o.name, p.last_name, p.first_name, p.id LIMIT 50`)
	err := b.Run(ctx, s.db)
	return v, postgres.Wrap(err, "choices of a plan")
}
