package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres/local"
)

// portal builds the command, once.
var portal = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "portal-cmd-")
	if err != nil {
		return "", err
	}
	built = dir
	file := filepath.Join(dir, "portal")
	out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the portal: %w\n%s", err, out)
	}
	return file, nil
})

var built string

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// checkout is a directory where the portal is run from.
type checkout struct {
	t    *testing.T
	dir  string
	addr string
	env  []string
}

func newCheckout(t *testing.T) *checkout {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the portal as a process")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := &checkout{t: t, dir: t.TempDir(), addr: l.Addr().String()}
	t.Cleanup(func() {
		if err := local.Remove(context.Background(), filepath.Join(c.dir, ".local"), local.Options{}); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *checkout) command(args ...string) *exec.Cmd {
	c.t.Helper()
	program, err := portal()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = c.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.dir, "PORTAL_ADDR=" + c.addr}, c.env...)
	if bin := os.Getenv(local.BinariesEnv); bin != "" {
		cmd.Env = append(cmd.Env, local.BinariesEnv+"="+bin)
	}
	return cmd
}

// run runs a command to its end and returns its status and what it wrote.
func (c *checkout) run(args ...string) (status int, stdout, stderr string) {
	c.t.Helper()
	cmd := c.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), out.String(), errs.String()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return 0, out.String(), errs.String()
}

// serving is a portal that runs.
type serving struct {
	*checkout
	cmd   *exec.Cmd
	ended chan struct{}
	out   bytes.Buffer // to be read once ended
}

// serve starts the portal and waits for its first page.
func (c *checkout) serve() (*serving, time.Duration) {
	c.t.Helper()
	s := &serving{checkout: c, cmd: c.command("serve", "--demo"), ended: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.ended) }()
	c.t.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.ended:
		case <-time.After(20 * time.Second):
			_ = s.cmd.Process.Kill()
			<-s.ended
		}
		if c.t.Failed() {
			c.t.Logf("the portal wrote:\n%s", s.out.String())
		}
	})
	s.await(time.Minute, "the first page")
	return s, time.Since(start)
}

