package voting_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

const base = "https://portail.example.org"

// service is the service over a database, as one instance of the portal has it.
func service(t testing.TB, db postgres.DB) *voting.Service {
	t.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return voting.New(db, notify.NewOutbox(jobs), base)
}

// revote makes the rules of a world allow another vote, as if they had been published
// so.
func revote(w *electiontest.World) {
	w.Exec(`ALTER TABLE election DISABLE TRIGGER election_rules_final`)
	w.Exec(`UPDATE election SET rules = replace(rules, '"revote": "none"', '"revote": "last"'),
		rules_sha256 = sha256(convert_to(replace(rules, '"revote": "none"', '"revote": "last"'), 'UTF8')) WHERE id = $1`, w.ID)
	w.Exec(`ALTER TABLE election ENABLE TRIGGER election_rules_final`)
}

// sound checks the boxes: as many distinct codes as structures that voted, an archive
// that verifies from its bytes, and no ballot after the end. It returns the ballots
// tallied.
func sound(t testing.TB, w *electiontest.World) (ballots int) {
	t.Helper()
	for _, b := range w.Boxes() {
		records, err := election.Records(t.Context(), w.DB, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := belenios.VerifyRecords(t.Context(), records)
		if err != nil {
			t.Fatalf("box %d: %v", b.ID, err)
		}
		codes := electiontest.Value[int](w, `SELECT count(DISTINCT credential) FROM ballot_index WHERE box_id = $1`, b.ID)
		voted := electiontest.Value[int](w, `SELECT count(*) FROM emargement WHERE box_id = $1 AND voted`, b.ID)
		if r.Ballots != voted || codes != voted {
			t.Errorf("box %d: %d ballots tallied, %d codes, %d structures that voted", b.ID, r.Ballots, codes, voted)
		}
		ballots += r.Ballots
	}
	return ballots
}

// cutter is a database whose connection is lost once a COMMIT is done, as many times
// as told, before its answer comes; or at each transaction, before its nth statement.
type cutter struct {
	postgres.DB
	cuts int
	nth  int
}

func (c *cutter) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := c.DB.Begin(ctx)
	return &cutTx{tx, c, 0}, err
}

type cutTx struct {
	pgx.Tx
	c    *cutter
	seen int
}

// step ends the connection before the nth statement: the server sees its reader gone.
func (x *cutTx) step() {
	if x.seen++; x.seen == x.c.nth {
		_ = x.Conn().PgConn().Conn().Close() // the statement then fails
	}
}

func (x *cutTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	x.step()
	return x.Tx.Exec(ctx, sql, args...)
}

func (x *cutTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	x.step()
	return x.Tx.Query(ctx, sql, args...)
}

func (x *cutTx) Commit(ctx context.Context) error {
	x.step()
	err := x.Tx.Commit(ctx)
	if err == nil && x.c.cuts > 0 {
		x.c.cuts--
		return fmt.Errorf("COMMIT: %w", &pgconn.PgError{Code: "57P01", Message: "terminating connection"})
	}
	return err
}
