package account

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// How long sessions live (ASVS 7.1.1, 7.3.1, 7.3.2). The team and the
// administrators: ten hours in all, a working day. The others, who come a few
// times a year: twenty-four hours without a visit, thirty days in all. A session
// of nobody only carries a message to the next page: a day. Any number may be
// open at once (ASVS 7.1.2); each shows on the person's page and can be ended.
//
// The statement that reads a session (findSession) applies these rules on the
// database's clock: no row has to be swept for a session to be over.
const (
	staffLifetime     = 10 * time.Hour
	idleLifetime      = 24 * time.Hour
	SessionLifetime   = 30 * 24 * time.Hour // also the cookie's
	anonymousLifetime = 24 * time.Hour
)

// Visit is what one request knows of its session. The store fills it when scs
// loads the session, and obeys it when scs saves.
type Visit struct {
	// Actor is who makes the request; the zero Actor if nobody is signed in.
	Actor access.Actor
	// Ends is when the session ends whatever its holder does; zero for nobody.
	Ends time.Time

	// Unseen is set for a request whose time must not be kept (a vote): the session does
	// not note the visit.
	Unseen bool

	found   string    // token hash of the row this request was given
	opening *SignedIn // the row to open in its place
	device  string
	rotate  string // token hash whose row takes the next token
	acting  string // capacity to remember
}

type visitKey struct{}

// WithVisit returns ctx carrying an empty visit for the store to fill.
func WithVisit(ctx context.Context) (context.Context, *Visit) {
	v := &Visit{}
	return context.WithValue(ctx, visitKey{}, v), v
}

// Open makes the next save open a session of the account. The caller then renews
// the token, which revokes the session there was.
func (v *Visit) Open(in SignedIn, device string) {
	v.opening, v.device = &in, device
}

// Rotate makes the next save give the row of the session a new token, and the
// capacity to remember ("" leaves it). The caller then renews the token.
func (v *Visit) Rotate(capacity string) {
	v.rotate, v.acting = v.found, capacity
}

// SessionStore keeps the sessions of scs in the table `session`.
//
// It stands in for pgxstore because one row must be the whole truth: with a store
// apart, scs writes back at the end of a request the session that another request
// has just revoked, and reading the session, then the account, then its
// capacities takes three round trips of each page. Here FindCtx reads all three
// in one, and no save can bring back a row that was revoked or has expired.
type SessionStore struct{ db postgres.DB }

// NewSessionStore returns the store over db. It implements scs.CtxStore; the
// token it is given is already hashed (scs.SessionManager.HashTokenInStore).
func NewSessionStore(db postgres.DB) *SessionStore { return &SessionStore{db} }

type sessionRow struct {
	ID        access.SessionID
	Data      []byte
	AccountID *access.AccountID
	Capacity  string
	PersonID  *access.PersonID
	Name      string
	Email     string
	Ends      time.Time
	Roles     []string
	OrgIDs    []access.OrganisationID `db:"org_ids"`
	OrgNames  []string                `db:"org_names"`
}

// findSession reads a live session, who holds it and what they may act as today
// ($1 token hash, $2 staffLifetime, $3 idleLifetime, $4 Visit.Unseen), and notes the visit at most
// every five minutes. The capacities are aggregated inside the lateral subquery:
// flattened, the planner would compute the capacities of everybody.
const findSession = `
	WITH live AS MATERIALIZED (
		SELECT s.id, s.data, s.account_id, s.capacity, s.last_seen_at,
		       p.id AS person_id, coalesce(p.first_name || ' ' || p.last_name, '') AS name,
		       coalesce(a.email, '') AS email,
		       least(s.expires_at, CASE WHEN c.roles && '{administrator,team}'
		                                THEN s.created_at + $2::interval END) AS ends,
		       c.roles, c.org_ids, c.org_names
		FROM session s
		LEFT JOIN account a ON a.id = s.account_id
		LEFT JOIN person p ON p.id = a.person_id
		LEFT JOIN LATERAL (
			SELECT array_agg(k.role) AS roles, array_agg(k.organisation_id) AS org_ids,
			       array_agg(k.organisation_name) AS org_names
			FROM (SELECT role, organisation_id, organisation_name FROM capacity
			      WHERE account_id = s.account_id
			      ORDER BY fold(organisation_name), organisation_id) k
		) c ON true
		WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
		  AND (s.account_id IS NULL OR a.disabled_at IS NULL AND (
		       c.roles && '{administrator,team}' AND s.created_at > now() - $2::interval
		       OR c.roles && '{administrator,team}' IS NOT TRUE AND s.last_seen_at > now() - $3::interval))
	), seen AS (
		UPDATE session SET last_seen_at = now()
		FROM live
		WHERE session.id = live.id AND session.revoked_at IS NULL
		  AND live.last_seen_at < now() - interval '5 minutes' AND NOT $4
	)
	SELECT id, data, account_id, capacity, person_id, name, email, ends, roles, org_ids, org_names
	FROM live`

// FindCtx implements scs.CtxStore: it returns the data of a live session, in one
// statement that also finds who holds it and what they may act as today, and
// notes the visit at most every five minutes.
func (s *SessionStore) FindCtx(ctx context.Context, tokenHash string) ([]byte, bool, error) {
	v := visitOf(ctx)
	unseen := v != nil && v.Unseen
	r, err := postgres.One[sessionRow](ctx, s.db, findSession, tokenHash, staffLifetime, idleLifetime, unseen)
	switch {
	case postgres.IsNoRows(err):
		return nil, false, nil
	case err != nil:
		return nil, false, postgres.Wrap(err, "find session")
	}
	if v != nil {
		v.found = tokenHash
		if r.AccountID != nil {
			v.Actor, v.Ends = r.actor(), r.Ends
		}
	}
	return r.Data, true, nil
}

