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
	Freshness Freshness // of members only
	Q         string    // words of the name or of the commune, or a SIRET
}

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
		  AND ($4 = '' OR s.state = 'accepted' AND freshness(s.up_to_date_at) = $4)`
	registerQueue = ` AND s.state IN ('submitted', 'more_asked')`
	// What is searched is found first, by the index of words, whatever the order.
	registerHits = `
		WITH hit AS MATERIALIZED (
		    SELECT organisation_id AS id, word_similarity(fold($5), search) AS likeness FROM structure
		    WHERE fold($5) <% search OR search LIKE fold($6) AND search LIKE fold($7) AND search LIKE fold($8))`
	registerHit  = ` JOIN hit ON hit.id = s.organisation_id`
	registerCode = ` AND s.siret LIKE $5 || '%'`
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
	code, words := codeOf(f.Q), patterns(f.Q)
	switch {
	case f.Q == "" && f.State.Waiting():
		postgres.AddList(&b, &v.Lines, registerColumns+registerFrom+registerWhere+registerQueue+`
			ORDER BY s.submitted_at, s.organisation_id LIMIT $5 OFFSET $6`, state, insee, college, fresh, limit, offset)
		postgres.AddValue(&b, &total, `SELECT count(*) FROM structure s`+registerWhere+registerQueue, state, insee, college, fresh)
	case f.Q == "":
		postgres.AddList(&b, &v.Lines, registerColumns+registerFrom+registerWhere+`
			ORDER BY s.sort_name, s.organisation_id LIMIT $5 OFFSET $6`, state, insee, college, fresh, limit, offset)
		postgres.AddValue(&b, &total, `SELECT count(*) FROM structure s`+registerWhere, state, insee, college, fresh)
	case code != "":
		postgres.AddList(&b, &v.Lines, registerColumns+registerFrom+registerWhere+registerCode+`
			ORDER BY s.sort_name, s.organisation_id LIMIT $6 OFFSET $7`, state, insee, college, fresh, code, limit, offset)
		postgres.AddValue(&b, &total, `SELECT count(*) FROM structure s`+registerWhere+registerCode, state, insee, college, fresh, code)
	default:
		postgres.AddList(&b, &v.Lines, registerHits+registerColumns+registerFrom+registerHit+registerWhere+`
			ORDER BY hit.likeness DESC, s.sort_name, s.organisation_id LIMIT $9 OFFSET $10`,
			state, insee, college, fresh, f.Q, words[0], words[1], words[2], limit, offset)
		postgres.AddValue(&b, &total, registerHits+` SELECT count(*) FROM structure s`+registerHit+registerWhere,
			state, insee, college, fresh, f.Q, words[0], words[1], words[2])
	}
	postgres.AddList(&b, &v.Communes, `
		SELECT k.insee, o.name FROM commune k JOIN organisation o ON o.id = k.organisation_id ORDER BY fold(o.name)`)
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

// patterns turns the first words of a search into what LIKE looks for; words that
// are missing match everything.
func patterns(q string) [3]string {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	out := [3]string{"%", "%", "%"}
	for i, w := range strings.Fields(q) {
		if i == len(out) {
			break
		}
		out[i] = "%" + escape.Replace(w) + "%"
	}
	return out
}
