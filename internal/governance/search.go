package governance

import (
	"strings"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// HitKind says what a search found.
type HitKind string

// The closed set of what is searched: what the public pages show.
const (
	BodyHit         HitKind = "body"
	CommuneHit      HitKind = "commune"
	OrganisationHit HitKind = "organisation" // partner holding a seat today; structures are internal/structure's
	// Somebody in office today, but not for a structure: it is the structure that
	// sits in the GNI.
	PersonHit HitKind = "person"
)

// Label returns the French name of the kind.
func (k HitKind) Label() string {
	switch k {
	case BodyHit:
		return "Instance"
	case CommuneHit:
		return "Commune"
	case OrganisationHit:
		return "Organisme"
	case PersonHit:
		return "Personne en fonction"
	}
	return string(k)
}

// Hit is something found.
type Hit struct {
	Kind   HitKind  `db:"kind"`
	Label  string   `db:"label"`
	Detail string   `db:"detail"`
	Body   BodyCode `db:"body"`  // where it shows; "" for a commune
	INSEE  string   `db:"insee"` // of a commune or of its mayor
}

const (
	maxHits  = 50
	maxQuery = 100 // characters looked at
)

// AddSearch looks, within the batch of a page, for words in what the public pages
// show today, accents, case and small typing errors forgiven; the closest first, 50
// at most. An empty query finds nothing.
func AddSearch(b *postgres.Batch, dst *[]Hit, query string) {
	query = strings.Join(strings.Fields(query), " ")
	if r := []rune(query); len(r) > maxQuery {
		query = string(r[:maxQuery])
	}
	if query == "" {
		return
	}
	postgres.AddList(b, dst, `
		WITH wanted AS (
			SELECT fold($1) AS whole, string_to_array(fold($1), ' ') AS words
		), place AS (
			SELECT 'body' AS kind, b.name AS label, b.short_name AS detail, b.code AS body, '' AS insee, 1 AS rank
			FROM body b
			UNION ALL
			SELECT 'commune', o.name, 'Commune de la métropole', '', c.insee, 2
			FROM commune c JOIN organisation o ON o.id = c.organisation_id
			UNION ALL
			SELECT 'organisation', o.name, o.category, 'partenaires', '', 3
			FROM seat s JOIN organisation o ON o.id = s.organisation_id
			WHERE s.kind = 'partner' AND s.during @> paris_today()
			UNION ALL
			SELECT 'person', p.first_name || ' ' || p.last_name, s.label,
			       CASE s.kind WHEN 'partner' THEN 'partenaires' WHEN 'mayor' THEN 'communes' ELSE 'cmtin' END,
			       coalesce(c.insee, ''), 4
			FROM mandate m
			JOIN seat s ON s.id = m.seat_id
			JOIN person p ON p.id = m.person_id
			LEFT JOIN commune c ON c.organisation_id = s.organisation_id
			WHERE m.kind = 'titular' AND m.during @> paris_today() AND s.kind <> 'structure'
		)
		SELECT kind, label, detail, body, insee
		FROM place, wanted, LATERAL (SELECT fold(label || ' ' || detail) AS hay) h
		WHERE (SELECT bool_and(strpos(h.hay, w) > 0) FROM unnest(words) w) OR word_similarity(whole, h.hay) >= 0.55
		ORDER BY (strpos(fold(label), whole) = 0), word_similarity(whole, h.hay) DESC, rank, label
		LIMIT $2`, query, maxHits)
}
