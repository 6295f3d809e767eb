package funding

import (
	"context"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Horizon is how many years the view shows at once: this one and the four next.
const Horizon = 5

// May tells whether the actor reads the amounts by funder: the team, the chairs, the
// partners, the State, the mayors.
func May(by access.Actor) bool {
	return by.RunsBodies() || by.Is(access.Chair, access.Partner, access.State, access.Mayor)
}

// FunderKey names a funder in an address: an organisation of the portal, a free name,
// nobody yet, or the small ones together.
type FunderKey string

// The keys that name no single funder.
const (
	AnyFunder  FunderKey = ""
	ToFind     FunderKey = "a-trouver"
	Others     FunderKey = "autres" // a row, not a filter
	namePrefix           = "nom:"
)

// Funder is a funder of the view.
type Funder struct {
	Key  FunderKey              `db:"key"`
	ID   roadmap.OrganisationID `db:"funder_id"` // 0: none of the portal's
	Name string                 `db:"name"`
}

// Query is what the view is asked: the zero value asks for everything over the five
// years from this one.
type Query struct {
	From   int // first year of the horizon; 0: this year, or Year when it is outside
	Year   int // actions of this year only; 0: of the horizon
	Funder FunderKey
	Axis   roadmap.AxisID
	Nature roadmap.Nature
	Sort   Sort
	Page   int
}

// Sort is the order of the actions.
type Sort string

// The closed set of orders.
const (
	ByNumber  Sort = ""
	ByPlanned Sort = "prevu"
	ByGap     Sort = "ecart"
)

// Sums are exact sums of lines, made by the database.
type Sums struct {
	Planned  roadmap.Cents `db:"planned"`
	Obtained roadmap.Cents `db:"obtained"`
	Spent    roadmap.Cents `db:"spent"`
	Lines    int           `db:"lines"`
}

// Gap is what is planned and not obtained.
func (s Sums) Gap() roadmap.Cents { return s.Planned - s.Obtained }

func (s Sums) plus(o Sums) Sums {
	return Sums{s.Planned + o.Planned, s.Obtained + o.Obtained, s.Spent + o.Spent, s.Lines + o.Lines}
}

// Row is a funder with its sums by year of the horizon.
type Row struct {
	Funder
	Years [Horizon]Sums
	Total Sums
}

// Line is an action with the sums of its lines that answer.
type Line struct {
	ID     roadmap.ID     `db:"id"`
	Number int            `db:"number"`
	Title  string         `db:"title"`
	Axis   string         `db:"axis"`
	Status roadmap.Status `db:"status"`
	Late   bool           `db:"late"`
	Sums
}

// View is the money by funder and year, then by action.
type View struct {
	Query   Query
	First   int   // first year shown
	Today   int   // this year
	Oldest  int   // years that have lines
	Latest  int   //
	Rows    []Row // by what they plan; the small ones together, then nobody
	Years   [Horizon]Sums
	Total   Sums // of the horizon
	Actions []Line
	Paging  postgres.Paging
	Asked   Sums // of all the actions listed: those of the year asked, or of the horizon
	Axes    []roadmap.Axis
	Funders []Funder // all that have a line that counts, for the filter
}

// YearAt is the nth year shown.
func (v View) YearAt(n int) int { return v.First + n }

// lines are the budget lines that answer but for the year asked: those that count (of
// actions that were validated, and of an abandoned one up to the year it was, see
// budget_line.counted_axis). $1 first year, 0 for this one; $2 year; $3 funder; $4 axis;
// $5 nature.
const (
	frame = `
	WITH frame AS MATERIALIZED (
		SELECT CASE WHEN $1::int > 0 THEN $1 WHEN $2::int > 0 AND $2 NOT BETWEEN y AND y + 4 THEN $2 ELSE y END AS first
		FROM (SELECT extract(year FROM paris_today())::int AS y) t
	)`
	funderKey = `CASE WHEN l.funder_id IS NOT NULL THEN l.funder_id::text WHEN l.funder <> '' THEN left('nom:' || l.funder, 200) ELSE 'a-trouver' END`
	answering = `l.year BETWEEN (SELECT first FROM frame) AND (SELECT first + 4 FROM frame)
		  AND ($4::bigint = 0 OR l.counted_axis = $4) AND ($5::text = '' OR l.nature = $5) AND ($3::text = '' OR ` + funderKey + ` = $3)`
	lines = frame + `, line AS (
		SELECT l.action_id, l.year, l.nature, l.planned_cents, l.obtained_cents, l.spent_cents, l.note, l.id, ` + funderKey + ` AS key, coalesce(o.name, l.funder) AS name
		FROM budget_line l LEFT JOIN organisation o ON o.id = l.funder_id
		WHERE l.counted_axis IS NOT NULL AND ` + answering + `
	)`
)

const sums = `
	coalesce(sum(planned_cents), 0)::bigint AS planned, coalesce(sum(obtained_cents), 0)::bigint AS obtained,
	coalesce(sum(spent_cents), 0)::bigint AS spent, coalesce(sum(lines), 0)::int AS lines`

// cell is what one funder brings in one year.
type cell struct {
	Funder
	Year int `db:"year"`
	Sums
}

// cellsSQL reads the sums the database keeps: some hundred rows.
const cellsSQL = frame + `, line AS (
		SELECT l.year, l.planned_cents, l.obtained_cents, l.spent_cents, l.lines, ` + funderKey + ` AS key,
		       coalesce(l.funder_id, 0) AS funder_id, coalesce(o.name, l.funder) AS name
		FROM (SELECT counted_axis, year, nature, funder_id, funder, planned_cents, obtained_cents, spent_cents, lines
		      FROM budget_sum b (counted_axis) WHERE lines > 0) l LEFT JOIN organisation o ON o.id = l.funder_id
		WHERE ` + answering + `
	), rank AS (
		SELECT key, row_number() OVER (ORDER BY sum(planned_cents) DESC, sum(obtained_cents) DESC, key) AS n
		FROM line WHERE key <> 'a-trouver' GROUP BY key
	), placed AS (
		-- The fifteen greatest have a row of their own; the others share one, so
		-- that the sums hold. Nobody comes last.
		SELECT l.year, l.planned_cents, l.obtained_cents, l.spent_cents, l.lines,
		       CASE WHEN r.n > 15 THEN 'autres' ELSE l.key END AS key, CASE WHEN r.n > 15 THEN 0 ELSE l.funder_id END AS funder_id,
		       CASE WHEN r.n > 15 THEN 'Autres financeurs' ELSE l.name END AS name, least(coalesce(r.n, 17), 16 + (r.n IS NULL)::int) AS n
		FROM line l LEFT JOIN rank r USING (key)
	)
	SELECT line.key, max(line.funder_id) AS funder_id, max(line.name) AS name, line.year,` + sums + `
	FROM placed line GROUP BY line.n, line.key, line.year ORDER BY line.n, line.key, line.year`

// The statement of a page of actions is actionsHead, how they are put in order and cut,
// and the same order: by number only the lines of the page are summed, by amount all are.
const (
	ofAction = `
		FROM budget_line l WHERE l.action_id = a.id AND l.counted_axis IS NOT NULL AND ` + answering + ` AND ($2 = 0 OR l.year = $2)`
	actionsHead = `
	SELECT a.id, a.number, a.title, x.title AS axis, a.status, coalesce(a.late_from <= (SELECT paris_today()), false) AS late,
	       s.planned, s.obtained, s.spent, s.lines
	FROM (`
	cutByNumber = frame + actionsHead + `
		SELECT a.id, a.number FROM roadmap_action a WHERE a.validated_on IS NOT NULL AND EXISTS (SELECT` + ofAction + `)
		ORDER BY a.number LIMIT $6 OFFSET $7) cut`
	cutByAmount = frame + actionsHead + `
		SELECT l.action_id AS id, a.number, CASE $8::text WHEN 'prevu' THEN sum(l.planned_cents) ELSE sum(l.planned_cents) - sum(l.obtained_cents) END AS amount
		FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id
		WHERE l.counted_axis IS NOT NULL AND ` + answering + ` AND ($2 = 0 OR l.year = $2)
		GROUP BY l.action_id, a.number ORDER BY amount DESC, a.number LIMIT $6 OFFSET $7) cut`
	actionsTail = `
	JOIN roadmap_action a ON a.id = cut.id JOIN axis x ON x.id = a.axis_id
	CROSS JOIN LATERAL (SELECT` + sums + ` FROM (SELECT l.planned_cents, l.obtained_cents, l.spent_cents, 1 AS lines` + ofAction + `) l) s`
	countActionsSQL = frame + `
	SELECT count(DISTINCT l.action_id)::int FROM budget_line l WHERE l.counted_axis IS NOT NULL AND ` + answering + ` AND ($2 = 0 OR l.year = $2)`
)

// View returns the money of the roadmap in one round trip. Whoever may not read it is
// refused.
func (s *Service) View(ctx context.Context, by access.Actor, q Query) (View, error) {
	v := View{Query: q}
	if err := by.Require(May(by)); err != nil {
		return v, err
	}
	var (
		b      postgres.Batch
		cells  []cell
		total  int
		args   = q.args()
		bounds struct {
			Today, First, Oldest, Latest int
		}
	)
	postgres.AddOne(&b, &bounds, `
		SELECT y AS today, CASE WHEN $1::int > 0 THEN $1 WHEN $2::int > 0 AND $2 NOT BETWEEN y AND y + 4 THEN $2 ELSE y END AS first,
		       coalesce((SELECT min(year) FROM budget_sum WHERE lines > 0), y)::int AS oldest,
		       coalesce((SELECT max(year) FROM budget_sum WHERE lines > 0), y)::int AS latest
		FROM (SELECT extract(year FROM paris_today())::int AS y) t`, q.From, q.Year)
	postgres.AddList(&b, &cells, cellsSQL, args...)
	paged := append(args[:len(args):len(args)], postgres.Limit(q.Page), postgres.Offset(q.Page))
	if q.Sort == ByNumber {
		postgres.AddList(&b, &v.Actions, cutByNumber+actionsTail+` ORDER BY cut.number`, paged...)
	} else {
		postgres.AddList(&b, &v.Actions, cutByAmount+actionsTail+` ORDER BY cut.amount DESC, cut.number`, append(paged, string(q.Sort))...)
	}
	postgres.AddValue(&b, &total, countActionsSQL, args...)
	roadmap.AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Funders, `
		SELECT DISTINCT ON (fold(name), key) key, funder_id, name FROM (
			SELECT CASE WHEN l.funder_id IS NOT NULL THEN l.funder_id::text ELSE left('nom:' || l.funder, 200) END AS key,
			       coalesce(l.funder_id, 0) AS funder_id, coalesce(o.name, l.funder) AS name
			FROM (SELECT DISTINCT funder_id, funder FROM budget_sum WHERE lines > 0 AND (funder_id IS NOT NULL OR funder <> '')) l
			LEFT JOIN organisation o ON o.id = l.funder_id) f
		ORDER BY fold(name), key`)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "view of funding")
	}
	v.Today, v.First, v.Oldest, v.Latest = bounds.Today, bounds.First, bounds.Oldest, bounds.Latest
	v.fill(cells)
	v.Paging = postgres.PagingOf(q.Page, total)
	return v, nil
}

