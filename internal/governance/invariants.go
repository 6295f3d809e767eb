package governance

import (
	"context"
	"fmt"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// BrokenInvariant is the first row found to break a rule of the governance.
type BrokenInvariant struct {
	Rule   string `db:"rule"`   // French, what should be
	Detail string `db:"detail"` // the row
}

// Error names the rule and the row.
func (b *BrokenInvariant) Error() string { return fmt.Sprintf("%s : %s", b.Rule, b.Detail) }

// CheckInvariants checks, on every day that matters (each day something begins
// or ends), what the deliberation and the schema say of seats and mandates, for
// `portal verify`. It returns a *BrokenInvariant for the first bad row.
func (s *Service) CheckInvariants(ctx context.Context) error {
	bad, err := postgres.One[BrokenInvariant](ctx, s.db, `
		WITH days AS (
			SELECT date '2024-12-06' AS d UNION SELECT paris_today()
			UNION SELECT lower(during) FROM seat UNION SELECT upper(during) FROM seat WHERE NOT upper_inf(during)
		),
		broken AS (
			SELECT 1 AS n, 'Un mandat reste dans la durée de vie de son siège' AS rule,
			       'mandat ' || m.id || ', siège ' || s.id || ' (' || s.label || ')' AS detail
			FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE NOT m.during <@ s.during
			UNION ALL
			SELECT 2, 'Un suppléant ne siège qu’avec un titulaire', 'mandat ' || a.id || ', siège ' || a.seat_id
			FROM mandate a WHERE a.kind = 'alternate'
			  AND NOT coalesce(a.during <@ (SELECT range_agg(t.during) FROM mandate t WHERE t.seat_id = a.seat_id AND t.kind = 'titular'), false)
			UNION ALL
			SELECT 3, 'Un siège n’a qu’un titulaire et qu’un suppléant à la fois', 'mandats ' || a.id || ' et ' || b.id || ', siège ' || a.seat_id
			FROM mandate a JOIN mandate b ON b.seat_id = a.seat_id AND b.kind = a.kind AND b.id > a.id AND b.during && a.during
			UNION ALL
			SELECT 4, 'Il y a un siège de présidente et un siège de conseillère', k.kind || ' : ' || count(s.id) || ' le ' || d.d
			FROM days d CROSS JOIN (VALUES ('president'), ('councillor')) k(kind)
			LEFT JOIN seat s ON s.kind = k.kind AND s.during @> d.d GROUP BY k.kind, d.d HAVING count(s.id) <> 1
			UNION ALL
			SELECT 5, 'Il y a 28 sièges de maire, un par commune', count(s.id) || ' le ' || d.d
			FROM days d LEFT JOIN (seat s JOIN commune c ON c.organisation_id = s.organisation_id) ON s.kind = 'mayor' AND s.during @> d.d
			GROUP BY d.d HAVING count(s.id) <> 28 OR count(DISTINCT s.organisation_id) <> 28
			UNION ALL
			SELECT 6, 'Un collège a cinq représentants au plus', s.college || ' : ' || count(*) || ' le ' || d.d
			FROM days d JOIN seat s ON s.kind = 'gni_representative' AND s.during @> d.d GROUP BY s.college, d.d HAVING count(*) > 5
			UNION ALL
			SELECT 7, 'Un siège appartient à une organisation de son espèce', 'siège ' || s.id || ' (' || s.kind || '), organisation ' || o.id || ' (' || o.kind || ')'
			FROM seat s JOIN organisation o ON o.id = s.organisation_id
			WHERE o.kind <> CASE s.kind WHEN 'mayor' THEN 'commune' ELSE s.kind END
			UNION ALL
			SELECT 9, 'Les comptes d’une instance sont ceux de sa composition', n.body || ' le ' || d.d
			FROM days d CROSS JOIN LATERAL body_counts(d.d) n
			CROSS JOIN LATERAL (SELECT count(*) AS seats, count(*) FILTER (WHERE state = 'vacant') AS vacant,
			                           count(*) FILTER (WHERE counted) AS persons FROM composition(n.body, d.d)) c
			WHERE (n.seats, n.vacant, n.persons) <> (c.seats, c.vacant, c.persons)
			UNION ALL
			SELECT 8, 'Aucun siège n’existe avant la délibération', 'siège ' || s.id || ' depuis le ' || lower(s.during)
			FROM seat s WHERE lower(s.during) < date '2024-12-06'
		)
		SELECT rule, detail FROM broken ORDER BY n, detail LIMIT 1`)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "check the invariants of the governance")
	}
	return &bad
}
