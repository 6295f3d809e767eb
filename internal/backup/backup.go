// Package backup writes the whole database to a file and reads it back, with
// the pg_dump and pg_restore of Postgres: the archive is theirs, compressed, and
// can be read without the portal.
package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

var (
	// ErrNotEmpty means that the database to restore into holds something
	// already. Nothing was changed.
	ErrNotEmpty = errors.New("the database is not empty: restore into a new one")
	// ErrNoProgram means that pg_dump or pg_restore is not installed.
	ErrNoProgram = errors.New("pg_dump and pg_restore are not installed: " +
		"install the client programs of PostgreSQL (Debian, Ubuntu: `apt-get install postgresql-client`)")
)

// Write saves the database to the file, readable by its owner only. What it
// saves is the state of one instant, whatever is written meanwhile. The file
// appears, or replaces an older one, only when it is complete and on disk.
//
// The role of databaseURL must be able to read all tables: the owner's, in
// production. Write returns [ErrNoProgram] where pg_dump is not installed.
func Write(ctx context.Context, databaseURL, file string) (err error) {
	target, err := parseTarget(databaseURL)
	if err != nil {
		return err
	}
	program, err := target.program(ctx, "pg_dump")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	defer func() {
		_ = temp.Close()
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	// Owners are left out, so that it can be restored under another name.
	cmd := target.command(ctx, program, "--format=custom", "--no-owner", "--no-password")
	cmd.Stdout = temp
	if err := run(cmd); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	if err := os.Rename(temp.Name(), file); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return syncDir(filepath.Dir(file))
}

// Restore fills an empty database from a file that [Write] made, in one
// transaction: all of it or nothing. It returns [ErrNotEmpty], having changed
// nothing, if the database holds any table, view, sequence, function or type of
// ours, and [ErrNoProgram] where pg_restore is not installed.
//
// It must run as the role that will own the tables. The role the portal acts
// in, which belongs to the server and not to the archive, is made if it is missing.
func Restore(ctx context.Context, databaseURL, file string) error {
	target, err := parseTarget(databaseURL)
	if err != nil {
		return err
	}
	program, err := target.program(ctx, "pg_restore")
	if err != nil {
		return err
	}
	archive, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("restore backup: %w", err)
	}
	// A file that is no archive is found out before anything is written.
	entries, rights, err := target.contents(ctx, program, archive)
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	if err := prepare(ctx, target); err != nil {
		return fmt.Errorf("restore backup: %w", err)
	}
	cmd := target.command(ctx, program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-password",
		"--use-list=/dev/stdin", "--dbname="+target.config.Database, archive)
	cmd.Stdin = strings.NewReader(entries)
	if err := run(cmd); err != nil {
		return fmt.Errorf("restore backup: %w", err)
	}
	return finish(ctx, target, rights)
}

// prepare refuses a database in use and makes the role that the archive grants
// rights to.
func prepare(ctx context.Context, t target) error {
	conn, err := pgx.ConnectConfig(ctx, t.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var found *string
	err = conn.QueryRow(ctx, `
		SELECT string_agg(name, ', ') FROM (
			SELECT o.oid::regclass::text AS name FROM pg_class o
			WHERE o.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
			  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.deptype = 'e')
			UNION ALL
			SELECT o.oid::regprocedure::text FROM pg_proc o
			WHERE o.pronamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
			  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = o.oid AND d.deptype = 'e')
			LIMIT 3
		) AS held`).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for tables: %w", err)
	}
	if found != nil {
		return fmt.Errorf("%w (it has %s…)", ErrNotEmpty, *found)
	}
	// The owner of one database may not create roles, nor need it: whoever set up
	// the server made this one.
	_, err = conn.Exec(ctx, `DO $$ BEGIN
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '`+postgres.AppRole+`') THEN CREATE ROLE `+postgres.AppRole+` NOLOGIN; END IF;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`)
	if err != nil {
		return fmt.Errorf("make role %s: %w", postgres.AppRole, err)
	}
	return nil
}

// finish sets the rights on tables to come, and lets the planner know the
// tables: an archive holds no statistics.
func finish(ctx context.Context, t target, rights []string) error {
	conn, err := pgx.ConnectConfig(ctx, t.config)
	if err != nil {
		return fmt.Errorf("finish the restored database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range append(rights, `ANALYZE`) {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("finish the restored database: %s: %w", sql, err)
		}
	}
	return nil
}

// syncDir makes a rename last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

// trimOutput keeps the first lines of what a program said.
func trimOutput(b []byte) string {
	lines := strings.SplitN(strings.TrimSpace(string(b)), "\n", 11)
	if len(lines) > 10 {
		lines = append(lines[:10], "…")
	}
	return strings.Join(lines, "\n")
}
