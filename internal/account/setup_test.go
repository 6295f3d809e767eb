package account

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/hotp"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

const goodPassword = "quatre chevaux verts"

// goodHash is made once: hashing is the slow part of these tests.
var goodHash = sync.OnceValue(func() string { return HashPassword(goodPassword) })

// world is a portal with nobody in it but who a test makes.
type world struct {
	*Service
	t  *testing.T
	db postgres.DB
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newWorld(t *testing.T, db postgres.DB, opt Options) *world {
	t.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	opt.BaseURL, opt.Log, opt.Hashes = "http://portal.test/", quiet(), 4
	return &world{Service: New(db, notify.NewOutbox(jobs), opt), t: t, db: db}
}

// inTx is a world in one transaction, rolled back.
//
// The database is its own: tests in one database would wait for each other's
// rows (the counters of an address, the seat of a commune) and deadlock. Within
// the transaction now() stands still: no window of tries ends between two tries.
func inTx(t *testing.T, opt Options) *world {
	t.Helper()
	tx, err := pgtest.Pool(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // the database goes with it
	return newWorld(t, tx, opt)
}

// inPool is a world on several connections, for races.
func inPool(t *testing.T, opt Options) *world { t.Helper(); return newWorld(t, pgtest.Pool(t), opt) }

var serial atomic.Int64

// unique returns a name no other test has.
func unique(prefix string) string { return fmt.Sprintf("%s-%d", prefix, serial.Add(1)) }

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](w *world, sql string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// person makes a person with an address and no account.
func (w *world) person() Person {
	w.t.Helper()
	p := Person{FirstName: "Camille", LastName: unique("Exemple"), Email: unique("camille") + "@example.org"}
	p.ID = value[access.PersonID](w, `INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`,
		p.FirstName, p.LastName, p.Email)
	return p
}

// account makes an active account with goodPassword and the roles.
func (w *world) account(roles ...access.Role) holder {
	w.t.Helper()
	p := w.person()
	id := value[access.AccountID](w, `
		INSERT INTO account (person_id, email, password_hash, password_changed_at)
		VALUES ($1, $2, $3, now()) RETURNING id`, p.ID, p.Email, goodHash())
	for _, r := range roles {
		w.exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, $2)`, id, r)
	}
	return w.holder(id)
}

func (w *world) holder(id access.AccountID) holder {
	w.t.Helper()
	h, err := accountByID(w.t.Context(), w.db, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// mandate gives the person the seat of a mayor, from yesterday.
func (w *world) mayor(p access.PersonID, slug string) (mandate int64) {
	w.t.Helper()
	return value[int64](w, `
		INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, $1, 'titular', daterange(paris_today() - 1, NULL), 'Élection'
		FROM seat s JOIN commune c ON c.organisation_id = s.organisation_id AND c.slug = $2
		WHERE s.kind = 'mayor' RETURNING id`, p, slug)
}

func (w *world) tx(f func(tx pgx.Tx) error) error {
	return postgres.InTx(w.t.Context(), w.db, f)
}

// lastLink returns the token of the last link mailed to an address.
func (w *world) lastLink(to string) string {
	w.t.Helper()
	link := value[string](w, `SELECT secret_link FROM mail WHERE to_address = $1 AND secret_link <> '' ORDER BY created_at DESC, id LIMIT 1`, to)
	return link[strings.LastIndex(link, "/")+1:]
}

func (w *world) mails(to, kind string) int {
	w.t.Helper()
	return value[int](w, `SELECT count(*) FROM mail WHERE to_address = $1 AND kind = $2`, to, kind)
}

// open opens a session as a sign-in does, and returns its token hash.
func (w *world) open(h holder) string {
	w.t.Helper()
	hash := unique("token")
	ctx, v := WithVisit(w.t.Context())
	v.Open(SignedIn{Account: h.ID, PasswordChangedAt: h.PasswordChangedAt}, "Firefox sous Linux")
	if err := NewSessionStore(w.db).CommitCtx(ctx, hash, []byte("data"), h.Now); err != nil {
		w.t.Fatal(err)
	}
	return hash
}

// visit loads the session as a request does.
func (w *world) visit(hash string) (context.Context, *Visit, bool) {
	w.t.Helper()
	ctx, v := WithVisit(w.t.Context())
	_, found, err := NewSessionStore(w.db).FindCtx(ctx, hash)
	if err != nil {
		w.t.Fatal(err)
	}
	return ctx, v, found
}

// by returns the actor of a fresh session.
func (w *world) by(h holder) access.Actor {
	w.t.Helper()
	_, v, found := w.visit(w.open(h))
	if !found {
		w.t.Fatal("a fresh session is not found")
	}
	return v.Actor
}

// codeAt returns the code of a key, steps from now.
func (w *world) codeAt(secret string, steps int64) string {
	w.t.Helper()
	now := value[int64](w, `SELECT floor(extract(epoch FROM clock_timestamp()))::bigint`)
	code, err := hotp.GenerateCode(secret, uint64(now/totpPeriod+steps))
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// atOnce runs f n times together and returns the errors.
func atOnce(n int, f func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func succeeded(errs []error) int {
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}
