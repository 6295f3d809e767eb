// Package throttle limits how often something is tried (ASVS 6.1.1). Counters are
// rows of `throttle`, shared by all instances, in windows of fifteen minutes. A
// window begins on the quarter of an hour: across one, twice the limit passes.
package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Window is the time over which tries are counted.
const Window = 15 * time.Minute

// Limit is how many tries pass in a window.
type Limit struct {
	Name string
	Max  int
}

// Key is what a limit is counted on.
type Key struct {
	Limit Limit
	of    string
}

// ErrTooMany says that the limit is passed.
var ErrTooMany = problem.New(problem.TooMany, "Trop d’essais. Attendez quelques minutes, puis réessayez.")

// On names what the limit is counted on. It is hashed: the e-mail addresses that
// people try are not listed in the table.
func (l Limit) On(parts ...string) Key {
	all := ""
	for _, p := range parts {
		all += p + "\x00"
	}
	sum := sha256.Sum256([]byte(all))
	return Key{l, hex.EncodeToString(sum[:16])}
}

func (k Key) text() string { return k.Limit.Name + ":" + k.of }

// Count adds one to each key's window and returns ErrTooMany past a limit. It is
// called outside any transaction: a try that is rolled back still counts.
func Count(ctx context.Context, db postgres.Querier, keys ...Key) error {
	for _, k := range keys {
		tries, err := postgres.Value[int](ctx, db, `
			INSERT INTO throttle (key, window_start, tries)
			VALUES ($1, date_bin($2::interval, now(), 'epoch'), 1)
			ON CONFLICT (key, window_start) DO UPDATE SET tries = throttle.tries + 1
			RETURNING tries`, k.text(), Window)
		if err != nil {
			return postgres.Wrap(err, "count tries of %s", k.Limit.Name)
		}
		if tries > k.Limit.Max {
			return ErrTooMany
		}
	}
	return nil
}

// Refund gives back what a success took.
func Refund(ctx context.Context, db postgres.Querier, keys ...Key) error {
	for _, k := range keys {
		_, err := postgres.Exec(ctx, db, `
			UPDATE throttle SET tries = greatest(tries - 1, 0)
			WHERE key = $1 AND window_start = date_bin($2::interval, now(), 'epoch')`, k.text(), Window)
		if err != nil {
			return postgres.Wrap(err, "refund a try of %s", k.Limit.Name)
		}
	}
	return nil
}

// Place returns what an address of the network counts as: itself in IPv4, its /64
// in IPv6, where one subscriber holds 2^64 addresses.
func Place(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64) // 64 is within bounds
		return p.String()
	}
	return a.String()
}
