// Package pgtest gives each test a real Postgres database with our migrations.
//
// All test processes of one user share one throw-away cluster, kept in memory
// where that is possible. The first that needs it starts it; it stops when
// nobody has used it for ten minutes, or at once by
// `go run ./internal/postgres/pgtest/stop`. With TEST_DATABASE_URL set, that
// server is used instead, as a role that may create databases.
//
// Most tests want [Tx]: a transaction, rolled back at the end, about a
// millisecond. A test whose commits matter (two connections, LISTEN, a server
// over HTTP) wants [New] or [Pool]: a database of its own, some tens of
// milliseconds. [NewFrom] starts from more than the bare schema.
//
// Nothing has to be called at the end of a test process: each process holds a
// numbered slot, and the next holder of that slot deletes what a killed process
// left behind.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"bordeaux-metropole.fr/portal/internal/postgres/local"
	"bordeaux-metropole.fr/portal/migrations"
)

// URLEnv names the environment variable that gives another server for the
// tests.
const URLEnv = "TEST_DATABASE_URL"

const (
	poolSize  = 4  // of a test's own database; the server takes 200 connections
	txPool    = 16 // of the database of all transactions of a process
	patience  = time.Minute
	lockClass = 0x70677465 // "pgte", for advisory locks
)

// server is what this process knows of the test server.
type server struct {
	admin    *pgxpool.Pool // on the maintenance database
	url      string
	slot     *pgx.Conn // its session holds the advisory lock of our slot
	prefix   string    // of the databases of our slot
	template string
	serial   atomic.Int64
}

var connect = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return open(ctx)
})

// New returns the URL of a fresh database with our migrations and nothing in
// it but what they insert. It is dropped at the end of the test, whoever is
// still connected.
func New(t testing.TB) string {
	t.Helper()
	s := mustConnect(t)
	return s.clone(t, s.template)
}

// NewFrom is New with more in it: fill is run once on a database with our
// migrations, and each call returns the URL of a copy of the result, in all
// test processes until the migrations change or the cluster stops.
//
// The name must tell what fill does: change it when fill changes ("demo-3",
// "demo-2026-11-23"), or an older copy is served. fill must leave no connection
// open.
func NewFrom(t testing.TB, name string, fill func(ctx context.Context, url string) error) string {
	t.Helper()
	s := mustConnect(t)
	sum := sha256.Sum256([]byte(name))
	template := s.template + "_" + hex.EncodeToString(sum[:6])
	err := s.makeTemplate(t.Context(), template, s.template, fill)
	if err != nil {
		t.Fatalf("pgtest: template %q: %v", name, err)
	}
	return s.clone(t, template)
}

// Pool returns a pool of at most 4 connections on a fresh database as [New]
// makes it, closed at the end of the test.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return Open(t, New(t))
}

// Open returns a pool of at most 4 connections on the database at url, closed
// at the end of the test.
func Open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := openPool(t.Context(), url, poolSize)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func mustConnect(t testing.TB) *server {
	t.Helper()
	s, err := connect()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s
}

func open(ctx context.Context) (*server, error) {
	s := &server{url: os.Getenv(URLEnv)}
	if s.url == "" {
		dir, err := ClusterDir()
		if err != nil {
			return nil, err
		}
		// The cluster is in use until this process ends.
		c, err := local.Start(ctx, dir, clusterOptions)
		if err != nil {
			return nil, err
		}
		if err := startJanitor(dir); err != nil {
			return nil, err
		}
		s.url = c.URL()
	}
	hash, err := schemaHash(migrations.FS)
	if err != nil {
		return nil, err
	}
	s.template = "pgtest_m_" + hash
	if s.admin, err = openPool(ctx, s.url, poolSize); err != nil {
		return nil, err
	}
	if err := s.makeTemplate(ctx, s.template, "template1", migrations.Apply); err != nil {
		return nil, fmt.Errorf("migrated template: %w", err)
	}
	if err := s.takeSlot(ctx); err != nil {
		return nil, fmt.Errorf("take a slot: %w", err)
	}
	return s, nil
}

// takeSlot makes the first free number ours until this process ends, and deletes
// what its last holder left. Only its database for transactions is worth
// keeping: they were all rolled back.
func (s *server) takeSlot(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		var ours bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockClass, n).Scan(&ours); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
		if ours {
			s.slot, s.prefix = conn, fmt.Sprintf("pgtest_%d_", n)
			break
		}
	}
	rows, err := conn.Query(ctx, `
		SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND datname <> $2`, s.prefix, s.txDatabase())
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, s.txDatabase())
	return err
}

func (s *server) txDatabase() string {
	return s.prefix + "tx_" + strings.TrimPrefix(s.template, "pgtest_m_")
}

// clone copies a template into a database of our slot for the time of a test.
func (s *server) clone(t testing.TB, template string) string {
	t.Helper()
	name := s.prefix + strconv.FormatInt(s.serial.Add(1), 10)
	if err := s.create(t.Context(), name, template); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.database(name)
}

func (s *server) create(ctx context.Context, name, template string) error {
	// Copying the files is several times faster than writing all to the log.
	_, err := s.admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY`,
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
	if err != nil {
		return fmt.Errorf("copy database %s: %w", template, err)
	}
	return nil
}

func (s *server) drop(ctx context.Context, name string) error {
	_, err := s.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`)
	if err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// database is the URL of another database of the server.
func (s *server) database(name string) string {
	u, err := url.Parse(s.url)
	if err != nil || u.Scheme == "" { // key=value pairs: the last one holds
		return s.url + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}

func openPool(ctx context.Context, url string, size int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = size
	return pgxpool.NewWithConfig(ctx, config)
}

// schemaHash names the schema: our migrations and those of the job queue.
func schemaHash(schema fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(schema, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(schema, path)
		fmt.Fprintf(h, "%s %d\n", path, len(b))
		h.Write(b)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	queue, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", fmt.Errorf("read the migrations of the job queue: %w", err)
	}
	for _, m := range queue.AllVersions() {
		fmt.Fprintln(h, m.Version, m.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}
