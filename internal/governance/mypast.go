package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Tenancy is a seat the actor held, for their own eyes.
type Tenancy struct {
	Label string  `db:"label"`
	From  day.Day `db:"from_day"`
	Until day.Day `db:"until_day"` // no longer in office on that day
}

// MyPast returns the ended mandates of the actor, the latest first: what a person
// who holds nothing any more is told.
func (s *Service) MyPast(ctx context.Context, by access.Actor) ([]Tenancy, error) {
	if err := by.Require(by.SignedIn()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Tenancy](ctx, s.db, `
		SELECT s.label, lower(m.during) AS from_day, upper(m.during) AS until_day
		FROM mandate m JOIN seat s ON s.id = m.seat_id
		WHERE m.person_id = $1 AND upper(m.during) <= paris_today()
		ORDER BY upper(m.during) DESC, m.id LIMIT 20`, by.Person)
	return v, postgres.Wrap(err, "past mandates of %d", by.Person)
}
