package meeting

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/calendar"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"meeting.plan":         "Réunion planifiée",
	"meeting.change":       "Réunion modifiée",
	"meeting.announce":     "Réunion annoncée au public",
	"meeting.postpone":     "Réunion reportée",
	"meeting.cancel":       "Réunion annulée",
	"meeting.guest_add":    "Personne invitée à une réunion",
	"meeting.guest_remove": "Invitation retirée",
	"poll.open":            "Sondage de dates ouvert",
	"poll.answer":          "Réponse à un sondage de dates",
	"poll.remind":          "Rappel d’un sondage de dates",
	"poll.close":           "Date choisie après sondage",
})

// Slot is when something takes place.
type Slot struct {
	StartsAt time.Time `json:"debut" db:"starts_at"`
	EndsAt   time.Time `json:"fin" db:"ends_at"`
}

// IsZero tells whether there is no date.
func (s Slot) IsZero() bool { return s.StartsAt.IsZero() }

// Say writes the slot in words: « jeudi 26 novembre 2026, de 14 h à 16 h 30 ».
func (s Slot) Say() string {
	return french.Date(day.In(s.StartsAt)) + ", " + french.ClockRange(s.StartsAt, s.EndsAt)
}

// Plan is what the team decides of a meeting before it is convened.
type Plan struct {
	Body governance.BodyCode `json:"instance"`
	Kind Kind                `json:"nature"`
	Slot
	Place     string `json:"lieu"`
	VideoURL  string `json:"lien_video"`
	Theme     string `json:"theme"`
	Announced bool   `json:"annoncee"`
	// Expert and State are invited when the meeting is created; afterwards guests
	// have their own page.
	Expert GuestInput `json:"expertise"`
	State  GuestInput `json:"representation_etat"`
	// CopyOf gives its agenda to the meeting created; 0: the standing points of the body.
	CopyOf ID `json:"copie_de"`
}

// check refuses what no meeting may be. past tells that the date may be behind: it
// was fixed before. Fields: instance, nature, date, debut, fin, lieu, visio, theme.
func (p Plan) check(now time.Time, past bool) error {
	switch {
	case !slices.Contains(governance.BodyCodes, p.Body):
		return problem.OnField("instance", "Choisissez une instance.")
	case !slices.Contains(Kinds, p.Kind):
		return problem.OnField("nature", "Choisissez une réunion ou un atelier.")
	}
	if err := p.Slot.check(now, past, "date", "fin"); err != nil {
		return err
	}
	switch {
	case p.Place == "" && p.VideoURL == "":
		return problem.OnField("lieu", "Saisissez un lieu, ou un lien de visioconférence.")
	case len([]rune(p.Place)) > 200:
		return problem.OnField("lieu", "Gardez 200 caractères au plus.")
	case p.VideoURL != "" && !videoLink(p.VideoURL):
		return problem.OnField("visio", "Saisissez un lien complet qui commence par https://.")
	case len([]rune(p.Theme)) > 200:
		return problem.OnField("theme", "Gardez 200 caractères au plus.")
	}
	return nil
}

// check refuses a slot that is not within one day of Paris, or that is past; the
// names are those of the fields at fault.
func (s Slot) check(now time.Time, past bool, dateField, endField string) error {
	switch {
	case s.StartsAt.IsZero():
		return problem.OnField(dateField, "Saisissez la date de la réunion.")
	case !past && !s.StartsAt.After(now):
		return problem.OnField(dateField, "Cette date est passée : choisissez une date à venir.")
	case !s.EndsAt.After(s.StartsAt):
		return problem.OnField(endField, "La fin doit venir après le début.")
	case day.In(s.StartsAt) != day.In(s.EndsAt):
		return problem.OnField(endField, "Une réunion commence et finit le même jour.")
	}
	return nil
}

// videoLink tells whether s is an https address, as meeting_video_url_check asks.
func videoLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && strings.HasPrefix(s, "https://") && u.Host != "" && len(s) <= 500 &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r >= 0x80 })
}

// databaseNow is the database's, which decides of dates.
func databaseNow(ctx context.Context, q postgres.Querier) (time.Time, error) {
	v, err := postgres.Value[time.Time](ctx, q, `SELECT now()`)
	return v, postgres.Wrap(err, "clock")
}

// Create plans a meeting: a draft, with the standing points of its body on the
// agenda, or the agenda of the meeting it copies.
func (s *Service) Create(ctx context.Context, by access.Actor, p Plan) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	var id ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		now, err := databaseNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := p.check(now, false); err != nil {
			return err
		}
		id, err = postgres.Value[ID](ctx, tx, `
			INSERT INTO meeting (body, kind, starts_at, ends_at, place, video_url, theme, announced, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft') RETURNING id`,
			p.Body, p.Kind, p.StartsAt, p.EndsAt, p.Place, p.VideoURL, p.Theme, p.Announced)
		if err != nil {
			return postgres.Wrap(err, "insert meeting")
		}
		if err := inviteFirst(ctx, tx, id, p); err != nil {
			return err
		}
		if err := s.firstAgenda(ctx, tx, by, id, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.plan", Object: "meeting", ID: int64(id), Label: p.label(), After: p})
	})
	return id, err
}

