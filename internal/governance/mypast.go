package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Tenancy is a seat the actor holds or held, for their own eyes.
type Tenancy struct {
	Label string  `db:"label"`
	From  day.Day `db:"from_day"`
	Until day.Day `db:"until_day"` // no longer in office on that day; zero: no end known
	Now   bool    `db:"now"`       // in office today
}

// MyPast returns the mandates of the actor, but for those to come, the latest first:
// what a person who may act for nobody is told. One in office gives no right by
// itself when it is a representative's whose structure is not known.
func (s *Service) MyPast(ctx context.Context, by access.Actor) ([]Tenancy, error) {
	if err := by.Require(by.SignedIn()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Tenancy](ctx, s.db, `
		SELECT s.label, lower(m.during) AS from_day, upper(m.during) AS until_day, m.during @> paris_today() AS now
		FROM mandate m JOIN seat s ON s.id = m.seat_id
		WHERE m.person_id = $1 AND lower(m.during) <= paris_today()
		ORDER BY upper(m.during) DESC NULLS FIRST, m.id LIMIT 20`, by.Person)
	return v, postgres.Wrap(err, "past mandates of %d", by.Person)
}
