package structure_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
)

// storm is a register on which everything goes wrong.
type storm struct {
	t    testing.TB
	pool *pgxpool.Pool
	s    *structure.Service
	gov  *governance.Service
	made int
}

var stormTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newStorm(t testing.TB) *storm {
	t.Helper()
	w := &storm{t: t, pool: pgtest.Pool(t)}
	w.s, w.gov, _ = w.through(w.pool)
	return w
}

// through returns the services as they work on a database, which may be a bad one.
func (w *storm) through(db postgres.DB) (*structure.Service, *governance.Service, *imports.Service) {
	w.t.Helper()
	jobs, err := notify.NewInserter(w.pool)
	if err != nil {
		w.t.Fatal(err)
	}
	gov := governance.New(db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	s := structure.New(db, gov, notify.NewOutbox(jobs), "https://portail.example.org")
	return s, gov, imports.New(db, s)
}

func (w *storm) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *storm) load(id structure.ID) structure.Sheet {
	w.t.Helper()
	s, err := w.s.SheetForTeam(w.t.Context(), stormTeam, id)
	w.must(err)
	return s
}

// request is one that waits for the team, with two people.
func (w *storm) request() structure.Sheet {
	w.t.Helper()
	return w.record(day.Day{})
}

// member is a structure of the GNI since a day.
func (w *storm) member(from day.Day) structure.Sheet {
	w.t.Helper()
	return w.record(from)
}

func (w *storm) record(from day.Day) structure.Sheet {
	w.t.Helper()
	w.made++
	id, err := w.s.Record(w.t.Context(), stormTeam, structure.NewRecord{From: from,
		Sheet: structure.Sheet{Name: fmt.Sprintf("Structure %d", w.made), College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"},
			Services: []string{"Aide aux démarches administratives"}, PublishSheet: true},
		People: []structure.Contact{
			{First: "Alix", Last: "Référente", Email: fmt.Sprintf("alix%d@example.org", w.made), InCharge: true, Manager: true},
			{First: "Noa", Last: "Collègue", Email: fmt.Sprintf("noa%d@example.org", w.made), Title: "Médiation"}}})
	w.must(err)
	return w.load(id)
}

// value reads one text.
func (w *storm) value(sql string, args ...any) string {
	w.t.Helper()
	var v string
	if err := w.pool.QueryRow(w.t.Context(), "SELECT ("+sql+")::text", args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// written is a word for all that acts write: the same as long as nothing is.
func (w *storm) written() string {
	w.t.Helper()
	var each []string
	for _, table := range []string{"organisation", "seat", "mandate", "membership", "person", "structure", "structure_contact", "structure_step", "structure_consent",
		"structure_link", "structure_facet", "structure_import", "registration", "access_request", "college_freeze", "mail", "river_job", "audit_entry"} {
		each = append(each, `SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM `+table+` t`)
	}
	return w.value(`SELECT string_agg(x.md5, '') FROM (` + strings.Join(each, " UNION ALL ") + `) x`)
}

// badLine is a database whose connection breaks in a transaction: before its nth
// statement, or, when lost, once its COMMIT is done and before the answer comes.
type badLine struct {
	*pgxpool.Pool
	t    testing.TB
	nth  int
	lost bool

	mu   sync.Mutex
	seen int // statements of the transaction, its COMMIT included
}

func (b *badLine) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := b.Pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &badTx{tx, b}, nil
}

type badTx struct {
	pgx.Tx
	line *badLine
}

// cut ends the connection: the server sees its reader gone, and rolls back.
func (x *badTx) cut() {
	if err := x.Conn().PgConn().Conn().Close(); err != nil {
		x.line.t.Errorf("cut: %v", err)
	}
}

func (x *badTx) step() {
	x.line.mu.Lock()
	x.line.seen++
	now := x.line.seen == x.line.nth
	x.line.mu.Unlock()
	if now {
		x.cut()
	}
}

func (x *badTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	x.step()
	return x.Tx.Exec(ctx, sql, args...)
}

func (x *badTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	x.step()
	return x.Tx.Query(ctx, sql, args...)
}

func (x *badTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	x.step()
	return x.Tx.QueryRow(ctx, sql, args...)
}

func (x *badTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	x.step()
	return x.Tx.SendBatch(ctx, b)
}

func (x *badTx) Commit(ctx context.Context) error {
	x.step()
	if err := x.Tx.Commit(ctx); err != nil || !x.line.lost {
		return err
	}
	return fmt.Errorf("COMMIT: the answer never came")
}