func (s *serving) await(within time.Duration, what string) time.Duration {
	s.t.Helper()
	start := time.Now()
	for s.status("/instances/cmtin") != 200 {
		select {
		case <-s.ended:
			s.t.Fatalf("the portal ended before %s:\n%s", what, s.out.String())
		default:
		}
		if time.Since(start) > within {
			s.t.Fatalf("after %s still not: %s", within, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

func (s *serving) status(path string) int {
	res, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// end sends a signal and returns the exit status and how long it took to end.
func (s *serving) end(signal syscall.Signal) (int, time.Duration) {
	s.t.Helper()
	start := time.Now()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(15 * time.Second):
		s.t.Fatalf("15 s after %s the portal still runs", signal)
	}
	return s.cmd.ProcessState.ExitCode(), time.Since(start)
}

// postmaster returns the process of the private Postgres, 0 if none runs.
func (c *checkout) postmaster() int {
	c.t.Helper()
	for _, pattern := range []string{filepath.Join(c.dir, ".local/postgres/data"), "/var/lib/portal-local/*/data"} {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			b, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
			if err != nil || strings.HasPrefix(dir, "/var/lib") && !c.owns(dir) {
				continue
			}
			line, _, _ := strings.Cut(string(b), "\n")
			if pid, err := strconv.Atoi(line); err == nil && pid > 1 && syscall.Kill(pid, 0) == nil {
				return pid
			}
		}
	}
	return 0
}

// owns tells whether data under /var/lib are of this checkout: their directory
// bears a name made from its path.
func (c *checkout) owns(data string) bool {
	dir, err := filepath.EvalSymlinks(c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(filepath.Join(dir, ".local")))
	return strings.HasSuffix(filepath.Dir(data), hex.EncodeToString(sum[:6]))
}

func TestLife(t *testing.T) {
	t.Parallel()
	c, neighbour := newCheckout(t), newCheckout(t)
	s, took := c.serve()
	t.Logf("cold start to first page: %s", took)
	if took > time.Minute {
		t.Error("too slow")
	}
	next, _ := neighbour.serve()
	if a, b := c.postmaster(), neighbour.postmaster(); a == 0 || b == 0 || a == b {
		t.Fatalf("two checkouts, Postgres %d and %d", a, b)
	}
	if status, out, errs := c.run("healthcheck"); status != 0 {
		t.Errorf("healthcheck: %d %s%s", status, out, errs)
	}
	if status, out, errs := c.run("verify"); status != 0 || !strings.Contains(out, "every invariant holds") {
		t.Errorf("verify, beside the portal: %d %s%s", status, out, errs)
	}
	status, link, errs := c.run("user", "Nouvelle@Example.org", "Lou", "Nouvelle")
	link = strings.TrimSpace(link[strings.LastIndex(strings.TrimSpace(link), "\n")+1:])
	if status != 0 || !strings.HasPrefix(link, "http://"+c.addr+"/invitation/") {
		t.Fatalf("user: %d %s%s", status, link, errs)
	}
	if got := s.status(strings.TrimPrefix(link, "http://"+c.addr)); got != 200 {
		t.Errorf("the invitation link: %d", got)
	}
	if status, _, errs := c.run("user", "nouvelle@example.org", "Lou", "Nouvelle"); status != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("the same user again: %d %s", status, errs)
	}
	if status, _, errs := c.run("demo"); status != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("demo data on top: %d %s", status, errs)
	}

	// Postgres dies.
	was := c.postmaster()
	if err := syscall.Kill(was, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for c.postmaster() == was || c.postmaster() == 0 || s.status("/readyz") != 200 || s.status("/instances/gni.csv") != 200 {
		if time.Sleep(10 * time.Millisecond); time.Since(start) > 10*time.Second {
			t.Fatal("10 s after Postgres was killed pages are not back")
		}
	}
	t.Logf("pages back %s after Postgres was killed", time.Since(start))

	// The portal dies: its Postgres is adopted.
	if code, _ := s.end(syscall.SIGKILL); code == 0 {
		t.Error("killed, and its status is 0")
	}
	orphan := c.postmaster()
	s, took = c.serve()
	t.Logf("start after kill -9: %s", took)
	if c.postmaster() != orphan || orphan == 0 {
		t.Errorf("Postgres %d was not adopted: %d", orphan, c.postmaster())
	}
	if got := s.status(strings.TrimPrefix(link, "http://"+c.addr)); got != 200 {
		t.Errorf("the invitation link after kill -9: %d", got)
	}

	// Both die.
	if err := syscall.Kill(c.postmaster(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.end(syscall.SIGKILL)
	s, took = c.serve()
	t.Logf("start after both were killed: %s", took)

	// A reader in the middle of a form does not hold the stop up.
	slow, err := net.Dial("tcp", c.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprintf(slow, "POST /connexion HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncour", c.addr)
	code, took := s.end(syscall.SIGTERM)
	t.Logf("stopped in %s with a slow reader", took)
	if code != 0 || took > 10*time.Second || c.postmaster() != 0 {
		t.Errorf("SIGTERM: status %d after %s, Postgres %d\n%s", code, took, c.postmaster(), s.out.String())
	}
	if status, _, errs := c.run("healthcheck"); status != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("healthcheck of nobody: %d %s", status, errs)
	}
	s, took = c.serve()
	t.Logf("second start: %s", took)
	if took > 2*time.Second {
		t.Errorf("second start to first page: %s, at most 2 s", took)
	}
	if code, took := s.end(syscall.SIGINT); code != 0 || c.postmaster() != 0 {
		t.Errorf("Ctrl-C: status %d after %s, Postgres %d", code, took, c.postmaster())
	} else {
		t.Logf("stopped in %s", took)
	}
	s, _ = c.serve()
	if code, took := s.end(syscall.SIGHUP); code != 0 || c.postmaster() != 0 {
		t.Errorf("the terminal closed: status %d after %s, Postgres %d", code, took, c.postmaster())
	}
	if got := next.status("/"); got != 200 {
		t.Errorf("the neighbour: %d", got)
	}
	if !strings.Contains(s.out.String(), demo.Password) {
		t.Error("the demo accounts were not printed")
	}
}

// TestSlowClients: one who sends a header a letter at a time is cut off, and the
// others do not wait.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	s, _ := c.serve()
	var conns []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nX-A: ", c.addr)
		conns = append(conns, conn)
	}
	start := time.Now()
	if got := s.status("/"); got != 200 || time.Since(start) > 2*time.Second {
		t.Errorf("beside 200 slow readers: %d after %s", got, time.Since(start))
	}
	for _, conn := range conns {
		_ = conn.SetReadDeadline(start.Add(8 * time.Second))
		if _, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a header that does not end is waited for more than 8 s")
		}
	}
	r, err := http.NewRequest("GET", "http://"+c.addr+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Long", strings.Repeat("a", 200<<10))
	if res, err := http.DefaultClient.Do(r); err == nil {
		res.Body.Close()
		if res.StatusCode != 431 {
			t.Errorf("a header of 200 KB: %d", res.StatusCode)
		}
	}
}
