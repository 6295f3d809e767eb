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
	rows, err := w.db.Query(t.Context(), "EXPLAIN "+findSession, hash, staffLifetime, idleLifetime, false)
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
