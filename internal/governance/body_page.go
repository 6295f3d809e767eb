package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// BodyQuery says what a body's page is asked for.
type BodyQuery struct {
	On      day.Day // zero: today
	College College // of the GNI's structures; "" for both
	Q       string  // in the name of a structure, accents forgiven
	Page    int     // of the GNI's structures, from 1
}

// Group is the seats one rule of composition brings: a line of the sum that must
// add up. Seats = Vacant + Persons + CountedAbove.
type Group struct {
	Position int    `json:"position"`
	Name     string `json:"name"`
	Chairs   bool   `json:"chairs"`
	Source   string `json:"source"` // words of the deliberation
	Counts
	// CountedAbove is how many of the seats are held by somebody already counted
	// on another seat of the body.
	CountedAbove int    `json:"counted_above"`
	Lines        []Line `json:"lines"` // the page asked for, for the structures of the GNI
}

// BodyPage is what the page of a body shows on a day.
type BodyPage struct {
	Code      BodyCode `json:"code"`
	Name      string   `json:"name"`
	ShortName string   `json:"short_name"`
	On        day.Day  `json:"on"`
	Today     day.Day  `json:"today"`
	// BeforeFounding: on that day the body did not exist yet; there is neither
	// composition nor chair to show, and that is not an error.
	BeforeFounding bool     `json:"before_founding"`
	Founding       Founding `json:"-"`
	Counts
	Groups   []Group       `json:"groups"`
	Chair    *Line         `json:"chair"`   // nil for the GNI; vacant when Person is 0
	Cadence  Cadence       `json:"cadence"` // of the year of On, as seen today
	Settings []Setting     `json:"settings"`
	Marks    []MeetingMark `json:"marks"` // the meetings of the year of On
	Colleges []struct {    // the GNI's structures by college
		College College `json:"college"`
		Seats   int     `json:"seats"`
	} `json:"colleges"`
	Matching int             `json:"matching"` // structures that answer the filters
	Paging   postgres.Paging `json:"-"`
	Query    BodyQuery
}

// Filtered tells whether a filter hides some of the structures.
func (p BodyPage) Filtered() bool { return p.Query.College != "" || p.Query.Q != "" }

// BodyPage returns the page of a body on a day, in one round trip. A day before
// the deliberation is answered by BeforeFounding; an unknown body is NotFound.
func (s *Service) BodyPage(ctx context.Context, code BodyCode, q BodyQuery) (BodyPage, error) {
	if !code.known() {
		return BodyPage{}, errBodyNotFound
	}
	v, err := postgres.Value[BodyPage](ctx, s.db, `
		WITH t AS (SELECT paris_today() AS today, coalesce($2::date, paris_today()) AS d),
		c AS MATERIALIZED (SELECT x.* FROM t, composition($1, t.d) x),
		answering AS (
			-- what a line shows; its group and source stand once, with the group
			SELECT rule_position, seat_id, seat_kind, seat_label, seat_rank, college, organisation_id, organisation_name, insee,
			       mandate_id, person_id, first_name, last_name, since, ends_on, term_ends_on, alternate_person_id, alternate_name,
			       counted, state,
			       count(*) FILTER (WHERE seat_kind = 'structure') OVER () AS matching,
			       row_number() OVER (PARTITION BY rule_position
			           ORDER BY CASE WHEN seat_kind <> 'structure' THEN college END, seat_rank, fold(coalesce(organisation_name, seat_label)), seat_id) AS n
			FROM c
			WHERE seat_kind <> 'structure'
			   OR (($3 = '' OR college = $3) AND ($4 = '' OR strpos(fold(organisation_name), fold($4)) > 0))
		),
		lines AS (SELECT rule_position, json_agg(a ORDER BY n) AS lines FROM answering a
		          WHERE seat_kind <> 'structure' OR n BETWEEN $5::bigint + 1 AND $5::bigint + 50 GROUP BY rule_position),
		sums AS (SELECT rule_position, count(*) AS seats, count(*) FILTER (WHERE state = 'vacant') AS vacant,
		                count(*) FILTER (WHERE counted) AS persons,
		                count(*) FILTER (WHERE state <> 'vacant' AND NOT counted) AS counted_above
		         FROM c GROUP BY rule_position)
		SELECT json_build_object('code', b.code, 'name', b.name, 'short_name', b.short_name,
			'on', t.d, 'today', t.today, 'before_founding', t.d < date '2024-12-06',
			'seats', (SELECT count(*) FROM c),
			'vacant', (SELECT count(*) FROM c WHERE state = 'vacant'),
			'persons', (SELECT count(*) FROM c WHERE counted),
			'groups', (SELECT json_agg(json_build_object('position', r.position, 'name', r.group_name, 'chairs', r.chairs, 'source', r.source,
			               'seats', coalesce(n.seats, 0), 'vacant', coalesce(n.vacant, 0), 'persons', coalesce(n.persons, 0),
			               'counted_above', coalesce(n.counted_above, 0), 'lines', l.lines) ORDER BY r.position)
			           FROM composition_rule r LEFT JOIN sums n ON n.rule_position = r.position
			           LEFT JOIN lines l ON l.rule_position = r.position WHERE r.body = b.code AND t.d >= date '2024-12-06'),
			'chair', (SELECT row_to_json(c) FROM c WHERE c.chairs LIMIT 1),
			'cadence', (SELECT row_to_json(k) FROM cadence(extract(year FROM t.d)::int, t.today) k WHERE k.body = b.code),
			'settings', (SELECT json_agg(g ORDER BY array_position(ARRAY['notice_days','quorum_percent','proxies_per_holder','mandate_years','reminder_days'], g.key))
			             FROM body_setting g WHERE g.body = b.code),
			'marks', (SELECT json_agg(json_build_object('id', m.id, 'body', m.body, 'starts_at', m.starts_at, 'ends_at', m.ends_at, 'state', m.state,
			              'place', CASE m.state WHEN 'draft' THEN '' ELSE m.place END, 'theme', CASE m.state WHEN 'draft' THEN '' ELSE m.theme END,
			              'counts', m.state IN ('held', 'published') AND (NOT b.needs_chair_and_state OR (m.chair_present AND m.state_present))) ORDER BY m.starts_at, m.id)
			          FROM meeting m WHERE m.body = b.code AND m.announced AND m.kind = 'session'
			            AND m.starts_at >= date_trunc('year', t.d::timestamp) AT TIME ZONE 'Europe/Paris'
			            AND m.starts_at < (date_trunc('year', t.d::timestamp) + interval '1 year') AT TIME ZONE 'Europe/Paris'),
			'colleges', (SELECT json_agg(k ORDER BY k.college) FROM (SELECT college, count(*) AS seats FROM c WHERE seat_kind = 'structure' GROUP BY college) k),
			'matching', coalesce((SELECT max(matching) FROM answering), 0))
		FROM t, body b WHERE b.code = $1`,
		code, q.On, string(q.College), q.Q, postgres.Offset(q.Page))
	if err != nil {
		return BodyPage{}, postgres.Wrap(err, "page of %s", code)
	}
	for _, g := range v.Groups {
		withhold(g.Lines)
	}
	v.Founding = FoundingOf(code)
	v.Paging = postgres.PagingOf(q.Page, v.Matching)
	v.Query = q
	return v, nil
}
