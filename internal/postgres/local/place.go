package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// place says where a cluster's files are and who owns them.
//
// Postgres refuses to run as root. Root therefore runs it as the user postgres
// or nobody, who must be able to reach the data: if the checkout lies in a
// directory closed to others, such as /root, the data go to /var/lib/portal-local
// under a name made from the path of the checkout.
//
// The path of a Unix socket is limited to about 100 bytes, so sockets are always
// in a short directory of /tmp named in the same way.
type place struct {
	base    string // locks, log, data
	data    string
	sockets string
	runAs   *account // nil: the user we are
}

type account struct {
	name     string
	uid, gid uint32
}

const (
	shm       = "/dev/shm"
	shmNeeds  = 1 << 30 // bytes free, or test data go to the disk
	elsewhere = "/var/lib/portal-local"
)

func locate(dir string, ephemeral bool) (place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return place{}, fmt.Errorf("locate %s: %w", dir, err)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	runAs, err := unprivileged()
	if err != nil {
		return place{}, err
	}
	name, folder := "portal-pg-"+digest(dir), "postgres"
	if ephemeral {
		name, folder = "portal-pg-test-"+digest(dir), "postgres-test"
	}
	p := place{base: filepath.Join(dir, folder), runAs: runAs}
	switch {
	case ephemeral && roomInMemory(filepath.Join(shm, name)):
		p.base = filepath.Join(shm, name)
	case runAs != nil && !runAs.canReach(dir):
		p.base = filepath.Join(elsewhere, name)
	}
	p.sockets = filepath.Join("/tmp", "portal-pg-"+digest(p.base))
	p.data = filepath.Join(p.base, "data")
	return p, nil
}

func digest(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

func (p place) startLock() string { return filepath.Join(p.base, "start.lock") }
func (p place) usersLock() string { return filepath.Join(p.base, "users.lock") }
func (p place) logFile() string   { return filepath.Join(p.base, "postgres.log") }

func (p place) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(Owner), Path: "/" + database,
		RawQuery: url.Values{"host": {p.sockets}, "port": {"5432"}}.Encode()}
	return u.String()
}

// dataVersion is the major version that made the data, 0 if there are none.
func (p place) dataVersion() int {
	b, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if err != nil {
		return 0
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return v
}

// prepareBase makes the directory of the locks. It runs before any lock is
// held, so each step may be done twice.
func (p place) prepareBase() error {
	if err := os.MkdirAll(p.base, 0o755); err != nil {
		return fmt.Errorf("make the directory of the local Postgres: %w", err)
	}
	mode := os.FileMode(0o700)
	if p.runAs != nil {
		mode = 0o711 // Postgres must get through to its data, which only it and root may open
	}
	return ownOnly(p.base, uint32(os.Geteuid()), mode)
}

// prepareSockets makes the directory of the socket, and refuses one that a
// stranger has made: /tmp is open to all.
func (p place) prepareSockets() error {
	if err := p.mkdir(p.sockets); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the socket directory: %w", err)
	}
	uid := uint32(os.Geteuid())
	if p.runAs != nil {
		uid = p.runAs.uid
	}
	err := ownOnly(p.sockets, uid, 0o700)
	if err != nil && p.runAs != nil && ownOnly(p.sockets, 0, 0o700) == nil {
		// Root was killed between making it and giving it away.
		err = p.giveAway(p.sockets)
	}
	return err
}

// mkdir makes a private directory owned by the user who runs Postgres.
func (p place) mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return p.giveAway(dir)
}

func (p place) giveAway(path string) error {
	if p.runAs == nil {
		return nil
	}
	return os.Chown(path, int(p.runAs.uid), int(p.runAs.gid))
}

// attributes makes a program the leader of a session of its own, as the user
// who runs Postgres.
func (p place) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if p.runAs != nil {
		a.Credential = &syscall.Credential{Uid: p.runAs.uid, Gid: p.runAs.gid}
	}
	return a
}

// ownOnly gives a directory of the user's its mode, whatever the umask was, and
// refuses anything else: another user may have put it there.
func ownOnly(dir string, uid uint32, mode os.FileMode) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("check the owner of a directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || stat.Uid != uid {
		return fmt.Errorf("%s is not a directory of user %d: remove it", dir, uid)
	}
	if info.Mode().Perm() == mode {
		return nil
	}
	return os.Chmod(dir, mode)
}

// unprivileged is the user whom root makes run Postgres.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &account{name, uint32(uid), uint32(gid)}, nil
		}
	}
	return nil, errors.New("root cannot run Postgres, and there is no user postgres or nobody to run it as")
}

// canReach tells whether the user may pass through the directory and all above
// it, by the mode bits; what does not exist yet will be made open.
func (a account) canReach(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err == nil {
			stat := info.Sys().(*syscall.Stat_t)
			bit := os.FileMode(0o001)
			switch {
			case stat.Uid == a.uid:
				bit = 0o100
			case stat.Gid == a.gid:
				bit = 0o010
			}
			if info.Mode().Perm()&bit == 0 {
				return false
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// roomInMemory tells whether test data can be in /dev/shm: they are already, or
// there is space. Containers often have 64 MB only.
func roomInMemory(base string) bool {
	if _, err := os.Stat(filepath.Join(base, "data")); err == nil {
		return true
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err != nil {
		return false
	}
	return fs.Bavail*uint64(fs.Bsize) >= shmNeeds
}
