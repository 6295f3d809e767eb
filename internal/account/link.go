package account

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Purpose is what a personal link sent by mail is for.
type Purpose string

// The purposes, and how long each link works (ASVS 6.4.1, 6.5.5).
const (
	Invitation    Purpose = "invitation"     // 14 days
	PasswordReset Purpose = "password_reset" // 30 minutes
	EmailChange   Purpose = "email_change"   // 1 day
)

// Purposes lists them as the schema does.
var Purposes = []Purpose{Invitation, PasswordReset, EmailChange}

func (p Purpose) lifetime() time.Duration {
	switch p {
	case Invitation:
		return 14 * 24 * time.Hour
	case EmailChange:
		return 24 * time.Hour
	}
	return 30 * time.Minute
}

// path is where the link leads.
func (p Purpose) path() string {
	switch p {
	case Invitation:
		return "/invitation/"
	case EmailChange:
		return "/adresse/"
	}
	return "/mot-de-passe/"
}

// Link is a personal link that still works. Showing it consumes nothing: mail
// scanners follow links, so only a POST does.
type Link struct {
	Purpose  Purpose
	Account  access.AccountID
	Person   Person
	NewEmail string // of an EmailChange
}

// ErrLinkUnknown and ErrLinkGone are the two ways a link may fail. A link that was
// cut by a mail reader is unknown; one used, replaced or too old is gone, and the
// page says how to get another.
var (
	ErrLinkUnknown = problem.New(problem.NotFound, "Ce lien n’existe pas. Vérifiez que vous l’avez copié en entier.")
	ErrLinkGone    = problem.New(problem.Gone, "Ce lien a déjà servi ou n’est plus valable.")
)

// ReadLink returns what a link is for, without consuming it.
func (s *Service) ReadLink(ctx context.Context, purpose Purpose, token string) (Link, error) {
	type row struct {
		AccountID access.AccountID
		PersonID  access.PersonID
		FirstName string
		LastName  string
		Email     string
		NewEmail  string
		Works     bool
	}
	r, err := postgres.One[row](ctx, s.db, `
		SELECT a.id AS account_id, p.id AS person_id, p.first_name, p.last_name, a.email,
		       coalesce(l.new_email, '') AS new_email,
		       l.used_at IS NULL AND l.expires_at > now() AND a.disabled_at IS NULL AS works
		FROM account_link l JOIN account a ON a.id = l.account_id JOIN person p ON p.id = a.person_id
		WHERE l.token_hash = $1 AND l.purpose = $2`, hashToken(token), purpose)
	switch {
	case postgres.IsNoRows(err):
		return Link{}, ErrLinkUnknown
	case err != nil:
		return Link{}, postgres.Wrap(err, "read link")
	case !r.Works:
		return Link{}, ErrLinkGone
	}
	return Link{
		Purpose: purpose, Account: r.AccountID, NewEmail: r.NewEmail,
		Person: Person{ID: r.PersonID, FirstName: r.FirstName, LastName: r.LastName, Email: r.Email},
	}, nil
}

// createLink makes void the account's older links of the purpose and returns the
// address of a new one.
func (s *Service) createLink(ctx context.Context, tx pgx.Tx, id access.AccountID, purpose Purpose, newEmail string) (string, error) {
	if err := voidLinks(ctx, tx, id, purpose); err != nil {
		return "", err
	}
	token := newToken()
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO account_link (token_hash, account_id, purpose, new_email, expires_at)
		VALUES ($1, $2, $3, nullif($4, ''), now() + $5::interval)`,
		hashToken(token), id, purpose, newEmail, purpose.lifetime())
	if err != nil {
		return "", postgres.Wrap(err, "create %s link of account %d", purpose, id)
	}
	return s.opt.BaseURL + purpose.path() + token, nil
}

func voidLinks(ctx context.Context, tx pgx.Tx, id access.AccountID, purposes ...Purpose) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE account_link SET used_at = now()
		WHERE account_id = $1 AND purpose = ANY($2) AND used_at IS NULL`, id, purposes)
	return postgres.Wrap(err, "make links of account %d void", id)
}

// consumeLink uses the link up. Of two requests at once one gets it; the other
// waits for its transaction, then gets ErrLinkGone.
func consumeLink(ctx context.Context, tx pgx.Tx, purpose Purpose, token string) (holder, error) {
	id, err := postgres.Value[access.AccountID](ctx, tx, `
		UPDATE account_link SET used_at = now()
		WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()
		RETURNING account_id`, hashToken(token), purpose)
	if postgres.IsNoRows(err) {
		return holder{}, ErrLinkGone
	}
	if err != nil {
		return holder{}, postgres.Wrap(err, "consume link")
	}
	h, err := lockAccount(ctx, tx, id)
	if err == nil && h.DisabledAt != nil {
		return holder{}, ErrLinkGone
	}
	return h, err
}
