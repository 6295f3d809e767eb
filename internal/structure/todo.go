package structure

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// TeamTodo is what the register asks of the team.
type TeamTodo struct {
	Waiting  int        `json:"waiting"`  // requests to examine
	Oldest   *time.Time `json:"oldest"`   // when the first of them came
	Accesses int        `json:"accesses"` // people who ask to act for a structure
	Bare     []string   `json:"bare"`     // communes without any accepted structure
}

// AddTeamTodo asks what waits for the team; the caller has checked that the actor
// runs the bodies.
func AddTeamTodo(b *postgres.Batch, dst *TeamTodo) {
	postgres.AddValue(b, dst, `
		SELECT json_build_object(
			'waiting', (SELECT count(*) FROM structure WHERE state = 'submitted'),
			'oldest', (SELECT min(submitted_at) FROM structure WHERE state = 'submitted'),
			'accesses', (SELECT count(*) FROM access_request WHERE state = 'waiting'),
			'bare', (SELECT json_agg(o.name ORDER BY fold(o.name)) FROM commune k JOIN organisation o ON o.id = k.organisation_id
			         WHERE EXISTS (SELECT FROM structure WHERE insee IS NOT NULL AND state = 'accepted')
			           AND NOT EXISTS (SELECT FROM structure s WHERE s.insee = k.insee AND s.state = 'accepted')))`)
}
