package governance

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Cadence is what a body owes in a calendar year, and where it stands. A
// postponed or cancelled meeting does not count; the CMTIN's counts only with
// the presence of its chair and of the State's representative recorded.
type Cadence struct {
	Body    BodyCode `json:"body" db:"body"`
	Owed    int      `json:"owed" db:"owed"`
	Held    int      `json:"held" db:"held"`
	Planned int      `json:"planned" db:"planned"`
	Missing int      `json:"missing" db:"missing"`
	Notice  int      `json:"notice_days" db:"notice_days"`
	// LatestConvene is the last day on which what is missing can still be
	// convened this year; zero when nothing is missing.
	LatestConvene day.Day `json:"latest_convene" db:"latest_convene"`
	Late          bool    `json:"late" db:"late"` // that day is past
}

// Counts is how full a body is on a day. Seats = Vacant + seats held; Persons is
// the number of distinct people.
type Counts struct {
	Seats   int `json:"seats"`
	Vacant  int `json:"vacant"`
	Persons int `json:"persons"`
}

// MeetingMark is a meeting as a timeline shows it.
type MeetingMark struct {
	ID       MeetingID    `json:"id"`
	Body     BodyCode     `json:"body"`
	StartsAt time.Time    `json:"starts_at"`
	EndsAt   time.Time    `json:"ends_at"`
	Place    string       `json:"place"` // "" while a draft
	Theme    string       `json:"theme"` // "" while a draft
	State    MeetingState `json:"state"`
	Counts   bool         `json:"counts"` // towards what the year owes, as held
}

// Day returns the day of the meeting in Paris.
func (m MeetingMark) Day() day.Day { return day.In(m.StartsAt) }

// Planned tells whether the meeting is to come, as the cadence counts it.
func (m MeetingMark) Planned() bool {
	return m.State == Draft || m.State == Convened || m.State == InProgress
}

// HomeBody is a body in the picture of the public home.
type HomeBody struct {
	Code      BodyCode `json:"code"`
	Name      string   `json:"name"`
	ShortName string   `json:"short_name"`
	Counts
	Cadence Cadence `json:"cadence"`
}

// Home is the governance in one picture, on the database's day.
type Home struct {
	Today  day.Day       `json:"today"`
	Bodies []HomeBody    `json:"bodies"`
	Marks  []MeetingMark `json:"marks"` // every meeting of the year, in order
	Next   []MeetingMark `json:"next"`  // the next three

	Communes []CommuneTile `json:"-"` // the 28, by name
}

// Home returns the four bodies with their counts, the cadence and meetings of
// the current year, the next three meetings and the communes, in one round trip, with
// what others ask of their areas in it.
func (s *Service) Home(ctx context.Context, also ...func(*postgres.Batch)) (Home, error) {
	var v Home
	var communes []CommuneTile
	var b postgres.Batch
	addCommunes(&b, &communes)
	for _, add := range also {
		add(&b)
	}
	postgres.AddValue(&b, &v, `
		WITH t AS (SELECT paris_today() AS today, extract(year FROM paris_today())::int AS year),
		marks AS (
			SELECT m.id, m.body, m.starts_at, m.ends_at, m.state,
			       CASE m.state WHEN 'draft' THEN '' ELSE m.place END AS place,
			       CASE m.state WHEN 'draft' THEN '' ELSE m.theme END AS theme,
			       m.state IN ('held', 'published') AND (NOT b.needs_chair_and_state OR (m.chair_present AND m.state_present)) AS counts
			FROM t, meeting m JOIN body b ON b.code = m.body
			WHERE m.announced AND m.kind = 'session' AND m.starts_at >= make_date(t.year, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
		)
		SELECT json_build_object(
			'today', t.today,
			'bodies', (SELECT json_agg(json_build_object('code', b.code, 'name', b.name, 'short_name', b.short_name,
			                  'seats', n.seats, 'vacant', n.vacant, 'persons', n.persons, 'cadence', c) ORDER BY b.position)
			           FROM body b JOIN cadence(t.year, t.today) c ON c.body = b.code
			           JOIN body_counts(t.today) n ON n.body = b.code),
			'marks', (SELECT json_agg(m ORDER BY m.starts_at, m.id) FROM marks m
			          WHERE m.starts_at < make_date(t.year + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'),
			'next', (SELECT json_agg(m ORDER BY m.starts_at, m.id) FROM (
			             SELECT * FROM marks WHERE state IN ('draft', 'convened', 'in_progress') AND ends_at > now()
			             ORDER BY starts_at, id LIMIT 3) m))
		FROM t`)
	err := b.Run(ctx, s.db)
	v.Communes = communes
	return v, postgres.Wrap(err, "public home")
}

