package structure

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CheckInvariants checks what ties the register to the governance, for `portal
// verify`. It returns a *governance.BrokenInvariant for the first bad row.
func (s *Service) CheckInvariants(ctx context.Context) error {
	bad, err := postgres.One[governance.BrokenInvariant](ctx, s.db, `
		WITH open AS (
			-- The last seat counts: one that changes college before it has begun leaves an earlier one, still to come.
			SELECT DISTINCT ON (organisation_id) organisation_id, college FROM seat
			WHERE kind = 'structure' AND (upper_inf(during) OR upper(during) > paris_today())
			ORDER BY organisation_id, lower(during) DESC
		), agreed AS (
			SELECT DISTINCT ON (structure_id, use) structure_id, use, given FROM structure_consent ORDER BY structure_id, use, id DESC
		), broken AS (
			SELECT 1 AS n, 'Chaque structure du GNI a une fiche au registre' AS rule, 'siège de l’organisation ' || o.organisation_id AS detail
			FROM open o LEFT JOIN structure s USING (organisation_id) WHERE s.organisation_id IS NULL
			UNION ALL
			SELECT 2, 'Une structure est membre du GNI si, et seulement si, son siège est ouvert', 'structure ' || s.organisation_id || ' (' || s.state || ')'
			FROM structure s LEFT JOIN open o USING (organisation_id)
			-- A departure that is still to come keeps the seat until its day.
			WHERE (s.state = 'accepted' AND o.organisation_id IS NULL)
			   OR (o.organisation_id IS NOT NULL AND s.state NOT IN ('accepted', 'suspended', 'left', 'merged'))
			UNION ALL
			SELECT 3, 'Le collège d’une structure est celui de son siège', 'structure ' || s.organisation_id
			FROM structure s JOIN open o USING (organisation_id)
			WHERE s.state = 'accepted' AND s.college <> o.college
			UNION ALL
			SELECT 4, 'Les accords d’une structure sont ceux de leur historique', 'structure ' || s.organisation_id || ' (' || a.use || ')'
			FROM agreed a JOIN structure s ON s.organisation_id = a.structure_id
			WHERE a.given <> CASE a.use WHEN 'sheet' THEN s.publish_sheet WHEN 'contacts' THEN s.publish_contacts ELSE s.share_national END
			UNION ALL
			SELECT 5, 'Une fiche fusionnée mène à une fiche qui ne l’est pas', 'structure ' || s.organisation_id
			FROM structure s JOIN structure t ON t.organisation_id = s.merged_into WHERE t.state = 'merged'
			UNION ALL
			SELECT 6, 'Les noms des personnes d’une demande acceptée ne restent pas dans le registre', 'structure ' || s.organisation_id
			FROM structure s JOIN structure_contact c ON c.structure_id = s.organisation_id WHERE s.state = 'accepted'
		)
		SELECT rule, detail FROM broken ORDER BY n, detail LIMIT 1`)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "check invariants of structures")
	}
	return &bad
}
