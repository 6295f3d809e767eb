package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	for _, args := range [][]string{{}, {"nothing"}, {"serve", "--fast"}, {"serve", "--demo", "x"}, {"migrate", "now"}, {"demo", "x"},
		{"user"}, {"user", "a@example.org", "A"}, {"backup"}, {"restore"}, {"restore", "a", "b"}, {"verify", "x"}, {"healthcheck", "x"}, {"election"}} {
		if status, _, errs := c.run(args...); status != 2 || !strings.Contains(errs, "portal serve") {
			t.Errorf("portal %v: status %d %s, want 2 and the usage", args, status, errs)
		}
	}
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}} {
		if status, out, _ := c.run(args...); status != 0 || !strings.Contains(out, "portal backup FILE") {
			t.Errorf("portal %v: status %d", args, status)
		}
	}
	if c.postmaster() != 0 {
		t.Error("a command wrongly used started Postgres")
	}
}

// emptyDatabase returns the URL of a database without a table.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/") + "_empty"
	u.Path = "/postgres"
	admin, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), `CREATE DATABASE `+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
		_ = admin.Close(context.Background())
	})
	u.Path = "/" + name
	return u.String()
}

func (c *checkout) want(status int, args ...string) (stdout, stderr string) {
	c.t.Helper()
	got, out, errs := c.run(args...)
	if got != status {
		c.t.Fatalf("portal %v: status %d, want %d\n%s%s", args, got, status, out, errs)
	}
	return out, errs
}

func TestDatabaseCommands(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.env = []string{"DATABASE_URL=" + emptyDatabase(t)}
	if _, errs := c.want(1, "serve"); !strings.Contains(errs, "portal migrate") || strings.Count(errs, "\n") != 1 {
		t.Errorf("serve without tables: %s", errs)
	}
	c.want(1, "verify")
	var wg sync.WaitGroup // two at once
	for range 2 {
		wg.Go(func() {
			if status, out, errs := c.run("migrate"); status != 0 {
				t.Errorf("two migrations at once: %d %s%s", status, out, errs)
			}
		})
	}
	wg.Wait()
	c.want(0, "migrate")
	c.want(0, "migrate")
	c.want(0, "demo")
	if out, _ := c.want(0, "verify"); !strings.Contains(out, "every invariant holds") {
		t.Errorf("verify: %s", out)
	}
	file := filepath.Join(c.dir, "portail.dump")
	c.want(0, "backup", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() < 10<<10 {
		t.Errorf("the backup: %v %v", info, err)
	}
	c.want(1, "restore", file) // not empty
	c.want(1, "backup", filepath.Join(c.dir, "nowhere", "f"))

	other := newCheckout(t)
	other.env = []string{"DATABASE_URL=" + emptyDatabase(t)}
	bad := filepath.Join(c.dir, "bad.dump")
	if err := os.WriteFile(bad, []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	other.want(1, "restore", bad)
	other.want(0, "restore", file)
	was, _ := c.want(0, "verify")
	is, _ := other.want(0, "verify")
	head := func(s string) string { return s[strings.Index(s, "head"):] }
	if head(was) != head(is) {
		t.Errorf("restored: %s was %s", is, was)
	}

	tamper := func(sql string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), strings.TrimPrefix(other.env[0], "DATABASE_URL="))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), `SET session_replication_role = replica; `+sql); err != nil {
			t.Fatal(err)
		}
	}
	tamper(`UPDATE audit_entry SET action = action || 'x' WHERE id = (SELECT min(id) + 3 FROM audit_entry)`)
	if _, errs := other.want(1, "verify"); !strings.Contains(errs, "modifiée") {
		t.Errorf("verify after tampering: %s", errs)
	}
	tamper(`UPDATE audit_entry SET action = left(action, -1) WHERE id = (SELECT min(id) + 3 FROM audit_entry)`)
	other.want(0, "verify")
	tamper(`DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)`)
	if _, errs := other.want(1, "verify"); !strings.Contains(errs, "retirée") {
		t.Errorf("verify after a deletion: %s", errs)
	}
}

// TestProductionRefuses runs the program, for the line people will see.
func TestProductionRefuses(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	db := pgtest.New(t)
	good := []string{"PORTAL_ENV=production", "DATABASE_URL=" + db, "PORTAL_BASE_URL=https://portail.example.org",
		"SMTP_URL=smtp://127.0.0.1:1", "PORTAL_CONTACT=contact@example.org"}
	for what, bad := range map[string]string{
		"DATABASE_URL": "DATABASE_URL=", "PORTAL_BASE_URL": "PORTAL_BASE_URL=http://portail.example.org",
		"SMTP_URL": "SMTP_URL=", "PORTAL_CONTACT": "PORTAL_CONTACT=", "PORTAL_ENV": "PORTAL_ENV=prod",
		"not a Postgres URL": "DATABASE_URL=postgres://u:motsecret@[",
	} {
		c.env = append(append([]string{}, good...), bad)
		status, _, errs := c.run("serve")
		if status != 1 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "portal serve: ") || !strings.Contains(errs, what) || strings.Contains(errs, "motsecret") {
			t.Errorf("%s: status %d, %q; want one line about it, without secret", bad, status, errs)
		}
	}
	c.env = good
	if _, errs := c.want(1, "serve", "--demo"); !strings.Contains(errs, "--demo") {
		t.Errorf("--demo in production: %s", errs)
	}
	c.want(1, "demo")
	if c.postmaster() != 0 {
		t.Error("production started a private Postgres")
	}
	// The superuser of the tests could change the journal, and so could a login
	// with every right: one that only belongs to portal_app may serve.
	if _, errs := c.want(1, "serve"); !strings.Contains(errs, "portal_app") || strings.Count(errs, "\n") != 1 {
		t.Errorf("as superuser: %s", errs)
	}
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	role := fmt.Sprintf("portal_cmd_owner_%d", os.Getpid())
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(`CREATE ROLE %[1]s LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO %[1]s`, role)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_, err := conn.Exec(context.Background(), fmt.Sprintf(`DROP OWNED BY %[1]s; DROP ROLE %[1]s`, role))
		if err != nil {
			t.Error(err)
		}
	}()
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	c.env = append(append([]string{}, good...), "DATABASE_URL="+u.String())
	if _, errs := c.want(1, "serve"); !strings.Contains(errs, "portal_app") || strings.Count(errs, "\n") != 1 {
		t.Errorf("as a login that may change the journal: %s", errs)
	}
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(`DROP OWNED BY %[1]s; GRANT portal_app TO %[1]s`, role)); err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "SMTP_URL=ftp://u:motsecret@x")
	if _, errs := c.want(1, "serve"); !strings.Contains(errs, "SMTP") || strings.Count(errs, "\n") != 1 || strings.Contains(errs, "motsecret") {
		t.Errorf("a mail server that is none: %s", errs)
	}
	// All is well: it serves.
	c.env = c.env[:len(c.env)-1]
	cmd := c.command("serve")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("stop: %v\n%s", err, out.String())
		}
		if strings.Contains(out.String(), demo.Password) {
			t.Error("production printed the demo accounts")
		}
	}()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequest("GET", "http://"+c.addr+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "portail.example.org"
		if res, err := client.Do(r); err == nil {
			res.Body.Close()
			if res.StatusCode != 200 || res.Header.Get("Strict-Transport-Security") == "" {
				t.Errorf("in production: %d %v", res.StatusCode, res.Header)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("production does not serve")
		}
	}
	if res, err := client.Get("http://" + c.addr + "/"); err != nil || res.StatusCode != 400 {
		t.Errorf("in production by its address: %v %v", res, err)
	}
}
