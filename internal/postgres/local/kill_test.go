package local

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestPortalKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	abandon(c)
	again := start(t, dir, Options{})
	if again.pid != c.pid {
		t.Errorf("the orphan %d was not adopted: %d runs", c.pid, again.pid)
	}
	wantSomething(t, again)
	if err := again.Stop(); err != nil {
		t.Fatal(err)
	}
	if processAlive(c.pid) {
		t.Error("the adopted orphan lives after Stop")
	}
}

func TestPostmasterKilledWhileUsed(t *testing.T) {
	t.Parallel()
	c := start(t, openDir(t), Options{})
	keepSomething(t, c)
	pid := readPID(filepath.Join(c.place.data, "postmaster.pid"))
	kill9(t, pid)
	killed := time.Now()
	for {
		got, err := tryQuery(t.Context(), c, `SELECT v FROM kept`)
		if err == nil && got == "été" {
			break
		}
		if time.Since(killed) > 30*time.Second {
			t.Fatalf("not started again: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("works again after %v", time.Since(killed).Round(time.Millisecond))
}

func TestBothKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	// A busy child outlives the postmaster for a while and holds its memory.
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	busy := make(chan struct{})
	defer func() {
		<-busy
		_ = conn.Close(context.Background())
	}()
	go func() {
		defer close(busy)
		_, _ = conn.Exec(t.Context(), `DO $$ DECLARE t timestamptz := clock_timestamp(); BEGIN
			WHILE clock_timestamp() < t + interval '1 second' LOOP END LOOP; END $$`)
	}()
	time.Sleep(100 * time.Millisecond)
	abandon(c)
	kill9(t, c.pid)
	wantSomething(t, start(t, dir, Options{}))
}

func TestStalePIDNamesALiveStranger(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	abandon(c)
	kill9(t, c.pid)
	pid := stranger(t, c)
	for _, file := range []string{
		filepath.Join(c.place.data, "postmaster.pid"),
		filepath.Join(c.place.sockets, socketFile+".lock"),
	} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), "\n")
		if err := os.WriteFile(file, []byte(pid+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantSomething(t, start(t, dir, Options{}))
}

// The machine was switched off while the file was being written.
func TestDamagedPIDFile(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.place.data, "postmaster.pid"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantSomething(t, start(t, dir, Options{}))
}

// Only the lock of the socket is left, and its number is a stranger's now.
func TestStaleSocketLock(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(c.place.sockets, socketFile+".lock")
	if err := os.WriteFile(lock, []byte(stranger(t, c)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.place.sockets, socketFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantSomething(t, start(t, dir, Options{}))
}

func TestInterruptedInitdb(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	// The start is given up while initdb runs, as a kill would.
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		c, err := Start(ctx, dir, Options{})
		if err == nil {
			err = c.Stop()
		}
		ended <- err
	}()
	half := filepath.Join(dir, "postgres", "init-*", "PG_VERSION")
	for range 1000 {
		if found, _ := filepath.Glob(half); len(found) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err == nil {
		t.Fatal("initdb was over before it was interrupted")
	}
	// And what a kill -9 leaves: nobody removed the half-made directory.
	left := filepath.Join(dir, "postgres", "init-left", "base")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, dir, Options{})
	query(t, c, `SELECT 'ok'`)
	if _, err := os.Stat(left); err == nil {
		t.Error("the half-made data are still there")
	}
}

// A postmaster that is stopped, or stuck, holds the data and does not answer.
func TestPostmasterThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	keepSomething(t, c)
	abandon(c)
	if err := syscall.Kill(c.pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir, Options{})
	if again.pid == c.pid {
		t.Error("it was adopted")
	}
	wantSomething(t, again)
}

// rm -rf .local while the server runs: it must not be taken for the new one.
func TestDirectoryDeletedUnderTheServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, dir, Options{})
	abandon(c)
	if err := os.RemoveAll(c.place.base); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir, Options{})
	if again.pid == c.pid || processAlive(c.pid) {
		t.Errorf("the old server %d lives, %d is used", c.pid, again.pid)
	}
	query(t, again, `SELECT 'ok'`)
}

// Somebody else's directory in /tmp is not used.
func TestSocketDirectoryOfAnother(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root can make a directory of another user: checked with a file")
	}
	dir := openDir(t)
	p, err := locate(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		err = os.Mkdir(p.sockets, 0o700)
		if err == nil {
			err = os.Chown(p.sockets, 4242, 4242)
		}
	} else {
		err = os.WriteFile(p.sockets, nil, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "is not a directory of user") {
		t.Errorf("Start: %v", err)
	}
}
