package account

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A request in flight saves its session after another has revoked it: it must
// stay revoked, whatever the save.
func TestRevokedSessionIsNeverRevived(t *testing.T) {
	t.Parallel()
	saves := map[string]func(v *Visit, hash string) string{
		"saves its data":       func(_ *Visit, hash string) string { return hash },
		"renews its token":     func(v *Visit, hash string) string { v.Rotate(""); return hash + "-new" },
		"switches of capacity": func(v *Visit, hash string) string { v.Rotate("team:0"); return hash + "-new" },
	}
	for name, save := range saves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inPool(t, Options{})
			h := w.account()
			store := NewSessionStore(w.db)
			for range 20 {
				hash := w.open(h)
				ctx, v, _ := w.visit(hash)
				next := save(v, hash)
				errs := atOnce(2, func(i int) error {
					if i == 0 {
						return w.tx(func(tx pgx.Tx) error { return revokeSessions(t.Context(), tx, h.ID, 0) })
					}
					if next != hash {
						if err := store.DeleteCtx(ctx, hash); err != nil {
							return err
						}
					}
					return store.CommitCtx(ctx, next, []byte("late"), h.Now)
				})
				if succeeded(errs) != 2 {
					t.Fatal(errs)
				}
				for _, hash := range []string{hash, next} {
					if _, _, found := w.visit(hash); found {
						t.Fatal("a revoked session is alive again")
					}
				}
			}
		})
	}
}

// A sign-in that checked the old password opens its session while the password is
// being reset: it must not survive the reset.
func TestSignInRacesWithReset(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	store := NewSessionStore(w.db)
	for range 10 {
		h := w.account()
		hash := unique("race")
		ctx, v := WithVisit(t.Context())
		v.Open(SignedIn{Account: h.ID, PasswordChangedAt: h.PasswordChangedAt}, "")
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				return store.CommitCtx(ctx, hash, []byte("x"), h.Now)
			}
			return w.tx(func(tx pgx.Tx) error {
				h, err := lockAccount(t.Context(), tx, h.ID)
				if err != nil {
					return err
				}
				_, err = w.setPassword(t.Context(), tx, h, goodHash(), 0)
				return err
			})
		})
		if succeeded(errs) != 2 {
			t.Fatal(errs)
		}
		if _, _, found := w.visit(hash); found {
			t.Fatal("a session opened with the old password outlived the reset")
		}
	}
}

func TestAnonymousSessionOnlyCarriesData(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	ctx, _ := WithVisit(t.Context())
	hash := unique("anonymous")
	store := NewSessionStore(w.db)
	if err := store.CommitCtx(ctx, hash, []byte("flash"), time.Now()); err != nil {
		t.Fatal(err)
	}
	b, found, err := store.Find(hash)
	if err != nil || !found || string(b) != "flash" {
		t.Errorf("Find = %q, %v, %v", b, found, err)
	}
	if _, v, _ := w.visit(hash); v.Actor.SignedIn() {
		t.Error("nobody is signed in, yet somebody is")
	}
	if err := store.Delete(hash); err != nil {
		t.Fatal(err)
	}
	if err := store.Commit(hash+"-other", []byte("x"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := store.Find(hash); found {
		t.Error("deleted and still found")
	}
}
