package directory

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// BenchmarkDirectory times what the directory reads with 160 members of the GNI, the
// number of the deliberation, and with a hundred times as many, by turns in one run:
// the machine is shared. It reports the first deciles and their ratio.
func BenchmarkDirectory(b *testing.B) {
	const few, many = 160, 16000
	pools := [2]*pgxpool.Pool{}
	for i, n := range []int{few, many} {
		pools[i] = pgtest.Pool(b)
		seed(b, pools[i], n)
		if _, err := pools[i].Exec(b.Context(), `VACUUM ANALYZE`); err != nil { // the server does it by itself
			b.Fatal(err)
		}
	}
	list := func(f Filter, last bool) func(context.Context, *pgxpool.Pool) error {
		return func(ctx context.Context, pool *pgxpool.Pool) error {
			if last {
				f.Page = 1000 // past the end: the last one
			}
			_, err := New(pool).Page(ctx, f)
			return err
		}
	}
	for _, read := range []struct {
		name string
		read func(context.Context, *pgxpool.Pool) error
	}{
		{"first page", list(Filter{}, false)},
		{"third page", list(Filter{Page: 3}, false)},
		{"last page", list(Filter{}, true)},
		{"page 160, beside page 4", list(Filter{Page: 160}, false)},
		{"filtered by college", list(Filter{With: map[Facet]string{FacetCollege: "action_sociale"}}, false)},
		{"filtered by service", list(Filter{With: map[Facet]string{FacetService: "Loisirs et créations numériques"}}, false)},
		{"filtered by three", list(Filter{With: map[Facet]string{FacetCollege: "action_sociale", FacetService: "Aide aux démarches administratives", FacetNetwork: "Aidants Connect"}}, false)},
		{"by freshness", list(Filter{Sort: ByFreshness}, false)},
		{"by commune, last page", list(Filter{Sort: ByCommune}, true)},
		{"search of a name", list(Filter{Q: "mediatheque"}, false)},
		{"search with a typing error", list(Filter{Q: "mediateque"}, false)},
		{"search of two words", list(Filter{Q: "centre heron"}, false)},
		{"search that all answer", list(Filter{Q: "ordinateurs"}, false)},
		{"search of the portal", func(ctx context.Context, pool *pgxpool.Pool) error {
			var hits []Hit
			var batch postgres.Batch
			AddSearch(&batch, &hits, "mediateque")
			return batch.Run(ctx, pool)
		}},
		{"a structure suspended and back", func(ctx context.Context, pool *pgxpool.Pool) error {
			for _, state := range []structure.State{structure.Suspended, structure.Accepted} {
				err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
					_, err := tx.Exec(ctx, `UPDATE structure SET state = $1 WHERE organisation_id = (SELECT min(organisation_id) FROM structure)`, string(state))
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		b.Run(read.name, func(b *testing.B) {
			var took [2][]float64
			for range 10 { // statements prepared, pages warm
				for _, pool := range pools {
					if err := read.read(b.Context(), pool); err != nil {
						b.Fatal(err)
					}
				}
			}
			for b.Loop() {
				for i, pool := range pools {
					start := time.Now()
					if err := read.read(b.Context(), pool); err != nil {
						b.Fatal(err)
					}
					took[i] = append(took[i], time.Since(start).Seconds()*1000)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(unhurried(took[0]), "ms-at-160")
			b.ReportMetric(unhurried(took[1]), "ms-at-16000")
			b.ReportMetric(unhurried(took[1])/unhurried(took[0]), "ratio")
		})
	}
}

// unhurried is the time that nine runs in ten exceed: what a run costs when
// nothing else takes the processor.
func unhurried(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/10]
}
