package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Batch is several queries asked in one round trip: what a page needs of several
// tables. The zero value is ready.
type Batch struct{ queued pgx.Batch }

// sender is what runs a batch: a pool, a connection or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// AddList asks for all rows of a query, scanned as List does into dst.
func AddList[T any](b *Batch, dst *[]T, sql constSQL, args ...any) {
	b.queued.Queue(string(sql), args...).Query(func(rows pgx.Rows) (err error) {
		*dst, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	})
}

// AddOne asks for the only row of a query, scanned as One does into dst.
func AddOne[T any](b *Batch, dst *T, sql constSQL, args ...any) {
	b.queued.Queue(string(sql), args...).Query(func(rows pgx.Rows) (err error) {
		*dst, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		return err
	})
}

// AddValue asks for the only column of the only row.
func AddValue[T any](b *Batch, dst *T, sql constSQL, args ...any) {
	b.queued.Queue(string(sql), args...).Query(func(rows pgx.Rows) (err error) {
		*dst, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
		return err
	})
}

// Run asks everything at once and fills the destinations; the first error ends it.
func (b *Batch) Run(ctx context.Context, db sender) error {
	return db.SendBatch(ctx, &b.queued).Close()
}
