package meeting

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/calendar"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"calendar.create": "Adresse d’agenda créée", "calendar.renew": "Adresse d’agenda remplacée", "calendar.revoke": "Adresse d’agenda révoquée",
})

// MyCalendarPath is where the secret address of a personal calendar begins.
const MyCalendarPath = "/agenda/"

// EventOf is the meeting as calendars show it. inside gives what only whoever is
// convened or invited may know: the video link. items, if any, are told once the
// meeting is convened, points only, without those moved to another meeting.
func (s *Service) EventOf(m Meeting, inside bool, items ...Item) calendar.Event {
	var points []calendarPoint
	for _, i := range items {
		if i.Parent == 0 && i.MovedTo == 0 {
			points = append(points, calendarPoint{Number: i.Number, Title: i.Title})
		}
	}
	return s.calendarEvent(m, inside, points, nil)
}

// calendarPoint is a point of the agenda as a calendar tells it.
type calendarPoint struct {
	Meeting ID     `db:"meeting_id"`
	Number  string `db:"number"`
	Title   string `db:"title"`
}

// calendarReply is what somebody answered for a seat.
type calendarReply struct {
	Meeting ID     `db:"meeting_id"`
	Seat    string `db:"seat_label"`
	Answer  Answer `db:"answer"`
}

// calendarEvent writes the meeting. A date that is only announced shows neither place nor
// theme: they are not decided yet.
func (s *Service) calendarEvent(m Meeting, inside bool, points []calendarPoint, replies []calendarReply) calendar.Event {
	e := calendar.Event{
		UID: m.UID + "@" + s.uidHost(), Sequence: m.Sequence, Start: m.StartsAt, End: m.EndsAt, Changed: m.ChangedAt,
		Summary: m.Title(), URL: s.baseURL + "/reunions/" + strconv.FormatInt(int64(m.ID), 10),
		Cancelled: m.CalledOff(), Tentative: m.State == governance.Draft,
	}
	told := m.State != governance.Draft && (!m.CalledOff() || m.ConvenedAt != nil)
	text := calendarState(m)
	if told {
		e.Location = m.Place
		if m.Theme != "" {
			text = append(text, french.Typo("Thème : "+m.Theme))
		}
	}
	if told && inside && m.VideoURL != "" && !m.CalledOff() {
		if e.Location == "" {
			e.Location = m.VideoURL
		}
		text = append(text, "Visioconférence\u00a0: "+m.VideoURL) // not through Typo: it is an address
	}
	if !m.CalledOff() {
		text = append(text, calendarAnswers(replies)...)
	}
	if told && len(points) > 0 {
		text = append(text, "Ordre du jour\u00a0:")
		for _, p := range points {
			text = append(text, p.Number+". "+french.Typo(p.Title))
		}
	}
	e.Description = strings.Join(text, "\n")
	return e
}

// calendarState says what is not an ordinary meeting to come.
func calendarState(m Meeting) []string {
	var text []string
	switch {
	case m.State == governance.Draft:
		return []string{"Date annoncée\u00a0: la convocation n’est pas encore envoyée."}
	case m.State == governance.Postponed && m.ReplacedByID != 0:
		text = append(text, "Cette réunion est reportée à une autre date.")
	case m.State == governance.Postponed:
		text = append(text, "Cette réunion est reportée. La nouvelle date n’est pas encore fixée.")
	case m.State == governance.Cancelled:
		text = append(text, "Cette réunion est annulée.")
	}
	if m.CalledOff() && m.CallOffReason != "" {
		text = append(text, french.Typo("Motif : "+m.CallOffReason))
	}
	return text
}

func calendarAnswers(replies []calendarReply) []string {
	lines := make([]string, 0, len(replies))
	for _, r := range replies {
		whose := "Votre réponse"
		if len(replies) > 1 {
			whose += " (" + r.Seat + ")"
		}
		lines = append(lines, whose+"\u00a0: "+r.Answer.Label())
	}
	return lines
}

