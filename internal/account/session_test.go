package account

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestRightsFallWithTheMandate(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	mandate := w.mayor(h.PersonID, "begles")
	hash := w.open(h)

	_, v, found := w.visit(hash)
	if !found || v.Actor.Role() != access.Mayor || v.Actor.Acting.OrganisationName != "Bègles" {
		t.Fatalf("in office: found %v, acting %+v", found, v.Actor.Acting)
	}
	w.exec(`UPDATE mandate SET during = daterange(lower(during), paris_today()) WHERE id = $1`, mandate)
	_, v, found = w.visit(hash)
	if !found || v.Actor.Role() != "" || len(v.Actor.Capacities) != 0 || !v.Actor.SignedIn() {
		t.Errorf("mandate ended: found %v, actor %+v; want signed in without a role", found, v.Actor)
	}
	if access.Only(access.Mayor).Admits(v.Actor) || !access.SignedIn.Admits(v.Actor) {
		t.Error("mandate ended: only the account page should stay open")
	}
}

func TestCapacities(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account(access.Scrutineer, access.Team)
	w.mayor(h.PersonID, "talence")
	w.mayor(h.PersonID, "begles")
	hash := w.open(h)
	ctx, v, _ := w.visit(hash)
	var got []string
	for _, c := range v.Actor.Capacities {
		got = append(got, c.Label())
	}
	want := []string{"Équipe métropolitaine", "Maire, Bègles", "Maire, Talence", "Scrutateur"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("capacities (-want +got):\n%s", diff)
	}
	if v.Actor.Role() != access.Team {
		t.Errorf("acts first as %q, want team", v.Actor.Role())
	}

	key := v.Actor.Capacities[2].Key()
	v.Rotate(key)
	if err := NewSessionStore(w.db).CommitCtx(ctx, hash+"-2", []byte("x"), h.Now); err != nil {
		t.Fatal(err)
	}
	if _, _, found := w.visit(hash); found {
		t.Error("the old token still opens the session")
	}
	_, v, found := w.visit(hash + "-2")
	if !found || v.Actor.Acting.Key() != key {
		t.Errorf("after switching: found %v, acting %q, want %q", found, v.Actor.Acting.Key(), key)
	}

	w.exec(`DELETE FROM mandate WHERE person_id = $1`, h.PersonID)
	_, v, _ = w.visit(hash + "-2")
	if v.Actor.Role() != access.Team {
		t.Errorf("capacity no longer held: acts as %q, want the first left, team", v.Actor.Role())
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role  access.Role // "" for none granted
		sql   string
		found bool
	}{
		"a fresh one":                      {"", `SELECT $1`, true},
		"revoked":                          {"", `UPDATE session SET revoked_at = now() WHERE token_hash = $1`, false},
		"account disabled":                 {"", `UPDATE account SET disabled_at = now() FROM session s WHERE s.account_id = account.id AND s.token_hash = $1`, false},
		"23 hours without a visit":         {"", `UPDATE session SET last_seen_at = now() - interval '23 hours' WHERE token_hash = $1`, true},
		"25 hours without a visit":         {"", `UPDATE session SET last_seen_at = now() - interval '25 hours' WHERE token_hash = $1`, false},
		"11 hours old, not of the team":    {"", `UPDATE session SET created_at = now() - interval '11 hours' WHERE token_hash = $1`, true},
		"over thirty days":                 {"", `UPDATE session SET expires_at = now() - interval '1 second' WHERE token_hash = $1`, false},
		"9 hours old, of the team":         {access.Team, `UPDATE session SET created_at = now() - interval '9 hours' WHERE token_hash = $1`, true},
		"11 hours old, of the team":        {access.Team, `UPDATE session SET created_at = now() - interval '11 hours' WHERE token_hash = $1`, false},
		"11 hours old, of an admin":        {access.Administrator, `UPDATE session SET created_at = now() - interval '11 hours' WHERE token_hash = $1`, false},
		"11 hours old, of a scrutineer":    {access.Scrutineer, `UPDATE session SET created_at = now() - interval '11 hours' WHERE token_hash = $1`, true},
		"another session was revoked only": {"", `UPDATE session SET revoked_at = now() WHERE token_hash <> $1`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inTx(t, Options{})
			var roles []access.Role
			if tt.role != "" {
				roles = append(roles, tt.role)
			}
			hash := w.open(w.account(roles...))
			if tt.sql != `SELECT $1` {
				w.exec(tt.sql, hash)
			}
			if _, v, found := w.visit(hash); found != tt.found || v.Actor.SignedIn() != tt.found {
				t.Errorf("found %v, signed in %v, want %v", found, v.Actor.SignedIn(), tt.found)
			}
		})
	}
}

func TestLastSeenIsNotedAtMostEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	hash := w.open(w.account())
	for ago, noted := range map[string]bool{"4 minutes": false, "6 minutes": true, "25 hours": false} {
		w.exec(`UPDATE session SET last_seen_at = now() - $2::interval WHERE token_hash = $1`, hash, ago)
		w.visit(hash)
		fresh := value[bool](w, `SELECT last_seen_at = now() FROM session WHERE token_hash = $1`, hash)
		if fresh != noted {
			t.Errorf("seen %s ago: noted %v, want %v", ago, fresh, noted)
		}
	}
}

func TestStaffSessionSaysWhenItEnds(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	_, v, _ := w.visit(w.open(w.account(access.Team)))
	now := value[time.Time](w, `SELECT now()`)
	if got := v.Ends.Sub(now); got != staffLifetime {
		t.Errorf("ends in %v, want %v", got, staffLifetime)
	}
}

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

// queryCounter counts round trips.
type queryCounter struct{ n atomic.Int32 }

func (c *queryCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *queryCounter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestSessionTakesOneRoundTrip(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	w := newWorld(t, pgtest.Open(t, url), Options{})
	h := w.account(access.Team)
	w.mayor(h.PersonID, "begles")
	hash := w.open(h)
	counter := &queryCounter{}
	pool, err := postgres.Open(t.Context(), url, postgres.Options{Tracer: counter})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := counter.n.Load()
	ctx, v := WithVisit(t.Context())
	if _, found, err := NewSessionStore(pool).FindCtx(ctx, hash); err != nil || !found || len(v.Actor.Capacities) != 2 {
		t.Fatalf("found %v, %v, %d capacities", found, err, len(v.Actor.Capacities))
	}
	if got := counter.n.Load() - before; got != 1 {
		t.Errorf("%d round trips, want 1", got)
	}
}

// The statement of every page must look up the capacities of one account, not
// compute everybody's.
func TestSessionPlanUsesIndexes(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	w.exec(`INSERT INTO person (first_name, last_name, email) SELECT 'P', 'Plan ' || n, 'plan-' || n || '@example.org' FROM generate_series(1, 3000) n`)
	w.exec(`INSERT INTO account (person_id, email) SELECT id, email FROM person WHERE email LIKE 'plan-%'`)
	w.exec(`INSERT INTO membership (person_id, organisation_id, during) SELECT p.id, o.id, '[2025-01-01,)' FROM person p, organisation o WHERE p.email LIKE 'plan-%' AND o.kind = 'commune' AND o.name = 'Bordeaux'`)
	w.exec(`ANALYZE person`)
	w.exec(`ANALYZE account`)
	w.exec(`ANALYZE membership`)
	hash := w.open(w.account())
	rows, err := w.db.Query(t.Context(), "EXPLAIN "+findSession, hash, staffLifetime, idleLifetime)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"membership n", "account a", "person p"} {
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan on "+table) {
			t.Errorf("reads all of %s:\n%s", table, text)
		}
	}
}

func TestDeviceLabel(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0":                                                 "Firefox sous Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0":        "Edge sous Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile Safari/604.1": "Safari sur iPhone",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36":                         "Chrome sous Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15":            "Safari sous macOS",
		"curl/8.5.0": "Appareil non reconnu",
		"":           "Appareil non reconnu",
	}
	for ua, want := range tests {
		if got := DeviceLabel(ua); got != want {
			t.Errorf("DeviceLabel(%q) = %q, want %q", ua, got, want)
		}
	}
}
