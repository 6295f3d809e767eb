package board

import (
	"context"
	"slices"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Calendar is the public actions that run in a year, by axis, with their milestones.
type Calendar struct {
	Today      day.Day
	Year       int
	Years      []int
	Axes       []roadmap.Axis
	Rows       []Entry
	Milestones map[roadmap.ID][]roadmap.Step // of the year
	Paging     postgres.Paging
}

// Calendar returns a page of a year, of one axis or (0) of all, in one round trip; year
// 0 is the current one.
func (s *Service) Calendar(ctx context.Context, year, axis, page int) (Calendar, error) {
	var (
		b     postgres.Batch
		v     = Calendar{Milestones: map[roadmap.ID][]roadmap.Step{}}
		steps []roadmap.Step
		total int
	)
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	postgres.AddValue(&b, &v.Year, `SELECT coalesce(nullif($1::int, 0), extract(year FROM paris_today())::int)`, year)
	addYears(&b, &v.Years)
	roadmap.AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Rows, listColumns+` JOIN (SELECT a.id FROM roadmap_action a JOIN axis x ON x.id = a.axis_id`+ofYear+`
		ORDER BY x.position, coalesce(a.starts_on, a.validated_on), a.number LIMIT $3 OFFSET $4) wanted ON wanted.id = a.id
		ORDER BY x.position, coalesce(a.starts_on, a.validated_on), a.number`,
		year, axis, postgres.Limit(page), postgres.Offset(page))
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM roadmap_action a`+ofYear, year, axis)
	postgres.AddList(&b, &steps, `
		SELECT t.id, t.action_id, t.position, t.title, t.milestone, t.due_on, t.done_on
		FROM action_step t JOIN (SELECT a.id FROM roadmap_action a JOIN axis x ON x.id = a.axis_id`+ofYear+`
			ORDER BY x.position, coalesce(a.starts_on, a.validated_on), a.number LIMIT $3 OFFSET $4) p ON p.id = t.action_id
		WHERE t.milestone AND extract(year FROM t.due_on) = coalesce(nullif($1::int, 0), extract(year FROM paris_today())::int)
		ORDER BY t.due_on, t.position`, year, axis, postgres.Limit(page), postgres.Offset(page))
	if err := b.Run(ctx, s.db); err != nil {
		return Calendar{}, postgres.Wrap(err, "calendar of the roadmap")
	}
	for _, t := range steps {
		v.Milestones[t.Action] = append(v.Milestones[t.Action], t)
	}
	if !slices.Contains(v.Years, v.Year) {
		v.Years = append(v.Years, v.Year)
		slices.SortFunc(v.Years, func(a, b int) int { return b - a })
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// ofYear keeps the public actions that run in the year $1 (0: the current one), of the
// axis in position $2. What was given up is not on the calendar.
const ofYear = `
	WHERE a.validated_on IS NOT NULL AND a.status <> 'abandoned'
	  AND ($2 = 0 OR a.axis_id = (SELECT id FROM axis WHERE position = $2))
	  AND coalesce(a.starts_on, a.validated_on) < make_date(coalesce(nullif($1::int, 0), extract(year FROM paris_today())::int) + 1, 1, 1)
	  AND coalesce(a.ends_on, 'infinity') >= make_date(coalesce(nullif($1::int, 0), extract(year FROM paris_today())::int), 1, 1)`
