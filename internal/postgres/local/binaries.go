package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// BinariesEnv names the environment variable that gives the directory of the
// Postgres programs, before any search.
const BinariesEnv = "PORTAL_PG_BINDIR"

const minVersion = 15

// ErrNoBinaries means that no usable Postgres server is installed.
var ErrNoBinaries = errors.New("PostgreSQL 15 or later is not installed: " +
	"install it (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql@16`), " +
	"give the directory of its programs in " + BinariesEnv + ", or give the URL of a server in DATABASE_URL")

// FindBinaries returns the directory that holds postgres, initdb and the other
// programs of one installed Postgres, version 15 or later: the directory in
// PORTAL_PG_BINDIR, else the one on PATH, else the newest of the places where
// Debian, Homebrew and Red Hat put them. It returns [ErrNoBinaries] if there is
// none.
func FindBinaries() (string, error) {
	b, err := findBinaries(0)
	return b.dir, err
}

type binaries struct {
	dir   string
	major int
}

// findBinaries wants the given major version, or any if it is 0: data made by
// one major version cannot be read by another.
func findBinaries(major int) (binaries, error) {
	var other []int
	for _, dir := range candidates() {
		v, err := serverVersion(dir)
		if err != nil || v < minVersion {
			continue
		}
		if major == 0 || v == major {
			return binaries{dir, v}, nil
		}
		other = append(other, v)
	}
	if major != 0 && len(other) > 0 {
		return binaries{}, fmt.Errorf("the data were made by PostgreSQL %d, and only %v is installed: "+
			"install PostgreSQL %d, or take a backup with it and delete the data", major, other, major)
	}
	return binaries{}, ErrNoBinaries
}

func candidates() []string {
	if dir := os.Getenv(BinariesEnv); dir != "" {
		return []string{dir}
	}
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// Through the links, so that pg_dump is found beside it.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/usr/pgsql-*/bin",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well-formed
		slices.Sort(found)
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// serverVersion asks postgres, and fails if initdb is not beside it.
func serverVersion(dir string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, err
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("no version in %q", out)
	}
	return strconv.Atoi(string(m[1]))
}
