package board

import (
	"context"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// NotJudged asks in a filter for the actions whose confidence nobody has said.
const NotJudged roadmap.Confidence = "none"

// Sort is an order of the list.
type Sort string

// The closed set of orders; "" is by axis, then by number.
const (
	ByAxis    Sort = ""
	ByTitle   Sort = "titre"
	ByEnd     Sort = "fin"        // the first to end first
	ByPercent Sort = "avancement" // the most advanced first
	ByNews    Sort = "nouvelles"  // the last heard of first
)

// Sorts lists the orders in display order.
var Sorts = []Sort{ByAxis, ByTitle, ByEnd, ByPercent, ByNews}

// Label says the order in words.
func (s Sort) Label() string {
	switch s {
	case ByTitle:
		return "Titre, de A à Z"
	case ByEnd:
		return "Fin la plus proche"
	case ByPercent:
		return "Plus avancées d’abord"
	case ByNews:
		return "Nouvelles les plus récentes"
	}
	return "Axe et numéro"
}

// Filter chooses public actions. Zero values choose all.
type Filter struct {
	Axis       int // its position: « axe 2 »
	State      State
	Commune    string // INSEE code
	Pilot      roadmap.OrganisationID
	Body       governance.BodyCode
	Year       int // actions that run in that year
	Confidence roadmap.Confidence
	Q          string
	Sort       Sort
	Page       int // postgres.AllPages for all
}

// Empty tells whether every action answers.
func (f Filter) Empty() bool {
	f.Sort, f.Page = "", 0
	return f == Filter{}
}

// Place is something a filter may choose.
type Place struct {
	Code string `db:"code"`
	Name string `db:"name"`
}

// Entry is a line of the list.
type Entry struct {
	roadmap.Action
	AxisPosition int `db:"axis_position"`
	Communes     int `db:"communes"` // how many it concerns
}

// List is a page of the public roadmap.
type List struct {
	Today    day.Day
	Axes     []AxisProgress
	Rows     []Entry
	Paging   postgres.Paging
	Late     []Entry // the first late, when nothing is filtered
	Achieved []Entry // the last done, when nothing is filtered
	Pilots   []Place
	Communes []Place
	Years    []int
}

const (
	// Short is how many actions a summary shows: the list has the others.
	Short = 5

	listColumns = `SELECT ` + roadmap.Columns + `, x.position AS axis_position,
		(SELECT count(*) FROM action_commune n WHERE n.action_id = a.id)::int AS communes` + roadmap.Tables

	// Arguments: 1 axis, 2 state, 3 commune, 4 pilot, 5 body, 6 year, 7 confidence,
	// 8 words, 9 pattern of words, 10 number. Words apart, it is read in the index
	// roadmap_action_board alone: no line of the table is, but those of the page.
	chosen = `
	WHERE a.validated_on IS NOT NULL
	  AND ($1 = 0 OR a.axis_id = (SELECT id FROM axis WHERE position = $1))
	  AND ($2 = '' OR ` + stateOf + ` = $2)
	  AND ($3 = '' OR a.id IN (SELECT c.action_id FROM commune k JOIN action_commune c USING (organisation_id) WHERE k.insee = $3))
	  AND ($4 = 0 OR a.pilot_id = $4)
	  AND ($5 = '' OR a.body = $5)
	  AND ($6 = 0 OR coalesce(a.starts_on, a.validated_on) < make_date($6 + 1, 1, 1) AND coalesce(a.ends_on, 'infinity') >= make_date($6, 1, 1))
	  AND ($7 = '' OR a.confidence = CASE $7 WHEN 'none' THEN '' ELSE $7 END)
	  AND ($8 = '' OR a.id IN (SELECT w.id FROM roadmap_action w WHERE w.words @@ plainto_tsquery('french', fold($8))
	                           UNION ALL SELECT w.id FROM roadmap_action w WHERE fold(w.title) LIKE fold($9)
	                           UNION ALL SELECT w.id FROM roadmap_action w WHERE w.number = $10))`

	// The statement of a page is listHead, an order with its limit, and the same order.
	listHead = listColumns + ` JOIN (SELECT a.id FROM roadmap_action a JOIN axis x ON x.id = a.axis_id` + chosen
	onePage  = ` LIMIT $11 OFFSET $12) wanted ON wanted.id = a.id`

	byAxis    = ` ORDER BY x.position, a.number`
	byTitle   = ` ORDER BY a.sort_title, a.number`
	byEnd     = ` ORDER BY a.ends_on, x.position, a.number`
	byPercent = ` ORDER BY a.percent DESC NULLS LAST, x.position, a.number`
	byNews    = ` ORDER BY a.last_news_at DESC NULLS LAST, x.position, a.number`
)

// addRows asks for a page of lines, in the order asked.
func (v *List) addRows(b *postgres.Batch, f Filter) {
	args := append(f.args(), postgres.Limit(f.Page), postgres.Offset(f.Page))
	switch f.Sort {
	case ByTitle:
		postgres.AddList(b, &v.Rows, listHead+byTitle+onePage+byTitle, args...)
	case ByEnd:
		postgres.AddList(b, &v.Rows, listHead+byEnd+onePage+byEnd, args...)
	case ByPercent:
		postgres.AddList(b, &v.Rows, listHead+byPercent+onePage+byPercent, args...)
	case ByNews:
		postgres.AddList(b, &v.Rows, listHead+byNews+onePage+byNews, args...)
	default:
		postgres.AddList(b, &v.Rows, listHead+byAxis+onePage+byAxis, args...)
	}
}

// args are the arguments of chosen.
func (f Filter) args() []any {
	q := strings.Join(strings.Fields(f.Q), " ")
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(strings.ToLower(q), "n°")), 10, 32)
	if err != nil {
		n = 0 // no action has this number
	}
	return []any{f.Axis, string(f.State), f.Commune, f.Pilot, string(f.Body), f.Year, string(f.Confidence), q, likeWords(q), n}
}

