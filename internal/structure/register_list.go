package structure

import (
	"context"
	"strings"
	"time"
	"unicode"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
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
	Q         string    // words of the name or of the commune, or a SIRET
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

// Waiting counts what waits for the team.
func (s *Service) Waiting(ctx context.Context, by access.Actor) (Waiting, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Waiting{}, err
	}
	w, err := postgres.One[Waiting](ctx, s.db, `
		SELECT (SELECT count(*) FROM structure WHERE state = 'submitted') AS submitted,
		       (SELECT count(*) FROM structure WHERE state = 'more_asked') AS more_asked,
		       (SELECT count(*) FROM access_request WHERE state = 'waiting') AS accesses,
		       (SELECT max(at) FROM structure_step WHERE kind = 'accepted') AS last_accepted`)
	return w, postgres.Wrap(err, "count what waits in the register")
}

// Statements of the register: what is read, from which lines, in which order. Each
// order has its own statement, so that each follows its index.
const (
	registerColumns = `
		SELECT s.organisation_id, o.name, s.state, s.college, coalesce(c.name, '') AS commune, s.siret, s.submitted_at, s.up_to_date_at,
		       freshness(s.up_to_date_at) AS freshness,
		       (SELECT count(*) FROM access_request a WHERE a.structure_id = s.organisation_id AND a.state = 'waiting') AS accesses`
	registerFrom = `
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id`
	registerWhere = `
		WHERE ($1 = '' OR s.state = $1) AND ($2 = '' OR s.insee = $2 OR $2 = '-' AND s.insee IS NULL) AND ($3 = '' OR s.college = $3)
		  AND ($4 = '' OR s.state = 'accepted' AND CASE $4
		       WHEN 'unreachable' THEN ` + staleSince + ` AND NOT ` + staleReachable + `
		       WHEN 'silent' THEN ` + staleSince + ` AND s.reminders >= 3
		       ELSE freshness(s.up_to_date_at) = $4 END)
		  AND (NOT $5 OR EXISTS (SELECT FROM access_request a WHERE a.structure_id = s.organisation_id AND a.state = 'waiting'))`
	registerQueue = ` AND s.state IN ('submitted', 'more_asked')`
	// What is searched is found first, by the index of words, whatever the order: where
	// each word stands as it is typed, else where each is nearly there.
	registerHits = `
		WITH typed AS MATERIALIZED (
		    SELECT organisation_id AS id FROM structure
		    WHERE search LIKE (SELECT fold($6)) AND search LIKE (SELECT fold($7)) AND search LIKE (SELECT fold($8))
		), hit AS MATERIALIZED (
		    SELECT id FROM typed
		    UNION ALL
		    SELECT organisation_id FROM structure
		    WHERE NOT EXISTS (SELECT FROM typed)
		      AND (SELECT fold($9)) <% search AND (SELECT fold($10)) <% search AND (SELECT fold($11)) <% search)`
	registerCodes = `
		WITH hit AS MATERIALIZED (SELECT organisation_id AS id FROM structure WHERE siret <> '' AND siret LIKE $6)`
	registerHit = ` JOIN hit ON hit.id = s.organisation_id`
	// The page is cut before its lines are read in full.
	registerCut = `, cut AS MATERIALIZED (SELECT s.organisation_id AS id FROM structure s` + registerHit + registerWhere + `
		ORDER BY s.sort_name, s.organisation_id `
	registerLines = `)` + registerColumns + registerFrom + ` JOIN cut ON cut.id = s.organisation_id ORDER BY s.sort_name, s.organisation_id`
)

// Register returns one page of the register; postgres.AllPages asks for it all.
func (s *Service) Register(ctx context.Context, by access.Actor, f RegisterFilter, page int) (Register, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Register{}, err
	}
	var (
		v     Register
		total int
		b     postgres.Batch
	)
	limit, offset := postgres.Limit(page), postgres.Offset(page)
	state, insee, college, fresh := string(f.State), f.INSEE, string(f.College), string(f.Freshness)
	code, words := codeOf(f.Q), searched(f.Q)
	like := patterns(words)
	switch {
	case f.Q == "" && f.State.Waiting():
		postgres.AddList(&b, &v.Lines, registerColumns+registerFrom+registerWhere+registerQueue+`
			ORDER BY s.submitted_at, s.organisation_id LIMIT $6 OFFSET $7`, state, insee, college, fresh, f.Accesses, limit, offset)
		postgres.AddValue(&b, &total, `SELECT count(*) FROM structure s`+registerWhere+registerQueue, state, insee, college, fresh, f.Accesses)
	case f.Q == "":
		postgres.AddList(&b, &v.Lines, registerColumns+registerFrom+registerWhere+`
			ORDER BY s.sort_name, s.organisation_id LIMIT $6 OFFSET $7`, state, insee, college, fresh, f.Accesses, limit, offset)
		postgres.AddValue(&b, &total, `SELECT count(*) FROM structure s`+registerWhere, state, insee, college, fresh, f.Accesses)
	case code != "":
		postgres.AddList(&b, &v.Lines, registerCodes+registerCut+`LIMIT $7 OFFSET $8`+registerLines,
			state, insee, college, fresh, f.Accesses, code+"%", limit, offset)
		postgres.AddValue(&b, &total, registerCodes+` SELECT count(*) FROM structure s`+registerHit+registerWhere,
			state, insee, college, fresh, f.Accesses, code+"%")
	default:
		postgres.AddList(&b, &v.Lines, registerHits+registerCut+`LIMIT $12 OFFSET $13`+registerLines,
			state, insee, college, fresh, f.Accesses, like[0], like[1], like[2], words[0], words[1], words[2], limit, offset)
		postgres.AddValue(&b, &total, registerHits+` SELECT count(*) FROM structure s`+registerHit+registerWhere,
			state, insee, college, fresh, f.Accesses, like[0], like[1], like[2], words[0], words[1], words[2])
	}
	AddCommuneChoices(&b, &v.Communes)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "list the register")
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
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

// searched returns the first three words of a search; one or two fill the place of
// those that are missing.
func searched(q string) [3]string {
	fields := strings.Fields(q)
	if len(fields) == 0 {
		return [3]string{}
	}
	var out [3]string
	for i := range out {
		out[i] = fields[min(i, len(fields)-1)]
	}
	return out
}

// patterns turns words into what LIKE looks for.
func patterns(words [3]string) [3]string {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	for i, w := range words {
		words[i] = "%" + escape.Replace(w) + "%"
	}
	return words
}
