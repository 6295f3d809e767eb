package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Parameters of argon2id: the second choice of the OWASP Password Storage Cheat
// Sheet, 19 MiB and two passes (RFC 9106).
const (
	argonMemory = 19456 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
	hashWait    = 300 * time.Millisecond
)

// Bounds on the parameters read from a stored hash: a row put there by hand must
// not make the portal take all the memory of the machine.
const (
	maxArgonMemory = 256 * 1024
	maxArgonTime   = 10
)

// dummyHash is hashed against when an address is unknown, so that the answer
// takes the time of a real one. No password gives it: its key is not of argon2.
var dummyHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
	base64.RawStdEncoding.EncodeToString(make([]byte, argonSalt)),
	base64.RawStdEncoding.EncodeToString(make([]byte, argonKey)))

var errBusy = problem.New(problem.TooMany, "Trop de personnes se connectent en même temps. Réessayez dans quelques secondes.")

// hasher hashes passwords, a few at once: each takes 19 MiB and a core for some
// tens of milliseconds, and the pages must keep answering meanwhile.
type hasher struct {
	slots chan struct{}
	wait  time.Duration
	work  atomic.Int64 // KiB passes of argon2id done so far: what a try costs
}

func newHasher(slots int) *hasher {
	if slots <= 0 {
		slots = max(1, runtime.NumCPU()-1)
	}
	return &hasher{slots: make(chan struct{}, slots), wait: hashWait}
}

// acquire takes a slot, or gives up after the wait with a TooMany problem.
func (h *hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) release() { <-h.slots }

// hash returns the PHC string of the password with a fresh salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	return HashPassword(password), nil
}

// verify tells whether the password gives the PHC string. It does the same work
// whatever the answer.
func (h *hasher) verify(ctx context.Context, phc, password string) (bool, error) {
	p, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	h.work.Add(int64(p.memory) * int64(p.time))
	got := argon2.IDKey(normal(password), p.salt, p.time, p.memory, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(got, p.key) == 1, nil
}

// HashPassword returns the PHC string of a password with a fresh salt. Requests
// go through the service, which limits how many run at once; this is for the
// demonstration's precomputed hash.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := argon2.IDKey(normal(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// normal is the form in which a password is hashed: an é is one thing whether the
// keyboard sends one code point or two (NIST SP 800-63B, 3.1.1.2: NFKC). Nothing
// else is changed, nothing cut (ASVS 6.2.8).
func normal(password string) []byte { return norm.NFKC.Bytes([]byte(password)) }

type phcHash struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

var errPHC = errors.New("password hash: not an argon2id PHC string within bounds")

func parsePHC(s string) (phcHash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phcHash{}, errPHC
	}
	var p phcHash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil {
		return phcHash{}, errPHC
	}
	if p.memory == 0 || p.memory > maxArgonMemory || p.time == 0 || p.time > maxArgonTime || p.lanes == 0 {
		return phcHash{}, errPHC
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return phcHash{}, errPHC
	}
	return p, nil
}
