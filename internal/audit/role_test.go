package audit

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// TestAppRole tries what the portal's own role must never be able to do.
func TestAppRole(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	fiveEntries(t, tx)
	mustExec(t, tx, `SET LOCAL ROLE portal_app`)
	mustRecord(t, tx, camille, Entry{Action: "a.b", Object: "c", ID: 1, Label: "d"})
	seal(t, tx)
	if r := mustVerify(t, tx); !r.OK() || r.Entries != 6 {
		t.Errorf("after an act of the portal: %d entries, fault %v; want 6 and none", r.Entries, r.Fault)
	}
	for name, sql := range map[string]string{
		"update an entry":    `UPDATE audit_entry SET actor = 'x'`,
		"update none":        `UPDATE audit_entry SET actor = 'x' WHERE false`,
		"delete an entry":    `DELETE FROM audit_entry`,
		"truncate":           `TRUNCATE audit_entry CASCADE`,
		"update a seal":      `UPDATE audit_seal SET hash = sha256('x')`,
		"delete a seal":      `DELETE FROM audit_seal`,
		"insert a seal":      `INSERT INTO audit_seal SELECT 7, 1, hash, hash FROM audit_seal WHERE seq = 5`,
		"choose an id":       `INSERT INTO audit_entry (id, actor, capacity, action, object, object_id, label) OVERRIDING SYSTEM VALUE VALUES (-1, 'x', '', 'a.b', 'c', 1, 'd')`,
		"choose a date":      `INSERT INTO audit_entry (at, actor, capacity, action, object, object_id, label) VALUES ('2020-01-01', 'x', '', 'a.b', 'c', 1, 'd')`,
		"disable a trigger":  `ALTER TABLE audit_entry DISABLE TRIGGER USER`,
		"replica mode":       `SET session_replication_role = replica`,
		"replace the sealer": `CREATE OR REPLACE FUNCTION audit_seal_entry() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
		"drop":               `DROP TABLE audit_seal`,
		"shadow the table":   `CREATE TABLE public.audit_other (id int)`,
	} {
		err := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		pgErr, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || pgErr.Code != "42501" {
			t.Errorf("%s: %v, want insufficient privilege", name, err)
		}
	}
}

// TestOwnerIsStopped: even the owner must take the triggers away first.
func TestOwnerIsStopped(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	fiveEntries(t, pool)
	for _, sql := range []string{
		`UPDATE audit_entry SET actor = 'x'`, `DELETE FROM audit_seal`, `TRUNCATE audit_entry, audit_seal`,
	} {
		_, err := pool.Exec(t.Context(), sql)
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", sql, err)
		}
	}
}

// TestConcurrentActs writes from many connections at once, some rolled back.
func TestConcurrentActs(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), pgtest.New(t), postgres.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const writers, acts = 8, 20
	undo := errors.New("undo")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range acts {
				err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
					for n := range 1 + i%3 {
						e := Entry{Action: "a.b", Object: "c", ID: int64(w), Label: fmt.Sprint(i, n)}
						if err := Record(t.Context(), tx, camille, e); err != nil {
							return err
						}
					}
					if i%5 == 4 {
						return undo
					}
					return nil
				})
				if err != nil && !errors.Is(err, undo) {
					t.Errorf("act: %v", err)
				}
			}
		})
	}
	for range 10 { // verified while it is written
		if r := mustVerify(t, pool); !r.OK() {
			t.Errorf("while acts go on: %v", r.Fault)
		}
	}
	wg.Wait()
	want := int64(0)
	for i := range acts {
		if i%5 != 4 {
			want += writers * int64(1+i%3)
		}
	}
	if r := mustVerify(t, pool); !r.OK() || r.Entries != want {
		t.Errorf("%d entries, fault %v; want %d and none", r.Entries, r.Fault, want)
	}
}
