package minutes

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// What every read of decisions, positions and asked actions takes, and from where.
// The row is d, its meeting m.
const (
	originColumns = `d.meeting_id, coalesce(d.item_id, 0) AS item_id, coalesce(i.title, '') AS item_title,
	coalesce(CASE WHEN p.id IS NULL THEN i.position::text ELSE p.position || '.' || i.position END, '') AS item_number,
	m.body, m.kind AS meeting_kind, m.state AS meeting_state, m.starts_at`
	originTables = `
	JOIN meeting m ON m.id = d.meeting_id
	LEFT JOIN agenda_item i ON i.id = d.item_id
	LEFT JOIN agenda_item p ON p.id = i.parent_id`

	decisionColumns = `d.id, d.kind, ` + originColumns + `, d.year, d.number, d.title, d.text, d.outcome, d.method, d.votes_for, d.votes_against,
	d.abstentions, d.follow_up, d.follow_up_note, d.followed_at, coalesce(d.superseded_by, 0) AS superseded_by, d.rectification, d.created_at, d.version`
	decisionTables = ` FROM decision d` + originTables

	positionColumns = `d.id, d.kind, ` + originColumns + `, d.year, d.number, d.title, d.text, d.addressee, d.sent_on, d.answer, d.answered_on,
	d.closed_on, ` + positionState + ` AS state, d.created_at, d.version`
	positionTables = ` FROM position_taken d` + originTables
	positionState  = `CASE WHEN d.answered_on IS NOT NULL THEN 'answered' WHEN d.closed_on IS NOT NULL THEN 'closed'
	WHEN d.sent_on IS NOT NULL THEN 'sent' ELSE 'to_send' END`

	actionColumns = `d.id, ` + originColumns + `, d.what, d.owner, coalesce(d.owner_person_id, 0) AS owner_person_id, d.due_on, d.state, d.note,
	d.settled_at, d.created_at, d.version`
	actionTables = ` FROM asked_action d` + originTables
)

// RegisterFilter chooses lines of a register. Zero values choose all.
type RegisterFilter struct {
	Body  governance.BodyCode
	Year  int
	State string // a FollowUpState or a PositionState; "en_cours" for what is open
	Kind  string // a DecisionKind or a PositionKind
	Q     string // words of the title or the text, or a reference

	number int // of a reference
	letter string
}

// written reads « GNI 2026-3 », « 2026-A2 », « CMTIN 2026-P1 ».
var written = regexp.MustCompile(`(?i)^(?:(cmtin|gni|partenaires|communes)[\s\x{a0}]+)?(\d{4})-([ap]?)(\d{1,6})$`)

// read finds a reference in the words.
func (f RegisterFilter) read() RegisterFilter {
	f.Q = strings.Join(strings.Fields(f.Q), " ")
	m := written.FindStringSubmatch(f.Q)
	if m == nil {
		return f
	}
	if m[1] != "" && f.Body == "" {
		f.Body = governance.BodyCode(strings.ToLower(m[1]))
	}
	if y, err := strconv.Atoi(m[2]); err == nil && f.Year == 0 {
		f.Year = y
	}
	f.letter = strings.ToUpper(m[3])
	f.number, _ = strconv.Atoi(m[4])
	f.Q = ""
	return f
}

