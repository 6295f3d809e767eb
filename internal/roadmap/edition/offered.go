package edition

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// offered refuses an organisation the form does not offer: the name of a structure that
// is not published must not come back on the page of the proposal. What the action has
// already stays.
func (i Idea) offered(ctx context.Context, tx pgx.Tx, by access.Actor, action roadmap.ID) error {
	if len(i.Partners) > roadmap.MaxPartners {
		return problem.OnField("partenaires", "Choisissez vingt partenaires au plus.")
	}
	type answer struct {
		Pilot    bool `db:"pilot"`
		Partners bool `db:"partners"`
		Communes bool `db:"communes"`
	}
	ok, err := postgres.One[answer](ctx, tx, `
		WITH offered AS (
			SELECT id FROM organisation WHERE kind IN ('metropole', 'commune', 'partner', 'state_service') OR id = $1
			UNION SELECT pilot_id FROM roadmap_action WHERE id = $2
			UNION SELECT organisation_id FROM action_partner WHERE action_id = $2)
		SELECT $3 = 0 OR $3 IN (SELECT id FROM offered WHERE id IS NOT NULL) AS pilot,
		       NOT EXISTS (SELECT FROM unnest($4::bigint[]) AS p WHERE NOT EXISTS (SELECT FROM offered o WHERE o.id = p)) AS partners,
		       NOT EXISTS (SELECT FROM unnest($5::bigint[]) AS c WHERE NOT EXISTS (SELECT FROM commune k WHERE k.organisation_id = c)) AS communes`,
		by.Acting.Organisation, action, i.Pilot, i.Partners, i.Communes)
	switch {
	case err != nil:
		return postgres.Wrap(err, "organisations of a proposal")
	case !ok.Pilot:
		return problem.OnField("pilote", "Choisissez une organisation de la liste.")
	case !ok.Partners:
		return problem.OnField("partenaires", "Choisissez des organisations de la liste.")
	case !ok.Communes && !i.AllCommunes:
		return problem.OnField("communes", "Choisissez des communes de la liste.")
	}
	return nil
}
