package account

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// What people do with their own account. Each change that bears on signing in asks
// for the current password again (ASVS 7.5.1, 7.5.2, 6.2.3) and tells the address
// of the account (6.3.7).

// Profile is what the account page shows of its holder.
type Profile struct {
	Person            Person
	PasswordChangedAt time.Time
	SecondFactor      bool
	Devices           int // sessions open
	RecoveryCodesLeft int
	PendingEmail      string // asked for, not yet confirmed
}

// Profile returns the account of the actor.
func (s *Service) Profile(ctx context.Context, by access.Actor) (Profile, error) {
	type row struct {
		PersonID          access.PersonID
		FirstName         string
		LastName          string
		Email             string
		PasswordChangedAt *time.Time
		SecondFactor      bool
		Devices           int
		RecoveryCodesLeft int
		PendingEmail      string
	}
	r, err := postgres.One[row](ctx, s.db, `
		SELECT p.id AS person_id, p.first_name, p.last_name, a.email, a.password_changed_at,
		       a.totp_secret IS NOT NULL AS second_factor,
		       (SELECT count(*) FROM session n WHERE n.account_id = a.id AND n.revoked_at IS NULL
		           AND n.expires_at > now() AND n.last_seen_at > now() - $2::interval) AS devices,
		       (SELECT count(*) FROM recovery_code c WHERE c.account_id = a.id AND c.used_at IS NULL) AS recovery_codes_left,
		       coalesce((SELECT l.new_email FROM account_link l WHERE l.account_id = a.id AND l.purpose = 'email_change'
		           AND l.used_at IS NULL AND l.expires_at > now() LIMIT 1), '') AS pending_email
		FROM account a JOIN person p ON p.id = a.person_id
		WHERE a.id = $1`, by.Account, idleLifetime)
	if postgres.IsNoRows(err) {
		return Profile{}, errNoAccount
	}
	out := Profile{
		Person:       Person{ID: r.PersonID, FirstName: r.FirstName, LastName: r.LastName, Email: r.Email},
		SecondFactor: r.SecondFactor, Devices: r.Devices, RecoveryCodesLeft: r.RecoveryCodesLeft, PendingEmail: r.PendingEmail,
	}
	if r.PasswordChangedAt != nil {
		out.PasswordChangedAt = *r.PasswordChangedAt
	}
	return out, postgres.Wrap(err, "profile of account %d", by.Account)
}

// reauthenticate checks the current password of the actor, outside any
// transaction, with its own limit of tries.
func (s *Service) reauthenticate(ctx context.Context, by access.Actor, password string) (holder, error) {
	key := limitPassword.On(idText(by.Account))
	if err := throttle.Count(ctx, s.db, key); err != nil {
		return holder{}, err
	}
	h, err := accountByID(ctx, s.db, by.Account)
	if err != nil {
		return holder{}, err
	}
	phc := dummyHash
	if h.PasswordHash != nil {
		phc = *h.PasswordHash
	}
	right, err := s.hasher.verify(ctx, phc, password)
	if err != nil {
		return holder{}, err
	}
	if !right {
		return holder{}, problem.OnField("mot_de_passe_actuel", "Ce n’est pas votre mot de passe actuel. Saisissez-le de nouveau.")
	}
	return h, throttle.Refund(ctx, s.db, key)
}

