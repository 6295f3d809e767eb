package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// camille is an administrator.
var camille = access.Actor{Account: 7, Name: "Camille Exemple", RequestID: "r-1",
	Acting: access.Capacity{Role: access.Administrator}}

// seal makes the seals of what q wrote, as its commit would.
func seal(t testing.TB, q postgres.Querier) {
	t.Helper()
	mustExec(t, q, `SET CONSTRAINTS ALL IMMEDIATE`)
	mustExec(t, q, `SET CONSTRAINTS ALL DEFERRED`)
}

func mustExec(t testing.TB, q postgres.Querier, sql string, args ...any) {
	t.Helper()
	if _, err := q.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func mustRecord(t testing.TB, q postgres.Querier, by access.Actor, e Entry) {
	t.Helper()
	if err := Record(context.Background(), q, by, e); err != nil {
		t.Fatalf("Record(%v): %v", e, err)
	}
}

func mustVerify(t testing.TB, q postgres.Querier, known ...Seal) Report {
	t.Helper()
	r, err := Verify(context.Background(), q, known...)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return r
}

// fiveEntries writes and seals five entries; ids[i] is the id sealed as i+1.
func fiveEntries(t testing.TB, q postgres.Querier) (ids []int64) {
	t.Helper()
	for i := range 5 {
		by := camille
		if i == 3 {
			by = access.System("rappels")
		}
		e := Entry{Action: "seat.start", Object: "seat", ID: int64(i), Label: fmt.Sprintf("Siège %d : « à pourvoir »", i)}
		if i > 0 {
			e.After = map[string]any{"n": i, "name": "Élodie\u202fNœud 🗳", "big": 1e21, "small": 0.1}
		}
		mustRecord(t, q, by, e)
	}
	seal(t, q)
	ids, err := postgres.Values[int64](t.Context(), q, `SELECT entry_id FROM audit_seal ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// tamperable returns a database of its own (changing tables locks them) with five
// sealed entries, ids 1 to 5, and nothing to stop its owner.
func tamperable(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.Pool(t)
	fiveEntries(t, pool)
	mustExec(t, pool, `ALTER TABLE audit_entry DISABLE TRIGGER USER`)
	mustExec(t, pool, `ALTER TABLE audit_seal DISABLE TRIGGER USER`)
	mustExec(t, pool, `ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_entry_id_fkey`)
	return pool
}

// begin begins a transaction rolled back at the end of the test.
func begin(t testing.TB, pool *pgxpool.Pool) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func TestVerifyWhole(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	if r := mustVerify(t, tx); !r.OK() || r.Entries != 0 || !r.Head.IsZero() {
		t.Errorf("empty journal: %+v, want nothing and no fault", r)
	}
	fiveEntries(t, tx)
	r := mustVerify(t, tx)
	if !r.OK() || r.Entries != 5 || r.Head.Seq != 5 {
		t.Fatalf("five entries: %+v (fault %v), want 5 and no fault", r, r.Fault)
	}
	head, err := Head(t.Context(), tx)
	if err != nil || head != r.Head {
		t.Errorf("Head = %v, %v; want %v as verified", head, err, r.Head)
	}
	if r := mustVerify(t, tx, head); !r.OK() {
		t.Errorf("with the noted head: %v, want no fault", r.Fault)
	}
}

// TestVerifyTampered changes the journal behind the portal's back, as the owner
// of the tables, and expects the first bad row to be named.
func TestVerifyTampered(t *testing.T) {
	t.Parallel()
	change := func(assignment string) string {
		return `UPDATE audit_entry SET ` + assignment + ` WHERE id = (SELECT entry_id FROM audit_seal WHERE seq = 3)`
	}
	content := Fault{Kind: FaultContent, Seq: 3, Entry: 3}
	tests := map[string]struct {
		sql  string
		want Fault
	}{
		"at, by a microsecond":   {change(`at = at + interval '1 microsecond'`), content},
		"at, infinity":           {change(`at = 'infinity'`), content},
		"account":                {change(`account_id = 8`), content},
		"account, to nobody":     {change(`account_id = NULL`), content},
		"actor":                  {change(`actor = 'Camille  Exemple'`), content},
		"capacity":               {change(`capacity = 'team:0'`), content},
		"action":                 {change(`action = 'seat.stop'`), content},
		"object":                 {change(`object = 'body'`), content},
		"object id":              {change(`object_id = object_id + 1`), content},
		"label":                  {change(`label = label || ' '`), content},
		"label to actor":         {change(`label = '', actor = actor || label`), content},
		"before, from nothing":   {change(`before = 'null'`), content},
		"after, one value":       {change(`after = jsonb_set(after, '{n}', '9')`), content},
		"after, a number's form": {change(`after = jsonb_set(after, '{n}', '2.0')`), content},
		"after, to nothing":      {change(`after = NULL`), content},
		"after to before":        {change(`before = after, after = NULL`), content},
		"request":                {change(`request_id = ''`), content},
		"entry id": {
			`UPDATE audit_entry SET id = DEFAULT WHERE id = (SELECT entry_id FROM audit_seal WHERE seq = 3)`,
			Fault{Kind: FaultEntryLost, Seq: 3, Entry: 3}},
		"entry removed": {
			`DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_seal WHERE seq = 3)`,
			Fault{Kind: FaultEntryLost, Seq: 3, Entry: 3}},
		"seal removed":       {`DELETE FROM audit_seal WHERE seq = 3`, Fault{Kind: FaultGap, Seq: 3}},
		"first seal removed": {`DELETE FROM audit_seal WHERE seq = 1`, Fault{Kind: FaultGap, Seq: 1}},
		"both removed": {
			`WITH s AS (DELETE FROM audit_seal WHERE seq = 3 RETURNING entry_id)
			 DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM s)`, Fault{Kind: FaultGap, Seq: 3}},
		"both removed, seals closed up": {
			`DELETE FROM audit_seal WHERE seq = 3; UPDATE audit_seal SET seq = seq - 1 WHERE seq > 3`,
			Fault{Kind: FaultPrevious, Seq: 3, Entry: 4}},
		"two entries swapped": {
			`UPDATE audit_seal s SET entry_id = -entry_id WHERE seq IN (3, 4);
			 UPDATE audit_seal s SET entry_id = (SELECT -o.entry_id FROM audit_seal o WHERE o.seq = 7 - s.seq) WHERE seq = 3;
			 UPDATE audit_seal s SET entry_id = (SELECT min(id) FROM audit_entry e WHERE id NOT IN (SELECT entry_id FROM audit_seal)) WHERE seq = 4`,
			Fault{Kind: FaultContent, Seq: 3, Entry: 4}},
		"two seals swapped": {
			`UPDATE audit_seal SET seq = 99 WHERE seq = 3; UPDATE audit_seal SET seq = 3 WHERE seq = 4; UPDATE audit_seal SET seq = 4 WHERE seq = 99`,
			Fault{Kind: FaultPrevious, Seq: 3, Entry: 4}},
		"hash": {`UPDATE audit_seal SET hash = sha256('x') WHERE seq = 3`, content},
		"previous hash": {`UPDATE audit_seal SET prev_hash = sha256('x') WHERE seq = 3`,
			Fault{Kind: FaultPrevious, Seq: 3, Entry: 3}},
		"short previous hash": {`UPDATE audit_seal SET prev_hash = '' WHERE seq = 1`,
			Fault{Kind: FaultPrevious, Seq: 1, Entry: 1}},
		"one link made again": {
			change(`label = 'autre'`) + `;
			 UPDATE audit_seal s SET hash = sha256(s.prev_hash || convert_to(audit_canonical(e), 'UTF8'))
			 FROM audit_entry e WHERE e.id = s.entry_id AND s.seq = 3`,
			Fault{Kind: FaultPrevious, Seq: 4, Entry: 4}},
		"entry inserted": {
			`INSERT INTO audit_entry (actor, capacity, action, object, object_id, label) VALUES ('x', ':0', 'a.b', 'c', 1, 'd')`,
			Fault{Kind: FaultUnsealed, Entry: 6}},
		"entry inserted in the past": {
			`INSERT INTO audit_entry (id, actor, capacity, action, object, object_id, label)
			 OVERRIDING SYSTEM VALUE VALUES (-5, 'x', ':0', 'a.b', 'c', 1, 'd')`,
			Fault{Kind: FaultUnsealed, Entry: -5}},
		"forged seal at the end": {
			`INSERT INTO audit_seal SELECT 6, 1000, hash, hash FROM audit_seal WHERE seq = 5`,
			Fault{Kind: FaultEntryLost, Seq: 6, Entry: 1000}},
	}
	pool := tamperable(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tx := begin(t, pool)
			for sql := range strings.SplitSeq(test.sql, ";") {
				mustExec(t, tx, sql)
			}
			r := mustVerify(t, tx)
			if r.OK() {
				t.Fatalf("verified as whole, want %+v", test.want)
			}
			want := test.want
			if want.Entry == 6 { // whatever the sequence gave
				want.Entry = r.Fault.Entry
			}
			if d := cmp.Diff(&want, r.Fault); d != "" {
				t.Errorf("fault (-want +got):\n%s", d)
			}
			if r.Fault.Message() == r.Fault.Kind || r.Fault.Error() == "" {
				t.Errorf("fault %v has no French sentence", r.Fault.Kind)
			}
		})
	}
}

// TestVerifyNoted shows what only a seal noted elsewhere can tell.
func TestVerifyNoted(t *testing.T) {
	t.Parallel()
	tx := begin(t, tamperable(t))
	head := mustVerify(t, tx).Head
	mustExec(t, tx, `WITH s AS (DELETE FROM audit_seal WHERE seq > 3 RETURNING entry_id) SELECT count(*) FROM s`)
	mustExec(t, tx, `DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_seal)`)
	if r := mustVerify(t, tx); !r.OK() {
		t.Errorf("tail cut off, nothing noted: %v; nobody can tell", r.Fault)
	}
	r := mustVerify(t, tx, head)
	if r.OK() || r.Fault.Kind != FaultNotAsNoted || r.Fault.Seq != 5 {
		t.Errorf("tail cut off, head noted: %+v, want seal 5 not as noted", r.Fault)
	}
	other := Seal{Seq: 2}
	r = mustVerify(t, tx, other)
	if r.OK() || r.Fault.Kind != FaultNotAsNoted || r.Fault.Seq != 2 {
		t.Errorf("another hash noted: %+v, want seal 2 not as noted", r.Fault)
	}
}

// TestVerifyChunks reads a journal longer than one chunk.
func TestVerifyChunks(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	mustExec(t, tx, `
		INSERT INTO audit_entry (actor, capacity, action, object, object_id, label, after)
		SELECT 'é', 'team:0', 'a.b', 'c', n, 'd' || n, jsonb_build_object('n', n, 'x', n / 7.0)
		FROM generate_series(1, $1) n`, 2*chunk)
	seal(t, tx)
	r := mustVerify(t, tx)
	if !r.OK() || r.Entries != 2*chunk {
		t.Errorf("%d entries, fault %v; want %d and none", r.Entries, r.Fault, 2*chunk)
	}
}

// TestHashAsSQL compares both computations on whatever text comes.
func TestHashAsSQL(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 }))
	rapid.Check(t, func(rt *rapid.T) {
		by := camille
		by.Name, by.RequestID = text.Draw(rt, "name"), text.Draw(rt, "request")
		if rapid.Bool().Draw(rt, "system") {
			by.Account = access.System("x").Account
		}
		e := Entry{Action: "a.b", Object: text.Draw(rt, "object"), ID: rapid.Int64().Draw(rt, "id"), Label: text.Draw(rt, "label")}
		if rapid.Bool().Draw(rt, "has before") {
			e.Before = map[string]any{"z": text.Draw(rt, "before"), "a": rapid.Float64().Draw(rt, "float")}
		}
		if rapid.Bool().Draw(rt, "has after") {
			e.After = []any{rapid.Int64().Draw(rt, "int"), nil, rapid.Bool().Draw(rt, "bool"), text.Draw(rt, "after")}
		}
		if err := Record(context.Background(), tx, by, e); err != nil {
			rt.Fatalf("Record: %v", err)
		}
	})
	seal(t, tx)
	if r := mustVerify(t, tx); !r.OK() {
		t.Errorf("hash in Go differs from SQL: %v", r.Fault)
	}
}
