package account

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var (
	errLastAdministrator = problem.New(problem.Conflict, "C’est le dernier compte d’administration actif : donnez d’abord ce rôle à quelqu’un d’autre.")
	errOneself           = problem.New(problem.Conflict, "Vous ne pouvez pas désactiver votre propre compte.")
)

func insertPerson(ctx context.Context, tx pgx.Tx, p Person) (access.PersonID, error) {
	id, err := postgres.Value[access.PersonID](ctx, tx, `
		INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`,
		p.FirstName, p.LastName, NormaliseEmail(p.Email))
	if postgres.Violates(err, "person_email_once") {
		return 0, problem.OnField("courriel", "Une personne du portail a déjà cette adresse. Cherchez-la dans la liste des comptes.")
	}
	return id, postgres.Wrap(err, "create person")
}

// GrantRole gives a role to an account, in the transaction of the act. Granting
// what is already held does nothing.
func (s *Service) GrantRole(ctx context.Context, tx pgx.Tx, by access.Actor, id access.AccountID, role access.Role) error {
	if err := by.Require(by.RunsPortal()); err != nil {
		return err
	}
	if !slices.Contains(GrantedRoles, role) {
		return problem.OnField("role", "Ce rôle vient d’un mandat : il ne se donne pas ici.")
	}
	h, err := lockAccount(ctx, tx, id)
	if err != nil {
		return err
	}
	n, err := postgres.Exec(ctx, tx, `
		INSERT INTO role_grant (account_id, role) VALUES ($1, $2)
		ON CONFLICT (account_id, role) WHERE ended_at IS NULL DO NOTHING`, id, role)
	if err != nil {
		return postgres.Wrap(err, "grant %s to account %d", role, id)
	}
	if n == 0 {
		return nil
	}
	// A session opened without the application does not gain the role that asks for
	// one: the person signs in again and sets it (ASVS 6.3.3).
	if s.opt.RequireSecondFactor && h.TOTPSecret == nil && needsTOTP([]string{string(role)}) {
		if err := revokeSessions(ctx, tx, id, 0); err != nil {
			return err
		}
	}
	return record(ctx, tx, by, "role_grant", id, h.label(), nil, map[string]any{"role": role})
}

// Grant gives a role to an account.
func (s *Service) Grant(ctx context.Context, by access.Actor, id access.AccountID, role access.Role) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.GrantRole(ctx, tx, by, id, role) })
}

// EndRole takes a role back. It refuses to leave the portal without an active
// administrator.
func (s *Service) EndRole(ctx context.Context, by access.Actor, id access.AccountID, role access.Role) error {
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		n, err := postgres.Exec(ctx, tx, `
			UPDATE role_grant SET ended_at = greatest(now(), granted_at)
			WHERE account_id = $1 AND role = $2 AND ended_at IS NULL`, id, role)
		switch {
		case err != nil:
			return postgres.Wrap(err, "end %s of account %d", role, id)
		case n == 0:
			return errGone
		}
		if err := requireAdministrator(ctx, tx); err != nil {
			return err
		}
		return record(ctx, tx, by, "role_end", id, h.label(), map[string]any{"role": role}, nil)
	})
}

// Disable closes an account: its sessions end at once, its links are void, and it
// can neither sign in nor be invited. It refuses the actor's own account and the
// last active administrator's.
func (s *Service) Disable(ctx context.Context, by access.Actor, id access.AccountID) error {
	if id == by.Account {
		return errOneself
	}
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		if h.state() == Disabled {
			return errGone
		}
		_, err := postgres.Exec(ctx, tx, `
			WITH steps AS (DELETE FROM sign_in_step WHERE account_id = $1)
			UPDATE account SET disabled_at = now(), version = version + 1 WHERE id = $1`, id)
		if err != nil {
			return postgres.Wrap(err, "disable account %d", id)
		}
		if err := requireAdministrator(ctx, tx); err != nil {
			return err
		}
		if err := revokeSessions(ctx, tx, id, 0); err != nil {
			return err
		}
		if err := voidLinks(ctx, tx, id, Purposes...); err != nil {
			return err
		}
		return record(ctx, tx, by, "disable", id, h.label(), map[string]any{"state": h.state()}, map[string]any{"state": Disabled})
	})
}

// Enable opens a disabled account again; its password is what it was.
func (s *Service) Enable(ctx context.Context, by access.Actor, id access.AccountID) error {
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		if h.state() != Disabled {
			return errGone
		}
		_, err := postgres.Exec(ctx, tx, `UPDATE account SET disabled_at = NULL, version = version + 1 WHERE id = $1`, id)
		if err != nil {
			return postgres.Wrap(err, "enable account %d", id)
		}
		return record(ctx, tx, by, "enable", id, h.label(), map[string]any{"state": Disabled}, nil)
	})
}

// ResetSecondFactor removes somebody's application and recovery codes, for whoever
// lost both. The administrator has made sure of who asks (ASVS 6.4.4); the person
// sets a new one at the next sign-in.
func (s *Service) ResetSecondFactor(ctx context.Context, by access.Actor, id access.AccountID) error {
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		if h.TOTPSecret == nil {
			return errFactorOff
		}
		if err := removeSecondFactor(ctx, tx, id); err != nil {
			return err
		}
		if err := revokeSessions(ctx, tx, id, 0); err != nil {
			return err
		}
		if err := s.outbox.Queue(ctx, tx, secondFactorMail(h.person(), false)); err != nil {
			return err
		}
		return record(ctx, tx, by, "second_factor_reset", id, h.label(), nil, nil)
	})
}

// EndSessions signs somebody out everywhere (ASVS 7.4.5) and makes their browsers
// unknown.
func (s *Service) EndSessions(ctx context.Context, by access.Actor, id access.AccountID) error {
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		if err := revokeSessions(ctx, tx, id, 0); err != nil {
			return err
		}
		if err := forgetBrowsers(ctx, tx, id); err != nil {
			return err
		}
		return record(ctx, tx, by, "sign_out", id, h.label(), nil, nil)
	})
}

// Reinvite sends a new invitation to somebody who has not accepted one.
func (s *Service) Reinvite(ctx context.Context, by access.Actor, id access.AccountID) error {
	return s.change(ctx, by, id, func(tx pgx.Tx, h holder) error {
		r, err := s.Invite(ctx, tx, by, InviteRequest{PersonID: h.PersonID})
		if err == nil && !r.Sent {
			return errGone
		}
		return err
	})
}

// change runs f on an account, locked, for an administrator. Changes that could
// remove an administrator are taken one at a time: two administrators removing
// each other at once would otherwise both succeed.
func (s *Service) change(ctx context.Context, by access.Actor, id access.AccountID, f func(pgx.Tx, holder) error) error {
	if err := by.Require(by.RunsPortal()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('account.administrators'))`); err != nil {
			return postgres.Wrap(err, "lock administrators")
		}
		h, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		return f(tx, h)
	})
}

// requireAdministrator refuses a state in which nobody could administer accounts.
func requireAdministrator(ctx context.Context, tx pgx.Tx) error {
	left, err := postgres.Value[bool](ctx, tx, `
		SELECT EXISTS (SELECT FROM role_grant g JOIN account a ON a.id = g.account_id
		               WHERE g.role = 'administrator' AND g.ended_at IS NULL
		                 AND a.disabled_at IS NULL AND a.password_hash IS NOT NULL)`)
	if err != nil {
		return postgres.Wrap(err, "count administrators")
	}
	if !left {
		return errLastAdministrator
	}
	return nil
}
