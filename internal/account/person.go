package account

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Person is who holds an account.
type Person struct {
	ID        access.PersonID
	FirstName string
	LastName  string
	Email     string // of the account: what is typed to sign in
}

// Name returns « Camille Exemple ».
func (p Person) Name() string { return p.FirstName + " " + p.LastName }

// holder is an account and its person, as the use cases of this package need it.
type holder struct {
	ID                access.AccountID
	PersonID          access.PersonID
	FirstName         string
	LastName          string
	Email             string
	PasswordHash      *string
	PasswordChangedAt *time.Time
	TOTPSecret        *string    `db:"totp_secret"`
	TOTPLastStep      int64      `db:"totp_last_step"`
	DisabledAt        *time.Time `db:"disabled_at"`
	Roles             []string
	Now               time.Time // the database's clock
}

func (h holder) person() Person {
	return Person{ID: h.PersonID, FirstName: h.FirstName, LastName: h.LastName, Email: h.Email}
}

func (h holder) label() string { return "Compte de " + h.person().Name() }

// actor is the holder acting before any session is open: accepting an
// invitation, resetting a password.
func (h holder) actor() access.Actor {
	return access.Actor{Account: h.ID, Person: h.PersonID, Name: h.person().Name(), Email: h.Email}
}

func (h holder) state() State {
	switch {
	case h.DisabledAt != nil:
		return Disabled
	case h.PasswordHash == nil:
		return Invited
	}
	return Active
}

// accountByEmail returns pgx.ErrNoRows for an unknown address.
func accountByEmail(ctx context.Context, q postgres.Querier, email string) (holder, error) {
	return postgres.One[holder](ctx, q, `
		SELECT a.id, a.person_id, p.first_name, p.last_name, a.email, a.password_hash, a.password_changed_at,
		       a.totp_secret, a.totp_last_step, a.disabled_at, clock_timestamp() AS now,
		       array(SELECT role FROM capacity c WHERE c.account_id = a.id) AS roles
		FROM account a JOIN person p ON p.id = a.person_id
		WHERE a.email = $1`, NormaliseEmail(email))
}

// accountByID returns errNoAccount when there is none.
func accountByID(ctx context.Context, q postgres.Querier, id access.AccountID) (holder, error) {
	h, err := postgres.One[holder](ctx, q, `
		SELECT a.id, a.person_id, p.first_name, p.last_name, a.email, a.password_hash, a.password_changed_at,
		       a.totp_secret, a.totp_last_step, a.disabled_at, clock_timestamp() AS now,
		       array(SELECT role FROM capacity c WHERE c.account_id = a.id) AS roles
		FROM account a JOIN person p ON p.id = a.person_id
		WHERE a.id = $1`, id)
	if postgres.IsNoRows(err) {
		return holder{}, errNoAccount
	}
	return h, postgres.Wrap(err, "account %d", id)
}

// lockAccount makes the caller the only one to change the account, and returns
// it as it is then.
func lockAccount(ctx context.Context, tx pgx.Tx, id access.AccountID) (holder, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT FROM account WHERE id = $1 FOR UPDATE`, id); err != nil {
		return holder{}, postgres.Wrap(err, "lock account %d", id)
	}
	return accountByID(ctx, tx, id)
}
