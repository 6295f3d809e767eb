package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// openDir is a directory that the user who runs Postgres may enter, unlike
// those of testing, and whose cluster is removed with it.
func openDir(t *testing.T, names ...string) string {
	t.Helper()
	root, err := os.MkdirTemp("/tmp", "local-test-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(append([]string{root}, names...)...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), dir, Options{}); err != nil {
			t.Errorf("removing the cluster: %v", err)
		}
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, dir string, opts Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	c, err := Start(ctx, dir, opts)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Logf("started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return c
}

func query(t *testing.T, c *Cluster, sql string) string {
	t.Helper()
	got, err := tryQuery(t.Context(), c, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func tryQuery(ctx context.Context, c *Cluster, sql string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var got string
	err = conn.QueryRow(ctx, sql).Scan(&got)
	return got, err
}

// keepSomething writes a row, and something reads it back.
func keepSomething(t *testing.T, c *Cluster) {
	t.Helper()
	query(t, c, `SELECT 'ok' FROM (SELECT set_config('x.y', '1', false)) s`)
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `CREATE TABLE kept AS SELECT 'été'::text AS v`); err != nil {
		t.Fatal(err)
	}
}

func wantSomething(t *testing.T, c *Cluster) {
	t.Helper()
	if got := query(t, c, `SELECT v FROM kept`); got != "été" {
		t.Errorf("the row kept is %q", got)
	}
}

// abandon is what kill -9 of this process would do: the locks go, the server
// stays.
func abandon(c *Cluster) {
	c.stop()
	<-c.watched
	c.users.release()
	c.once.Do(func() {})
}

func waitGone(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		if !processAlive(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("process %d is still there", pid)
}

func kill9(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill -9 %d: %v", pid, err)
	}
	waitGone(t, pid)
}

func TestColdStart(t *testing.T) {
	t.Parallel()
	c := start(t, openDir(t), Options{})
	for sql, want := range map[string]string{
		`SHOW fsync`:            "on",
		`SHOW timezone`:         "UTC",
		`SHOW server_encoding`:  "UTF8",
		`SHOW listen_addresses`: "",
		`SELECT datcollate FROM pg_database WHERE datname = current_database()`: "C.UTF-8",
		`SELECT current_database() || current_user`:                             "portalportal_owner",
		`SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user`:      "true",
	} {
		if got := query(t, c, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	pid := c.pid
	if group, err := syscall.Getpgid(pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("Postgres is in process group %d (%v), where a Ctrl-C of the terminal reaches it", group, err)
	}
	info, err := os.Stat(c.place.sockets)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket directory has mode %v (%v), want 0700", info.Mode(), err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if processAlive(pid) {
		t.Error("Postgres lives after Stop")
	}
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{Ephemeral: true})
	if got := query(t, c, `SHOW fsync`); got != "off" {
		t.Errorf("fsync is %s", got)
	}
	keepSomething(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.DataDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the data are still there after Stop: %v", err)
	}
	if err := Remove(t.Context(), dir, Options{Ephemeral: true}); err != nil {
		t.Error(err)
	}
}

func TestRestartKeepsData(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	wantSomething(t, start(t, dir, Options{}))
}

func TestKeptRunningThenShutDown(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{KeepRunning: true})
	if stopped, err := ShutdownIdle(t.Context(), dir, Options{}, 0); stopped || err != nil {
		t.Errorf("while it is used, ShutdownIdle says %v, %v", stopped, err)
	}
	if err := Remove(t.Context(), dir, Options{}); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("while it is used, Remove says %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if !processAlive(c.pid) {
		t.Fatal("the server was not kept running")
	}
	if stopped, err := ShutdownIdle(t.Context(), dir, Options{}, time.Hour); stopped || err != nil {
		t.Errorf("just after its use, ShutdownIdle says %v, %v", stopped, err)
	}
	if stopped, err := ShutdownIdle(t.Context(), dir, Options{}, 0); !stopped || err != nil {
		t.Errorf("ShutdownIdle says %v, %v", stopped, err)
	}
	if processAlive(c.pid) {
		t.Error("the server lives after ShutdownIdle")
	}
}

func TestLastUserStopsTheServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	a := start(t, dir, Options{})
	b := start(t, dir, Options{})
	if a.pid != b.pid {
		t.Fatalf("two servers for one directory: %d and %d", a.pid, b.pid)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	query(t, b, `SELECT 'b still works'`)
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if processAlive(b.pid) {
		t.Error("the last user left the server running")
	}
}

func TestTwoColdStartsAtOnce(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	clusters := make([]*Cluster, 4)
	var wg sync.WaitGroup
	for i := range clusters {
		wg.Go(func() {
			c, err := Start(t.Context(), dir, Options{})
			if err != nil {
				t.Errorf("Start: %v", err)
				return
			}
			clusters[i] = c
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, c := range clusters {
		if c.pid != clusters[0].pid {
			t.Errorf("two servers: %d and %d", c.pid, clusters[0].pid)
		}
		query(t, c, `SELECT 'ok'`)
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestTwoCheckouts(t *testing.T) {
	t.Parallel()
	a, b := start(t, openDir(t), Options{}), start(t, openDir(t), Options{})
	keepSomething(t, a)
	if got, err := tryQuery(t.Context(), b, `SELECT v FROM kept`); err == nil {
		t.Errorf("the other checkout reads %q", got)
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := openDir(t, strings.Repeat("très-long-", 12), strings.Repeat("x", 100))
	c := start(t, dir, Options{})
	query(t, c, `SELECT 'ok'`)
	if n := len(filepath.Join(c.place.sockets, socketFile)); n >= 100 {
		t.Errorf("the path of the socket has %d bytes", n)
	}
}

// A checkout under /root, which only root may enter.
func TestClosedDirectory(t *testing.T) {
	t.Parallel()
	dir := openDir(t, "closed", "checkout")
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, dir, Options{})
	if os.Geteuid() == 0 && !strings.HasPrefix(c.DataDir(), elsewhere) {
		t.Errorf("the data are in %s, where Postgres cannot go", c.DataDir())
	}
	keepSomething(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	wantSomething(t, start(t, dir, Options{}))
}

func TestNoBinaries(t *testing.T) {
	t.Setenv(BinariesEnv, t.TempDir())
	if _, err := FindBinaries(); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("FindBinaries: %v", err)
	}
	if _, err := Start(t.Context(), openDir(t), Options{}); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("Start: %v", err)
	}
}

func TestDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	if _, err := findBinaries(99); err == nil || !strings.Contains(err.Error(), "PostgreSQL 99") {
		t.Errorf("findBinaries(99): %v", err)
	}
}

// stranger starts a process of the user who runs Postgres, in whose eyes its
// number in a lock file is a live server's.
func stranger(t *testing.T, c *Cluster) string {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.SysProcAttr = c.place.attributes()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return strconv.Itoa(cmd.Process.Pid)
}
