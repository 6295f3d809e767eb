package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web"
)

// How long requests, then jobs, in course may last after a signal: with the end
// of the private Postgres, less than the ten seconds most supervisors give.
const (
	requestsEndWithin = 5 * time.Second
	jobsEndWithin     = 2 * time.Second
)

func serve(ctx context.Context, c config, args []string) error {
	withDemo := len(args) == 1 && args[0] == "--demo"
	if len(args) != 0 && !withDemo {
		return errUsage
	}
	if withDemo && !c.demo {
		return errors.New("--demo is for PORTAL_ENV=demo: production has its own data")
	}
	c, stopDatabase, err := withDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer stopDatabase()
	if withDemo {
		if err := migrations.Apply(ctx, c.migrateURL); err != nil {
			return err
		}
	}
	pool, err := postgres.Open(ctx, c.databaseURL, postgres.Options{})
	if err != nil {
		return err
	}
	defer pool.Close()
	areas, err := web.NewAreas(pool, c.site())
	if err != nil {
		return err
	}
	if err := checkDatabase(ctx, c, pool); err != nil {
		return err
	}
	if withDemo {
		if err := loadIfEmpty(ctx, c, areas); err != nil {
			return err
		}
	}
	return serveAreas(ctx, c, areas)
}

// site is what the web package needs of the configuration.
func (c config) site() web.Config {
	return web.Config{BaseURL: c.baseURL, Demo: c.demo, TrustedProxies: c.trustedProxies,
		MetricsToken: c.metricsToken, Contact: c.contact.Address}
}

// checkDatabase refuses a database of another version, and in production a login
// that could change the journal, or a database that a demonstration filled.
func checkDatabase(ctx context.Context, c config, pool *pgxpool.Pool) error {
	pending, err := migrations.Pending(ctx, c.migrateURL)
	if err != nil {
		return fmt.Errorf("ask the database for its version: %w", err)
	}
	if pending {
		return errors.New("the database is not at this version: run `portal migrate` first")
	}
	if c.demo {
		separated, err := postgres.Separated(ctx, pool)
		if err != nil {
			return fmt.Errorf("check the database role: %w", err)
		}
		if !separated {
			slog.Warn("the portal acts as the owner of its tables: fit for a demonstration only")
		}
		return nil
	}
	confined, err := postgres.Confined(ctx, pool)
	if err != nil {
		return fmt.Errorf("check the database role: %w", err)
	}
	if !confined {
		return fmt.Errorf("production needs a login that cannot change the journal: a member of %s, neither superuser nor owner of the tables", postgres.AppRole)
	}
	loaded, err := demo.Loaded(ctx, pool)
	if err != nil {
		return err
	}
	if loaded {
		return errors.New("this database holds demo accounts, whose password is public: production needs a database of its own")
	}
	return nil
}

// serveAreas serves until ctx ends, then lets requests and jobs finish.
func serveAreas(ctx context.Context, c config, areas *web.Areas) error {
	portal, err := web.New(c.site(), areas)
	if err != nil {
		return err
	}
	jobs, err := notify.NewClient(areas.Pool, c.jobs(areas))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.addr, err)
	}
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		listener.Close()
		return fmt.Errorf("start jobs: %w", err)
	}
	background, stopBackground := context.WithCancel(ctx)
	defer stopBackground()
	go portal.ListenForChanges(background)

	server := &http.Server{
		Handler:           portal,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	announce(c, listener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stop(server, jobs.Stop)
	return ignoreClosed(err)
}

// stop lets requests, then jobs, finish. A reader who does not finish is cut off,
// and a job is taken up again at the next start: neither is a failure.
func stop(server *http.Server, stopJobs func(context.Context) error) {
	requests, cancel := context.WithTimeout(context.Background(), requestsEndWithin)
	defer cancel()
	if err := server.Shutdown(requests); err != nil {
		slog.Warn("requests were cut off", "error", err)
		_ = server.Close() // the listener is closed already
	}
	left, cancel := context.WithTimeout(context.Background(), jobsEndWithin)
	defer cancel()
	if err := stopJobs(left); err != nil {
		slog.Warn("jobs were cut off", "error", err)
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// healthcheck asks /readyz of the portal on this machine, for containers that
// have no curl.
func healthcheck(ctx context.Context, c config, args []string) error {
	if len(args) != 0 {
		return errUsage
	}
	host, port, err := net.SplitHostPort(c.addr)
	if err != nil {
		return fmt.Errorf("PORTAL_ADDR %q: %w", c.addr, err)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1" // it listens everywhere
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Timeout: 4 * time.Second}).Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: status %d", res.StatusCode)
	}
	return nil
}

// announce says where the portal is, and in a demonstration who may enter.
func announce(c config, addr net.Addr) {
	slog.Info("portal serving", "address", addr.String(), "base_url", c.baseURL.String(), "demo", c.demo)
	if c.demo {
		fmt.Fprint(os.Stdout, demoAccounts(c.baseURL.String()))
	}
}
