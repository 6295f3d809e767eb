package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// AppRole is the role the portal acts in: it reads and writes rows, has no DDL
// and cannot change the journal (migrations/00001_foundation.sql).
const AppRole = "portal_app"

// Limits set on every connection: a page that waits longer is better refused.
const (
	statementTimeout = 5 * time.Second
	lockTimeout      = 2 * time.Second
)

// Options tune a pool.
type Options struct {
	MaxConns int32           // 0: pgx's default (at least 4)
	Tracer   pgx.QueryTracer // nil: none; tests count round trips with it
}

// Open returns a pool whose connections act as AppRole when the database has it
// and the login may take it. It connects lazily: a database that is away makes
// the first query fail, not the start.
func Open(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read DATABASE_URL: %w", hideURL(err))
	}
	if o.MaxConns > 0 {
		c.MaxConns = o.MaxConns
	}
	c.ConnConfig.ConnectTimeout = 3 * time.Second
	c.ConnConfig.Tracer = o.Tracer
	c.MaxConnLifetime = time.Hour
	c.HealthCheckPeriod = 5 * time.Second
	p := c.ConnConfig.RuntimeParams
	p["application_name"] = "portal"
	p["timezone"] = "UTC"
	p["statement_timeout"] = milliseconds(statementTimeout)
	p["lock_timeout"] = milliseconds(lockTimeout)
	c.AfterConnect = actAsAppRole
	return pgxpool.NewWithConfig(ctx, c)
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// actAsAppRole takes the application role if there is one to take.
func actAsAppRole(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		SELECT set_config('role', $1::text, false)
		FROM pg_roles WHERE rolname = $1::text AND pg_has_role(session_user, oid, 'MEMBER')`, AppRole)
	if err != nil {
		return fmt.Errorf("act as %s: %w", AppRole, err)
	}
	return nil
}

// Separated tells whether the connections of db may not change the journal: they
// act in the application role.
func Separated(ctx context.Context, db Querier) (bool, error) {
	return Value[bool](ctx, db, `
		SELECT NOT has_table_privilege(current_user, 'audit_entry', 'UPDATE, DELETE, TRUNCATE')
		   AND NOT has_table_privilege(current_user, 'audit_seal', 'INSERT, UPDATE, DELETE, TRUNCATE')`)
}

// Confined tells whether the login itself may not: RESET ROLE would give nothing
// more, since it is no superuser and no member of the role that owns the journal.
// Production refuses to start without it.
func Confined(ctx context.Context, db Querier) (bool, error) {
	return Value[bool](ctx, db, `
		SELECT NOT r.rolsuper
		   AND NOT has_table_privilege(session_user, 'audit_entry', 'UPDATE, DELETE, TRUNCATE')
		   AND NOT has_table_privilege(session_user, 'audit_seal', 'INSERT, UPDATE, DELETE, TRUNCATE')
		   AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid IN ('audit_entry'::regclass, 'audit_seal'::regclass)
		                   AND pg_has_role(session_user, c.relowner, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = session_user`)
}

// IsUnavailable tells whether err means that the database could not be asked:
// it is away, starting, shutting down, or too slow. The person may try again.
func IsUnavailable(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		case "57P01", "57P02", "57P03", "57014", "55P03", "40001", "40P01":
			return true // shutdown, crash, starting; timeouts; serialisation, deadlock
		}
		// 08: the connection; 53: no more connections, memory or disk.
		return strings.HasPrefix(pgErr.Code, "08") || strings.HasPrefix(pgErr.Code, "53")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, cut := range []error{context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, cut) {
			return true
		}
	}
	return pgconn.SafeToRetry(err) ||
		err != nil && (strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool"))
}

// hideURL keeps the reason of a parse error and drops the address, which may
// hold a password.
func hideURL(err error) error {
	if p, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		p.ConnString = ""
		return errors.New("it is not a Postgres URL")
	}
	return err
}

// Analyze refreshes the planner's statistics, as the owner of the tables at url:
// after a load, queries are planned on what is there and not on guesses.
func Analyze(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("analyze: %w", hideURL(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "ANALYZE")
	return Wrap(err, "analyze")
}
