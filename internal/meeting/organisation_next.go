package meeting

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// AddOrganisationMeetings asks for the next meetings to come of an organisation, at
// most n: those its seats are convened to, with what was answered, and those of their
// bodies that are announced and not convened yet. The caller has checked that the
// reader acts for it.
func AddOrganisationMeetings(b *postgres.Batch, dst *[]MyLine, org access.OrganisationID, n int) {
	postgres.AddList(b, dst, `
		WITH own AS (
			SELECT DISTINCT ON (c.meeting_id) c.meeting_id, c.id, c.answer, c.seat_label
			FROM convocation c JOIN meeting m ON m.id = c.meeting_id AND m.ends_at > now()
			WHERE c.organisation_id = $1 ORDER BY c.meeting_id, c.id
		), near AS (
			SELECT m.id FROM seat s JOIN composition_rule r ON r.seat_kind = s.kind
			JOIN meeting m ON m.body = r.body AND m.convened_at IS NULL AND m.ends_at > now()
			WHERE s.organisation_id = $1 AND s.during @> paris_today()
		)
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, CASE WHEN `+dateOnly+` THEN '' ELSE m.place END AS place,
		       CASE WHEN `+dateOnly+` THEN '' ELSE m.theme END AS theme, m.state, true AS to_come,
		       coalesce(o.id, 0) AS convocation_id, coalesce(o.answer, '') AS answer, false AS alternate, coalesce(o.seat_label, '') AS seat_label
		FROM (SELECT meeting_id AS id FROM own UNION SELECT id FROM near) x
		JOIN meeting m ON m.id = x.id AND m.announced AND m.state IN ('draft', 'convened', 'in_progress')
		LEFT JOIN own o ON o.meeting_id = m.id
		ORDER BY m.starts_at, m.id LIMIT $2`, org, n)
}
