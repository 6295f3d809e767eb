package directory

import (
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/sets"
)

// Hit is a structure that the search of the portal found.
type Hit struct {
	ID      structure.ID `db:"organisation_id"`
	Name    string       `db:"name"`
	Commune string       `db:"commune"`
}

// MaxHits is how many structures the search of the portal shows: the directory has
// the others.
const MaxHits = 20

// AddSearch looks, within the batch of a page, for the members of the GNI that have
// all the words, accents, case and small typing errors forgiven, in what they
// publish: those that have them in their name first. An empty query finds nothing.
func AddSearch(b *postgres.Batch, dst *[]Hit, query string) {
	typed := sets.Words(query)
	if len(typed) == 0 {
		return
	}
	postgres.AddList(b, dst, `
		SELECT s.organisation_id, o.name, coalesce(c.name, '') AS commune
		FROM (SELECT h.organisation_id FROM structure_found($1::text[]) AS f JOIN structure h ON h.organisation_id / 8192 = f.chunk
		      WHERE h.state = 'accepted' AND get_bit(f.members, (h.organisation_id % 8192)::int) = 1
		      ORDER BY strpos(h.sort_name, fold(($1::text[])[1])) = 0, h.sort_name, h.organisation_id LIMIT $2) AS hit
		JOIN structure s USING (organisation_id) JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		ORDER BY strpos(s.sort_name, fold(($1::text[])[1])) = 0, s.sort_name, s.organisation_id`, typed, MaxHits)
}
