package account

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// InviteRequest asks for somebody to be given a way in.
type InviteRequest struct {
	PersonID access.PersonID
}

// InviteResult is what came of it.
type InviteResult struct {
	Account access.AccountID
	// Sent tells whether an invitation left: not for somebody who already has a
	// password, whose account serves the new function as it is.
	Sent bool
	// Link is the invitation's address when it was sent, for a command that shows
	// it on the terminal of an administrator of the machine. Never put in a page.
	Link string
}

// Invite makes sure that the person has an account, in the transaction of the act
// that calls for it (a mandate, a membership), and mails an invitation to choose a
// password unless there is one already. Inviting again makes older invitations
// void. It refuses a person without an e-mail address, one whose address is
// another's account, one whose account is disabled, and one whose address changed
// since an administrator gave roles to their account.
//
// The caller has checked that by may do so; governance receives this method as a
// function value and does not know this package.
func (s *Service) Invite(ctx context.Context, tx pgx.Tx, by access.Actor, r InviteRequest) (InviteResult, error) {
	id, created, err := ensureAccount(ctx, tx, r.PersonID)
	if err != nil {
		return InviteResult{}, err
	}
	h, err := lockAccount(ctx, tx, id)
	if err != nil {
		return InviteResult{}, err
	}
	out := InviteResult{Account: id}
	switch h.state() {
	case Disabled:
		return InviteResult{}, problem.New(problem.Conflict, "Le compte de cette personne est désactivé. Un administrateur doit d’abord le réactiver.")
	case Active:
		return out, nil
	case Invited:
		out.Sent = true
	}
	if out.Link, err = s.createLink(ctx, tx, id, Invitation, ""); err != nil {
		return InviteResult{}, err
	}
	if err := s.outbox.Queue(ctx, tx, invitationMail(h.person(), out.Link)); err != nil {
		return InviteResult{}, err
	}
	return out, record(ctx, tx, by, "invite", id, h.label(), nil, map[string]any{"email": h.Email, "created": created})
}

var errRoleHolderMoved = problem.New(problem.Conflict, "L’adresse de cette personne a changé depuis qu’un rôle lui a été donné. Un administrateur doit retirer ce rôle, l’inviter de nouveau, puis rendre le rôle.")

// ensureAccount returns the account of the person, created if there is none. As
// long as nobody has accepted the invitation, the account follows the address of
// the person, so that a corrected address can be invited again. It does not once
// it holds roles that an administrator gave: the team corrects addresses, and
// would otherwise have those roles sent to the one it chooses.
func ensureAccount(ctx context.Context, tx pgx.Tx, id access.PersonID) (account access.AccountID, created bool, err error) {
	email, err := postgres.Value[string](ctx, tx, `SELECT email FROM person WHERE id = $1 FOR UPDATE`, id)
	switch {
	case postgres.IsNoRows(err):
		return 0, false, problem.New(problem.NotFound, "Cette personne n’existe pas.")
	case err != nil:
		return 0, false, postgres.Wrap(err, "person %d", id)
	case email == "":
		return 0, false, problem.OnField("email", "Indiquez l’adresse électronique de cette personne pour l’inviter.")
	}
	type row struct {
		ID      access.AccountID
		Created bool
		Invited bool
		Email   string
	}
	r, err := postgres.One[row](ctx, tx, `
		INSERT INTO account (person_id, email) VALUES ($1, $2)
		ON CONFLICT ON CONSTRAINT account_person_once
		DO UPDATE SET email = CASE
			WHEN account.password_hash IS NULL
			     AND NOT EXISTS (SELECT FROM role_grant g WHERE g.account_id = account.id AND g.ended_at IS NULL)
			THEN excluded.email ELSE account.email END
		RETURNING id, xmax = 0 AS created, password_hash IS NULL AS invited, email`, id, email)
	switch {
	case postgres.Violates(err, "account_email_once"):
		return 0, false, problem.OnField("email", "Cette adresse est déjà celle du compte de quelqu’un d’autre.")
	case err == nil && r.Invited && r.Email != email:
		return 0, false, errRoleHolderMoved
	}
	return r.ID, r.Created, postgres.Wrap(err, "create account of person %d", id)
}

// AcceptInvitation sets the first password and uses the link up. The person is
// then signed in, with what the result says: having opened the mail counts for the
// mailed code, but not for an application's (ASVS 6.3.4).
func (s *Service) AcceptInvitation(ctx context.Context, token, password string, visitor Visitor) (Outcome, error) {
	h, err := s.setPasswordByLink(ctx, Invitation, token, password)
	if err != nil {
		return Outcome{}, err
	}
	s.event(ctx, "invitation accepted", h.ID, visitor.Address)
	visitor.Browser = "" // not yet known for this account
	return s.afterPassword(ctx, h, visitor, true)
}

// ResetPassword sets a new password by a mailed link, uses the link up and ends
// every session. It signs nobody in: the second factor, if any, is still to be
// given (ASVS 6.4.3).
func (s *Service) ResetPassword(ctx context.Context, token, password string, visitor Visitor) error {
	h, err := s.setPasswordByLink(ctx, PasswordReset, token, password)
	if err == nil {
		s.event(ctx, "password reset", h.ID, visitor.Address)
	}
	return err
}

func (s *Service) setPasswordByLink(ctx context.Context, purpose Purpose, token, password string) (holder, error) {
	link, err := s.ReadLink(ctx, purpose, token)
	if err != nil {
		return holder{}, err
	}
	if err := CheckPassword("mot_de_passe", password, link.Person); err != nil {
		return holder{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return holder{}, err
	}
	var h holder
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if h, err = consumeLink(ctx, tx, purpose, token); err != nil {
			return err
		}
		if h.PasswordChangedAt, err = s.setPassword(ctx, tx, h, hash, 0); err != nil {
			return err
		}
		if purpose == PasswordReset {
			if err := s.outbox.Queue(ctx, tx, passwordChangedMail(h.person())); err != nil {
				return err
			}
		}
		return record(ctx, tx, h.actor(), "password_by_"+string(purpose), h.ID, h.label(), nil, nil)
	})
	return h, err
}
