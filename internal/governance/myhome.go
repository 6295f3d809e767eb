package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// MySeat is a seat the actor has to do with, as it stands today.
type MySeat struct {
	ID         SeatID     `json:"id"`
	Kind       SeatKind   `json:"kind"`
	Label      string     `json:"label"`
	College    College    `json:"college"`
	Holder     string     `json:"holder"` // "" when vacant
	Since      day.Day    `json:"since"`
	EndsOn     day.Day    `json:"ends_on"`
	TermEndsOn day.Day    `json:"term_ends_on"`
	Alternate  string     `json:"alternate"`
	State      SeatState  `json:"state"`
	Bodies     []BodyCode `json:"bodies"`
	// Mine is the quality in which the actor holds it; "" when they act for the
	// organisation without holding the seat.
	Mine MandateKind `json:"mine"`
}

// MyBody is a body the actor takes part in.
type MyBody struct {
	Code      BodyCode `json:"code"`
	Name      string   `json:"name"`
	ShortName string   `json:"short_name"`
	Chaired   bool     `json:"chaired"` // by the actor
	Counts
	Cadence Cadence       `json:"cadence"`
	Next    []MeetingMark `json:"next"` // the next three
}

// Colleague is somebody else who represents the same organisation.
type Colleague struct {
	Name  string `json:"name"`
	Title string `json:"title"` // « Maire », « Suppléant », or the title given
}

// MyHome is the home of whoever acts in the governance.
type MyHome struct {
	Today      day.Day     `json:"today"`
	Seats      []MySeat    `json:"seats"`
	Bodies     []MyBody    `json:"bodies"`
	Colleagues []Colleague `json:"colleagues"`
}

// MyHome returns the seats, bodies, meetings and colleagues of the capacity
// acted in: those of the organisation for a mayor, a delegate, a structure, a
// partner; those presided for a chair; the CMTIN for the State, in whose
// presence it meets. A structure's home also shows the seat of representative
// its person holds. In one round trip.
func (s *Service) MyHome(ctx context.Context, by access.Actor) (MyHome, error) {
	if err := by.Require(by.SignedIn()); err != nil {
		return MyHome{}, err
	}
	v, err := postgres.Value[MyHome](ctx, s.db, `
		WITH t AS (SELECT paris_today() AS today),
		mine AS (
			SELECT s.id, s.kind, s.label, s.college, s.organisation_id,
			       (SELECT max(m.kind) FROM mandate m WHERE m.seat_id = s.id AND m.person_id = $3 AND m.during @> t.today) AS mine
			FROM t, seat s
			WHERE s.during @> t.today AND (
			      ($1 IN ('mayor', 'delegate', 'structure', 'partner') AND s.organisation_id = $2)
			   OR (($1 = 'chair' AND s.kind IN ('president', 'councillor') OR $1 = 'structure' AND s.kind = 'gni_representative')
			       AND EXISTS (SELECT FROM mandate m WHERE m.seat_id = s.id AND m.person_id = $3 AND m.kind = 'titular' AND m.during @> t.today)))
		),
		bodies AS (
			SELECT r.body, bool_or(r.chairs AND m.mine = 'titular') AS chaired
			FROM mine m JOIN composition_rule r ON r.seat_kind = m.kind GROUP BY r.body
			UNION ALL SELECT 'cmtin', false WHERE $1 = 'state'
		)
		SELECT json_build_object('today', t.today,
			'seats', (SELECT json_agg(json_build_object('id', x.id, 'kind', x.kind, 'label', x.label, 'college', x.college, 'mine', x.mine,
			              'holder', p.first_name || ' ' || p.last_name, 'since', lower(m.during), 'ends_on', upper(m.during),
			              'term_ends_on', m.term_ends_on, 'alternate', ap.first_name || ' ' || ap.last_name,
			              'state', CASE WHEN m.id IS NULL THEN 'vacant' WHEN m.term_ends_on <= t.today THEN 'carried_over'
			                            WHEN least(m.term_ends_on, upper(m.during)) <= t.today + 90 THEN 'ends_soon' ELSE 'in_office' END,
			              'bodies', (SELECT json_agg(r.body ORDER BY b.position) FROM composition_rule r JOIN body b ON b.code = r.body WHERE r.seat_kind = x.kind))
			              ORDER BY x.id)
			          FROM mine x
			          LEFT JOIN mandate m ON m.seat_id = x.id AND m.kind = 'titular' AND m.during @> t.today
			          LEFT JOIN person p ON p.id = m.person_id
			          LEFT JOIN mandate a ON a.seat_id = x.id AND a.kind = 'alternate' AND a.during @> t.today
			          LEFT JOIN person ap ON ap.id = a.person_id),
			'bodies', (SELECT json_agg(json_build_object('code', b.code, 'name', b.name, 'short_name', b.short_name, 'chaired', y.chaired,
			               'seats', n.seats, 'vacant', n.vacant, 'persons', n.persons, 'cadence', c,
			               'next', (SELECT json_agg(k ORDER BY k.starts_at, k.id) FROM (
			                            SELECT g.id, g.body, g.starts_at, g.ends_at, g.state,
			                                   CASE g.state WHEN 'draft' THEN '' ELSE g.place END AS place,
			                                   CASE g.state WHEN 'draft' THEN '' ELSE g.theme END AS theme, false AS counts
			                            FROM meeting g WHERE g.body = b.code AND g.announced AND g.kind = 'session' AND g.state IN ('draft', 'convened', 'in_progress') AND g.ends_at > now()
			                            ORDER BY g.starts_at, g.id LIMIT 3) k)) ORDER BY b.position)
			           FROM bodies y JOIN body b ON b.code = y.body
			           JOIN cadence(extract(year FROM paris_today())::int, paris_today()) c ON c.body = b.code
			           JOIN body_counts(t.today) n ON n.body = b.code),
			'colleagues', (SELECT json_agg(z ORDER BY z.title, fold(z.name)) FROM (
			                   SELECT p.first_name || ' ' || p.last_name AS name, n.title FROM membership n JOIN person p ON p.id = n.person_id
			                   WHERE $2 <> 0 AND n.organisation_id = $2 AND n.during @> t.today AND p.id <> $3
			                   UNION
			                   SELECT p.first_name || ' ' || p.last_name, CASE WHEN m.kind = 'alternate' THEN 'Suppléant' WHEN s.kind = 'mayor' THEN 'Maire' ELSE 'Titulaire' END
			                   FROM mandate m JOIN seat s ON s.id = m.seat_id JOIN person p ON p.id = m.person_id
			                   WHERE $2 <> 0 AND s.organisation_id = $2 AND m.during @> t.today AND p.id <> $3) z))
		FROM t`, string(by.Role()), by.Acting.Organisation, by.Person)
	return v, postgres.Wrap(err, "home of %s", by.Acting.Key())
}
