package structure

import (
	"context"
	"strings"
	"time"
	"unicode"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/sets"
)

// NoCommune filters the register on records whose commune is still to be told.
const NoCommune = "-"

// RegisterFilter says which structures the team's register shows. The zero value
// shows them all, by name.
type RegisterFilter struct {
	State     State
	INSEE     string // NoCommune: none
	College   governance.College
	Freshness Freshness // of members only; or Unreachable, Silent
	Accesses  bool      // only where somebody asks to act for the structure
	// QueueFirst shows what waits for the team if something does, when no State is asked.
	QueueFirst bool
	Q          string // words of the name or of the commune, or a SIRET
}

// What the register is filtered on besides the freshnesses: see FreshnessCounts. No
// sheet has them.
const (
	Unreachable Freshness = "unreachable"
	Silent      Freshness = "silent"
)

// RegisterLine is one structure of the register.
type RegisterLine struct {
	ID          ID                 `db:"organisation_id"`
	Name        string             `db:"name"`
	State       State              `db:"state"`
	College     governance.College `db:"college"`
	Commune     string             `db:"commune"`
	SIRET       string             `db:"siret"`
	SubmittedAt *time.Time         `db:"submitted_at"`
	UpToDateAt  time.Time          `db:"up_to_date_at"`
	Freshness   Freshness          `db:"freshness"`
	Accesses    int                `db:"accesses"` // people who ask to act for it
}

// Register is one page of the team's register.
type Register struct {
	State    State // what is shown, "" for every state
	Waiting  Waiting
	Lines    []RegisterLine
	Paging   postgres.Paging
	Communes []CommuneChoice
}

// Waiting is what waits in the queue.
type Waiting struct {
	Submitted int        `db:"submitted"`  // for the team
	MoreAsked int        `db:"more_asked"` // for the structures' answers
	Accesses  int        `db:"accesses"`
	Accepted  *time.Time `db:"last_accepted"` // when the last structure was accepted; nil: none
}

const registerWaiting = `
		SELECT (SELECT count(*) FROM structure WHERE state IN ('submitted', 'more_asked') AND state = 'submitted') AS submitted,
		       (SELECT count(*) FROM structure WHERE state IN ('submitted', 'more_asked') AND state = 'more_asked') AS more_asked,
		       (SELECT count(*) FROM access_request WHERE state = 'waiting') AS accesses,
		       (SELECT max(at) FROM structure_step WHERE kind = 'accepted') AS last_accepted`

// Register returns one page of the register; postgres.AllPages asks for it all. Like
// the directory it asks twice: who answers and what waits, then the lines.
func (s *Service) Register(ctx context.Context, by access.Actor, f RegisterFilter, page int) (Register, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Register{}, err
	}
	var (
		v     Register
		read  registerRead
		b     postgres.Batch
		byAge = f.Q == ""
	)
	read.ask(&b, f)
	postgres.AddOne(&b, &v.Waiting, registerWaiting)
	AddCommuneChoices(&b, &v.Communes)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "count the register")
	}
	if v.State = f.State; f.State == "" && f.QueueFirst && v.Waiting.Submitted > 0 {
		v.State = Submitted
	}
	found := read.answer(f, v.State)
	v.Paging = postgres.PagingOf(page, found.Count())
	way, args := found.Page(v.Paging, page == postgres.AllPages)
	var err error
	v.Lines, err = registerPage(ctx, s.db, byAge && v.State.Waiting(), way, args...)
	return v, postgres.Wrap(err, "list the register")
}

// registerRead is what the database knows of who answers a filter: bits, as the
// directory has them.
type registerRead struct {
	facets []sets.Row
	words  []sets.Row
	some   []someRow
}

// someRow is 64 structures that answer what no facet says.
type someRow struct {
	Asked string `db:"asked"`
	W     int64  `db:"w"`
	Bits  int64  `db:"bits"`
}

// What no facet says: an age, which time changes, people who ask, the digits of a
// SIRET.
const (
	registerSome = ` id / 64 AS w, bit_or(1::bigint << (63 - (id % 64)::int)) AS bits`
	registerAged = `SELECT 'age' AS asked,` + registerSome + `
		FROM (SELECT organisation_id AS id FROM structure WHERE state = 'accepted'
		        AND up_to_date_at <= now() - CASE $1 WHEN 'fresh' THEN interval '0' WHEN 'recent' THEN interval '6 months'
		                                             WHEN 'ageing' THEN interval '12 months' ELSE interval '18 months' END
		        AND up_to_date_at > CASE $1 WHEN 'fresh' THEN now() - interval '6 months' WHEN 'recent' THEN now() - interval '12 months'
		                                    WHEN 'ageing' THEN now() - interval '18 months' ELSE '-infinity' END) AS x GROUP BY 2`
	registerUnreachable = `SELECT 'age' AS asked,` + registerSome + `
		FROM (SELECT s.organisation_id AS id FROM structure s WHERE s.state = 'accepted' AND ` + staleSince + ` AND NOT ` + staleReachable + `) AS x GROUP BY 2`
	registerSilent = `SELECT 'age' AS asked,` + registerSome + `
		FROM (SELECT s.organisation_id AS id FROM structure s WHERE s.state = 'accepted' AND ` + staleSince + ` AND s.reminders >= 3) AS x GROUP BY 2`
	registerAsking = `SELECT 'access' AS asked,` + registerSome + `
		FROM (SELECT structure_id AS id FROM access_request WHERE state = 'waiting') AS x GROUP BY 2`
	registerCoded = `SELECT 'code' AS asked,` + registerSome + `
		FROM (SELECT organisation_id AS id FROM structure WHERE siret <> '' AND siret LIKE $1) AS x GROUP BY 2`
)

