package network

import (
	"context"
	"slices"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// OverTime is the GNI as a body: how many structures sit in it at the end of each
// quarter since January 2025, and today. What it counts is what the composition of
// that day lists: the seats of structures open on that day, held or not.
type OverTime struct {
	Days     []day.Day // ends of quarters, then today (once)
	Communes []CommuneOnMap
	Now      GNIToday
	counts   map[seatKey]int
}

// CommuneOnMap is a commune with its place on the map of tiles.
type CommuneOnMap struct {
	INSEE      string `db:"insee"`
	Name       string `db:"name"`
	Abbr       string `db:"abbr"`
	Row        int    `db:"tile_row"`
	Col        int    `db:"tile_col"`
	Population int    `db:"population"`
}

// GNIToday is what the sheets of the accepted structures say today.
type GNIToday struct {
	Accepted    int `db:"accepted"`
	UpToDate    int `db:"up_to_date"` // said right for less than twelve months
	Advisers    int `db:"advisers"`   // posts of conseillers numériques
	Mediation   int `db:"mediation"`  // of the network Aladdin, by role
	Prescribers int `db:"prescribers"`
	Relays      int `db:"relays"`
}

type seatKey struct {
	on      day.Day
	college governance.College // "": both
	insee   string             // "": everywhere
}

// Today is the day of the counts that are the last ones.
func (o OverTime) Today() day.Day { return o.Days[len(o.Days)-1] }

// Count is how many structures sit on a day of Days: of a college, or of both when
// it is ""; of a commune, or of all when insee is "".
func (o OverTime) Count(on day.Day, college governance.College, insee string) int {
	return o.counts[seatKey{on, college, insee}]
}

// Without returns the communes where no structure of the GNI has its address on a
// day, in the order of Communes.
func (o OverTime) Without(on day.Day) []CommuneOnMap {
	var out []CommuneOnMap
	for _, c := range o.Communes {
		if o.Count(on, "", c.INSEE) == 0 {
			out = append(out, c)
		}
	}
	return out
}

// Unplaced is how many structures that sit on a day have no known commune.
func (o OverTime) Unplaced(on day.Day) int {
	n := o.Count(on, "", "")
	for _, c := range o.Communes {
		n -= o.Count(on, "", c.INSEE)
	}
	return n
}

// seatCount is a line of the counts: those of a day, a college, a commune.
type seatCount struct {
	On      day.Day            `db:"on_day"`
	College governance.College `db:"college"`
	INSEE   string             `db:"insee"`
	N       int                `db:"n"`
}

// OverTime returns the body over time, in one round trip. The commune of a
// structure is that of its sheet today: where it was before is not kept.
func (s *Service) OverTime(ctx context.Context) (OverTime, error) {
	var (
		b      postgres.Batch
		counts []seatCount
		o      = OverTime{counts: map[seatKey]int{}}
	)
	postgres.AddList(&b, &counts, `
		WITH ends AS (
			SELECT least((q + interval '3 months')::date - 1, paris_today()) AS on_day
			FROM generate_series(timestamp '2025-01-01', paris_today(), interval '3 months') q
		), sat AS MATERIALIZED ( -- the seats are read once: those of one life are counted together
			SELECT g.during, g.college, coalesce(t.insee, '') AS insee, count(*) AS n
			FROM seat g LEFT JOIN structure t ON t.organisation_id = g.organisation_id
			WHERE g.kind = 'structure' GROUP BY 1, 2, 3)
		SELECT e.on_day, coalesce(g.college, '') AS college, coalesce(g.insee, '') AS insee, coalesce(sum(g.n), 0)::int AS n
		FROM ends e LEFT JOIN sat g ON g.during @> e.on_day
		GROUP BY e.on_day, 2, 3 ORDER BY e.on_day`)
	postgres.AddList(&b, &o.Communes, `
		SELECT c.insee, o.name, c.abbr, c.tile_row, c.tile_col, c.population
		FROM commune c JOIN organisation o ON o.id = c.organisation_id ORDER BY fold(o.name)`)
	postgres.AddOne(&b, &o.Now, `
		SELECT count(*)::int AS accepted,
		       count(*) FILTER (WHERE freshness(up_to_date_at) IN ('fresh', 'recent'))::int AS up_to_date,
		       coalesce(sum(adviser_posts), 0)::int AS advisers,
		       count(*) FILTER (WHERE aladdin = 'mediation')::int AS mediation,
		       count(*) FILTER (WHERE aladdin = 'prescriber')::int AS prescribers,
		       count(*) FILTER (WHERE aladdin = 'relay')::int AS relays
		FROM structure WHERE state = 'accepted'`)
	if err := b.Run(ctx, s.db); err != nil {
		return o, postgres.Wrap(err, "the GNI over time")
	}
	for _, c := range counts {
		if !slices.Contains(o.Days, c.On) {
			o.Days = append(o.Days, c.On)
		}
		if c.N == 0 {
			continue
		}
		o.counts[seatKey{c.On, "", ""}] += c.N
		o.counts[seatKey{c.On, c.College, ""}] += c.N
		if c.INSEE != "" {
			o.counts[seatKey{c.On, "", c.INSEE}] += c.N
			o.counts[seatKey{c.On, c.College, c.INSEE}] += c.N
		}
	}
	return o, nil
}

// ByCommune is OverTime for the team's page, which names the communes that have
// no structure.
func (s *Service) ByCommune(ctx context.Context, by access.Actor) (OverTime, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return OverTime{}, err
	}
	return s.OverTime(ctx)
}
