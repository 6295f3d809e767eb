package structure

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Twin is a structure that looks like another.
type Twin struct {
	ID       ID     `db:"organisation_id"`
	Name     string `db:"name"`
	Commune  string `db:"commune"`
	INSEE    string `db:"insee"`
	SIRET    string `db:"siret"`
	State    State  `db:"state"`
	SameID   bool   `db:"same_id"`  // same SIRET
	Likeness int    `db:"likeness"` // of the names, percent
}

// nearEnough is how alike two names of one commune are to be shown, in trigrams
// (0 to 1): « Centre social du Lac » and « Centre social le Lac » are, « Centre
// social des Tilleuls » and « Centre social du Héron » are not.
const nearEnough = 0.55

// near returns the structures that have the SIRET, or a name close to this one in
// the same commune, the closest first; refused, merged and lapsed records are left
// out. except is the record that is compared, 0 for none.
func near(ctx context.Context, q postgres.Querier, name, insee, siret string, except ID) ([]Twin, error) {
	twins, err := postgres.List[Twin](ctx, q, `
		SELECT s.organisation_id, o.name, coalesce(c.name, '') AS commune, coalesce(s.insee, '') AS insee, s.siret, s.state,
		       s.siret <> '' AND s.siret = $3 AS same_id, (similarity(s.sort_name, fold($1)) * 100)::int AS likeness
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		WHERE s.organisation_id <> $4 AND s.state NOT IN ('refused', 'merged', 'lapsed')
		  AND (s.siret <> '' AND s.siret = $3 OR s.insee = $2 AND similarity(s.sort_name, fold($1)) >= $5)
		ORDER BY same_id DESC, likeness DESC, s.organisation_id LIMIT 10`, name, insee, siret, except, nearEnough)
	return twins, postgres.Wrap(err, "structures near %q", name)
}