// uidHost ends the UIDs: they name the portal, whatever calendar they are read from.
func (s *Service) uidHost() string {
	if u, err := url.Parse(s.baseURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// Calendar returns the public calendar of a body, or of all for "": the announced
// meetings of the last year and those to come. ErrNotFound for no body.
func (s *Service) Calendar(ctx context.Context, body governance.BodyCode) (string, error) {
	name := "Gouvernance de l’inclusion numérique"
	if body != "" {
		if !slices.Contains(governance.BodyCodes, body) {
			return "", ErrNotFound
		}
		name = "Réunions " + body.Of()
	}
	return s.calendarFeed(ctx, name, body, 0)
}

// calendarFeed reads the meetings of a calendar, their points and, for a person, what they
// answered, in one round trip. person 0 is the public.
//
// A person is of the meetings that meeting_party() says, asked here for all at once.
//
// A meeting put off to a new date gave its uid to the one that replaces it: the old
// row is left out, and the event moves in people's calendars.
func (s *Service) calendarFeed(ctx context.Context, name string, body governance.BodyCode, person access.PersonID) (string, error) {
	var (
		meetings []Meeting
		points   []calendarPoint
		replies  []calendarReply
		batch    postgres.Batch
	)
	postgres.AddList(&batch, &meetings, `
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, m.place, m.video_url, m.theme, m.state, m.announced,
		       m.uid::text AS uid, m.sequence, m.changed_at, m.convened_at, m.call_off_reason, m.called_off_at,
		       '' AS convene_reason, 0::bigint AS replaces_id, 0::bigint AS replaced_by, m.opened_at, m.closed_at, m.chair_present,
		       m.state_present, false AS needs_chair_and_state, 0 AS notice_days, NULL::integer AS quorum, NULL::integer AS proxies,
		       NULL::integer AS reminder_days, m.version
		FROM meeting m
		WHERE m.announced AND m.starts_at > now() - interval '1 year' AND ($1 = '' OR m.body = $1)
		  AND NOT EXISTS (SELECT FROM meeting r WHERE r.replaces_id = m.id)
		  AND ($2 = 0
		    OR m.id IN (SELECT c.meeting_id FROM convocation c WHERE c.person_id = $2
		                UNION ALL SELECT c.meeting_id FROM convocation c WHERE c.alternate_person_id = $2
		                UNION ALL SELECT c.meeting_id FROM membership s JOIN convocation c ON c.organisation_id = s.organisation_id
		                          WHERE s.person_id = $2 AND s.during @> paris_today())
		    OR m.body IN (SELECT r.body FROM mandate d JOIN seat s ON s.id = d.seat_id AND s.during @> paris_today()
		                  JOIN composition_rule r ON r.seat_kind = s.kind
		                  WHERE d.person_id = $2 AND d.during @> paris_today()))
		ORDER BY m.starts_at, m.id`, string(body), person)
	postgres.AddList(&batch, &points, `
		SELECT i.meeting_id, i.position::text AS number, i.title
		FROM agenda_item i JOIN meeting m ON m.id = i.meeting_id
		WHERE m.announced AND m.starts_at > now() - interval '1 year' AND ($1 = '' OR m.body = $1) AND m.state <> 'draft'
		  AND i.parent_id IS NULL AND i.moved_to_id IS NULL
		ORDER BY i.meeting_id, i.position`, string(body))
	if person != 0 {
		postgres.AddList(&batch, &replies, `
			SELECT c.meeting_id, c.seat_label, coalesce(c.answer, '') AS answer
			FROM convocation c JOIN meeting m ON m.id = c.meeting_id AND m.starts_at > now() - interval '1 year'
			WHERE c.person_id = $1 ORDER BY c.id`, person)
	}
	if err := batch.Run(ctx, s.db); err != nil {
		return "", postgres.Wrap(err, "read calendar")
	}
	pointsOf := groupByMeeting(points, func(p calendarPoint) ID { return p.Meeting })
	repliesOf := groupByMeeting(replies, func(r calendarReply) ID { return r.Meeting })
	events := make([]calendar.Event, len(meetings))
	for i, m := range meetings {
		events[i] = s.calendarEvent(m, person != 0, pointsOf[m.ID], repliesOf[m.ID])
	}
	return calendar.Write(name, events), nil
}

func groupByMeeting[T any](rows []T, of func(T) ID) map[ID][]T {
	groups := map[ID][]T{}
	for _, r := range rows {
		groups[of(r)] = append(groups[of(r)], r)
	}
	return groups
}

// OneCalendar returns one meeting as a calendar, with what the actor sees of it.
func (s *Service) OneCalendar(ctx context.Context, by access.Actor, id ID) (string, error) {
	m, sight, err := load(ctx, s.db, by, id)
	if err != nil {
		return "", err
	}
	items, err := s.Items(ctx, s.db, id)
	if err != nil {
		return "", err
	}
	return calendar.Write(m.Title(), []calendar.Event{s.EventOf(m, sight >= Inside, items...)}), nil
}

// CalendarLink is the secret address of a personal calendar, as its owner sees it:
// the address itself was shown once, and is kept nowhere.
type CalendarLink struct {
	CreatedAt time.Time  `json:"creee_le" db:"created_at"`
	ReadAt    *time.Time `json:"lue_le" db:"read_at"` // to the hour; nil: never read
}

// MyCalendarLink returns the actor's link in use, nil if there is none.
func (s *Service) MyCalendarLink(ctx context.Context, by access.Actor) (*CalendarLink, error) {
	if err := by.Require(by.Person != 0); err != nil {
		return nil, err
	}
	v, err := postgres.List[CalendarLink](ctx, s.db, `SELECT created_at, read_at FROM calendar_link WHERE person_id = $1 AND revoked_at IS NULL`, by.Person)
	if err != nil || len(v) == 0 {
		return nil, postgres.Wrap(err, "read calendar link")
	}
	return &v[0], nil
}

// RenewCalendarLink makes a secret address for the actor's calendar and returns it,
// this once. The former one, if any, stops working.
func (s *Service) RenewCalendarLink(ctx context.Context, by access.Actor) (address string, err error) {
	token, hash := newToken()
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		revoked, err := revokeCalendarLink(ctx, tx, by)
		if err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `INSERT INTO calendar_link (token_hash, person_id) VALUES ($1, $2)`, hash, by.Person)
		if err != nil {
			return postgres.Wrap(err, "insert calendar link")
		}
		action := "calendar.create"
		if revoked {
			action = "calendar.renew"
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "person", ID: int64(by.Person), Label: "Agenda personnel"})
	})
	if err != nil {
		return "", err
	}
	return s.baseURL + MyCalendarPath + token + ".ics", nil
}