// Rename changes the name of the actor's person, wherever it is shown.
func (s *Service) Rename(ctx context.Context, by access.Actor, first, last string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if h.FirstName == first && h.LastName == last {
			return nil
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE person SET first_name = $2, last_name = $3, version = version + 1 WHERE id = $1`, h.PersonID, first, last)
		if err != nil {
			return postgres.Wrap(err, "rename person %d", h.PersonID)
		}
		return record(ctx, tx, by, "rename", h.ID, h.label(),
			map[string]string{"first_name": h.FirstName, "last_name": h.LastName},
			map[string]string{"first_name": first, "last_name": last})
	})
}

// RequestEmailChange mails a link to the new address and a notice to the old one;
// the address changes when the link is followed. The answer does not tell whether
// the new address is somebody else's account: that person then receives nothing.
func (s *Service) RequestEmailChange(ctx context.Context, by access.Actor, email, password string) error {
	h, err := s.reauthenticate(ctx, by, password)
	if err != nil {
		return err
	}
	email = NormaliseEmail(email)
	if email == h.Email {
		return problem.OnField("courriel", "C’est déjà l’adresse de votre compte.")
	}
	if err := throttle.Count(ctx, s.db, limitReset.On("email", h.Email)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		taken, err := emailTaken(ctx, tx, email, h)
		if err != nil {
			return err
		}
		link, err := s.createLink(ctx, tx, h.ID, EmailChange, email)
		if err != nil {
			return err
		}
		if !taken {
			if err := s.outbox.Queue(ctx, tx, confirmEmailMail(h.person(), email, link)); err != nil {
				return err
			}
		}
		return s.outbox.Queue(ctx, tx, emailAskedMail(h.person()))
	})
}

func emailTaken(ctx context.Context, q postgres.Querier, email string, h holder) (bool, error) {
	taken, err := postgres.Value[bool](ctx, q, `
		SELECT EXISTS (SELECT FROM account WHERE email = $1 AND id <> $2)
		    OR EXISTS (SELECT FROM person WHERE email = $1 AND id <> $3)`, email, h.ID, h.PersonID)
	return taken, postgres.Wrap(err, "look for an address")
}

// ConfirmEmail uses the link up and gives the account, and its person, the new
// address.
func (s *Service) ConfirmEmail(ctx context.Context, token string) error {
	link, err := s.ReadLink(ctx, EmailChange, token)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := consumeLink(ctx, tx, EmailChange, token)
		if err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			WITH named AS (UPDATE person SET email = $2, version = version + 1 WHERE id = $3)
			UPDATE account SET email = $2, version = version + 1 WHERE id = $1`, h.ID, link.NewEmail, h.PersonID)
		if postgres.Violates(err, "account_email_once") || postgres.Violates(err, "person_email_once") {
			return ErrLinkGone // taken since it was asked for
		}
		if err != nil {
			return postgres.Wrap(err, "change address of account %d", h.ID)
		}
		// A link sent to the address that is left must not open the account.
		if err := voidLinks(ctx, tx, h.ID, PasswordReset, Invitation); err != nil {
			return err
		}
		if err := s.outbox.Queue(ctx, tx, emailChangedMail(h.person())); err != nil {
			return err
		}
		return record(ctx, tx, h.actor(), "email_change", h.ID, h.label(),
			map[string]string{"email": h.Email}, map[string]string{"email": link.NewEmail})
	})
}

// ChangePassword replaces the password of the actor and signs out the other
// devices. The caller then renews the token of this one.
func (s *Service) ChangePassword(ctx context.Context, by access.Actor, current, password string) error {
	h, err := s.reauthenticate(ctx, by, current)
	if err != nil {
		return err
	}
	if err := CheckPassword("mot_de_passe", password, h.person()); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockUnchanged(ctx, tx, h)
		if err != nil {
			return err
		}
		if _, err := s.setPassword(ctx, tx, h, hash, by.Session); err != nil {
			return err
		}
		if err := s.outbox.Queue(ctx, tx, passwordChangedMail(h.person())); err != nil {
			return err
		}
		return record(ctx, tx, by, "password_change", h.ID, h.label(), nil, nil)
	})
}

// lockUnchanged locks the account and refuses if its password is no longer the one
// that was just checked.
func lockUnchanged(ctx context.Context, tx pgx.Tx, was holder) (holder, error) {
	h, err := lockAccount(ctx, tx, was.ID)
	if err == nil && (h.state() != Active || !sameTime(h.PasswordChangedAt, was.PasswordChangedAt)) {
		return holder{}, errGone
	}
	return h, err
}

// setPassword writes the hash, ends the sessions but one, and makes void what the
// old password had begun: links, steps, known browsers. The links of a change of
// address are among them: who asked for it knew the old password, and the notice
// of it says to change that.
func (s *Service) setPassword(ctx context.Context, tx pgx.Tx, h holder, hash string, but access.SessionID) (*time.Time, error) {
	at, err := postgres.Value[*time.Time](ctx, tx, `
		UPDATE account SET password_hash = $2, password_changed_at = clock_timestamp(), version = version + 1
		WHERE id = $1 RETURNING password_changed_at`, h.ID, hash)
	if err != nil {
		return nil, postgres.Wrap(err, "set password of account %d", h.ID)
	}
	if err := voidLinks(ctx, tx, h.ID, Purposes...); err != nil {
		return nil, err
	}
	_, err = postgres.Exec(ctx, tx, `
		WITH steps AS (DELETE FROM sign_in_step WHERE account_id = $1)
		DELETE FROM known_browser WHERE account_id = $1`, h.ID)
	if err != nil {
		return nil, postgres.Wrap(err, "forget browsers of account %d", h.ID)
	}
	return at, revokeSessions(ctx, tx, h.ID, but)
}