func (q Query) args() []any {
	return []any{q.From, q.Year, string(q.Funder), q.Axis, string(q.Nature)}
}

// fill sets cells in rows, and adds them up both ways.
func (v *View) fill(cells []cell) {
	for _, c := range cells {
		i := slices.IndexFunc(v.Rows, func(r Row) bool { return r.Key == c.Key })
		if i < 0 {
			if c.Key == ToFind {
				c.Name = roadmap.NoFunder
			}
			i, v.Rows = len(v.Rows), append(v.Rows, Row{Funder: c.Funder})
		}
		n := c.Year - v.First
		v.Rows[i].Years[n], v.Rows[i].Total = v.Rows[i].Years[n].plus(c.Sums), v.Rows[i].Total.plus(c.Sums)
		v.Years[n], v.Total = v.Years[n].plus(c.Sums), v.Total.plus(c.Sums)
	}
	v.Asked = v.Total
	if n := v.Query.Year - v.First; v.Query.Year > 0 {
		v.Asked = Sums{}
		if n >= 0 && n < Horizon {
			v.Asked = v.Years[n]
		}
	}
}

// FileLine is a budget line as the file has it.
type FileLine struct {
	Number int            `db:"number"`
	Action string         `db:"title"`
	Axis   string         `db:"axis"`
	Status roadmap.Status `db:"status"`
	Year   int            `db:"year"`
	Funder string         `db:"name"`
	Nature roadmap.Nature `db:"nature"`
	Sums
}

