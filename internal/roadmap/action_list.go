package roadmap

import (
	"context"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// ActionSort is what the team's list is sorted by.
type ActionSort string

// The closed set of sorts; "" is by number.
const (
	ByNumber   ActionSort = "number"
	ByTitle    ActionSort = "title"
	ByEnd      ActionSort = "end"
	ByMissing  ActionSort = "missing"
	ByNews     ActionSort = "news"
	ByPriority ActionSort = "priority"
)

// NotJudged filters the actions without a level of confidence.
const NotJudged Confidence = "none"

// ActionFilter narrows the team's list; zero fields do not.
type ActionFilter struct {
	Axis       AxisID
	Status     Status
	Late       bool
	Body       governance.BodyCode
	Pilot      OrganisationID
	Confidence Confidence
	Q          string // words of the sheet, in French: accents and plurals are forgiven; or its number
	Incomplete bool
	Sort       ActionSort
	Descending bool
}

// ActionLine is an action in the team's list.
type ActionLine struct {
	Action
	MissingKeys []string `db:"missing"`
}

// Completeness is that of the sheet, counted in the database.
func (l ActionLine) Completeness() (have, of int, missing []Missing) {
	missing = missingOf(l.MissingKeys)
	return len(needs) - len(missing), len(needs), missing
}

// ActionList is a page of the team's list and what its filters offer.
type ActionList struct {
	Lines  []ActionLine
	Paging postgres.Paging
	Axes   []Axis
	Pilots []Choice
}

// actionWhere reads $1 to $9.
const actionWhere = `
	WHERE ($1::bigint = 0 OR a.axis_id = $1) AND ($2 = '' OR a.status = $2)
	  AND (NOT $3::bool OR a.late_from <= (SELECT paris_today()))
	  AND ($4 = '' OR a.body = $4) AND ($5::bigint = 0 OR a.pilot_id = $5)
	  AND ($6 = '' OR a.confidence = CASE WHEN $6 = 'none' THEN '' ELSE $6 END)
	  AND ($7 = '' OR a.id IN (SELECT w.id FROM roadmap_action w WHERE w.words @@ websearch_to_tsquery('french', fold($7))
	                           UNION ALL SELECT w.id FROM roadmap_action w WHERE fold(w.title) LIKE fold($8)) OR a.number::text = $7)
	  AND (NOT $9::bool OR cardinality(` + missingSQL + `) > 0)`

// TeamList returns a page of every action, proposals included, in one round trip.
func (s *Service) TeamList(ctx context.Context, by access.Actor, f ActionFilter, page int) (ActionList, error) {
	if err := RequireTeam(by); err != nil {
		return ActionList{}, err
	}
	var (
		v     ActionList
		b     postgres.Batch
		total int
	)
	q := strings.TrimSpace(strings.TrimLeft(strings.TrimPrefix(f.Q, "n°"), " \u00a0"))
	args := []any{f.Axis, string(f.Status), f.Late, string(f.Body), f.Pilot, string(f.Confidence), q, actionLike(q), f.Incomplete}
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM roadmap_action a`+actionWhere, args...)
	v.addLines(&b, f.Sort, f.Descending, append(args[:len(args):len(args)], postgres.Limit(page), postgres.Offset(page)))
	AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Pilots, `
		WITH RECURSIVE pilot AS (
			(SELECT pilot_id FROM roadmap_action WHERE pilot_id IS NOT NULL ORDER BY pilot_id LIMIT 1)
			UNION ALL -- from one to the next in the index, whatever the number of actions
			SELECT (SELECT a.pilot_id FROM roadmap_action a WHERE a.pilot_id > pilot.pilot_id ORDER BY a.pilot_id LIMIT 1)
			FROM pilot WHERE pilot.pilot_id IS NOT NULL)
		SELECT o.id, o.name, o.kind AS grp FROM pilot JOIN organisation o ON o.id = pilot.pilot_id
		ORDER BY array_position(ARRAY['metropole', 'partner', 'commune', 'state_service', 'structure'], o.kind), fold(o.name), o.id`)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "list actions")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// The statement of a page of the team's list is teamHead, an order with its limit, and
// the same order: what is missing is looked for in the lines of the page alone, unless
// it is what they are sorted by.
const (
	teamHead = `SELECT ` + Columns + `, ` + missingSQL + ` AS missing` + Tables + ` JOIN (SELECT a.id FROM roadmap_action a` + actionWhere
	teamPage = ` LIMIT $10 OFFSET $11) cut ON cut.id = a.id`

	teamByNumber   = ` ORDER BY a.number`
	teamByTitle    = ` ORDER BY a.sort_title, a.number`
	teamByEnd      = ` ORDER BY a.ends_on NULLS LAST, a.number`
	teamByMissing  = ` ORDER BY cardinality(` + missingSQL + `), a.number`
	teamByNews     = ` ORDER BY a.last_news_at NULLS LAST, a.number`
	teamByPriority = ` ORDER BY array_position(ARRAY['high', 'normal', 'low'], a.priority), a.number`

	teamByNumberDown   = ` ORDER BY a.number DESC`
	teamByTitleDown    = ` ORDER BY a.sort_title DESC, a.number`
	teamByEndDown      = ` ORDER BY a.ends_on DESC NULLS LAST, a.number`
	teamByMissingDown  = ` ORDER BY cardinality(` + missingSQL + `) DESC, a.number`
	teamByNewsDown     = ` ORDER BY a.last_news_at DESC NULLS LAST, a.number`
	teamByPriorityDown = ` ORDER BY array_position(ARRAY['high', 'normal', 'low'], a.priority) DESC, a.number`
)

// addLines asks for a page of lines, in the order asked.
func (v *ActionList) addLines(b *postgres.Batch, sort ActionSort, down bool, args []any) {
	type order struct {
		by   ActionSort
		down bool
	}
	switch (order{sort, down}) {
	case order{ByTitle, false}:
		postgres.AddList(b, &v.Lines, teamHead+teamByTitle+teamPage+teamByTitle, args...)
	case order{ByTitle, true}:
		postgres.AddList(b, &v.Lines, teamHead+teamByTitleDown+teamPage+teamByTitleDown, args...)
	case order{ByEnd, false}:
		postgres.AddList(b, &v.Lines, teamHead+teamByEnd+teamPage+teamByEnd, args...)
	case order{ByEnd, true}:
		postgres.AddList(b, &v.Lines, teamHead+teamByEndDown+teamPage+teamByEndDown, args...)
	case order{ByMissing, false}:
		postgres.AddList(b, &v.Lines, teamHead+teamByMissing+teamPage+teamByMissing, args...)
	case order{ByMissing, true}:
		postgres.AddList(b, &v.Lines, teamHead+teamByMissingDown+teamPage+teamByMissingDown, args...)
	case order{ByNews, false}:
		postgres.AddList(b, &v.Lines, teamHead+teamByNews+teamPage+teamByNews, args...)
	case order{ByNews, true}:
		postgres.AddList(b, &v.Lines, teamHead+teamByNewsDown+teamPage+teamByNewsDown, args...)
	case order{ByPriority, false}:
		postgres.AddList(b, &v.Lines, teamHead+teamByPriority+teamPage+teamByPriority, args...)
	case order{ByPriority, true}:
		postgres.AddList(b, &v.Lines, teamHead+teamByPriorityDown+teamPage+teamByPriorityDown, args...)
	default:
		if down {
			postgres.AddList(b, &v.Lines, teamHead+teamByNumberDown+teamPage+teamByNumberDown, args...)
		} else {
			postgres.AddList(b, &v.Lines, teamHead+teamByNumber+teamPage+teamByNumber, args...)
		}
	}
}

// actionLike finds q anywhere in a title, its own signs taken literally.
func actionLike(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}
