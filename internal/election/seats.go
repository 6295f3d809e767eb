package election

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CollegeSeats is a number of seats of a college.
type CollegeSeats struct {
	College governance.College `db:"college"`
	N       int                `db:"n"`
}

const emptySeatsSQL = `
	SELECT s.college, count(*)::int AS n FROM seat s
	WHERE s.kind = 'gni_representative' AND s.during @> paris_today()
	  AND NOT EXISTS (SELECT FROM mandate m WHERE m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today())
	GROUP BY s.college`

// AddEmptySeats queues the count of the seats of the representatives of the GNI without
// a titular today: what a complementary election fills.
func AddEmptySeats(b *postgres.Batch, dst *[]CollegeSeats) { postgres.AddList(b, dst, emptySeatsSQL) }

// SeatsOf is how many seats each college fills: those of the rules, or, in a
// complementary election, those that are empty.
func (e Election) SeatsOf(empty []CollegeSeats) map[governance.College]int {
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

// Seats reads how many seats each college of an election fills.
func Seats(ctx context.Context, q postgres.Querier, e Election) (map[governance.College]int, error) {
	var empty []CollegeSeats
	if e.Complements != nil {
		var err error
		if empty, err = postgres.List[CollegeSeats](ctx, q, emptySeatsSQL); err != nil {
			return nil, postgres.Wrap(err, "empty seats")
		}
	}
	return e.SeatsOf(empty), nil
}
