package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// KindCount is how many seats of a kind are open and vacant today.
type KindCount struct {
	Kind   SeatKind `json:"kind"`
	Seats  int      `json:"seats"`
	Vacant int      `json:"vacant"`
}

// DueMandate is a mandate that ends within 90 days, or past its term.
type DueMandate struct {
	Seat      SeatID   `json:"seat_id"`
	Kind      SeatKind `json:"seat_kind"`
	SeatLabel string   `json:"label"`
	Name      string   `json:"name"`
	On        day.Day  `json:"due_on"` // the earlier of the term and the end
}

// NamedPerson is somebody in a list of the dashboard.
type NamedPerson struct {
	ID   access.PersonID `json:"id"`
	Name string          `json:"name"`
}

// People is how many people are concerned, and the first ten by name.
type People struct {
	Count int           `json:"count"`
	First []NamedPerson `json:"first"`
}

// Dashboard is what waits for the team today.
type Dashboard struct {
	Today       day.Day       `json:"today"`
	Seats       []KindCount   `json:"seats"`        // every kind that exists
	Ending      []DueMandate  `json:"ending"`       // within 90 days, the nearest first, 20 at most
	CarriedOver []DueMandate  `json:"carried_over"` // the oldest first, 20 at most
	Cadences    []Cadence     `json:"cadences"`     // the four bodies this year
	Marks       []MeetingMark `json:"marks"`        // the meetings of the year
	// Unrecorded are meetings whose day is past and that are still planned.
	Unrecorded  []MeetingMark `json:"unrecorded"`
	NoEmail     People        `json:"no_email"`     // in office and no address to write to
	NoAccount   People        `json:"no_account"`   // in office and cannot sign in
	Invited     People        `json:"invited"`      // invited over 14 days ago, never came
	MailsFailed int           `json:"mails_failed"` // given up by the outbox
	MailsQueued int           `json:"mails_queued"`
}

// Vacant returns how many seats are vacant in all.
func (d Dashboard) Vacant() int {
	n := 0
	for _, k := range d.Seats {
		n += k.Vacant
	}
	return n
}

// Missing returns the bodies that lack a meeting this year.
func (d Dashboard) Missing() []Cadence {
	var missing []Cadence
	for _, c := range d.Cadences {
		if c.Missing > 0 {
			missing = append(missing, c)
		}
	}
	return missing
}

// Dashboard returns what waits for the team, in one round trip.
func (s *Service) Dashboard(ctx context.Context, by access.Actor) (Dashboard, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Dashboard{}, err
	}
	v, err := postgres.Value[Dashboard](ctx, s.db, `
		WITH t AS (SELECT paris_today() AS today, extract(year FROM paris_today())::int AS year),
		due AS (
			SELECT s.id AS seat_id, s.kind AS seat_kind, s.label, p.first_name || ' ' || p.last_name AS name,
			       least(m.term_ends_on, upper(m.during)) AS due_on, m.term_ends_on <= t.today AS over
			FROM t, mandate m JOIN seat s ON s.id = m.seat_id JOIN person p ON p.id = m.person_id
			WHERE m.kind = 'titular' AND lower(m.during) <= t.today AND coalesce(upper(m.during) > t.today, true)
			  AND least(m.term_ends_on, upper(m.during)) <= t.today + 90
		),
		marks AS NOT MATERIALIZED (
			SELECT m.id, m.body, m.starts_at, m.ends_at, m.state, m.place, m.theme,
			       m.state IN ('held', 'published') AND (NOT b.needs_chair_and_state OR (m.chair_present AND m.state_present)) AS counts
			FROM meeting m JOIN body b ON b.code = m.body
			WHERE m.kind = 'session'
		),
		active AS (
			SELECT p.id, p.first_name || ' ' || p.last_name AS name, p.email, a.id AS account_id
			FROM person p LEFT JOIN account a ON a.person_id = p.id
			WHERE (p.email = '' OR a.id IS NULL) AND p.id IN (
				SELECT m.person_id FROM t, mandate m WHERE lower(m.during) <= t.today AND coalesce(upper(m.during) > t.today, true)
				UNION ALL
				SELECT n.person_id FROM t, membership n WHERE lower(n.during) <= t.today AND coalesce(upper(n.during) > t.today, true))
		),
		invited AS (
			SELECT p.id, p.first_name || ' ' || p.last_name AS name
			FROM account a JOIN person p ON p.id = a.person_id
			WHERE a.password_hash IS NULL AND a.disabled_at IS NULL AND EXISTS (
				SELECT FROM account_link l WHERE l.account_id = a.id AND l.purpose = 'invitation' AND l.used_at IS NULL
				HAVING max(l.created_at) < now() - interval '14 days')
		)
		SELECT json_build_object('today', t.today,
			'seats', (SELECT json_agg(k ORDER BY array_position(ARRAY['president','councillor','mayor','partner','gni_representative','structure'], k.kind))
			          FROM (SELECT s.kind, count(*) AS seats, count(*) FILTER (WHERE m.id IS NULL) AS vacant
			                FROM seat s LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular'
			                     AND lower(m.during) <= t.today AND coalesce(upper(m.during) > t.today, true)
			                WHERE s.during @> t.today GROUP BY s.kind) k),
			'ending', (SELECT json_agg(d ORDER BY d.due_on, d.seat_id) FROM (SELECT * FROM due WHERE over IS NOT TRUE ORDER BY due_on, seat_id LIMIT 20) d),
			'carried_over', (SELECT json_agg(d ORDER BY d.due_on, d.seat_id) FROM (SELECT * FROM due WHERE over ORDER BY due_on, seat_id LIMIT 20) d),
			'cadences', (SELECT json_agg(c) FROM cadence(t.year, t.today) c),
			'marks', (SELECT json_agg(m ORDER BY m.starts_at, m.id) FROM marks m
			          WHERE m.starts_at >= make_date(t.year, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
			            AND m.starts_at < make_date(t.year + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'),
			'unrecorded', (SELECT json_agg(m ORDER BY m.starts_at, m.id) FROM (
			                   SELECT * FROM marks WHERE state IN ('draft', 'convened', 'in_progress') AND ends_at < now()
			                   ORDER BY starts_at, id LIMIT 20) m),
			'no_email', (SELECT json_build_object('count', count(*), 'first', (SELECT json_agg(x) FROM (
			                 SELECT id, name FROM active WHERE email = '' ORDER BY fold(name), id LIMIT 10) x)) FROM active WHERE email = ''),
			'no_account', (SELECT json_build_object('count', count(*), 'first', (SELECT json_agg(x) FROM (
			                   SELECT id, name FROM active WHERE account_id IS NULL ORDER BY fold(name), id LIMIT 10) x)) FROM active WHERE account_id IS NULL),
			'invited', (SELECT json_build_object('count', count(*), 'first', (SELECT json_agg(x) FROM (
			                SELECT id, name FROM invited ORDER BY fold(name), id LIMIT 10) x)) FROM invited),
			'mails_failed', (SELECT count(*) FROM mail WHERE state = 'failed'),
			'mails_queued', (SELECT count(*) FROM mail WHERE state = 'queued'))
		FROM t`)
	return v, postgres.Wrap(err, "dashboard")
}