// ask asks, within a batch, who answers each part of the filter.
func (r *registerRead) ask(b *postgres.Batch, f RegisterFilter) {
	facets, values := []string{"#all", "#state", "#state", "#college", "#commune"}, []string{"", string(Submitted), string(f.State), string(f.College), f.INSEE}
	postgres.AddList(b, &r.facets, `
		SELECT t.facet, t.value, t.chunk, 0 AS total, t.members
		FROM structure_facet t JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS a(facet, value) USING (facet, value)`, facets, values)
	if words := sets.Words(f.Q); codeOf(f.Q) == "" && len(words) > 0 {
		postgres.AddList(b, &r.words, `SELECT 'words' AS facet, '' AS value, chunk, 0 AS total, members FROM structure_found($1)`, words)
	}
	switch f.Freshness {
	case "":
	case Unreachable:
		postgres.AddList(b, &r.some, registerUnreachable)
	case Silent:
		postgres.AddList(b, &r.some, registerSilent)
	default:
		postgres.AddList(b, &r.some, registerAged, string(f.Freshness))
	}
	if f.Accesses {
		postgres.AddList(b, &r.some, registerAsking)
	}
	if code := codeOf(f.Q); code != "" {
		postgres.AddList(b, &r.some, registerCoded, code+"%")
	}
}

// answer returns who answers the whole filter, in a state or in any.
func (r *registerRead) answer(f RegisterFilter, state State) sets.Set {
	found := sets.Of(r.facets, "#all", "")
	for facet, value := range map[string]string{"#state": string(state), "#college": string(f.College), "#commune": f.INSEE} {
		if value != "" {
			found.And(sets.Of(r.facets, facet, value))
		}
	}
	if codeOf(f.Q) == "" && len(sets.Words(f.Q)) > 0 {
		found.And(sets.Of(r.words, "words", ""))
	}
	for asked, is := range map[string]bool{"age": f.Freshness != "", "access": f.Accesses, "code": codeOf(f.Q) != ""} {
		if !is {
			continue
		}
		set := sets.Set{}
		for _, row := range r.some {
			if row.Asked == asked {
				set.AddWord(row.W, row.Bits)
			}
		}
		found.And(set)
	}
	return found
}

// Statements of a page of the register, made as those of the directory: which are
// meant, their order with its limit, the lines in the same order.
const (
	registerHead = `
		SELECT s.organisation_id, s.name, s.state, s.college, s.siret, s.submitted_at, s.up_to_date_at, freshness(s.up_to_date_at) AS freshness, coalesce(c.name, '') AS commune,
		       (SELECT count(*) FROM access_request a WHERE a.structure_id = s.organisation_id AND a.state = 'waiting') AS accesses
		FROM (SELECT organisation_id AS id FROM structure WHERE `
	registerLimit = ` LIMIT $1 OFFSET $2) AS cut CROSS JOIN LATERAL (
			SELECT t.organisation_id, o.name, t.state, t.college, t.siret, t.submitted_at, t.up_to_date_at, t.sort_name, t.insee
			FROM structure t JOIN organisation o ON o.id = t.organisation_id WHERE t.organisation_id = cut.id OFFSET 0) AS s
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id`
	registerQueue      = `state IN ('submitted', 'more_asked') AND `
	registerByAge      = ` ORDER BY submitted_at, organisation_id`
	registerByAgeBack  = ` ORDER BY submitted_at DESC, organisation_id DESC`
	registerByName     = ` ORDER BY sort_name, organisation_id`
	registerByNameBack = ` ORDER BY sort_name DESC, organisation_id DESC`
	registerLinesByAge = ` ORDER BY s.submitted_at, s.organisation_id`
	registerLines      = ` ORDER BY s.sort_name, s.organisation_id`
)

// registerPage runs the statement of an order, the oldest first or by name, and of a way.
func registerPage(ctx context.Context, q postgres.Querier, byAge bool, way sets.Way, args ...any) ([]RegisterLine, error) {
	switch {
	case byAge && way == sets.Sort:
		return postgres.List[RegisterLine](ctx, q, registerHead+sets.Fetched+registerByAge+registerLimit+registerLinesByAge, args...)
	case byAge && way == sets.Forward:
		return postgres.List[RegisterLine](ctx, q, registerHead+registerQueue+sets.Met+registerByAge+registerLimit+registerLinesByAge, args...)
	case byAge:
		return postgres.List[RegisterLine](ctx, q, registerHead+registerQueue+sets.Met+registerByAgeBack+registerLimit+registerLinesByAge, args...)
	case way == sets.Sort:
		return postgres.List[RegisterLine](ctx, q, registerHead+sets.Fetched+registerByName+registerLimit+registerLines, args...)
	case way == sets.Forward:
		return postgres.List[RegisterLine](ctx, q, registerHead+sets.Met+registerByName+registerLimit+registerLines, args...)
	}
	return postgres.List[RegisterLine](ctx, q, registerHead+sets.Met+registerByNameBack+registerLimit+registerLines, args...)
}

// codeOf returns the digits of what looks like the beginning of a SIRET, spaces and
// points taken off; "" for words.
func codeOf(q string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '.' || r == '-' {
			return -1
		}
		return r
	}, q)
	if len(digits) < 5 || len(digits) > 14 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}
