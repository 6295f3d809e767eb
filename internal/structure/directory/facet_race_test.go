package directory

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// spokenRecount compares the words that are kept as bits with those of the texts.
const spokenRecount = `
	WITH kept AS (
		SELECT word, sum(bit_count(members))::int AS n FROM structure_spoken GROUP BY 1
	), fact AS (
		SELECT word, count(DISTINCT organisation_id)::int AS n FROM structure s, unnest(structure_tokens(s.search)) AS word GROUP BY 1
	)
	SELECT count(*)::int FROM kept FULL JOIN fact USING (word) WHERE coalesce(kept.n, 0) <> coalesce(fact.n, 0)`

// Transactions that change the same structures and others at once neither wait for each
// other for ever nor lose what the other counted.
func TestCountersOfTransactionsThatCross(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	seed(t, db, 60)
	ids, err := postgres.Values[structure.ID](t.Context(), db, `SELECT organisation_id FROM structure ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	errs := make(chan error, 4)
	for worker := range 4 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(677, uint64(worker)))
			for range 40 {
				// One that all of them change, one of any: the rows in one order, as an
				// act takes them; the counters in the order of the commits.
				one, other := ids[random.IntN(3)], ids[3+random.IntN(len(ids)-3)]
				err := postgres.InTx(t.Context(), db, func(tx pgx.Tx) error {
					for _, id := range []structure.ID{one, other} {
						if _, err := tx.Exec(t.Context(), `
							UPDATE structure SET state = CASE WHEN state = 'accepted' THEN 'suspended' ELSE 'accepted' END,
							       college = CASE $2::int % 2 WHEN 0 THEN 'action_sociale' ELSE 'mediation_numerique' END,
							       summary = 'Passage ' || $2::int WHERE organisation_id = $1`, id, random.IntN(9)); err != nil {
							return err
						}
					}
					if random.IntN(5) == 0 {
						return errUndone
					}
					return nil
				})
				if err != nil && !errors.Is(err, errUndone) {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	countersHold(t, db)
}

var errUndone = errors.New("undone")

// countersHold fails if a counter, a word, or what is kept to compute them is wrong.
func countersHold(t testing.TB, db postgres.DB) {
	t.Helper()
	for what, sql := range map[string]string{"counters": miscounted, "words": spokenRecount, "left behind": `SELECT count(*)::int FROM structure_touched`} {
		n := -1
		if err := db.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d %s are wrong (%v)", n, what, err)
		}
	}
}
