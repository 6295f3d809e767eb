package account

import (
	"context"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// How tries are limited (ASVS 6.1.1). Counters are rows of `throttle`, shared by
// all instances, counted before any password is hashed, in windows of fifteen
// minutes. Nobody is ever locked out: a limit is on one account from one place,
// so strangers trying a person's account do not keep that person away; a browser
// that already signed in counts apart even behind the same address; and a success
// gives back what it took.
const window = 15 * time.Minute

type limit struct {
	name string
	max  int
}

var (
	limitPair         = limit{"sign_in", 10}          // one account, one address (or known browser)
	limitAddress      = limit{"sign_in_address", 100} // failures of one address, all accounts
	limitCode         = limit{"code", 20}             // second steps of one account; the password was right
	limitReset        = limit{"reset", 3}             // mails of one account
	limitResetAddress = limit{"reset_address", 20}    // requests of one address
	limitPassword     = limit{"password", 10}         // current password asked again inside a session
)

var errTooMany = problem.New(problem.TooMany, "Trop d’essais. Attendez quelques minutes, puis réessayez.")

// count adds one to each key's window and tells whether all are within their
// limit. It runs outside any transaction: a try that is rolled back still counts.
func (s *Service) count(ctx context.Context, keys ...throttleKey) error {
	for _, k := range keys {
		tries, err := postgres.Value[int](ctx, s.db, `
			INSERT INTO throttle (key, window_start, tries)
			VALUES ($1, date_bin($2::interval, now(), 'epoch'), 1)
			ON CONFLICT (key, window_start) DO UPDATE SET tries = throttle.tries + 1
			RETURNING tries`, k.key(), window)
		if err != nil {
			return postgres.Wrap(err, "count tries of %s", k.limit.name)
		}
		if tries > k.limit.max {
			return errTooMany
		}
	}
	return nil
}

// refund gives back what a success took.
func (s *Service) refund(ctx context.Context, keys ...throttleKey) error {
	for _, k := range keys {
		_, err := postgres.Exec(ctx, s.db, `
			UPDATE throttle SET tries = greatest(tries - 1, 0)
			WHERE key = $1 AND window_start = date_bin($2::interval, now(), 'epoch')`, k.key(), window)
		if err != nil {
			return postgres.Wrap(err, "refund a try of %s", k.limit.name)
		}
	}
	return nil
}

type throttleKey struct {
	limit limit
	of    string
}

func (k throttleKey) key() string { return k.limit.name + ":" + k.of }

// on names what a limit is counted on. The e-mail addresses that people try are
// hashed: the table is no list of them.
func (l limit) on(parts ...string) throttleKey {
	all := ""
	for _, p := range parts {
		all += p + "\x00"
	}
	return throttleKey{l, hex.EncodeToString(hashToken(all)[:16])}
}

// place returns what an address counts as: itself in IPv4, its /64 in IPv6, where
// one subscriber holds 2^64 addresses.
func place(address string) string {
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

func idText(id access.AccountID) string { return strconv.FormatInt(int64(id), 10) }

func codeKey(id access.AccountID) throttleKey { return limitCode.on(idText(id)) }
