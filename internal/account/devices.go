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

// Device is an open session as its holder knows it.
type Device struct {
	ID         access.SessionID
	Device     string
	CreatedAt  time.Time
	LastSeenAt time.Time
	Here       bool `db:"-"` // the session that asks
}

// Devices returns the open sessions of the actor, the last seen first.
func (s *Service) Devices(ctx context.Context, by access.Actor) ([]Device, error) {
	var list []Device
	var b postgres.Batch
	addOpenSessions(&b, &list, by.Account)
	err := b.Run(ctx, s.db)
	for i := range list {
		list[i].Here = list[i].ID == by.Session
	}
	return list, err
}

func addOpenSessions(b *postgres.Batch, dst *[]Device, id access.AccountID) {
	postgres.AddList(b, dst, `
		SELECT id, device, created_at, last_seen_at FROM session
		WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > now() AND last_seen_at > now() - $2::interval
		ORDER BY last_seen_at DESC, id DESC LIMIT 100`, id, idleLifetime)
}

// SignOutScope says which sessions to end.
type SignOutScope struct {
	Session access.SessionID // that one, if not 0
	Others  bool             // all but the one that asks
}

// SignOut ends one session of the actor, all the others, or all of them: the zero
// scope. It asks for the password (ASVS 7.5.2). But for a single one, no browser is
// known any more: a device that was stolen is asked for the mailed code again.
func (s *Service) SignOut(ctx context.Context, by access.Actor, scope SignOutScope, password string) error {
	if _, err := s.reauthenticate(ctx, by, password); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		switch {
		case scope.Session != 0:
			err = revokeOne(ctx, tx, h.ID, scope.Session)
		case scope.Others:
			err = revokeSessions(ctx, tx, h.ID, by.Session)
		default:
			err = revokeSessions(ctx, tx, h.ID, 0)
		}
		if err == nil && scope.Session == 0 {
			err = forgetBrowsers(ctx, tx, h.ID)
		}
		if err != nil {
			return err
		}
		return record(ctx, tx, by, "sign_out_devices", h.ID, h.label(), nil, map[string]any{"others": scope.Others, "session": scope.Session})
	})
}

// forgetBrowsers makes every browser of the account unknown.
func forgetBrowsers(ctx context.Context, tx pgx.Tx, id access.AccountID) error {
	_, err := postgres.Exec(ctx, tx, `DELETE FROM known_browser WHERE account_id = $1`, id)
	return postgres.Wrap(err, "forget browsers of account %d", id)
}

func revokeOne(ctx context.Context, tx pgx.Tx, id access.AccountID, session access.SessionID) error {
	n, err := postgres.Exec(ctx, tx, `
		UPDATE session SET revoked_at = now(), data = ''
		WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL`, session, id)
	if err == nil && n == 0 {
		return problem.OnField("appareil", "Cet appareil est déjà déconnecté.")
	}
	return postgres.Wrap(err, "revoke session %d", session)
}

// EnableSecondFactor sets the application whose key was shown, proved by a code,
// and returns the recovery codes to show once. The other devices are signed out
// (ASVS 7.4.3).
func (s *Service) EnableSecondFactor(ctx context.Context, by access.Actor, secret, code, password string) ([]string, error) {
	h, err := s.reauthenticate(ctx, by, password)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockUnchanged(ctx, tx, h)
		if err != nil {
			return err
		}
		if h.TOTPSecret != nil {
			return problem.New(problem.Conflict, "La double vérification est déjà activée sur ce compte.")
		}
		if codes, err = s.enrol(ctx, tx, by, h, secret, code); err != nil {
			return err
		}
		return revokeSessions(ctx, tx, h.ID, by.Session)
	})
	return codes, err
}

// DisableSecondFactor removes the application. It refuses to the team and to
// administrators where second factors are required.
func (s *Service) DisableSecondFactor(ctx context.Context, by access.Actor, code, password string) error {
	return s.withSecondFactor(ctx, by, code, password, func(tx pgx.Tx, h holder) error {
		if s.opt.RequireSecondFactor && needsTOTP(h.Roles) {
			return problem.New(problem.Conflict, "Votre rôle demande la double vérification : elle ne peut pas être arrêtée.")
		}
		if err := removeSecondFactor(ctx, tx, h.ID); err != nil {
			return err
		}
		if err := s.outbox.Queue(ctx, tx, secondFactorMail(h.person(), false)); err != nil {
			return err
		}
		return record(ctx, tx, by, "second_factor_off", h.ID, h.label(), nil, nil)
	})
}

// RenewRecoveryCodes makes the codes left void and returns new ones, to be shown
// once.
func (s *Service) RenewRecoveryCodes(ctx context.Context, by access.Actor, code, password string) ([]string, error) {
	var codes []string
	err := s.withSecondFactor(ctx, by, code, password, func(tx pgx.Tx, h holder) error {
		var err error
		if codes, err = newRecoveryCodes(ctx, tx, h.ID); err != nil {
			return err
		}
		return record(ctx, tx, by, "recovery_codes", h.ID, h.label(), nil, nil)
	})
	return codes, err
}

// withSecondFactor runs f on the locked account of the actor after checking the
// password and a code.
func (s *Service) withSecondFactor(ctx context.Context, by access.Actor, code, password string, f func(pgx.Tx, holder) error) error {
	h, err := s.reauthenticate(ctx, by, password)
	if err != nil {
		return err
	}
	if err := throttle.Count(ctx, s.db, codeKey(h.ID)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockUnchanged(ctx, tx, h)
		if err != nil {
			return err
		}
		if h.TOTPSecret == nil {
			return errFactorOff
		}
		if err := takeSecondFactor(ctx, tx, h, code); err != nil {
			return err
		}
		return f(tx, h)
	})
}