// likeWords is the pattern of LIKE that holds the words as they are.
func likeWords(q string) string {
	if q == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// Driven by the published meetings in order of their day: a page reads some of them.
const publishedDecisions = decisionTables + `
	WHERE m.announced AND m.state = 'published' AND d.superseded_by IS NULL
	  AND ($1 = '' OR d.body = $1) AND ($2 = 0 OR d.year = $2) AND ($3 = '' OR d.follow_up = $3) AND ($4 = '' OR d.kind = $4)
	  AND ($5 = '' OR fold(d.title || ' ' || d.text) LIKE fold($5)) AND ($6 = 0 OR d.number = $6)`

// Decisions returns one page of the public register, newest first, and the years it
// has; page postgres.AllPages returns them all.
func (s *Service) Decisions(ctx context.Context, f RegisterFilter, page int) ([]Decision, postgres.Paging, []int, error) {
	f = f.read()
	if f.number > 0 && f.Kind == "" {
		f.Kind = map[string]string{"": "decision", "A": "opinion", "P": "none"}[f.letter]
	}
	args := []any{f.Body, f.Year, f.State, f.Kind, likeWords(f.Q), f.number}
	var (
		b     postgres.Batch
		rows  []Decision
		total int
		years []registerYear
	)
	postgres.AddList(&b, &rows, `SELECT `+decisionColumns+publishedDecisions+`
		ORDER BY m.starts_at DESC, m.id DESC, d.kind, d.number DESC LIMIT $8 OFFSET $7`, append(args, postgres.Offset(page), postgres.Limit(page))...)
	postgres.AddValue(&b, &total, `SELECT count(*)::int`+publishedDecisions, args...)
	postgres.AddList(&b, &years, `SELECT year
		FROM (SELECT generate_series(extract(year FROM min(starts_at) AT TIME ZONE 'Europe/Paris')::int, extract(year FROM max(starts_at) AT TIME ZONE 'Europe/Paris')::int) AS year
		      FROM meeting WHERE announced) x
		WHERE EXISTS (SELECT FROM meeting m WHERE m.announced AND m.state = 'published'
		              AND m.starts_at >= make_date(year, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris' AND m.starts_at < make_date(year + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris')
		ORDER BY year DESC`)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Paging{}, nil, postgres.Wrap(err, "register of decisions")
	}
	return rows, postgres.PagingOf(page, total), yearsOf(years), nil
}

type registerYear struct {
	Year int `db:"year"`
}

func yearsOf(rows []registerYear) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = r.Year
	}
	return out
}

const publishedPositions = positionTables + `
	WHERE m.announced AND m.state = 'published'
	  AND ($1 = 0 OR d.year = $1) AND ($2 = '' OR ` + positionState + ` = $2) AND ($3 = '' OR d.kind = $3)
	  AND ($4 = '' OR fold(d.title || ' ' || d.text || ' ' || d.addressee) LIKE fold($4)) AND ($5 = 0 OR d.number = $5)`

// Positions is Decisions for the positions and requests of the CMTIN.
func (s *Service) Positions(ctx context.Context, f RegisterFilter, page int) ([]Position, postgres.Paging, []int, error) {
	f = f.read()
	if f.number > 0 && f.letter != "P" {
		f.number = -1 // a reference of another register is no position
	}
	args := []any{f.Year, f.State, f.Kind, likeWords(f.Q), f.number}
	var (
		b     postgres.Batch
		rows  []Position
		total int
		years []registerYear
	)
	postgres.AddList(&b, &rows, `SELECT `+positionColumns+publishedPositions+`
		ORDER BY d.year DESC, d.number DESC LIMIT $7 OFFSET $6`, append(args, postgres.Offset(page), postgres.Limit(page))...)
	postgres.AddValue(&b, &total, `SELECT count(*)::int`+publishedPositions, args...)
	postgres.AddList(&b, &years, `SELECT DISTINCT d.year FROM position_taken d JOIN meeting m ON m.id = d.meeting_id
		WHERE m.announced AND m.state = 'published' ORDER BY year DESC`)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Paging{}, nil, postgres.Wrap(err, "register of positions")
	}
	return rows, postgres.PagingOf(page, total), yearsOf(years), nil
}

// FollowUpStep is one dated word on what became of a decision.
type FollowUpStep struct {
	At    time.Time
	State FollowUpState
	Note  string
}

// DecisionPage is a decision with its versions and what became of it.
type DecisionPage struct {
	Decision
	InForce  DecisionID // the version in force, when this one was rectified; else 0
	Versions []Decision // all of them, the first first; one when nothing was rectified
	Steps    []FollowUpStep
}

