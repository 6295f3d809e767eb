package pgtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// makeTemplate makes the template database of this name from another one, unless
// it is there. Processes that want the same one take turns. It is made under
// another name and renamed when complete, so one that is there is complete.
func (s *server) makeTemplate(ctx context.Context, name, from string, fill func(context.Context, string) error) (err error) {
	if there, err := s.exists(ctx, s.admin, name); there || err != nil {
		return err
	}
	// A connection outside the pool: it is held while fill is running.
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1, hashtext($2))`, lockClass+1, name); err != nil {
		return fmt.Errorf("wait for another process to make it: %w", err)
	}
	if there, err := s.exists(ctx, conn, name); there || err != nil {
		return err
	}
	unfinished := name + "_new"
	if err := s.drop(ctx, unfinished); err != nil {
		return err
	}
	if err := s.create(ctx, unfinished, from); err != nil {
		return err
	}
	if err := fill(ctx, s.database(unfinished)); err != nil {
		return err
	}
	quoted := pgx.Identifier{unfinished}.Sanitize()
	for _, sql := range []string{
		// Lest a connection that somebody forgets keep it from being copied.
		`ALTER DATABASE ` + quoted + ` ALLOW_CONNECTIONS false`,
		`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '` + unfinished + `'`,
		`ALTER DATABASE ` + quoted + ` RENAME TO ` + pgx.Identifier{name}.Sanitize(),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("finish: %w", err)
		}
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (*server) exists(ctx context.Context, q querier, name string) (there bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	return there, err
}
