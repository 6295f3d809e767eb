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
	_, err = postgres.Exec(ctx, q, `
		INSERT INTO audit_entry (account_id, actor, capacity, action, object, object_id, label, before, after, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		accountOf(by), by.Name, by.Acting.Key(), e.Action, e.Object, e.ID, e.Label, before, after, by.RequestID)
	return postgres.Wrap(err, "journal %s of %s %d", e.Action, e.Object, e.ID)
}

// RecordMany writes the entries of one act on many objects, in one statement.
func RecordMany(ctx context.Context, q postgres.Querier, by access.Actor, entries []Entry) error {
	n := len(entries)
	if n == 0 {
		return nil
	}
	actions, objects, ids, labels := make([]string, n), make([]string, n), make([]int64, n), make([]string, n)
	befores, afters := make([]*string, n), make([]*string, n)
	for i, e := range entries {
		var err error
		actions[i], objects[i], ids[i], labels[i] = e.Action, e.Object, e.ID, e.Label
		if befores[i], err = marshal(e.Before); err != nil {
			return fmt.Errorf("journal %s: %w", e.Action, err)
		}
		if afters[i], err = marshal(e.After); err != nil {
			return fmt.Errorf("journal %s: %w", e.Action, err)
		}
	}
	_, err := postgres.Exec(ctx, q, `
		INSERT INTO audit_entry (account_id, actor, capacity, action, object, object_id, label, before, after, request_id)
		SELECT $1, $2, $3, e.action, e.object, e.id, e.label, e.before::jsonb, e.after::jsonb, $4
		FROM unnest($5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[]) AS e(action, object, id, label, before, after)`,
		accountOf(by), by.Name, by.Acting.Key(), by.RequestID, actions, objects, ids, labels, befores, afters)
	return postgres.Wrap(err, "journal %d entries", n)
}

// accountOf is the account of who acts, nil for the public and for a job.
func accountOf(by access.Actor) *access.AccountID {
	if by.SignedIn() && !by.IsSystem() {
		return &by.Account
	}
	return nil
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
