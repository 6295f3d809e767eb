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
	// 8 words, 9 pattern of words, 10 number.
	chosen = `
	WHERE a.validated_on IS NOT NULL
	  AND ($1 = 0 OR a.axis_id = (SELECT id FROM axis WHERE position = $1))
	  AND ($2 = '' OR ` + stateOf + ` = $2)
	  AND ($3 = '' OR a.id IN (SELECT c.action_id FROM action_commune c JOIN commune k USING (organisation_id) WHERE k.insee = $3))
	  AND ($4 = 0 OR a.pilot_id = $4)
	  AND ($5 = '' OR a.body = $5)
	  AND ($6 = 0 OR coalesce(a.starts_on, a.validated_on) < make_date($6 + 1, 1, 1) AND coalesce(a.ends_on, 'infinity') >= make_date($6, 1, 1))
	  AND ($7 = '' OR a.confidence = CASE $7 WHEN 'none' THEN '' ELSE $7 END)
	  AND ($8 = '' OR a.words @@ plainto_tsquery('french', fold($8)) OR fold(a.title) LIKE fold($9) OR a.number = $10)`

	ordered = ` ORDER BY CASE $11 WHEN 'titre' THEN fold(a.title) END, CASE $11 WHEN 'fin' THEN a.ends_on END,
		CASE $11 WHEN 'avancement' THEN a.percent END DESC NULLS LAST, CASE $11 WHEN 'nouvelles' THEN a.last_news_at END DESC NULLS LAST,
		x.position, a.number`
)

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
	args := f.args()
	AddProgress(&b, &v.Axes)
	// The lines of the page are chosen first: only they are read whole.
	postgres.AddList(&b, &v.Rows, listColumns+` JOIN (SELECT a.id FROM roadmap_action a JOIN axis x ON x.id = a.axis_id`+chosen+ordered+`
		LIMIT $12 OFFSET $13) wanted ON wanted.id = a.id`+ordered,
		append(args, string(f.Sort), postgres.Limit(f.Page), postgres.Offset(f.Page))...)
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM roadmap_action a`+chosen, args...)
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	if f.Page != postgres.AllPages {
		v.addAround(&b, f)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return List{}, postgres.Wrap(err, "roadmap")
	}
	v.Paging = postgres.PagingOf(f.Page, total)
	return v, nil
}

// addAround asks for what the filters offer and, when none is set, for the summaries.
func (v *List) addAround(b *postgres.Batch, f Filter) {
	postgres.AddList(b, &v.Pilots, `
		SELECT o.id::text AS code, o.name FROM organisation o
		WHERE EXISTS (SELECT FROM roadmap_action a WHERE a.pilot_id = o.id AND a.validated_on IS NOT NULL) ORDER BY fold(o.name)`)
	addCommunes(b, &v.Communes)
	addYears(b, &v.Years)
	if f.Empty() && f.Page <= 1 {
		postgres.AddList(b, &v.Late, listColumns+`
			WHERE a.id IN (SELECT id FROM roadmap_action WHERE validated_on IS NOT NULL AND action_late(status, starts_on, ends_on, paris_today())
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
		SELECT coalesce(array_agg(y ORDER BY y DESC), '{}') FROM (
			SELECT generate_series(extract(year FROM min(coalesce(starts_on, validated_on)))::int,
			       extract(year FROM greatest(max(ends_on), max(starts_on), paris_today()))::int) AS y
			FROM roadmap_action WHERE validated_on IS NOT NULL) s`)
}