// RevokeCalendarLink stops the secret address of the actor's calendar. Without one
// it does nothing.
func (s *Service) RevokeCalendarLink(ctx context.Context, by access.Actor) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		revoked, err := revokeCalendarLink(ctx, tx, by)
		if err != nil || !revoked {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "calendar.revoke", Object: "person", ID: int64(by.Person), Label: "Agenda personnel"})
	})
}

// revokeCalendarLink tells whether there was one. It locks the person first: two
// renewals at once leave one address, the last.
func revokeCalendarLink(ctx context.Context, tx pgx.Tx, by access.Actor) (bool, error) {
	if err := by.Require(by.Person != 0); err != nil {
		return false, err
	}
	if _, err := postgres.Exec(ctx, tx, `SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE`, by.Person); err != nil {
		return false, postgres.Wrap(err, "lock person")
	}
	n, err := postgres.Exec(ctx, tx, `UPDATE calendar_link SET revoked_at = now() WHERE person_id = $1 AND revoked_at IS NULL`, by.Person)
	return n > 0, postgres.Wrap(err, "revoke calendar link")
}

var (
	errNoCalendar      = problem.New(problem.NotFound, "Cette adresse d’agenda n’existe pas. La vôtre se trouve dans «\u00a0Mon compte\u00a0», «\u00a0Mon agenda\u00a0».")
	errCalendarRevoked = problem.New(problem.NotFound, "Cette adresse d’agenda ne marche plus\u00a0: elle a été remplacée ou arrêtée. Demandez-en une autre dans «\u00a0Mon compte\u00a0», «\u00a0Mon agenda\u00a0».")
)

// CalendarOf returns the calendar of whoever the token was given to: the meetings
// they are of today, whatever they were of when it was given, with the video link
// and what they answered. It ends with the account that asked for it.
func (s *Service) CalendarOf(ctx context.Context, token string) (string, error) {
	type link struct {
		Person  access.PersonID `db:"person_id"`
		Revoked bool            `db:"revoked"`
	}
	// To the hour: a program that reads every minute must not write every minute.
	v, err := postgres.One[link](ctx, s.db, `
		WITH seen AS (UPDATE calendar_link SET read_at = now()
			WHERE token_hash = $1 AND revoked_at IS NULL AND (read_at IS NULL OR read_at < now() - interval '1 hour'))
		SELECT person_id, revoked_at IS NOT NULL OR NOT EXISTS (
		           SELECT FROM account a WHERE a.person_id = l.person_id AND a.disabled_at IS NULL) AS revoked
		FROM calendar_link l WHERE token_hash = $1`, hashToken(token))
	switch {
	case postgres.IsNoRows(err):
		return "", errNoCalendar
	case err != nil:
		return "", postgres.Wrap(err, "read calendar link")
	case v.Revoked:
		return "", errCalendarRevoked
	}
	return s.calendarFeed(ctx, "Mes réunions de la gouvernance", "", v.Person)
}
