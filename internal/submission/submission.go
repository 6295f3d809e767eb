// Package submission makes a form sent twice have one effect. A page puts a
// random key in its form; the first POST that brings the key is treated, and any
// other that brings it is led where the first one went.
package submission

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Outcome is where the first submission led.
type Outcome struct {
	Location string
	Flash    string
}

// abandonedAfter is how long a submission may be in treatment: past it, the
// process that had it is dead and the next one takes over. It is longer than the
// time a request may last.
const abandonedAfter = 30 * time.Second

// Claim takes the key for the account. It returns a nil outcome and mine = true
// when the caller is the first and must treat the form; a non-nil outcome when
// it was treated already; neither while another request is treating it.
func Claim(ctx context.Context, db postgres.DB, key string, account access.AccountID) (done *Outcome, mine bool, err error) {
	n, err := postgres.Exec(ctx, db, `
		INSERT INTO submission (key, account_id) VALUES ($1, $2)
		ON CONFLICT (key, account_id) DO UPDATE SET started_at = clock_timestamp()
		WHERE submission.location IS NULL AND submission.started_at < clock_timestamp() - $3::interval`,
		key, account, abandonedAfter)
	if err != nil {
		return nil, false, postgres.Wrap(err, "claim submission")
	}
	if n == 1 {
		return nil, true, nil
	}
	type row struct {
		Location *string
		Flash    string
	}
	r, err := postgres.One[row](ctx, db,
		`SELECT location, flash FROM submission WHERE key = $1 AND account_id = $2`, key, account)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // released meanwhile: the next Claim gets it
		return nil, false, nil
	case err != nil:
		return nil, false, postgres.Wrap(err, "read submission")
	case r.Location == nil:
		return nil, false, nil
	}
	return &Outcome{Location: *r.Location, Flash: r.Flash}, false, nil
}

// Finish records where a treated submission led.
func Finish(ctx context.Context, db postgres.DB, key string, account access.AccountID, o Outcome) error {
	_, err := postgres.Exec(ctx, db,
		`UPDATE submission SET location = $3, flash = $4 WHERE key = $1 AND account_id = $2`,
		key, account, o.Location, o.Flash)
	return postgres.Wrap(err, "finish submission")
}

// Release gives the key back: the form was shown again for correction, and its
// next sending is a new one.
func Release(ctx context.Context, db postgres.DB, key string, account access.AccountID) error {
	_, err := postgres.Exec(ctx, db,
		`DELETE FROM submission WHERE key = $1 AND account_id = $2 AND location IS NULL`, key, account)
	return postgres.Wrap(err, "release submission")
}
