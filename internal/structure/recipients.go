package structure

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// recipient is somebody who is written to about a structure.
type recipient struct {
	Person access.PersonID `db:"person_id"` // 0: named in a request, not yet a person of the portal
	Name   string          `db:"name"`
	Email  string          `db:"email"`
}

// applicants returns whom a request is answered to: its person in charge.
func applicants(ctx context.Context, q postgres.Querier, id ID) ([]recipient, error) {
	r, err := postgres.List[recipient](ctx, q, `
		SELECT 0::bigint AS person_id, first_name || ' ' || last_name AS name, email
		FROM structure_contact WHERE structure_id = $1 AND in_charge`, id)
	return r, postgres.Wrap(err, "applicants of structure %d", id)
}

// managers returns who is written to about a member of the GNI: who holds its seat
// and the memberships that manage it, with an address.
func managers(ctx context.Context, q postgres.Querier, id ID) ([]recipient, error) {
	r, err := postgres.List[recipient](ctx, q, `
		SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email
		FROM person p WHERE p.email <> '' AND p.id IN (
		    SELECT m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id
		    WHERE s.organisation_id = $1 AND s.kind = 'structure' AND m.kind = 'titular' AND m.during @> paris_today()
		    UNION SELECT n.person_id FROM membership n WHERE n.organisation_id = $1 AND n.manager AND n.during @> paris_today())
		ORDER BY p.id`, id)
	return r, postgres.Wrap(err, "managers of structure %d", id)
}
