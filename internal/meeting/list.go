package meeting

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// ListFilter narrows a list of meetings; zero values narrow nothing.
type ListFilter struct {
	Body  governance.BodyCode
	Year  int
	State governance.MeetingState // of public lists
	Phase Phase                   // of the team's list
}

// ListLine is a meeting in a list.
type ListLine struct {
	ID       ID                      `db:"id"`
	Body     governance.BodyCode     `db:"body"`
	Kind     Kind                    `db:"kind"`
	StartsAt time.Time               `db:"starts_at"`
	EndsAt   time.Time               `db:"ends_at"`
	Place    string                  `db:"place"`
	Theme    string                  `db:"theme"`
	State    governance.MeetingState `db:"state"`
	ToCome   bool                    `db:"to_come"` // planned or convened, and not over
}

// Day returns the day of the meeting in Paris.
func (l ListLine) Day() day.Day { return day.In(l.StartsAt) }

// Title names the meeting.
func (l ListLine) Title() string { return Meeting{Kind: l.Kind, Body: l.Body}.Title() }

// List is a page of a list, with the years that exist for its filter.
type List[T any] struct {
	Lines []T
	Years []int
	postgres.Paging
}

// Public returns the meetings announced (place and theme are told once convened), those to come first, then the past ones from
// the latest, 50 a page, in one round trip.
func (s *Service) Public(ctx context.Context, f ListFilter, page int) (List[ListLine], error) {
	var v List[ListLine]
	var b postgres.Batch
	var total int
	limit, offset := postgres.Limit(page), postgres.Offset(page)
	args := []any{string(f.Body), f.Year, string(f.State)}
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM meeting m WHERE m.announced AND ($3 = '' OR m.state = $3)`+ofBodyAndYear, args...)
	// Those to come are few; of the past, no more than the page needs is read.
	postgres.AddList(&b, &v.Lines, `
		WITH to_come AS (
			SELECT m.*, true AS to_come FROM meeting m WHERE m.announced AND m.ends_at > now() AND ($3 = '' OR m.state = $3)`+ofBodyAndYear+`
		), past AS (
			SELECT m.*, false AS to_come FROM meeting m WHERE m.announced AND m.ends_at <= now() AND ($3 = '' OR m.state = $3)`+ofBodyAndYear+`
			ORDER BY m.starts_at DESC, m.id LIMIT $4::int + $5::int
		)
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, CASE WHEN `+dateOnly+` THEN '' ELSE m.place END AS place,
		       CASE WHEN `+dateOnly+` THEN '' ELSE m.theme END AS theme, m.state, m.to_come
		FROM (SELECT * FROM to_come UNION ALL SELECT * FROM past) m
		ORDER BY NOT m.to_come, CASE WHEN m.to_come THEN m.starts_at END, m.starts_at DESC, m.id
		LIMIT $4 OFFSET $5`, append(args, limit, offset)...)
	addYears(&b, &v.Years, true)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "public meetings")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// ofBodyAndYear narrows meetings m to a body and to a calendar year in Paris, as
// indexes read it. $1: body, $2: year.
const ofBodyAndYear = `
	AND ($1 = '' OR m.body = $1)
	AND ($2::int = 0 OR m.starts_at >= make_date(least(greatest($2, 1900), 2200), 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
	                AND m.starts_at < make_date(least(greatest($2, 1900), 2200) + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris')`

// addYears asks for the years that have a meeting, the latest first: one look in the
// index a year, whatever the meetings.
func addYears(b *postgres.Batch, dst *[]int, public bool) {
	postgres.AddValue(b, dst, `
		SELECT coalesce(array_agg(y ORDER BY y DESC), '{}')
		FROM (SELECT generate_series(extract(year FROM min(starts_at) AT TIME ZONE 'Europe/Paris')::int,
		                             extract(year FROM max(starts_at) AT TIME ZONE 'Europe/Paris')::int) AS y
		      FROM meeting WHERE announced OR NOT $1) x
		WHERE EXISTS (SELECT FROM meeting m WHERE (m.announced OR NOT $1)
		              AND m.starts_at >= make_date(x.y, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
		              AND m.starts_at < make_date(x.y + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris')`, public)
}

// convokedTo is the convocations of person $1: theirs, those they are the alternate
// of, those of an organisation they are of today. Each branch has its index.
const convokedTo = `
	SELECT c.* FROM convocation c WHERE c.person_id = $1
	UNION ALL
	SELECT c.* FROM convocation c WHERE c.alternate_person_id = $1
	UNION ALL
	SELECT c.* FROM membership s JOIN convocation c ON c.organisation_id = s.organisation_id
	WHERE s.person_id = $1 AND s.during @> paris_today()`

// MyLine is a meeting somebody is of, and what is asked of them.
type MyLine struct {
	ListLine
	Convocation ConvocationID `db:"convocation_id"` // 0: not convened yet
	Answer      Answer        `db:"answer"`         // "": silent
	Alternate   bool          `db:"alternate"`      // as the alternate of who is convened
	For         string        `db:"seat_label"`     // « Maire de Bègles »
}

// Asks tells whether an answer is expected.
func (l MyLine) Asks() bool {
	return l.ToCome && l.State == governance.Convened && l.Convocation != 0 && l.Answer == "" && !l.Alternate
}

// Mine returns the meetings the actor is of, those to come first, 50 a page, in one
// round trip.
func (s *Service) Mine(ctx context.Context, by access.Actor, page int) (List[MyLine], error) {
	var v List[MyLine]
	if err := by.Require(by.SignedIn()); err != nil {
		return v, err
	}
	type row struct {
		MyLine
		Total int `db:"total"`
	}
	limit, offset := postgres.Limit(page), postgres.Offset(page)
	rows, err := postgres.List[row](ctx, s.db, `
		WITH own AS (
			SELECT DISTINCT ON (c.meeting_id) c.meeting_id, c.id, c.answer, c.seat_label, c.person_id IS DISTINCT FROM $1 AND coalesce(c.alternate_person_id = $1, false) AS alternate
			FROM (`+convokedTo+`) c
			ORDER BY c.meeting_id, c.person_id IS DISTINCT FROM $1, c.id
		), near AS (
			SELECT m.id FROM composition_rule r
			JOIN seat s ON s.kind = r.seat_kind AND s.during @> paris_today()
			JOIN mandate d ON d.seat_id = s.id AND d.during @> paris_today() AND d.person_id = $1
			JOIN meeting m ON m.body = r.body
			WHERE m.announced AND m.convened_at IS NULL AND m.ends_at > now()
		)
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, m.place, m.theme, m.state, m.ends_at > now() AS to_come,
		       coalesce(o.id, 0) AS convocation_id, coalesce(o.answer, '') AS answer, coalesce(o.alternate, false) AS alternate,
		       coalesce(o.seat_label, '') AS seat_label, count(*) OVER ()::int AS total
		FROM (SELECT meeting_id AS id FROM own UNION SELECT id FROM near) x
		JOIN meeting m ON m.id = x.id AND m.announced LEFT JOIN own o ON o.meeting_id = m.id
		ORDER BY m.ends_at <= now(), CASE WHEN m.ends_at > now() THEN m.starts_at END, m.starts_at DESC, m.id
		LIMIT $2 OFFSET $3`, by.Person, limit, offset)
	if err != nil {
		return v, postgres.Wrap(err, "my meetings")
	}
	total := 0
	for _, r := range rows {
		v.Lines, total = append(v.Lines, r.MyLine), r.Total
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// Phase is where the team stands with a meeting.
type Phase string

// The closed set of phases, in the order of a meeting's life.
const (
	ToPrepare Phase = "prepare" // a draft whose agenda has only standing points
	ToConvene Phase = "convene" // a draft with points of its own
	ToHold    Phase = "hold"    // convened or going on
	ToPublish Phase = "publish" // held, its minutes to be published
	Over      Phase = "over"
	Off       Phase = "off" // postponed or cancelled
)

// Label returns the French name of the phase.
func (p Phase) Label() string {
	switch p {
	case ToPrepare:
		return "À préparer"
	case ToConvene:
		return "À convoquer"
	case ToHold:
		return "À tenir"
	case ToPublish:
		return "Compte rendu à publier"
	case Over:
		return "Passée"
	case Off:
		return "Reportée ou annulée"
	}
	return string(p)
}

// TeamLine is a meeting in the team's list.
type TeamLine struct {
	ListLine
	Phase      Phase   `db:"phase"`
	Announced  bool    `db:"announced"`
	Convened   int     `db:"convened"` // people convened or invited
	Answered   int     `db:"answered"`
	ConveneBy  day.Day `db:"convene_by"`   // last day that leaves the notice; of a draft
	LateNotice bool    `db:"late_convene"` // that day is past
}

// What waits for the team is a handful and read whole; of what is done, no more than
// the page needs. $1: body, $2: year, $3: phase.
const (
	teamLive = `
		SELECT m.*, CASE m.state WHEN 'draft' THEN CASE WHEN EXISTS (SELECT FROM agenda_item i WHERE i.meeting_id = m.id AND i.origin <> 'standing')
		                                           THEN 'convene' ELSE 'prepare' END
		                 WHEN 'held' THEN 'publish' ELSE 'hold' END AS phase
		FROM meeting m WHERE m.state IN ('draft', 'convened', 'in_progress', 'held')` + ofBodyAndYear
	teamDone = `
		FROM meeting m WHERE m.state IN ('published', 'postponed', 'cancelled')
		  AND ($3 = '' OR $3 = 'over' AND m.state = 'published' OR $3 = 'off' AND m.state <> 'published')` + ofBodyAndYear
)

// Team returns every meeting for the team: what is to do first, by date, then the rest
// from the latest, 50 a page, in one round trip.
func (s *Service) Team(ctx context.Context, by access.Actor, f ListFilter, page int) (List[TeamLine], error) {
	var v List[TeamLine]
	if err := by.Require(by.RunsBodies()); err != nil {
		return v, err
	}
	var (
		b     postgres.Batch
		total int
	)
	limit, offset := postgres.Limit(page), postgres.Offset(page)
	args := []any{string(f.Body), f.Year, string(f.Phase)}
	postgres.AddValue(&b, &total, `WITH live AS (`+teamLive+`) SELECT ((SELECT count(*) FROM live WHERE $3 = '' OR phase = $3) + (SELECT count(*)`+teamDone+`))::int`, args...)
	postgres.AddList(&b, &v.Lines, `
		WITH live AS (`+teamLive+`),
		done AS (SELECT m.*, CASE m.state WHEN 'published' THEN 'over' ELSE 'off' END AS phase`+teamDone+` ORDER BY m.starts_at DESC, m.id LIMIT $4::int + $5::int),
		p AS (
			SELECT * FROM (SELECT * FROM live WHERE $3 = '' OR phase = $3 UNION ALL SELECT * FROM done) l
			ORDER BY l.phase IN ('over', 'off'), CASE WHEN l.phase NOT IN ('over', 'off') THEN l.starts_at END, l.starts_at DESC, l.id
			LIMIT $4 OFFSET $5
		)
		SELECT p.id, p.body, p.kind, p.starts_at, p.ends_at, p.place, p.theme, p.state, p.announced, p.phase,
		       p.state IN ('draft', 'convened', 'in_progress') AND p.ends_at > now() AS to_come,
		       d.convene_by, coalesce(d.convene_by < paris_today(), false) AS late_convene, n.convened, n.answered
		FROM p LEFT JOIN body_setting g ON g.body = p.body AND g.key = 'notice_days'
		CROSS JOIN LATERAL (SELECT CASE p.state WHEN 'draft' THEN (p.starts_at AT TIME ZONE 'Europe/Paris')::date - coalesce(g.value, 0) END AS convene_by) d
		CROSS JOIN LATERAL (SELECT count(*)::int AS convened, count(c.answer)::int AS answered FROM convocation c WHERE c.meeting_id = p.id) n
		ORDER BY p.phase IN ('over', 'off'), CASE WHEN p.phase NOT IN ('over', 'off') THEN p.starts_at END, p.starts_at DESC, p.id`,
		append(args, limit, offset)...)
	addYears(&b, &v.Years, false)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "meetings of the team")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}
