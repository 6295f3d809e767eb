package audit

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// long is a journal of 100,000 entries. Sealing them all in one transaction is
// what a test does and the portal never.
func long(b *testing.B) postgres.DB {
	b.Helper()
	pool := pgtest.Pool(b)
	mustExec(b, pool, `
		INSERT INTO audit_entry (account_id, actor, capacity, action, object, object_id, label, before, after, request_id)
		SELECT n % 50, 'Personne ' || n % 50, 'team:0', (ARRAY['seat.start', 'seat.end', 'account.invite'])[1 + n % 3], 'seat', n % 500,
		       'Siège ' || md5((n % 500)::text), jsonb_build_object('n', n), jsonb_build_object('n', n + 1, 'note', md5(n::text)), 'r'
		FROM generate_series(1, 100000) n`)
	mustExec(b, pool, `ANALYZE audit_entry, audit_seal`)
	return pool
}

func BenchmarkVerify100000(b *testing.B) {
	db := long(b)
	for b.Loop() {
		if r := mustVerify(b, db); !r.OK() || r.Entries != 100000 {
			b.Fatal(r)
		}
	}
}

func BenchmarkSearch100000(b *testing.B) {
	j := NewJournal(long(b))
	for name, f := range map[string]Filter{
		"all": {}, "text": {Q: "c4ca42"}, "common text": {Q: "siege"}, "nothing": {Q: "introuvable"},
		"action": {Action: "seat.end"}, "absent action": {Action: "a.b"}, "account": {Account: 7}, "object": {Object: "seat", ObjectID: 3},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := j.Search(b.Context(), camille, f, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("deep", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Search(b.Context(), camille, Filter{}, 100); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	pool := pgtest.Pool(b)
	by := access.Actor{Account: 1, Name: "Camille", Acting: access.Capacity{Role: access.Team}}
	for b.Loop() {
		err := postgres.InTx(b.Context(), pool, func(tx pgx.Tx) error {
			return Record(b.Context(), tx, by, Entry{Action: "a.b", Object: "c", ID: 1, Label: "d", After: map[string]int{"n": 1}})
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