func (r sessionRow) actor() access.Actor {
	a := access.Actor{
		Account: *r.AccountID, Person: *r.PersonID, Session: r.ID, Name: r.Name, Email: r.Email,
		Capacities: make([]access.Capacity, len(r.Roles)),
	}
	for i, role := range r.Roles {
		a.Capacities[i] = access.Capacity{Role: access.Role(role), Organisation: r.OrgIDs[i], OrganisationName: r.OrgNames[i]}
	}
	sortCapacities(a.Capacities)
	a.Acting = preferred(a.Capacities, r.Capacity)
	return a
}

// sortCapacities puts them in the order of access.Roles; those of one role stay
// in the order of their organisations' names, which the query gave.
func sortCapacities(list []access.Capacity) {
	slices.SortStableFunc(list, func(a, b access.Capacity) int {
		return slices.Index(access.Roles, a.Role) - slices.Index(access.Roles, b.Role)
	})
}

// preferred returns the capacity remembered if it is still held, else the first
// of those left, else none.
func preferred(list []access.Capacity, key string) access.Capacity {
	for _, c := range list {
		if c.Key() == key {
			return c
		}
	}
	if len(list) == 0 {
		return access.Capacity{}
	}
	return list[0]
}

// CommitCtx implements scs.CtxStore. It opens the session a sign-in asked for,
// gives a session its new token, or saves the data of the session of this
// request; in the last two cases a row revoked or expired meanwhile stays so, and
// nothing is said: the next request is simply nobody's.
func (s *SessionStore) CommitCtx(ctx context.Context, tokenHash string, data []byte, _ time.Time) error {
	v := visitOf(ctx)
	switch {
	case v == nil || v.found != tokenHash && v.opening == nil && v.rotate == "":
		return s.insertAnonymous(ctx, tokenHash, data, v)
	case v.opening != nil:
		return s.insertSignedIn(ctx, tokenHash, data, v)
	case v.rotate != "":
		_, err := postgres.Exec(ctx, s.db, `
			UPDATE session SET token_hash = $1, data = $2, capacity = coalesce(nullif($4, ''), capacity)
			WHERE token_hash = $3 AND revoked_at IS NULL AND expires_at > now()`,
			tokenHash, data, v.rotate, v.acting)
		v.found, v.rotate, v.acting = tokenHash, "", ""
		return postgres.Wrap(err, "renew session")
	}
	_, err := postgres.Exec(ctx, s.db, `
		UPDATE session SET data = $2
		WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > now()`, tokenHash, data)
	return postgres.Wrap(err, "save session")
}

func (s *SessionStore) insertAnonymous(ctx context.Context, tokenHash string, data []byte, v *Visit) error {
	_, err := postgres.Exec(ctx, s.db, `
		INSERT INTO session (token_hash, data, expires_at) VALUES ($1, $2, now() + $3::interval)`,
		tokenHash, data, anonymousLifetime)
	if v != nil {
		v.found = tokenHash
	}
	return postgres.Wrap(err, "open session")
}

// insertSignedIn opens nothing if the account was disabled or its password changed
// since it was checked. The row of the account is share-locked: a reset that is
// being done ends first, and revokes what this opens if this was first.
func (s *SessionStore) insertSignedIn(ctx context.Context, tokenHash string, data []byte, v *Visit) error {
	in := v.opening
	v.found, v.opening = tokenHash, nil
	_, err := postgres.Exec(ctx, s.db, `
		INSERT INTO session (token_hash, data, account_id, device, expires_at)
		SELECT $1, $2, a.id, $4, now() + $6::interval
		FROM account a
		WHERE a.id = $3 AND a.disabled_at IS NULL AND a.password_changed_at IS NOT DISTINCT FROM $5
		FOR SHARE`,
		tokenHash, data, in.Account, v.device, in.PasswordChangedAt, SessionLifetime)
	return postgres.Wrap(err, "open session of account %d", in.Account)
}

// DeleteCtx implements scs.CtxStore: the session is revoked and its data erased;
// the row stays a while, so that nothing brings it back. When the token is being
// renewed the row is left to CommitCtx, which gives it the new one.
func (s *SessionStore) DeleteCtx(ctx context.Context, tokenHash string) error {
	if v := visitOf(ctx); v != nil && v.rotate == tokenHash {
		return nil
	}
	_, err := postgres.Exec(ctx, s.db, `
		UPDATE session SET revoked_at = now(), data = ''
		WHERE token_hash = $1 AND revoked_at IS NULL`, tokenHash)
	return postgres.Wrap(err, "revoke session")
}

// Find, Commit and Delete complete scs.Store; scs calls the others.

// Find is FindCtx without a request.
func (s *SessionStore) Find(tokenHash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), tokenHash)
}

// Commit is CommitCtx without a request.
func (s *SessionStore) Commit(tokenHash string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), tokenHash, data, expiry)
}

// Delete is DeleteCtx without a request.
func (s *SessionStore) Delete(tokenHash string) error {
	return s.DeleteCtx(context.Background(), tokenHash)
}

func visitOf(ctx context.Context) *Visit {
	v, _ := ctx.Value(visitKey{}).(*Visit)
	return v
}

// revokeSessions ends the sessions of an account, but one (0: none spared).
func revokeSessions(ctx context.Context, tx pgx.Tx, id access.AccountID, but access.SessionID) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE session SET revoked_at = now(), data = ''
		WHERE account_id = $1 AND id <> $2 AND revoked_at IS NULL`, id, but)
	return postgres.Wrap(err, "revoke sessions of account %d", id)
}
