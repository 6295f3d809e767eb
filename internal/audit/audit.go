// Package audit is the portal's journal: who did what, when, before and after.
//
// It is append-only and chained: each entry is sealed by a hash over itself and
// the seal before it (migrations/00002_audit.sql), so that a change made behind
// the portal's back shows. Record runs in the transaction of the act: an act is
// journalled or did not happen.
package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Entry is what an act leaves in the journal.
type Entry struct {
	Action string // « mandate.start »: area dot verb
	Object string // « seat »: what History is asked for
	ID     int64
	Label  string // the object in words: « Siège de la maire de Bègles »
	Before any    // marshalled to JSON; nil when there was nothing
	After  any    // marshalled to JSON; nil when nothing is left
}

// Record writes the entry in the act's own transaction q.
func Record(ctx context.Context, q postgres.Querier, by access.Actor, e Entry) error {
	before, err := marshal(e.Before)
	if err != nil {
		return fmt.Errorf("journal %s: %w", e.Action, err)
	}
	after, err := marshal(e.After)
	if err != nil {
		return fmt.Errorf("journal %s: %w", e.Action, err)
	}
	var account *access.AccountID
	if by.SignedIn() && !by.IsSystem() {
		account = &by.Account
	}
	_, err = postgres.Exec(ctx, q, `
		INSERT INTO audit_entry (account_id, actor, capacity, action, object, object_id, label, before, after, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		account, by.Name, by.Acting.Key(), e.Action, e.Object, e.ID, e.Label, before, after, by.RequestID)
	return postgres.Wrap(err, "journal %s of %s %d", e.Action, e.Object, e.ID)
}

func marshal(v any) (*string, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	s := string(b)
	return &s, nil
}
