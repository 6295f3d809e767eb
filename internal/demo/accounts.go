package demo

import (
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// staffAccounts hold roles that come from no mandate.
var staffAccounts = []struct {
	mailbox string
	role    access.Role
}{
	{"admin", access.Administrator},
	{"equipe", access.Team},
	{"equipe2", access.Team},
	{"scrutatrice", access.Scrutineer},
	{"scrutateur2", access.Scrutineer},
	{"scrutatrice3", access.Scrutineer},
}

func (w *world) staff() error {
	for _, a := range staffAccounts {
		p := w.person(a.mailbox)
		_, err := w.Accounts.InvitePerson(w.ctx, actor,
			account.Person{FirstName: p.First, LastName: p.Last, Email: p.Email}, []access.Role{a.role})
		if err != nil {
			return err
		}
	}
	return nil
}

// accounts gives everybody who has an address the public password of the
// demonstration, hashed once.
func (w *world) accounts() error {
	hash := account.HashPassword(Password)
	emails := make([]string, len(staffAccounts))
	for i, a := range staffAccounts {
		emails[i] = a.mailbox + "@example.org"
	}
	return postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error {
		if _, err := w.Accounts.SeedAccounts(w.ctx, tx, hash); err != nil {
			return err
		}
		return w.Accounts.SeedPassword(w.ctx, tx, hash, emails)
	})
}