// Chairman is who presides a body today.
type Chairman struct {
	Seat      SeatID          `json:"seat_id"`
	SeatLabel string          `json:"seat_label"`
	Person    access.PersonID `json:"person_id"` // 0: the seat is vacant
	First     string          `json:"first_name"`
	Last      string          `json:"last_name"`
}

// Name returns the holder's name, "" when the seat is vacant.
func (c Chairman) Name() string {
	if c.Person == 0 {
		return ""
	}
	return c.First + " " + c.Last
}

// BodySummary is a body as the list of bodies shows it.
type BodySummary struct {
	Code      BodyCode `json:"code"`
	Name      string   `json:"name"`
	ShortName string   `json:"short_name"`
	Counts
	Chair   *Chairman    `json:"chair"` // nil for the GNI, which has none
	Cadence Cadence      `json:"cadence"`
	Last    *MeetingMark `json:"last"` // last held
	Next    *MeetingMark `json:"next"` // next planned
}

// Bodies returns the four bodies today, in one round trip.
func (s *Service) Bodies(ctx context.Context) ([]BodySummary, error) {
	v, err := postgres.Value[[]BodySummary](ctx, s.db, `
		WITH t AS (SELECT paris_today() AS today),
		marks AS (
			SELECT m.id, m.body, m.starts_at, m.ends_at, m.state,
			       CASE m.state WHEN 'draft' THEN '' ELSE m.place END AS place,
			       CASE m.state WHEN 'draft' THEN '' ELSE m.theme END AS theme,
			       m.state IN ('held', 'published') AND (NOT b.needs_chair_and_state OR (m.chair_present AND m.state_present)) AS counts
			FROM meeting m JOIN body b ON b.code = m.body
			WHERE m.announced AND m.kind = 'session'
		)
		SELECT json_agg(json_build_object('code', b.code, 'name', b.name, 'short_name', b.short_name,
			'seats', n.seats, 'vacant', n.vacant, 'persons', n.persons, 'cadence', c,
			'chair', (SELECT json_build_object('seat_id', s.id, 'seat_label', s.label, 'person_id', p.id,
			                                   'first_name', p.first_name, 'last_name', p.last_name)
			          FROM composition_rule r JOIN seat s ON s.kind = r.seat_kind AND s.during @> t.today
			          LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> t.today
			          LEFT JOIN person p ON p.id = m.person_id
			          WHERE r.body = b.code AND r.chairs LIMIT 1),
			'last', (SELECT row_to_json(m) FROM marks m WHERE m.body = b.code AND m.state IN ('held', 'published')
			         AND m.starts_at <= now() ORDER BY m.starts_at DESC LIMIT 1),
			'next', (SELECT row_to_json(m) FROM marks m WHERE m.body = b.code AND m.state IN ('draft', 'convened', 'in_progress')
			         AND m.ends_at > now() ORDER BY m.starts_at LIMIT 1)) ORDER BY b.position)
		FROM t, body b, cadence(extract(year FROM paris_today())::int, paris_today()) c, body_counts(t.today) n
		WHERE c.body = b.code AND n.body = b.code`)
	return v, postgres.Wrap(err, "list of bodies")
}
