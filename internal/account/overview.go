package account

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Overview is what an administrator sees of accounts and journal at a glance.
type Overview struct {
	Active, Invited, Disabled int        // accounts
	Entries                   int64      // of the journal: the number of its last seal
	LastEntry                 *time.Time // nil: the journal is empty
}

// Overview counts the accounts by state, and says where the journal stands: both
// in one round trip, which is why this reads the journal's seals too.
func (s *Service) Overview(ctx context.Context, by access.Actor) (Overview, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return Overview{}, err
	}
	o, err := postgres.One[Overview](ctx, s.db, `
		SELECT count(*) FILTER (WHERE a.disabled_at IS NULL AND a.password_hash IS NOT NULL)::int AS active,
		       count(*) FILTER (WHERE a.disabled_at IS NULL AND a.password_hash IS NULL)::int AS invited,
		       count(*) FILTER (WHERE a.disabled_at IS NOT NULL)::int AS disabled,
		       (SELECT coalesce(max(seq), 0) FROM audit_seal) AS entries,
		       (SELECT max(e.at) FROM audit_entry e WHERE e.id = (SELECT max(id) FROM audit_entry)) AS last_entry
		FROM account a`)
	return o, postgres.Wrap(err, "overview of accounts")
}
