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
	  AND (NOT $3::bool OR action_late(a.status, a.starts_on, a.ends_on, paris_today()))
	  AND ($4 = '' OR a.body = $4) AND ($5::bigint = 0 OR a.pilot_id = $5)
	  AND ($6 = '' OR a.confidence = CASE WHEN $6 = 'none' THEN '' ELSE $6 END)
	  AND ($7 = '' OR a.words @@ websearch_to_tsquery('french', fold($7)) OR fold(a.title) LIKE fold($8) OR a.number::text = $7)
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
	postgres.AddList(&b, &v.Lines, `SELECT `+Columns+`, `+missingSQL+` AS missing`+Tables+actionWhere+`
		ORDER BY CASE WHEN NOT $11::bool AND $10 = 'title' THEN fold(a.title) END, CASE WHEN $11 AND $10 = 'title' THEN fold(a.title) END DESC,
		         CASE WHEN NOT $11 THEN `+actionRank+` END NULLS LAST, CASE WHEN $11 THEN `+actionRank+` END DESC NULLS LAST, a.number
		LIMIT $12 OFFSET $13`,
		append(args[:len(args):len(args)], string(f.Sort), f.Descending, postgres.Limit(page), postgres.Offset(page))...)
	AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Pilots, `
		SELECT o.id, o.name, o.kind AS grp FROM organisation o WHERE o.id IN (SELECT pilot_id FROM roadmap_action)
		ORDER BY array_position(ARRAY['metropole', 'partner', 'commune', 'state_service', 'structure'], o.kind), fold(o.name), o.id`)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "list actions")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// actionRank is the number the list is sorted by; NULL stands last.
const actionRank = `(CASE $10 WHEN 'title' THEN NULL
	WHEN 'end' THEN a.ends_on - date '2000-01-01'
	WHEN 'missing' THEN cardinality(` + missingSQL + `)
	WHEN 'news' THEN extract(epoch FROM a.last_news_at)::bigint
	WHEN 'priority' THEN array_position(ARRAY['high', 'normal', 'low'], a.priority)
	ELSE a.number END)`

// actionLike finds q anywhere in a title, its own signs taken literally.
func actionLike(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}
