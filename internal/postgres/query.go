// Package postgres is the way to the database: a pool of connections acting in
// the application role, one transaction per business act, and queries whose text
// can only be a constant of the program.
package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// constSQL is unexported so that only an untyped constant converts to it: a
// caller cannot pass a string it put together, and injection does not compile.
type constSQL string

// Querier runs statements: a pool, a connection or a transaction.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// DB is a Querier that can begin a transaction: a pool in the portal, and a
// transaction in tests, whose Begin is a savepoint.
type DB interface {
	Querier
	Begin(ctx context.Context) (pgx.Tx, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// InTx runs f in one transaction, committed when f returns nil and rolled back
// otherwise. Nothing inside f sends mail, reads files or calls out: it queues.
func InTx(ctx context.Context, db DB, f func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, db, f)
}

// List returns all rows of a query, each scanned into the fields of T by column
// name (tag `db:"…"` for another name).
func List[T any](ctx context.Context, q Querier, sql constSQL, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, string(sql), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// One returns the only row of a query as List does; pgx.ErrNoRows if there is
// none, pgx.ErrTooManyRows if there are several.
func One[T any](ctx context.Context, q Querier, sql constSQL, args ...any) (T, error) {
	rows, err := q.Query(ctx, string(sql), args...)
	if err != nil {
		var zero T
		return zero, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
}

// Value returns the only column of the first row; pgx.ErrNoRows if there is none.
func Value[T any](ctx context.Context, q Querier, sql constSQL, args ...any) (T, error) {
	var v T
	err := q.QueryRow(ctx, string(sql), args...).Scan(&v)
	return v, err
}

// Values returns the only column of all rows.
func Values[T any](ctx context.Context, q Querier, sql constSQL, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, string(sql), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}

// Exec runs a statement and returns how many rows it touched.
func Exec(ctx context.Context, q Querier, sql constSQL, args ...any) (int64, error) {
	tag, err := q.Exec(ctx, string(sql), args...)
	return tag.RowsAffected(), err
}

// Rows calls f for each row of a query, for streams too long to hold.
func Rows(ctx context.Context, q Querier, sql constSQL, args []any, f func(pgx.Rows) error) error {
	rows, err := q.Query(ctx, string(sql), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Violates tells whether err is the violation of the named constraint. Areas map
// it to a French message beside the statement that can cause it.
func Violates(err error, constraint string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.ConstraintName == constraint
}

// IsNoRows tells whether err says that One or Value found nothing.
func IsNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Wrap adds what was being done to a non-nil error.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
