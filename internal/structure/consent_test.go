package structure

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestConsentsAreNeverRewritten tries, in the portal's own role, what would change what
// a structure agreed to, or when.
func TestConsentsAreNeverRewritten(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	tx, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	for _, sql := range []string{`SET LOCAL ROLE portal_app`,
		`INSERT INTO structure_consent (structure_id, use, given, wording) SELECT organisation_id, 'sheet', false, 'Publier' FROM structure LIMIT 1`} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, sql := range map[string]string{
		"change an answer": `UPDATE structure_consent SET given = true`,
		"delete one":       `DELETE FROM structure_consent`,
		"empty the table":  `TRUNCATE structure_consent`,
		"choose a date":    `INSERT INTO structure_consent (structure_id, use, given, wording, at) SELECT structure_id, use, true, wording, '2020-01-01' FROM structure_consent LIMIT 1`,
		"choose an id":     `INSERT INTO structure_consent (id, structure_id, use, given, wording) OVERRIDING SYSTEM VALUE SELECT -1, structure_id, use, true, wording FROM structure_consent LIMIT 1`,
	} {
		err := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != "42501" {
			t.Errorf("%s: %v, want insufficient privilege", name, err)
		}
	}
}
