package roadmap

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CheckInvariants checks what the schema alone does not hold of the roadmap, for
// `portal verify`. It returns a *governance.BrokenInvariant for the first bad row.
func (s *Service) CheckInvariants(ctx context.Context) error {
	bad, err := postgres.One[governance.BrokenInvariant](ctx, s.db, `
		WITH broken AS (
			SELECT 1 AS n, 'Une action qui concerne toutes les communes en a vingt-huit' AS rule, 'action ' || a.number AS detail
			FROM roadmap_action a
			WHERE a.all_communes AND (SELECT count(*) FROM action_commune c WHERE c.action_id = a.id) <> (SELECT count(*) FROM commune)
			UNION ALL
			SELECT 2, 'Le chiffre d’un point d’avancement est celui d’un indicateur de son action', 'point ' || r.id
			FROM report_figure f JOIN progress_report r ON r.id = f.report_id JOIN action_indicator i ON i.id = f.indicator_id
			WHERE i.action_id <> r.action_id
			UNION ALL
			SELECT 3, 'Un point d’avancement remplacé l’est par un point de la même action et de la même organisation', 'point ' || n.id
			FROM progress_report n JOIN progress_report o ON o.id = n.replaces_id
			WHERE o.state <> 'replaced' OR (o.action_id, o.organisation_id) <> (n.action_id, n.organisation_id)
			UNION ALL
			SELECT 4, 'Une campagne n’est répondue que pour ce qu’elle demande', 'point ' || r.id
			FROM progress_report r LEFT JOIN campaign_question q USING (campaign_id, organisation_id, action_id)
			WHERE r.campaign_id IS NOT NULL AND q.action_id IS NULL
			UNION ALL
			SELECT 5, 'Une action adoptée dans un programme annuel est validée', 'action ' || a.number || ', programme ' || l.year
			FROM edition_line l JOIN edition e ON e.year = l.year AND e.state = 'frozen' JOIN roadmap_action a ON a.id = l.action_id
			WHERE l.outcome = 'adopted' AND a.validated_on IS NULL
			UNION ALL
			SELECT 6, 'La cible et la valeur d’un indicateur ne précèdent pas son point de départ', 'indicateur ' || i.id
			FROM action_indicator i JOIN indicator_target t ON t.indicator_id = i.id
			WHERE t.year < extract(year FROM i.baseline_on)
			UNION ALL
			SELECT 7, 'Les totaux du budget sont la somme de leurs lignes', 'axe ' || axis_id || ', année ' || year
			FROM (SELECT axis_id, year, nature, funder_id, funder, planned_cents, obtained_cents, spent_cents FROM budget_sum
			      UNION ALL SELECT counted_axis, year, nature, funder_id, funder, -planned_cents, -obtained_cents, -spent_cents
			      FROM budget_line WHERE counted_axis IS NOT NULL) b
			GROUP BY axis_id, year, nature, funder_id, funder
			HAVING sum(planned_cents) <> 0 OR sum(obtained_cents) <> 0 OR sum(spent_cents) <> 0
		)
		SELECT rule, detail FROM broken ORDER BY n, detail LIMIT 1`)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "check invariants of the roadmap")
	}
	return &bad
}
