package account

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// A form sent when its session is over is kept a day, and comes back filled after
// signing in (RGAA 13.1; ux.md 2.2). It is kept only for a session that was: a
// stranger cannot fill the table; and it is given back only to the account that
// sent it: the next person at a shared computer reads nothing.
const (
	KeptLifetime = 24 * time.Hour
	MaxKept      = 256 << 10 // bytes of the body
	keptForms    = 20        // of one account at once: a stolen cookie, long revoked, fills no disk
)

// KeptForm is what was typed.
type KeptForm struct {
	Path   string // where it was sent
	Fields url.Values
}

// Keep stores the form for the account whose session the hash names, over or
// revoked as it may be, and returns the token that finds it again; "" if there
// never was such a session, if the path is not one of the portal, or if the account
// has too many forms kept already.
func (s *Service) Keep(ctx context.Context, sessionHash string, f KeptForm) (string, error) {
	if SafePath(f.Path) == "" {
		return "", nil
	}
	fields := url.Values{}
	for name, values := range f.Fields {
		if !secretField(name) {
			fields[name] = values
		}
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return "", postgres.Wrap(err, "keep form")
	}
	token := newToken()
	n, err := postgres.Exec(ctx, s.db, `
		INSERT INTO kept_form (token_hash, account_id, path, fields, expires_at)
		SELECT $1, n.account_id, $2, $3, now() + $4::interval
		FROM session n WHERE n.token_hash = $5 AND n.account_id IS NOT NULL
		  AND (SELECT count(*) FROM kept_form k WHERE k.account_id = n.account_id AND k.expires_at > now()) < $6`,
		hashToken(token), f.Path, string(b), KeptLifetime, sessionHash, keptForms)
	if err != nil || n == 0 {
		return "", postgres.Wrap(err, "keep form of %s", f.Path)
	}
	return token, nil
}

// secretField tells whether a field may hold a secret: never kept.
func secretField(name string) bool {
	return strings.HasPrefix(name, "mot_de_passe") || strings.HasPrefix(name, "code") || strings.HasPrefix(name, "nouveau_mot")
}

// Kept returns the form a token finds, if it is the actor's; ok is false if not.
func (s *Service) Kept(ctx context.Context, by access.Actor, token string) (f KeptForm, ok bool, err error) {
	type row struct {
		Path   string
		Fields url.Values
	}
	r, err := postgres.One[row](ctx, s.db, `
		SELECT path, fields FROM kept_form
		WHERE token_hash = $1 AND account_id = $2 AND expires_at > now()`, hashToken(token), by.Account)
	if postgres.IsNoRows(err) {
		return KeptForm{}, false, nil
	}
	return KeptForm(r), err == nil, postgres.Wrap(err, "read kept form")
}

// Resume gives the form back for good: it is deleted.
func (s *Service) Resume(ctx context.Context, by access.Actor, token string) (path string, ok bool, err error) {
	path, err = postgres.Value[string](ctx, s.db, `
		DELETE FROM kept_form WHERE token_hash = $1 AND account_id = $2 AND expires_at > now()
		RETURNING path`, hashToken(token), by.Account)
	if postgres.IsNoRows(err) {
		return "", false, nil
	}
	return path, err == nil, postgres.Wrap(err, "resume kept form")
}

// SafePath returns s if it is a path of the portal to lead somebody to after
// signing in, else "": no scheme, no host, nothing a browser would read as one
// (CWE-601), and none of the pages that sign in or out.
func SafePath(s string) string {
	if len(s) < 1 || len(s) > 2000 || s[0] != '/' || strings.HasPrefix(s, "//") {
		return ""
	}
	for _, r := range s {
		if r <= 0x20 || r == 0x7f || r == '\\' || r == 0xfffd {
			return ""
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	for _, p := range []string{"/connexion", "/deconnexion", "/invitation/", "/mot-de-passe", "/adresse/"} {
		if u.Path == p || strings.HasPrefix(u.Path, strings.TrimSuffix(p, "/")+"/") {
			return ""
		}
	}
	return s
}

// Prune deletes what is over: sessions a week after their end (a form sent from
// one is still kept), links a month after, the rest at once. A job calls it every
// hour; nothing depends on it but the size of the tables.
func (s *Service) Prune(ctx context.Context) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		_, err := postgres.Exec(ctx, tx, `
			WITH a AS (DELETE FROM session WHERE account_id IS NOT NULL
			               AND least(expires_at, revoked_at, last_seen_at + $1::interval) < now() - interval '7 days'),
			     b AS (DELETE FROM session WHERE account_id IS NULL AND (expires_at < now() OR revoked_at IS NOT NULL)),
			     c AS (DELETE FROM account_link WHERE expires_at < now() - interval '30 days'),
			     d AS (DELETE FROM known_browser WHERE expires_at < now()),
			     e AS (DELETE FROM sign_in_step WHERE expires_at < now()),
			     f AS (DELETE FROM throttle WHERE window_start < now() - interval '1 hour'),
			     g AS (DELETE FROM kept_form WHERE expires_at < now())
			DELETE FROM submission WHERE started_at < now() - interval '1 day'`, idleLifetime)
		return postgres.Wrap(err, "prune accounts")
	})
}