// DecisionByID returns a decision once its minutes are published; the team sees it
// before.
func (s *Service) DecisionByID(ctx context.Context, by access.Actor, id DecisionID) (DecisionPage, error) {
	type step struct {
		At    time.Time       `db:"at"`
		After json.RawMessage `db:"after"`
	}
	var (
		b     postgres.Batch
		v     DecisionPage
		steps []step
	)
	postgres.AddList(&b, &v.Versions, `SELECT `+decisionColumns+decisionTables+`
		JOIN decision asked ON asked.id = $1 AND (asked.body, asked.year, asked.kind, asked.number) = (d.body, d.year, d.kind, d.number)
		WHERE m.state = 'published' AND m.announced OR $2 ORDER BY d.id`, id, by.RunsBodies())
	postgres.AddList(&b, &steps, `SELECT e.at, e.after FROM decision asked
		JOIN decision d ON (asked.body, asked.year, asked.kind, asked.number) = (d.body, d.year, d.kind, d.number)
		JOIN audit_entry e ON e.object = 'decision' AND e.object_id = d.id AND e.action = 'decision.follow_up'
		WHERE asked.id = $1 ORDER BY e.id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return DecisionPage{}, postgres.Wrap(err, "decision")
	}
	for _, d := range v.Versions {
		if d.ID == id {
			v.Decision = d
		}
	}
	if v.ID == 0 {
		return DecisionPage{}, ErrNoDecision
	}
	if v.SupersededBy != 0 {
		v.InForce = v.Versions[len(v.Versions)-1].ID
	}
	for _, e := range steps {
		var said followUp
		if err := json.Unmarshal(e.After, &said); err != nil {
			return DecisionPage{}, postgres.Wrap(err, "follow-up of decision %d", id)
		}
		v.Steps = append(v.Steps, FollowUpStep{e.At, said.State, said.Note})
	}
	return v, nil
}

// PositionByID returns a position once its minutes are published; the team sees it
// before.
func (s *Service) PositionByID(ctx context.Context, by access.Actor, id PositionID) (Position, error) {
	v, err := postgres.One[Position](ctx, s.db, `SELECT `+positionColumns+positionTables+`
		WHERE d.id = $1 AND (m.state = 'published' AND m.announced OR $2)`, id, by.RunsBodies())
	if err != nil {
		return v, orNone(err, ErrNoPosition, "position")
	}
	return v, nil
}

// Record is what a meeting leaves, for its minutes. Rectified decisions are not in it.
type Record struct {
	Notes     []Note
	Decisions []Decision // decisions, then opinions, by number
	Positions []Position
	Actions   []AskedAction
}

func (r *Record) add(b *postgres.Batch, id meeting.ID) {
	postgres.AddList(b, &r.Decisions, `SELECT `+decisionColumns+decisionTables+`
		WHERE d.meeting_id = $1 AND d.superseded_by IS NULL ORDER BY d.kind, d.number`, id)
	postgres.AddList(b, &r.Positions, `SELECT `+positionColumns+positionTables+` WHERE d.meeting_id = $1 ORDER BY d.number`, id)
}

func (r *Record) addAll(b *postgres.Batch, id meeting.ID) {
	r.add(b, id)
	postgres.AddList(b, &r.Notes, `SELECT item_id, text, updated_at, updated_by, version FROM item_note WHERE meeting_id = $1 ORDER BY item_id`, id)
	postgres.AddList(b, &r.Actions, `SELECT `+actionColumns+actionTables+` WHERE d.meeting_id = $1 ORDER BY d.due_on, d.id`, id)
}

// Decided returns the decisions and positions of a meeting without asking for a
// right: for its relevé, to who sees it before publication.
func (s *Service) Decided(ctx context.Context, id meeting.ID) ([]Decision, []Position, error) {
	var (
		b postgres.Batch
		r Record
	)
	r.add(&b, id)
	err := b.Run(ctx, s.db)
	return r.Decisions, r.Positions, postgres.Wrap(err, "decisions of meeting")
}

// AddDecisions asks for the decisions and positions of a meeting within the batch of
// a page. The caller has checked the right: its minutes are out, or the reader is of
// the meeting.
func (r *Record) AddDecisions(b *postgres.Batch, id meeting.ID) { r.add(b, id) }

// ForItem returns what of the record comes from a point; 0 is what comes from none.
func (r Record) ForItem(item meeting.ItemID) Record {
	var out Record
	for _, n := range r.Notes {
		if n.Item == item {
			out.Notes = append(out.Notes, n)
		}
	}
	for _, d := range r.Decisions {
		if d.Item == item {
			out.Decisions = append(out.Decisions, d)
		}
	}
	for _, p := range r.Positions {
		if p.Item == item {
			out.Positions = append(out.Positions, p)
		}
	}
	for _, a := range r.Actions {
		if a.Item == item {
			out.Actions = append(out.Actions, a)
		}
	}
	return out
}
