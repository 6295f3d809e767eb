package pgtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrCommit is what Commit of a test's transaction returns.
var ErrCommit = errors.New("pgtest: the transaction of a test is not committed; begin one inside it, or use pgtest.New")

var txDatabase = sync.OnceValues(func() (*pgxpool.Pool, error) {
	s, err := connect()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name := s.txDatabase()
	// The slot is ours: nobody else makes it now.
	there, err := s.exists(ctx, s.admin, name)
	if err == nil && !there {
		err = s.create(ctx, name, s.template)
	}
	if err != nil {
		return nil, err
	}
	return openPool(ctx, s.database(name), txPool)
})

// Tx returns a transaction on a database with our migrations, rolled back at
// the end of the test. A transaction begun inside it is a savepoint, whose
// commit holds until then; committing the outer one fails with [ErrCommit].
//
// Tests of one process share the database: those that run at once must insert
// values of their own where a column is unique, or they wait for one another.
// Inside a transaction now() stands still and NOTIFY is not delivered.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	pool, err := txDatabase()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatalf("pgtest: acquire a connection (a process has %d): %v", txPool, err)
	}
	// The context of the test is cancelled before its clean-up.
	tx, err := conn.Begin(context.WithoutCancel(ctx))
	if err != nil {
		conn.Release()
		t.Fatalf("pgtest: begin: %v", err)
	}
	t.Cleanup(func() {
		defer conn.Release()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := tx.Rollback(ctx)
		if err != nil && !errors.Is(err, pgx.ErrTxClosed) && !conn.Conn().IsClosed() {
			t.Errorf("pgtest: roll back: %v", err)
		}
	})
	return uncommitted{tx}
}

type uncommitted struct{ pgx.Tx }

func (uncommitted) Commit(context.Context) error { return fmt.Errorf("commit: %w", ErrCommit) }
