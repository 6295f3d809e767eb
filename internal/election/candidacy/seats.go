package candidacy

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

type collegeSeats struct {
	College governance.College `db:"college"`
	N       int                `db:"n"`
}

// emptySeatsSQL counts the seats of the representatives of the GNI without a titular
// today: what a complementary election fills.
const emptySeatsSQL = `
	SELECT s.college, count(*)::int AS n FROM seat s
	WHERE s.kind = 'gni_representative' AND s.during @> paris_today()
	  AND NOT EXISTS (SELECT FROM mandate m WHERE m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today())
	GROUP BY s.college`

// seatsOf is how many seats each college fills: those of the rules, or, in a
// complementary election, those that are empty.
func seatsOf(e election.Election, empty []collegeSeats) map[governance.College]int {
	out := map[governance.College]int{}
	for _, c := range governance.Colleges {
		out[c] = e.Rules.Seats
	}
	if e.Complements == nil {
		return out
	}
	clear(out)
	for _, x := range empty {
		out[x.College] = min(x.N, e.Rules.Seats)
	}
	return out
}

// Seats returns how many seats each college fills in an election.
func Seats(ctx context.Context, q postgres.Querier, e election.Election) (map[governance.College]int, error) {
	var empty []collegeSeats
	if e.Complements != nil {
		var err error
		if empty, err = postgres.List[collegeSeats](ctx, q, emptySeatsSQL); err != nil {
			return nil, postgres.Wrap(err, "empty seats")
		}
	}
	return seatsOf(e, empty), nil
}
