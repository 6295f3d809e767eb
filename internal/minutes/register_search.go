package minutes

import (
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// RegisterHit is a published decision, opinion or position that a search found.
type RegisterHit struct {
	Kind     string              `db:"kind"` // decision, opinion, position, request
	ID       int64               `db:"id"`
	Body     governance.BodyCode `db:"body"`
	Year     int                 `db:"year"`
	Number   int                 `db:"number"`
	Title    string              `db:"title"`
	StartsAt time.Time           `db:"starts_at"` // of the meeting
}

// Reference names what was found: « GNI 2026-3 ».
func (h RegisterHit) Reference() string {
	letter := map[string]string{string(KindOpinion): "A", string(KindPosition): "P", string(KindRequest): "P"}[h.Kind]
	return h.Body.Reference(h.Year, letter, h.Number)
}

// Label returns the French name of what was found.
func (h RegisterHit) Label() string {
	if h.Kind == string(KindPosition) || h.Kind == string(KindRequest) {
		return PositionKind(h.Kind).Label()
	}
	return DecisionKind(h.Kind).Label()
}

const (
	maxRegisterHits = 10
	maxSearched     = 100 // characters looked at
)

// AddSearch looks, within the batch of a page, for words in the published decisions
// and positions, accents, case and small typing errors forgiven; ten at most, the
// closest title first. An empty query finds nothing.
func AddSearch(b *postgres.Batch, dst *[]RegisterHit, query string) {
	query = strings.Join(strings.Fields(query), " ")
	if r := []rune(query); len(r) > maxSearched {
		query = string(r[:maxSearched])
	}
	if query == "" {
		return
	}
	f := RegisterFilter{Q: query}.read()
	if f.number > 0 {
		postgres.AddList(b, dst, `
			SELECT d.kind, d.id, d.body, d.year, d.number, d.title, m.starts_at FROM decision d JOIN meeting m ON m.id = d.meeting_id
			WHERE m.state = 'published' AND d.superseded_by IS NULL AND d.year = $1 AND d.number = $2 AND ($3 = '' OR d.body = $3)
			  AND d.kind = CASE $4 WHEN 'A' THEN 'opinion' WHEN '' THEN 'decision' END
			UNION ALL
			SELECT d.kind, d.id, d.body, d.year, d.number, d.title, m.starts_at FROM position_taken d JOIN meeting m ON m.id = d.meeting_id
			WHERE m.state = 'published' AND $4 = 'P' AND d.year = $1 AND d.number = $2 AND ($3 = '' OR d.body = $3)
			ORDER BY body LIMIT $5`, f.Year, f.number, f.Body, f.letter, maxRegisterHits)
		return
	}
	postgres.AddList(b, dst, `
		WITH place AS (
			SELECT d.kind, d.id, d.body, d.year, d.number, d.title, m.starts_at, word_similarity(fold($1), fold(d.title)) AS near
			FROM decision d JOIN meeting m ON m.id = d.meeting_id
			WHERE m.state = 'published' AND d.superseded_by IS NULL
			  AND (fold(d.title || ' ' || d.text) LIKE fold($2) OR fold($1) <% fold(d.title || ' ' || d.text))
			UNION ALL
			SELECT d.kind, d.id, d.body, d.year, d.number, d.title, m.starts_at, word_similarity(fold($1), fold(d.title))
			FROM position_taken d JOIN meeting m ON m.id = d.meeting_id
			WHERE m.state = 'published'
			  AND (fold(d.title || ' ' || d.text) LIKE fold($2) OR fold($1) <% fold(d.title || ' ' || d.text))
		)
		SELECT kind, id, body, year, number, title, starts_at FROM place
		ORDER BY (strpos(fold(title), fold($1)) = 0), near DESC, starts_at DESC, id DESC LIMIT $3`, query, likeWords(query), maxRegisterHits)
}
