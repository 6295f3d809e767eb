package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// fileLock is a flock(2): it belongs to the open file, is not inherited by the
// programs we start (Go opens files close-on-exec), and ends with the process
// however that dies.
type fileLock struct{ f *os.File }

// lockFile waits for the exclusive lock until ctx is done.
func lockFile(ctx context.Context, path string) (*fileLock, error) {
	for {
		l, err := tryLock(path)
		if l != nil || err != nil {
			return l, err
		}
		if sleep(ctx, 10*time.Millisecond); ctx.Err() != nil {
			return nil, fmt.Errorf("wait for %s, which another process holds: %w", path, ctx.Err())
		}
	}
}

// tryLock returns nil if another holds the lock.
func tryLock(path string) (*fileLock, error) {
	l, err := flock(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return l, err
}

// lockShared takes the shared lock and marks the time.
func lockShared(path string) (*fileLock, error) {
	l, err := flock(path, syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil {
		l.release()
		return nil, fmt.Errorf("mark %s: %w", path, err)
	}
	return l, nil
}

func flock(path string, how int) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

func (l *fileLock) release() {
	if l == nil {
		return
	}
	// Closing is not enough: a program being started at this moment has a copy
	// of the open file until its exec.
	_ = syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN)
	_ = l.f.Close() // nothing was written
}
