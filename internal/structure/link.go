package structure

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// LinkPurpose says what a personal link is for.
type LinkPurpose string

// The closed set of purposes (constraint structure_link_purpose_check).
const (
	ForConfirmation LinkPurpose = "confirm"     // to confirm the address of a request, once
	ForApplication  LinkPurpose = "application" // to follow a request and answer the team
	ForFreshness    LinkPurpose = "freshness"   // to say that a sheet is up to date, once
)

// life is how long a link works.
func (p LinkPurpose) life() time.Duration {
	const dayLong = 24 * time.Hour
	switch p {
	case ForConfirmation:
		return 7 * dayLong
	case ForApplication:
		return 180 * dayLong
	}
	return 60 * dayLong
}

// newLink makes a personal link for somebody and returns its token, which is kept
// nowhere: its hash is.
func newLink(ctx context.Context, tx pgx.Tx, id ID, purpose LinkPurpose, name string) (string, error) {
	token := newToken()
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_link (token_hash, structure_id, purpose, name, expires_at)
		VALUES ($1, $2, $3, $4, now() + $5::interval)`, tokenHash(token), id, string(purpose), name, purpose.life())
	return token, postgres.Wrap(err, "link of structure %d", id)
}

// linkRow is a link that works.
type linkRow struct {
	Structure ID         `db:"structure_id"`
	Name      string     `db:"name"` // whom it was sent to
	UsedAt    *time.Time `db:"used_at"`
}

// readLink finds what a link leads to; errGone when it is out of date or not ours.
// A used one is still found: who comes back is told what was done.
func readLink(ctx context.Context, q postgres.Querier, purpose LinkPurpose, token string) (linkRow, error) {
	l, err := postgres.One[linkRow](ctx, q, `
		SELECT structure_id, name, used_at FROM structure_link
		WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()`, tokenHash(token), string(purpose))
	if postgres.IsNoRows(err) {
		return l, errGone
	}
	return l, postgres.Wrap(err, "read link")
}

// useLink marks a link as used; errGone when it was.
func useLink(ctx context.Context, tx pgx.Tx, purpose LinkPurpose, token string) (linkRow, error) {
	l, err := postgres.One[linkRow](ctx, tx, `
		UPDATE structure_link SET used_at = now()
		WHERE token_hash = $1 AND purpose = $2 AND expires_at > now() AND used_at IS NULL
		RETURNING structure_id, name, used_at`, tokenHash(token), string(purpose))
	if postgres.IsNoRows(err) {
		return l, errGone
	}
	return l, postgres.Wrap(err, "use link")
}
