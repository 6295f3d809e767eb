package account

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CreateAdministrator makes a person with an account that administers the portal,
// for the command `portal user`, and returns the invitation's link besides mailing
// it: the first administrator has nobody to be invited by, and mail may not work
// yet.
func (s *Service) CreateAdministrator(ctx context.Context, email, first, last string) (link string, err error) {
	r, err := s.invitePerson(ctx, access.System("portal user"),
		Person{FirstName: first, LastName: last, Email: email}, []access.Role{access.Administrator})
	return r.Link, err
}

var errNotDemo = errors.New("accounts are seeded in the demonstration only")

// SeedAccounts gives an account to every person who has an address and none yet,
// all with the same password, whose hash (HashPassword) is made once. It refuses
// outside the demonstration. It returns how many were made.
func (s *Service) SeedAccounts(ctx context.Context, tx pgx.Tx, passwordHash string) (int64, error) {
	if !s.opt.Demo {
		return 0, errNotDemo
	}
	if _, err := parsePHC(passwordHash); err != nil {
		return 0, err
	}
	n, err := postgres.Exec(ctx, tx, `
		INSERT INTO account (person_id, email, password_hash, password_changed_at)
		SELECT id, email, $1, clock_timestamp() FROM person WHERE email <> ''
		ON CONFLICT ON CONSTRAINT account_person_once DO NOTHING`, passwordHash)
	return n, postgres.Wrap(err, "seed accounts")
}

// SeedPassword sets the password of the accounts to one whose hash is given. It
// refuses outside the demonstration.
func (s *Service) SeedPassword(ctx context.Context, tx pgx.Tx, passwordHash string, emails []string) error {
	if !s.opt.Demo {
		return errNotDemo
	}
	if _, err := parsePHC(passwordHash); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, tx, `
		UPDATE account SET password_hash = $1, password_changed_at = clock_timestamp() WHERE email = ANY($2)`,
		passwordHash, emails)
	return postgres.Wrap(err, "seed passwords")
}

// AccountID returns the account of an address, for the commands and the seed.
func (s *Service) AccountID(ctx context.Context, q postgres.Querier, email string) (access.AccountID, error) {
	h, err := accountByEmail(ctx, q, email)
	if postgres.IsNoRows(err) {
		return 0, errNoAccount
	}
	return h.ID, postgres.Wrap(err, "account of an address")
}
