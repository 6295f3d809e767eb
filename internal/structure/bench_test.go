package structure

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// BenchmarkDirectory times what the directory reads with 160 members of the GNI, the
// number of the deliberation, and with a hundred times as many.
func BenchmarkDirectory(b *testing.B) {
	for _, n := range []int{160, 16000} {
		pool := pgtest.Pool(b)
		directorySeed(b, pool, n)
		if _, err := pool.Exec(b.Context(), `VACUUM ANALYZE`); err != nil { // the server does it by itself
			b.Fatal(err)
		}
		s := directoryOf(pool)
		last := (n + postgres.PageLength - 1) / postgres.PageLength
		for _, read := range []struct {
			name string
			f    Filter
		}{
			{"first page", Filter{}},
			{"middle page", Filter{Page: last/2 + 1}},
			{"last page", Filter{Page: last}},
			{"filtered, half", Filter{With: map[Facet]string{FacetCollege: "action_sociale"}}},
			{"filtered, a service", Filter{With: map[Facet]string{FacetService: "Loisirs et créations numériques"}}},
			{"filtered, a commune", Filter{With: map[Facet]string{FacetCommune: "33063"}}},
			{"filtered, three", Filter{With: map[Facet]string{FacetCollege: "action_sociale", FacetService: "Aide aux démarches administratives", FacetNetwork: "Aidants Connect"}}},
			{"by freshness", Filter{Sort: ByFreshness}},
			{"by commune, last page", Filter{Sort: ByCommune, Page: last}},
			{"search, a name", Filter{Q: "mediatheque"}},
			{"search, a typing error", Filter{Q: "mediateque"}},
			{"search, two words", Filter{Q: "centre heron"}},
			{"search, most", Filter{Q: "ordinateurs"}},
		} {
			b.Run(fmt.Sprintf("%s/%d", read.name, n), func(b *testing.B) {
				benchDirectory(b, func(ctx context.Context) error { _, err := s.Directory(ctx, read.f); return err })
			})
		}
		b.Run(fmt.Sprintf("search of the portal/%d", n), func(b *testing.B) {
			benchDirectory(b, func(ctx context.Context) error {
				var hits []Hit
				var batch postgres.Batch
				AddSearch(&batch, &hits, "mediateque")
				return batch.Run(ctx, pool)
			})
		})
		b.Run(fmt.Sprintf("a structure accepted/%d", n), func(b *testing.B) {
			benchDirectory(b, func(ctx context.Context) error {
				for _, state := range []State{Suspended, Accepted} {
					if err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error { return setState(ctx, tx, directoryFirst(b, pool), state) }); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

func benchDirectory(b *testing.B, read func(context.Context) error) {
	for range 10 { // statements prepared, pages warm
		if err := read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func directoryFirst(b *testing.B, db postgres.Querier) ID {
	b.Helper()
	id, err := postgres.Value[ID](b.Context(), db, `SELECT min(organisation_id) FROM structure`)
	if err != nil {
		b.Fatal(err)
	}
	return id
}
