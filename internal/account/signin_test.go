package account

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

var home = Visitor{Address: "192.0.2.1"}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	for _, email := range []string{h.Email, strings.ToUpper(h.Email), " " + h.Email + "\n"} {
		out, err := w.SignIn(t.Context(), email, goodPassword, home)
		if err != nil || out.SignedIn == nil || out.SignedIn.Account != h.ID || out.SignedIn.Browser == "" {
			t.Errorf("%q: %+v, %v", email, out, err)
		}
	}
	if _, err := w.SignIn(t.Context(), h.Email, goodPassword+" ", home); !errors.Is(err, ErrWrong) {
		t.Errorf("wrong password: %v", err)
	}
}

// The same work is done for an unknown address: one hash, of the same cost. It is
// counted and not timed: a busy machine would tell nothing.
func TestSignInDoesTheSameWork(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	work := func(email string) int64 {
		before := w.hasher.work.Load()
		if _, err := w.SignIn(t.Context(), email, "pas le bon du tout", home); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
		return w.hasher.work.Load() - before
	}
	known, unknown := work(h.Email), work("inconnue@example.org")
	if known == 0 || unknown != known {
		t.Errorf("a known address costs %d KiB passes, an unknown one %d", known, unknown)
	}
	for _, email := range []string{h.Email, "inconnue@example.org"} {
		start := time.Now()
		if err := w.RequestReset(t.Context(), email, home); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < resetFloor {
			t.Errorf("reset of %s answered in %v", email, d)
		}
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	try := func(email, password string, v Visitor) error {
		_, err := w.SignIn(t.Context(), email, password, v)
		return err
	}
	out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
	if err != nil {
		t.Fatal(err)
	}
	mine := Visitor{Address: home.Address, Browser: out.SignedIn.Browser}
	for range limitPair.Max {
		if err := try(h.Email, "non", home); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
	}
	if err := try(h.Email, goodPassword, home); problem.KindOf(err) != problem.TooMany {
		t.Errorf("eleventh try from one address: %v, want TooMany", err)
	}
	if err := try(h.Email, goodPassword, Visitor{Address: "192.0.2.9"}); err != nil {
		t.Errorf("from another address: %v: strangers' tries lock the account", err)
	}
	if err := try(h.Email, goodPassword, mine); err != nil {
		t.Errorf("known browser behind the strangers' address: %v", err)
	}
	if err := try(h.Email, goodPassword, Visitor{Address: home.Address, Browser: "forged"}); problem.KindOf(err) != problem.TooMany {
		t.Errorf("a forged browser token: %v, want TooMany", err)
	}
	w.exec(`UPDATE throttle SET window_start = window_start - interval '15 minutes'`)
	if err := try(h.Email, goodPassword, home); err != nil {
		t.Errorf("a quarter of an hour later: %v", err)
	}
}

func TestThrottleOfAnAddress(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	keys := func(i int) []throttle.Key {
		return []throttle.Key{limitPair.On(fmt.Sprint(i)), limitAddress.On(throttle.Place("2001:db8::1"))}
	}
	for i := range limitAddress.Max {
		if err := throttle.Count(t.Context(), w.db, keys(i)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := throttle.Count(t.Context(), w.db, keys(1000)...); problem.KindOf(err) != problem.TooMany {
		t.Errorf("hundred and first try of an address: %v", err)
	}
	if err := throttle.Count(t.Context(), w.db, limitAddress.On(throttle.Place("2001:db8:0:0:ffff::2"))); err == nil {
		t.Error("another address of the same /64 counts apart")
	}
	if err := throttle.Count(t.Context(), w.db, limitAddress.On(throttle.Place("2001:db8:0:1::1"))); err != nil {
		t.Errorf("another /64: %v", err)
	}
	for range 3 {
		if err := throttle.Refund(t.Context(), w.db, keys(0)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := throttle.Count(t.Context(), w.db, keys(2000)...); err != nil {
		t.Errorf("after a success gave back: %v", err)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.1":          "192.0.2.1",
		"::ffff:192.0.2.1":   "192.0.2.1",
		"2001:db8::1":        "2001:db8::/64",
		"fe80::1%eth0":       "fe80::/64",
		"":                   "unknown",
		"192.0.2.1:80, evil": "unknown",
	} {
		if got := throttle.Place(in); got != want {
			t.Errorf("place(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSignInCountsAtOnce(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	key := limitPair.On(unique("race"))
	if n := succeeded(atOnce(30, func(int) error { return throttle.Count(t.Context(), w.db, key) })); n != limitPair.Max {
		t.Errorf("%d of 30 tries at once went through, want %d", n, limitPair.Max)
	}
}

// In a transaction, where the quarter of an hour cannot end between two requests.
func TestResetMailsAreLimited(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	for range 5 {
		if err := w.RequestReset(t.Context(), h.Email, home); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.mails(h.Email, "password_reset"); n != limitReset.Max {
		t.Errorf("%d mails for five requests, want %d", n, limitReset.Max)
	}
	if n := value[int](w, `SELECT count(*) FROM account_link WHERE account_id = $1 AND used_at IS NULL`, h.ID); n != 1 {
		t.Errorf("%d links work, want the last only", n)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	h := w.account()
	hash := w.open(h)
	for range 2 {
		if err := w.RequestReset(t.Context(), h.Email, home); err != nil {
			t.Fatal(err)
		}
	}
	token := w.lastLink(h.Email)
	if n := value[int](w, `SELECT count(*) FROM account_link WHERE account_id = $1 AND used_at IS NULL`, h.ID); n != 1 {
		t.Errorf("%d links work, want the last only", n)
	}
	errs := atOnce(4, func(i int) error {
		return w.ResetPassword(t.Context(), token, fmt.Sprintf("cinq vélos rouges %d", i), home)
	})
	if n := succeeded(errs); n != 1 {
		t.Errorf("a single-use link served %d times: %v", n, errs)
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, ErrLinkGone) {
			t.Errorf("the others: %v, want ErrLinkGone", err)
		}
	}
	if _, _, found := w.visit(hash); found {
		t.Error("the session outlived the reset")
	}
	if err := w.ResetPassword(t.Context(), "unknown", goodPassword, home); !errors.Is(err, ErrLinkUnknown) {
		t.Errorf("unknown link: %v", err)
	}
	if _, err := w.ReadLink(t.Context(), Invitation, token); !errors.Is(err, ErrLinkUnknown) {
		t.Errorf("a reset link read as an invitation: %v", err)
	}
	if n := w.mails(h.Email, "password_changed"); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
}

func TestExpiredLink(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	if err := w.RequestReset(t.Context(), h.Email, home); err != nil {
		t.Fatal(err)
	}
	token := w.lastLink(h.Email)
	if l, err := w.ReadLink(t.Context(), PasswordReset, token); err != nil || l.Account != h.ID || l.Person.Email != h.Email {
		t.Fatalf("%+v, %v", l, err)
	}
	w.exec(`UPDATE account_link SET expires_at = now() - interval '1 second'`)
	if err := w.ResetPassword(t.Context(), token, goodPassword, home); !errors.Is(err, ErrLinkGone) {
		t.Errorf("expired: %v", err)
	}
}