// likeWords is the pattern of LIKE that holds the words as they are.
func likeWords(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// List returns a page of the public actions with what surrounds it, in one round trip.
func (s *Service) List(ctx context.Context, f Filter) (List, error) {
	var (
		b     postgres.Batch
		v     List
		total int
	)
	AddProgress(&b, &v.Axes)
	v.addRows(&b, f)
	if !f.Empty() {
		postgres.AddValue(&b, &total, `SELECT count(*)::int FROM roadmap_action a`+chosen, f.args()...)
	}
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	if f.Page != postgres.AllPages {
		v.addAround(&b, f)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return List{}, postgres.Wrap(err, "roadmap")
	}
	if f.Empty() {
		total = Whole(v.Axes).Total() // counted with the axes
	}
	v.Paging = postgres.PagingOf(f.Page, total)
	return v, nil
}

// addAround asks for what the filters offer and, when none is set, for the summaries.
func (v *List) addAround(b *postgres.Batch, f Filter) {
	postgres.AddList(b, &v.Pilots, `
		WITH RECURSIVE pilot AS (
			(SELECT pilot_id FROM roadmap_action WHERE validated_on IS NOT NULL AND pilot_id IS NOT NULL ORDER BY pilot_id LIMIT 1)
			UNION ALL -- from one to the next in the index, whatever the number of actions
			SELECT (SELECT a.pilot_id FROM roadmap_action a WHERE a.validated_on IS NOT NULL AND a.pilot_id > pilot.pilot_id ORDER BY a.pilot_id LIMIT 1)
			FROM pilot WHERE pilot.pilot_id IS NOT NULL)
		SELECT o.id::text AS code, o.name FROM pilot JOIN organisation o ON o.id = pilot.pilot_id ORDER BY fold(o.name)`)
	addCommunes(b, &v.Communes)
	addYears(b, &v.Years)
	if f.Empty() && f.Page <= 1 {
		postgres.AddList(b, &v.Late, listColumns+`
			WHERE a.id IN (SELECT id FROM roadmap_action WHERE validated_on IS NOT NULL AND late_from IS NOT NULL AND late_from <= (SELECT paris_today())
			               ORDER BY ends_on, id LIMIT $1) ORDER BY a.ends_on, a.id`, Short)
		postgres.AddList(b, &v.Achieved, listColumns+`
			WHERE a.id IN (SELECT id FROM roadmap_action WHERE validated_on IS NOT NULL AND status = 'done' ORDER BY status_since DESC, id DESC LIMIT $1)
			ORDER BY a.status_since DESC, a.id DESC`, Short)
	}
}

func addCommunes(b *postgres.Batch, dst *[]Place) {
	postgres.AddList(b, dst, `SELECT k.insee AS code, o.name FROM commune k JOIN organisation o ON o.id = k.organisation_id
		ORDER BY fold(regexp_replace(o.name, '^Le ', ''))`)
}

// addYears asks for the years in which some public action runs, the last first.
func addYears(b *postgres.Batch, dst *[]int) {
	postgres.AddValue(b, dst, `
		SELECT coalesce(array_agg(y ORDER BY y DESC), '{}') FROM generate_series(
			(SELECT extract(year FROM min(coalesce(starts_on, validated_on)))::int FROM roadmap_action WHERE validated_on IS NOT NULL),
			(SELECT extract(year FROM greatest((SELECT max(ends_on) FROM roadmap_action WHERE validated_on IS NOT NULL),
				(SELECT max(starts_on) FROM roadmap_action WHERE validated_on IS NOT NULL), paris_today()))::int)) AS y`)
}
