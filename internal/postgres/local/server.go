package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// startPatience bounds the wait for a server that does not say it is
	// recovering, and for the remains of a killed one.
	startPatience = 20 * time.Second
	// silence is how long a postmaster of ours may leave us without an answer.
	silence = 5 * time.Second
	maxLog  = 4 << 20
)

// initialise makes the data directory, if there is none. initdb works in a
// directory of another name, renamed when complete: whatever kills it half-way
// leaves nothing that could be taken for data.
func (c *Cluster) initialise(ctx context.Context) error {
	p := c.place
	remains, _ := filepath.Glob(filepath.Join(p.base, "init-*")) // the pattern is well-formed
	for _, dir := range remains {
		_ = os.RemoveAll(dir) // an orphan initdb may still write in it; it is swept next time
	}
	if _, err := os.Stat(p.data); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	dir, err := os.MkdirTemp(p.base, "init-*")
	if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := p.giveAway(dir); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	args := []string{
		"--pgdata=" + dir, "--username=" + Owner, "--encoding=UTF8", "--no-instructions",
		"--auth-local=trust", "--auth-host=reject",
	}
	if runtime.GOOS == "linux" {
		args = append(args, "--locale=C.UTF-8")
	} else {
		args = append(args, "--locale=en_US.UTF-8", "--lc-collate=C")
	}
	if c.opts.Ephemeral {
		args = append(args, "--no-sync", "--wal-segsize=4")
	}
	cmd := c.command(ctx, "initdb", args...)
	cmd.WaitDelay = time.Second // a grandchild may hold the pipe
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.Rename(dir, p.data); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}

func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir = "/" // one that the user who runs it may enter
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/", "TZ=UTC", "LC_MESSAGES=C"}
	cmd.SysProcAttr = c.place.attributes()
	return cmd
}

func (c *Cluster) settings() []string {
	set := []string{
		"listen_addresses=", "port=5432", "unix_socket_directories=" + c.place.sockets,
		"unix_socket_permissions=0700", "max_connections=200",
		"timezone=UTC", "log_timezone=UTC", "lc_messages=C",
		"jit=off", "random_page_cost=1.1", "wal_level=minimal", "max_wal_senders=0", "log_checkpoints=off",
	}
	if c.opts.Ephemeral {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			// An autovacuum worker makes timings and plans depend on chance.
			"autovacuum=off", "max_wal_size=256MB")
	}
	args := []string{"-D", c.place.data}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

// launch starts the postmaster and waits until it answers.
func (c *Cluster) launch(ctx context.Context) (int, error) {
	deadline := time.Now().Add(startPatience)
	for {
		if err := c.place.clearRemains(); err != nil {
			return 0, err
		}
		pid, tail, err := c.launchOnce(ctx)
		if err == nil {
			return pid, nil
		}
		// The children of a killed postmaster hold its memory for a moment.
		if !strings.Contains(tail, "is still in use") || time.Now().After(deadline) || ctx.Err() != nil {
			return 0, fmt.Errorf("%w\n%s", err, tail)
		}
		sleep(ctx, 50*time.Millisecond)
	}
}

func (c *Cluster) launchOnce(ctx context.Context) (pid int, tail string, err error) {
	log, err := os.OpenFile(c.place.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, "", fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()
	if info, err := log.Stat(); err == nil && info.Size() > maxLog {
		_ = log.Truncate(0) // the log of a private server is a convenience
	}
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, "", fmt.Errorf("open the log: %w", err)
	}

	// The server outlives ctx, and even this process.
	cmd := c.command(context.WithoutCancel(ctx), "postgres", c.settings()...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return 0, "", fmt.Errorf("start postgres: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	pid = cmd.Process.Pid
	for {
		select {
		case err := <-ended:
			return 0, logFrom(c.place.logFile(), from), fmt.Errorf("postgres ended at once: %w", err)
		case <-ctx.Done():
			return 0, "", errors.Join(ctx.Err(), terminate(pid, true))
		case <-time.After(3 * time.Millisecond):
		}
		if c.place.ping(ctx) == nil {
			return pid, "", nil
		}
	}
}

// adopt returns the postmaster of this directory if it runs and answers, and 0
// after putting an end to one that does not.
func (c *Cluster) adopt(ctx context.Context) (int, error) {
	recorded := readPID(filepath.Join(c.place.data, "postmaster.pid"))
	for _, pid := range c.place.postmasters() {
		// A server whose directory was deleted under it is not in its pid file.
		if pid == recorded && c.place.answers(ctx, pid) {
			if pid != c.pid {
				c.opts.Log.Debug("using the Postgres that runs already", "pid", pid)
			}
			return pid, nil
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		c.opts.Log.Warn("stopping a Postgres that does not answer", "pid", pid)
		if err := terminate(pid, true); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// answers waits for the postmaster as long as it lives and says that it is
// starting, or for a short while if it says nothing.
func (p place) answers(ctx context.Context, pid int) bool {
	deadline := time.Now().Add(silence)
	for ctx.Err() == nil && time.Now().Before(deadline) {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		err := p.ping(attempt)
		cancel()
		if err == nil {
			return true
		}
		if sqlState(err) == "57P03" { // cannot connect now
			deadline = time.Now().Add(silence)
		}
		if !processAlive(pid) {
			return false
		}
		sleep(ctx, 10*time.Millisecond)
	}
	return false
}

// ping asks the server behind the socket whether it serves these data.
func (p place) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if sqlState(err) == "53300" { // too many connections: it is alive
		return nil
	}
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var dir string
	if err := conn.QueryRow(ctx, `SHOW data_directory`).Scan(&dir); err != nil {
		return err
	}
	if dir != p.data {
		return fmt.Errorf("the server of %s serves %s", p.sockets, dir)
	}
	return nil
}

// createDatabase makes the database of the portal if it is missing.
func (p place) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.url(Database))
	switch sqlState(err) {
	case "3D000": // invalid catalog name: it is to be made
	case "53300":
		return nil
	default:
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	}
	conn, err = pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+Database); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func logFrom(path string, offset int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.NewSectionReader(f, offset, 16<<10))
	return strings.TrimSpace(string(b))
}