func (p Plan) label() string {
	return Meeting{Kind: p.Kind, Body: p.Body}.Title() + ", " + french.LongDate(day.In(p.StartsAt))
}

func inviteFirst(ctx context.Context, tx pgx.Tx, id ID, p Plan) error {
	for _, g := range []struct {
		role  GuestRole
		in    GuestInput
		field string
	}{{StateGuest, p.State, "etat"}, {ExpertGuest, p.Expert, "expert_nom"}} {
		if g.in.empty() {
			continue
		}
		if _, err := addGuest(ctx, tx, id, g.role, g.in, g.field); err != nil {
			return err
		}
	}
	return nil
}

// firstAgenda gives a new meeting its first points.
func (s *Service) firstAgenda(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, p Plan) error {
	if p.CopyOf != 0 {
		if _, _, err := load(ctx, tx, by, p.CopyOf); err != nil {
			return err
		}
		return s.copyAgenda(ctx, tx, p.CopyOf, id, false, by.Name)
	}
	_, err := s.layStanding(ctx, tx, id, p.Body)
	return err
}

// copyAgenda copies the points and sub-points dealt with at a meeting, numbered anew.
// carry is for a meeting put off: points keep their origin, documents and proposals
// follow, and what was moved to them is found at the new date.
func (s *Service) copyAgenda(ctx context.Context, tx pgx.Tx, from, to ID, carry bool, author string) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH src AS (
			SELECT i.*, row_number() OVER (PARTITION BY i.parent_id ORDER BY i.position, i.id) AS n
			FROM agenda_item i LEFT JOIN agenda_item p ON p.id = i.parent_id
			WHERE i.meeting_id = $1 AND i.moved_to_id IS NULL AND p.moved_to_id IS NULL
		), top AS (
			INSERT INTO agenda_item (meeting_id, position, title, text, kind, minutes, rapporteur, origin, origin_id)
			SELECT $2, n, title, text, kind, minutes, rapporteur,
			       CASE WHEN $3 OR origin = 'standing' THEN origin ELSE '' END, CASE WHEN $3 THEN origin_id END
			FROM src WHERE parent_id IS NULL
			RETURNING id, position
		), sub AS (
			INSERT INTO agenda_item (meeting_id, parent_id, position, title, text, kind, minutes, rapporteur, origin, origin_id)
			SELECT $2, t.id, c.n, c.title, c.text, c.kind, c.minutes, c.rapporteur,
			       CASE WHEN $3 OR c.origin = 'standing' THEN c.origin ELSE '' END, CASE WHEN $3 THEN c.origin_id END
			FROM src c JOIN src q ON q.id = c.parent_id JOIN top t ON t.position = q.n
			RETURNING id, parent_id, position
		), same AS (
			SELECT c.id AS old, t.id AS new FROM src c JOIN top t ON t.position = c.n WHERE c.parent_id IS NULL
			UNION ALL
			SELECT c.id, u.id FROM src c JOIN src q ON q.id = c.parent_id JOIN top t ON t.position = q.n
			JOIN sub u ON u.parent_id = t.id AND u.position = c.n
		), files AS (
			INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience, added_by)
			SELECT $2, same.new, d.document_id, d.title, d.audience, $4
			FROM meeting_document d LEFT JOIN same ON same.old = d.item_id
			WHERE $3 AND d.meeting_id = $1 AND d.removed_at IS NULL AND (d.item_id IS NULL OR same.old IS NOT NULL)
		), proposed AS (
			UPDATE agenda_proposal a SET item_id = same.new, version = a.version + 1
			FROM same WHERE $3 AND a.item_id = same.old
		)
		UPDATE agenda_item d SET moved_to_id = same.new, version = d.version + 1
		FROM same WHERE $3 AND d.moved_to_id = same.old`, from, to, carry, author)
	return postgres.Wrap(err, "copy agenda")
}

// Duplicate returns a plan made after a previous meeting: the same body, kind, hours,
// place and theme, and its agenda once created. The date is to be chosen.
func (s *Service) Duplicate(ctx context.Context, by access.Actor, id ID) (Plan, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Plan{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	return Plan{Body: m.Body, Kind: m.Kind, Slot: Slot{m.StartsAt, m.EndsAt}, Place: m.Place, VideoURL: m.VideoURL, Theme: m.Theme, CopyOf: id}, err
}

// Announce makes a draft known to the public.
func (s *Service) Announce(ctx context.Context, by access.Actor, id ID, version int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, version)
		switch {
		case err != nil:
			return err
		case m.Announced:
			return nil
		case m.State != governance.Draft:
			return errClosed(m)
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE meeting SET announced = true, changed_at = now(), version = version + 1 WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "announce meeting")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.announce", Object: "meeting", ID: int64(id), Label: m.label()})
	})
}

// label names the meeting in the journal.
func (m Meeting) label() string { return m.Title() + ", " + french.LongDate(m.Day()) }

// errClosed refuses to plan what is called off, going on or over.
func errClosed(m Meeting) error {
	return problem.New(problem.Invalid, "Cette réunion ne se modifie plus. Son état : "+strings.ToLower(m.State.Label())+".")
}

// calendarText is the meeting as the calendar file of a mail to who takes part.
func (s *Service) calendarText(m Meeting) string {
	return calendar.Write(m.Title(), []calendar.Event{s.EventOf(m, true)})
}
