package meeting

import (
	"context"
	"slices"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// AttendanceBy is what attendance is counted by, year after year.
type AttendanceBy string

// The closed set of groupings. Attendance is never counted by person.
const (
	ByBody         AttendanceBy = "body"
	ByCommune      AttendanceBy = "commune"
	ByOrganisation AttendanceBy = "organisation"
)

// AttendanceFilter says what is counted.
type AttendanceFilter struct {
	By   AttendanceBy
	Body governance.BodyCode // "": all
	Year int                 // 0: the last five on a page, all in a file
	Page int                 // from 1; 0: every line, for a file
}

// AttendanceLine is the attendance of one thing over one year: members convened,
// meeting by meeting, and what the rolls say of them.
type AttendanceLine struct {
	Name        string              `db:"name"`
	Body        governance.BodyCode `db:"body"` // of ByBody, else ""
	Year        int                 `db:"year"`
	Meetings    int                 `db:"meetings"`
	Convened    int                 `db:"convened"`
	Present     int                 `db:"present"`
	Remote      int                 `db:"remote"`
	Represented int                 `db:"represented"`
	Proxies     int                 `db:"proxies"`
	Excused     int                 `db:"excused"`
	Absent      int                 `db:"absent"` // or marked nothing
	Total       int                 `db:"total"`  // lines in all
}

// Attended is how many took part: present, at a distance or represented.
func (l AttendanceLine) Attended() int { return l.Present + l.Remote + l.Represented }

const (
	// The members convened to the meetings held whose roll was called. $1: body, $2:
	// year. A page without a year reads the last five: what it costs does not grow with
	// the past. A file, without a limit ($3), has them all.
	attendanceLines = `
		WITH line AS (
			SELECT m.id AS meeting_id, m.body, extract(year FROM m.starts_at AT TIME ZONE 'Europe/Paris')::int AS year,
			       c.organisation_id, coalesce(a.status, 'absent') AS status
			FROM meeting m
			JOIN convocation c ON c.meeting_id = m.id AND c.kind = 'convocation'
			LEFT JOIN attendance a ON a.convocation_id = c.id AND a.source <> 'self'
			WHERE m.state IN ('held', 'published') AND ($1 = '' OR m.body = $1)
			  AND ($2 = 0 OR m.starts_at >= make_date(greatest($2, 1900), 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
			                 AND m.starts_at < make_date(greatest($2, 1900) + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris')
			  AND ($2 <> 0 OR $3::int IS NULL
			       OR m.starts_at >= make_date(extract(year FROM paris_today())::int - 4, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris')
			  AND EXISTS (SELECT FROM attendance x WHERE x.meeting_id = m.id AND x.source <> 'self')
		)`
	attendanceSums = `
		       l.year, count(DISTINCT l.meeting_id)::int AS meetings, count(*)::int AS convened,
		       count(*) FILTER (WHERE l.status = 'present')::int AS present, count(*) FILTER (WHERE l.status = 'remote')::int AS remote,
		       count(*) FILTER (WHERE l.status = 'represented')::int AS represented, count(*) FILTER (WHERE l.status = 'proxy')::int AS proxies,
		       count(*) FILTER (WHERE l.status = 'excused')::int AS excused, count(*) FILTER (WHERE l.status = 'absent')::int AS absent,
		       (count(*) OVER ())::int AS total`
	attendanceOfBodies = attendanceLines + `
		SELECT b.name, b.code AS body,` + attendanceSums + `
		FROM line l JOIN body b ON b.code = l.body
		GROUP BY b.code, l.year ORDER BY b.position, l.year DESC LIMIT $3 OFFSET $4`
	attendanceOfCommunes = attendanceLines + `
		SELECT o.name, '' AS body,` + attendanceSums + `
		FROM line l JOIN organisation o ON o.id = l.organisation_id AND o.kind = 'commune'
		GROUP BY o.id, l.year ORDER BY fold(o.name), o.id, l.year DESC LIMIT $3 OFFSET $4`
	attendanceOfOrganisations = attendanceLines + `
		SELECT o.name, '' AS body,` + attendanceSums + `
		FROM line l JOIN organisation o ON o.id = l.organisation_id AND o.kind <> 'commune'
		GROUP BY o.id, l.year ORDER BY fold(o.name), o.id, l.year DESC LIMIT $3 OFFSET $4`
)

// Attendance counts the attendance at meetings held, for the team: who came is
// nobody else's.
func (s *Service) Attendance(ctx context.Context, by access.Actor, f AttendanceFilter) ([]AttendanceLine, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	if f.Body != "" && !slices.Contains(governance.BodyCodes, f.Body) || f.Year != 0 && (f.Year < 1900 || f.Year > 2200) {
		return nil, problem.New(problem.NotFound, "Ce choix n’existe pas.")
	}
	var (
		limit  *int
		offset int
	)
	if f.Page > 0 {
		limit, offset = postgres.Limit(f.Page), postgres.Offset(f.Page)
	}
	var (
		v   []AttendanceLine
		err error
	)
	switch f.By {
	case ByCommune:
		v, err = postgres.List[AttendanceLine](ctx, s.db, attendanceOfCommunes, f.Body, f.Year, limit, offset)
	case ByOrganisation:
		v, err = postgres.List[AttendanceLine](ctx, s.db, attendanceOfOrganisations, f.Body, f.Year, limit, offset)
	default:
		v, err = postgres.List[AttendanceLine](ctx, s.db, attendanceOfBodies, f.Body, f.Year, limit, offset)
	}
	return v, postgres.Wrap(err, "attendance")
}
