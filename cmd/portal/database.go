package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/backup"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/local"
	"bordeaux-metropole.fr/portal/migrations"
)

// withDatabase gives c a database: the one it names, or the private cluster of
// this directory, started now and stopped by the function returned.
func withDatabase(ctx context.Context, c config) (config, func(), error) {
	if c.databaseURL != "" {
		return c, func() {}, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return c, nil, fmt.Errorf("find the directory of the private database: %w", err)
	}
	warnings := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cluster, err := local.Start(ctx, filepath.Join(dir, ".local"), local.Options{Log: warnings})
	if err != nil {
		return c, nil, fmt.Errorf("start the private database: %w", err)
	}
	c.databaseURL, c.migrateURL = cluster.URL(), cluster.URL()
	return c, func() {
		if err := cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "portal: stop the private database:", err)
		}
	}, nil
}

// inDatabase runs f with a pool on the database of c.
func inDatabase(ctx context.Context, c config, f func(config, *pgxpool.Pool) error) error {
	c, stop, err := withDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	pool, err := postgres.Open(ctx, c.databaseURL, postgres.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer pool.Close()
	return f(c, pool)
}

func migrate(ctx context.Context, c config, args []string) error {
	if len(args) != 0 {
		return errUsage
	}
	c, stop, err := withDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	return migrations.Apply(ctx, c.migrateURL)
}

func backupTo(ctx context.Context, c config, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	c, stop, err := withDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	return backup.Write(ctx, c.migrateURL, args[0])
}

func restoreFrom(ctx context.Context, c config, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	c, stop, err := withDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	return backup.Restore(ctx, c.migrateURL, args[0])
}
