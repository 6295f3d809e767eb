package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	socketFile = ".s.PGSQL.5432"
	// noProcess is above any process number a kernel gives.
	noProcess = "999999999"
)

// postmasters lists the live servers of these data: the one in the pid file
// and, if the directory was deleted under it, the one that holds the socket.
func (p place) postmasters() []int {
	var pids []int
	for _, file := range []string{
		filepath.Join(p.data, "postmaster.pid"),
		filepath.Join(p.sockets, socketFile+".lock"),
	} {
		pid := readPID(file)
		if pid > 0 && !slices.Contains(pids, pid) && p.isPostmaster(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// clearRemains makes way for a new postmaster. The caller holds the start lock
// and knows that none runs: a number in a lock file that is alive is a
// stranger's, at which Postgres would refuse to start.
//
// The pid file is not removed but made to name no process. Postgres then takes
// it for stale by itself, and still finds in it the shared memory that children
// of a killed postmaster may hold: deleting the file would let two servers write
// the same data.
func (p place) clearRemains() error {
	for _, name := range []string{socketFile, socketFile + ".lock"} {
		err := os.Remove(filepath.Join(p.sockets, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove a stale socket: %w", err)
		}
	}
	file := filepath.Join(p.data, "postmaster.pid")
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a stale pid file: %w", err)
	}
	if readPID(file) == 0 { // empty or damaged: of no use to Postgres either
		return os.Remove(file)
	}
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	if err := os.WriteFile(file, slices.Concat([]byte(noProcess+"\n"), rest), 0o600); err != nil {
		return fmt.Errorf("neutralise a stale pid file: %w", err)
	}
	return nil
}

// readPID returns the number on the first line of a lock file of Postgres, 0 if
// there is none.
func readPID(path string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// isPostmaster tells a server of these data from a stranger who was given its
// number, by the command line. Its children have other titles.
func (p place) isPostmaster(pid int) bool {
	if !processAlive(pid) {
		return false
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		line, err = exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	}
	if err != nil {
		return false
	}
	args := " " + string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})) + " "
	program, _, _ := strings.Cut(strings.TrimSpace(args), " ")
	return filepath.Base(program) == "postgres" && strings.Contains(args, " -D "+p.data+" ")
}

// processAlive tells whether the process runs. One that ended and was not waited
// for, as happens where process 1 of a container reaps nobody, does not.
func processAlive(pid int) bool {
	if pid <= 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true // no /proc here: the signal's word stands
	}
	after := stat[bytes.LastIndexByte(stat, ')')+1:]
	return !bytes.HasPrefix(after, []byte(" Z"))
}

// terminate ends a postmaster: by a fast shutdown, which finishes with a
// checkpoint, or at once, leaving the next start to recover; by force if it
// does not obey.
func terminate(pid int, atOnce bool) error {
	steps := []struct {
		signal   syscall.Signal
		patience time.Duration
	}{
		{syscall.SIGINT, 15 * time.Second},
		{syscall.SIGQUIT, 3 * time.Second},
		{syscall.SIGKILL, 3 * time.Second},
	}
	if atOnce {
		steps = steps[1:]
	}
	for _, step := range steps {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop Postgres, process %d: %w", pid, err)
		}
		_ = syscall.Kill(pid, syscall.SIGCONT) // a suspended process hears nothing else
		for end := time.Now().Add(step.patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
			if !processAlive(pid) {
				return nil
			}
		}
	}
	return fmt.Errorf("process %d of Postgres does not end", pid)
}