// FileLines returns all the lines of the view, one by one.
func (s *Service) FileLines(ctx context.Context, by access.Actor, q Query) ([]FileLine, error) {
	if err := by.Require(May(by)); err != nil {
		return nil, err
	}
	v, err := postgres.List[FileLine](ctx, s.db, lines+`
		SELECT a.number, a.title, x.title AS axis, a.status, line.year, CASE WHEN line.name = '' THEN 'Financeur à trouver' ELSE line.name END AS name,
		       line.nature, line.planned_cents AS planned, line.obtained_cents AS obtained, line.spent_cents AS spent, 1 AS lines
		FROM line JOIN roadmap_action a ON a.id = line.action_id JOIN axis x ON x.id = a.axis_id
		WHERE $2 = 0 OR line.year = $2
		ORDER BY line.year, line.key = 'a-trouver', fold(line.name), a.number, line.nature, line.id`, q.args()...)
	return v, postgres.Wrap(err, "file of funding")
}

// Valid tells whether the key may be one of a funder.
func (k FunderKey) Valid() bool {
	if k == AnyFunder || k == ToFind {
		return true
	}
	if name, ok := strings.CutPrefix(string(k), namePrefix); ok {
		return name != ""
	}
	return k != "" && strings.Trim(string(k), "0123456789") == ""
}
