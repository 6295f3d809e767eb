// Package local runs a private Postgres cluster for one directory, so that a
// clone of the portal needs no server to be set up: `make run` keeps its data
// under .local/, and the tests share a throw-away cluster in memory.
//
// The cluster listens on a Unix socket only, in a directory nobody else may
// enter. Several processes may use it at once: each holds a shared lock for as
// long as it lives, and the last one to call [Cluster.Stop] stops the server.
// A process killed with -9 loses its lock with its life; the server it leaves
// behind is adopted by the next [Start] of the same directory.
//
// The postmaster is the leader of its own session. A Ctrl-C in the terminal
// therefore reaches the portal alone, which finishes its requests and only then
// stops Postgres. It is deliberately not given a parent-death signal: the
// kernel ties that to the thread that forked, which the Go runtime may end at
// any time, only Linux has it, and it would take the server away from another
// process that uses it. An orphan does no harm and saves the next start.
package local

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Database is the database that [Start] creates, and Owner the superuser that
// owns it.
const (
	Database = "portal"
	Owner    = "portal_owner"
)

// Options says how a cluster is kept. The zero value is right for `make run`.
type Options struct {
	// Ephemeral trades durability for speed: nothing is synced to disk and the
	// data live in /dev/shm when there is room. Stop deletes them.
	Ephemeral bool
	// KeepRunning makes Stop leave the server to whoever comes next; see
	// [ShutdownIdle].
	KeepRunning bool
	// Log is told of what is unusual: data put elsewhere, an orphan adopted, a
	// server restarted. Nil discards it.
	Log *slog.Logger
}

// Cluster is a running server that this process uses. Its methods may be
// called from several goroutines.
type Cluster struct {
	place place
	opts  Options
	bin   string
	users *fileLock // shared: this process uses the server

	pid     int // touched by ensure alone
	stop    context.CancelFunc
	watched chan struct{}
	once    sync.Once
	stopErr error
}

// Start makes sure that the cluster of the directory runs and that its database
// exists, creating both the first time. It adopts a healthy server of the same
// directory, and replaces one that is dead or does not answer. Until Stop, the
// server is started again if it dies.
//
// It returns [ErrNoBinaries] where Postgres is not installed; ctx bounds the
// start only, not the life of the server.
func Start(ctx context.Context, dir string, opts Options) (*Cluster, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	p, err := locate(dir, opts.Ephemeral)
	if err != nil {
		return nil, err
	}
	if filepath.Dir(p.base) == elsewhere {
		opts.Log.Info("the user who runs Postgres may not enter the checkout: its data are elsewhere",
			"user", p.runAs.name, "data", p.base)
	}
	bin, err := findBinaries(p.dataVersion())
	if err != nil {
		return nil, err
	}
	if err := p.prepareBase(); err != nil {
		return nil, err
	}
	c := &Cluster{place: p, opts: opts, bin: bin.dir, watched: make(chan struct{})}
	if err := c.ensure(ctx); err != nil {
		c.users.release()
		return nil, fmt.Errorf("start the local Postgres of %s: %w", dir, err)
	}
	watch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = cancel
	go c.watch(watch)
	return c, nil
}

// URL is the connection string of the database, over the Unix socket, as its
// owner. Both pgx and libpq read it.
func (c *Cluster) URL() string { return c.place.url(Database) }

// DataDir is where the data are, which is not always below the directory given
// to [Start]: see the package's place.go.
func (c *Cluster) DataDir() string { return c.place.data }

// Stop ends this process's use of the cluster and, unless another process uses
// it or KeepRunning was asked for, stops the server and waits for its end. It
// may be called again, and then returns what the first call returned.
func (c *Cluster) Stop() error {
	c.once.Do(func() { c.stopErr = c.doStop() })
	return c.stopErr
}

func (c *Cluster) doStop() error {
	c.stop()
	<-c.watched
	if c.opts.KeepRunning {
		c.users.release()
		return nil
	}
	// The start lock keeps newcomers out while the shared lock is traded for an
	// exclusive one, which is not one step for the kernel.
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	start, err := lockFile(ctx, c.place.startLock())
	if err != nil {
		return fmt.Errorf("stop the local Postgres: %w", err)
	}
	defer start.release()
	c.users.release()
	_, err = c.place.shutdownUnused(c.opts.Ephemeral)
	return err
}

// ensure leaves a server that answers, under the start lock.
func (c *Cluster) ensure(ctx context.Context) error {
	start, err := lockFile(ctx, c.place.startLock())
	if err != nil {
		return err
	}
	defer start.release()
	if c.users == nil {
		if c.users, err = lockShared(c.place.usersLock()); err != nil {
			return err
		}
	}
	if err := c.place.prepareSockets(); err != nil {
		return err
	}
	if c.pid, err = c.adopt(ctx); err != nil {
		return err
	}
	if c.pid == 0 {
		err = c.startServer(ctx)
		if err != nil && c.opts.Ephemeral && ctx.Err() == nil {
			// Unsynced data may not have survived a crash of the machine.
			c.opts.Log.Warn("starting with new test data", "because", err)
			if err = os.RemoveAll(c.place.data); err == nil {
				err = c.startServer(ctx)
			}
		}
		if err != nil {
			return err
		}
	}
	return c.place.createDatabase(ctx)
}

func (c *Cluster) startServer(ctx context.Context) error {
	if err := c.initialise(ctx); err != nil {
		return err
	}
	pid, err := c.launch(ctx)
	if err != nil {
		return err
	}
	c.pid = pid
	return nil
}

// watch starts the server again when it dies while it is used.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.watched)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if processAlive(c.pid) {
			continue
		}
		c.opts.Log.Warn("the local Postgres is gone; starting it again", "pid", c.pid)
		if err := c.ensure(ctx); err != nil && ctx.Err() == nil {
			c.opts.Log.Error("could not start the local Postgres again", "err", err)
			sleep(ctx, 2*time.Second)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
