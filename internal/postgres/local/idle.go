package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ShutdownIdle stops the cluster of the directory if no process uses it and it
// was last taken into use at least idle ago, and reports whether it is stopped
// now. The data of an ephemeral cluster are deleted.
func ShutdownIdle(ctx context.Context, dir string, opts Options, idle time.Duration) (bool, error) {
	p, err := locate(dir, opts.Ephemeral)
	if err != nil {
		return false, err
	}
	info, err := os.Stat(p.usersLock())
	if errors.Is(err, os.ErrNotExist) {
		return true, nil // never started
	}
	if err != nil {
		return false, fmt.Errorf("look for users of %s: %w", p.base, err)
	}
	if time.Since(info.ModTime()) < idle {
		return false, nil
	}
	start, err := lockFile(ctx, p.startLock())
	if err != nil {
		return false, err
	}
	defer start.release()
	return p.shutdownUnused(opts.Ephemeral)
}

// StopWhenIdle waits until [ShutdownIdle] has stopped the cluster, and returns
// at once if another process is waiting for the same.
func StopWhenIdle(ctx context.Context, dir string, opts Options, idle time.Duration) error {
	p, err := locate(dir, opts.Ephemeral)
	if err != nil {
		return err
	}
	only, err := tryLock(p.janitorLock())
	if only == nil {
		return err
	}
	defer only.release()
	for {
		sleep(ctx, min(idle, 15*time.Second))
		if err := ctx.Err(); err != nil {
			return err
		}
		if stopped, err := ShutdownIdle(ctx, dir, opts, idle); stopped || err != nil {
			return err
		}
	}
}

// HasJanitor tells whether a process is in [StopWhenIdle] for the directory.
func HasJanitor(dir string, opts Options) (bool, error) {
	p, err := locate(dir, opts.Ephemeral)
	if err != nil {
		return false, err
	}
	l, err := tryLock(p.janitorLock())
	l.release()
	return l == nil && err == nil, err
}

func (p place) janitorLock() string { return filepath.Join(p.base, "janitor.lock") }

// Remove stops the cluster of the directory as [ShutdownIdle] does and deletes
// its data, wherever they are. It refuses while a process uses them.
func Remove(ctx context.Context, dir string, opts Options) error {
	stopped, err := ShutdownIdle(ctx, dir, opts, 0)
	if err != nil {
		return err
	}
	if !stopped {
		return fmt.Errorf("remove the local Postgres of %s: %w", dir, syscall.EBUSY)
	}
	p, err := locate(dir, opts.Ephemeral)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(p.base), os.RemoveAll(p.sockets))
}

// shutdownUnused stops the server unless somebody holds the users' lock. The
// caller holds the start lock, which keeps newcomers out.
func (p place) shutdownUnused(forget bool) (bool, error) {
	alone, err := tryLock(p.usersLock())
	if err != nil {
		return false, err
	}
	if alone == nil {
		return false, nil
	}
	defer alone.release()
	for _, pid := range p.postmasters() {
		if err := terminate(pid, forget); err != nil {
			return false, err
		}
	}
	if forget {
		if err := os.RemoveAll(p.data); err != nil {
			return true, fmt.Errorf("delete test data: %w", err)
		}
	}
	return true, nil
}
