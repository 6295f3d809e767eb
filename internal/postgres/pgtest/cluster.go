package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres/local"
)

var clusterOptions = local.Options{Ephemeral: true, KeepRunning: true}

const (
	janitorEnv = "PORTAL_PGTEST_JANITOR"
	idle       = 10 * time.Minute
	// clusterVersion changes when the settings of the cluster do.
	clusterVersion = 1
)

// ClusterDir is the directory that names the shared test cluster of this user
// and this version of Postgres, for [local.Start]. It returns
// [local.ErrNoBinaries] if there is no Postgres.
func ClusterDir() (string, error) {
	bin, err := local.FindBinaries()
	if err != nil {
		return "", err
	}
	version := strings.ReplaceAll(strings.Trim(bin, "/"), "/", "-")
	name := fmt.Sprintf("portal-pgtest-%d-%d-%s", clusterVersion, os.Geteuid(), version)
	return filepath.Join("/tmp", name), nil
}

// Shutdown stops the shared test cluster and deletes its data, unless a test
// process uses it. It reports whether the cluster is stopped now.
func Shutdown(ctx context.Context) (bool, error) {
	dir, err := ClusterDir()
	if err != nil {
		return false, err
	}
	return local.ShutdownIdle(ctx, dir, clusterOptions, 0)
}

// The test program is its own janitor: started again with this variable set, it
// only waits for the cluster to be idle and stops it.
func init() {
	dir := os.Getenv(janitorEnv)
	if dir == "" {
		return
	}
	if err := local.StopWhenIdle(context.Background(), dir, clusterOptions, idle); err != nil {
		os.Exit(1) // nobody listens; the stop command says more
	}
	os.Exit(0)
}

// startJanitor leaves a process behind that stops the cluster when it has been
// idle for a while. It is in a session of its own and holds none of our files,
// so `go test` does not wait for it.
func startJanitor(dir string) error {
	if there, err := local.HasJanitor(dir, clusterOptions); there || err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start the janitor: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), janitorEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the janitor: %w", err)
	}
	return cmd.Process.Release()
}
