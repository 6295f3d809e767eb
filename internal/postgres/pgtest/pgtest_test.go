package pgtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
)

func value[T any](t *testing.T, q querier, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := q.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func mustExec(t *testing.T, url, sql string) {
	t.Helper()
	if err := execOn(t.Context(), url, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func execOn(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

const countDatabase = `SELECT count(*) FROM pg_database WHERE datname = $1`

func TestNew(t *testing.T) {
	t.Parallel()
	s := mustConnect(t)
	var names []string
	for range 2 {
		t.Run("", func(t *testing.T) {
			pool := Pool(t)
			if n := value[int](t, pool, `SELECT count(*) FROM goose_db_version`); n < 2 {
				t.Errorf("%d migrations are applied", n)
			}
			names = append(names, value[string](t, pool, `SELECT current_database()`))
			if _, err := pool.Exec(t.Context(), `CREATE TABLE mine ()`); err != nil {
				t.Error(err)
			}
		})
	}
	for _, name := range names {
		if value[int](t, s.admin, countDatabase, name) != 0 {
			t.Errorf("%s was not dropped", name)
		}
	}
}

func TestNewIsDroppedWhileConnected(t *testing.T) {
	t.Parallel()
	t.Run("", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), New(t))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn // left open
	})
}

func TestTx(t *testing.T) {
	t.Parallel()
	for range 2 {
		t.Run("", func(t *testing.T) {
			tx := Tx(t)
			inner, err := tx.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			// Fails if the subtest before has left it behind.
			if _, err := inner.Exec(t.Context(), `CREATE TABLE left_behind ()`); err != nil {
				t.Fatal(err)
			}
			if err := inner.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !value[bool](t, tx, `SELECT to_regclass('left_behind') IS NOT NULL`) {
				t.Error("the inner transaction's work is lost")
			}
			if err := tx.Commit(t.Context()); !errors.Is(err, ErrCommit) {
				t.Errorf("Commit: %v", err)
			}
		})
	}
}

// A test may fail its transaction, and its context ends before the clean-up.
func TestTxAfterAnError(t *testing.T) {
	t.Parallel()
	tx := Tx(t)
	if _, err := tx.Exec(t.Context(), `SELECT 1/0`); err == nil {
		t.Error("1/0 is a number")
	}
	other := Tx(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := other.Exec(ctx, `SELECT 1`); err == nil {
		t.Error("a cancelled query succeeded")
	}
}

func TestNewFrom(t *testing.T) {
	t.Parallel()
	var filled atomic.Int32
	name := t.Name() + rand(t)
	fill := func(ctx context.Context, url string) error {
		filled.Add(1)
		return execOn(ctx, url, `CREATE TABLE demo AS SELECT 7 AS n`)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			url := NewFrom(t, name, fill)
			if err := execOn(t.Context(), url, `UPDATE demo SET n = n + 1`); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := value[int](t, Open(t, NewFrom(t, name, fill)), `SELECT n FROM demo`); n != 7 {
		t.Errorf("the template was written to: n = %d", n)
	}
	if filled.Load() != 1 {
		t.Errorf("filled %d times", filled.Load())
	}
}

func TestTemplateThatFailsIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := mustConnect(t)
	name, fails := "pgtest_m_failing_"+rand(t), errors.New("half-way")
	t.Cleanup(func() {
		for _, n := range []string{name, name + "_new"} {
			if err := s.drop(context.Background(), n); err != nil {
				t.Error(err)
			}
		}
	})
	err := s.makeTemplate(t.Context(), name, s.template, func(ctx context.Context, url string) error {
		mustExec(t, url, `CREATE TABLE half ()`)
		return fails
	})
	if !errors.Is(err, fails) {
		t.Fatalf("makeTemplate: %v", err)
	}
	err = s.makeTemplate(t.Context(), name, s.template, func(ctx context.Context, url string) error {
		return execOn(ctx, url, `CREATE TABLE half ()`)
	})
	if err != nil {
		t.Error(err)
	}
}

// What a killed process leaves is gone when its slot is taken again.
func TestSlotIsSwept(t *testing.T) {
	killed, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer killed.admin.Close()
	left := killed.prefix + "left"
	if err := killed.create(t.Context(), left, killed.template); err != nil {
		t.Fatal(err)
	}
	if err := killed.slot.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The server notices the end of the session in its own time.
	for range 100 {
		next, err := open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer next.admin.Close()
		defer next.slot.Close(context.Background())
		if next.prefix == killed.prefix {
			if value[int](t, next.admin, countDatabase, left) != 0 {
				t.Error("the database of a killed process is still there")
			}
			return
		}
	}
	t.Error("the slot of a killed process stays taken")
}

func TestSchemaHash(t *testing.T) {
	t.Parallel()
	a := fstest.MapFS{"1.sql": {Data: []byte("a")}, "2.sql": {Data: []byte("b")}}
	same := fstest.MapFS{"2.sql": {Data: []byte("b")}, "1.sql": {Data: []byte("a")}}
	other := fstest.MapFS{"1.sql": {Data: []byte("a")}, "2.sql": {Data: []byte("B")}}
	hash := func(m fstest.MapFS) string {
		h, err := schemaHash(m)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if hash(a) != hash(same) || hash(a) == hash(other) {
		t.Error("the hash does not tell one schema from another")
	}
}

// Two test programs at once share the cluster and do not see each other.
func TestProcesses(t *testing.T) {
	if os.Getenv("PGTEST_CHILD") != "" {
		t.Skip("this is the other process")
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			cmd := exec.Command(self, "-test.run", "^Test(New|Tx|NewFrom)$", "-test.count", "2")
			cmd.Env = append(os.Environ(), "PGTEST_CHILD=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
}

func TestOtherDatabaseOfTheServer(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://u:p@h:1/a?host=%2Ftmp": "postgres://u:p@h:1/b?host=%2Ftmp",
		"host=/tmp dbname=a user=somebody": "host=/tmp dbname=a user=somebody dbname=b",
	} {
		if got := (&server{url: url}).database("b"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if c, err := pgx.ParseConfig(want); err != nil || c.Database != "b" {
			t.Errorf("pgx reads %v, %v", c, err)
		}
	}
}

func rand(t *testing.T) string {
	return value[string](t, mustConnect(t).admin, `SELECT substr(md5(random()::text), 1, 8)`)
}

func BenchmarkTx(b *testing.B) {
	pool, err := txDatabase()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tx, err := pool.Begin(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := tx.Rollback(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	s, err := connect()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.create(b.Context(), s.prefix+"bench", s.template); err != nil {
			b.Fatal(err)
		}
		if err := s.drop(b.Context(), s.prefix+"bench"); err != nil {
			b.Fatal(err)
		}
	}
}
