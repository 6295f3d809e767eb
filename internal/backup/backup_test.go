package backup

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/local"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func query(t *testing.T, url, sql string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

// empty is a new database of the test server, without our migrations.
func empty(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	name := pgx.Identifier{strings.TrimPrefix(u.Path, "/") + "_empty"}.Sanitize()
	if _, err := conn.Exec(t.Context(), `CREATE DATABASE `+name); err != nil {
		t.Fatal(err)
	}
	server := u.String()
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	u.Path += "_empty"
	return u.String()
}

// In production the owner of the database is no superuser and may not create
// roles.
func TestRestoreAsThePlainOwner(t *testing.T) {
	t.Parallel()
	if os.Getenv(pgtest.URLEnv) != "" {
		t.Skip("the role of that server has a password of its own")
	}
	from, to := pgtest.New(t), empty(t)
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	database := pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize()
	owner := strings.TrimPrefix(u.Path, "/") + "_owner"
	admin, err := pgx.Connect(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := admin.Exec(context.Background(), `DROP DATABASE `+database+` WITH (FORCE)`)
		if err == nil {
			_, err = admin.Exec(context.Background(), `DROP ROLE `+owner)
		}
		if err == nil {
			_, err = admin.Exec(context.Background(), `CREATE DATABASE `+database) // for the clean-up of empty
		}
		if err != nil {
			t.Error(err)
		}
		_ = admin.Close(context.Background())
	})
	for _, sql := range []string{
		`CREATE ROLE ` + owner + ` LOGIN IN ROLE ` + postgres.AppRole,
		`ALTER DATABASE ` + database + ` OWNER TO ` + owner,
	} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	file := filepath.Join(t.TempDir(), "portal.dump")
	if err := Write(t.Context(), from, file); err != nil {
		t.Fatal(err)
	}
	u.User = url.User(owner)
	if err := Restore(t.Context(), u.String(), file); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	got := query(t, to, `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`)
	if diff := cmp.Diff([]string{owner}, got); diff != "" {
		t.Errorf("the owners of the tables (-want +got):\n%s", diff)
	}
	const future = `SELECT defaclobjtype::text || regexp_replace(defaclacl::text, '/[^},]*', '', 'g') FROM pg_default_acl ORDER BY 1`
	want := query(t, from, future)
	if len(want) == 0 {
		t.Error("the migrations give no rights on tables to come: this test checks nothing")
	}
	// The owner's own rights are spelled with the name of the owner.
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], local.Owner+"=", owner+"=")
	}
	if diff := cmp.Diff(want, query(t, to, future)); diff != "" {
		t.Errorf("the rights on tables to come (-want +got):\n%s", diff)
	}
}

// What a database is made of, and a table of each kind of value.
const (
	inventory = `
		SELECT n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1`
	kept = `SELECT row(kept.*)::text FROM kept ORDER BY id`
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := pgtest.New(t), empty(t)
	conn, err := pgx.Connect(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), `
		CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY, name text, at timestamptz, body bytea);
		INSERT INTO kept (name, at, body) VALUES
			('l’été à Bègles', '2026-03-29 02:30:00+01', '\x00ff'), (NULL, 'infinity', ''), (E'a\tb\n\\', NULL, NULL);`)
	if err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(t.TempDir(), "portal.dump")
	if err := Write(t.Context(), from, file); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v (%v), want 0600", info.Mode(), err)
	}
	if err := Restore(t.Context(), to, file); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	for _, sql := range []string{kept, inventory, `SELECT version_id::text FROM goose_db_version ORDER BY id`} {
		if diff := cmp.Diff(query(t, from, sql), query(t, to, sql)); diff != "" {
			t.Errorf("%s: restored differs (-saved +restored):\n%s", sql, diff)
		}
	}
	query(t, to, `INSERT INTO kept (name) VALUES ('the sequence goes on') RETURNING id::text`)

	err = Restore(t.Context(), to, file)
	if !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second Restore: %v, want ErrNotEmpty", err)
	}
	if n := len(query(t, to, kept)); n != 4 {
		t.Errorf("the refused Restore left %d rows, want 4", n)
	}
}

func TestRestoreIsAllOrNothing(t *testing.T) {
	t.Parallel()
	from, to := pgtest.New(t), empty(t)
	file := filepath.Join(t.TempDir(), "portal.dump")
	if err := Write(t.Context(), from, file); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"cut short":      b[:len(b)*3/4],
		"not an archive": []byte("SELECT 1;"),
		"empty":          nil,
	} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Restore(t.Context(), to, file); err == nil {
			t.Errorf("%s: restored without an error", name)
		}
		if got := query(t, to, inventory); len(got) != 0 {
			t.Errorf("%s: it left %v", name, got)
		}
	}
}

func TestFailedWriteKeepsTheOldFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "portal.dump")
	if err := os.WriteFile(file, []byte("the last good one"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Write(ctx, pgtest.New(t), file); err == nil {
		t.Error("Write succeeded after its context ended")
	}
	if err := Write(t.Context(), "postgres://nobody:s3cret@127.0.0.1:1/none", file); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("Write from nowhere: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "the last good one" {
		t.Errorf("the old file is %q, %v", b, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheProgramIsToldByItsEnvironment(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"postgres://me:s3cret@db.example.org:5433/portal?sslmode=require&pool_max_conns=4",
		"host=db.example.org port=5433 user=me password=s3cret dbname=portal sslmode=require",
	} {
		target, err := parseTarget(dsn)
		if err != nil {
			t.Fatal(err)
		}
		cmd := target.command(t.Context(), "pg_dump", "--format=custom")
		if strings.Contains(strings.Join(cmd.Args, " "), "s3cret") {
			t.Errorf("%s: the password is an argument: %v", dsn, cmd.Args)
		}
		for _, want := range []string{"PGHOST=db.example.org", "PGPORT=5433", "PGUSER=me", "PGPASSWORD=s3cret", "PGDATABASE=portal", "PGSSLMODE=require"} {
			if !strings.Contains("\n"+strings.Join(cmd.Env, "\n")+"\n", "\n"+want+"\n") {
				t.Errorf("%s: the environment lacks %s", dsn, want)
			}
		}
	}
}
