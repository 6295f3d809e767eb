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

// The ways to sign in (ASVS 6.1.3, 6.3.4): password; then, where second factors
// are required, a code of an application (team, administrators, and whoever chose
// it) or, on a browser not seen before, a code sent by mail. An invitation signs
// in as a password does. There is no other.

// Visitor is where a request comes from.
type Visitor struct {
	Address string // of the client, as the trusted proxies tell it
	Browser string // token of the known-browser cookie, "" if none
}

// SignedIn says whose session to open. The password's date ties it to the
// password that was checked: see SessionStore.CommitCtx.
type SignedIn struct {
	Account           access.AccountID
	PasswordChangedAt *time.Time
	// Browser is the token to keep in the known-browser cookie, "" to leave the
	// cookie as it is.
	Browser string
}

// Outcome is what follows a right password: SignedIn, or a Step to go through.
type Outcome struct {
	SignedIn *SignedIn
	Step     *Step
}

// ErrWrong is the one answer to a sign-in that fails, whatever the reason: no such
// account, wrong password, invitation not accepted, account disabled (ASVS 6.3.8).
var ErrWrong = problem.New(problem.Invalid, "L’adresse ou le mot de passe n’est pas le bon. Vérifiez votre saisie, ou choisissez un nouveau mot de passe avec « Mot de passe oublié ».")

// SignIn checks an address and a password. Tries are counted before anything is
// hashed, and an unknown address costs the hash of a known one.
func (s *Service) SignIn(ctx context.Context, email, password string, visitor Visitor) (Outcome, error) {
	email = NormaliseEmail(email)
	known, err := s.knownBrowser(ctx, email, visitor.Browser)
	if err != nil {
		return Outcome{}, err
	}
	from := throttle.Place(visitor.Address)
	// The address first: past its limit it writes no other row, whatever it types.
	keys := []throttle.Key{limitAddress.On(from), limitPair.On(email, from)}
	if known {
		keys = []throttle.Key{limitPair.On(email, "browser", visitor.Browser)}
	}
	if err := throttle.Count(ctx, s.db, keys...); err != nil {
		s.event(ctx, "sign-in throttled", 0, visitor.Address)
		return Outcome{}, err
	}
	h, err := accountByEmail(ctx, s.db, email)
	if err != nil && !postgres.IsNoRows(err) {
		return Outcome{}, postgres.Wrap(err, "account to sign in")
	}
	phc := dummyHash
	if h.PasswordHash != nil {
		phc = *h.PasswordHash
	}
	right, err := s.hasher.verify(ctx, phc, password)
	if err != nil {
		return Outcome{}, err
	}
	if !right || h.state() != Active {
		s.event(ctx, "sign-in refused", h.ID, visitor.Address)
		return Outcome{}, ErrWrong
	}
	if err := throttle.Refund(ctx, s.db, keys...); err != nil {
		return Outcome{}, err
	}
	if !known {
		visitor.Browser = ""
	}
	return s.afterPassword(ctx, h, visitor, false)
}

// afterPassword decides what follows a right password. mailProved tells that the
// person has just opened a link sent to them.
func (s *Service) afterPassword(ctx context.Context, h holder, visitor Visitor, mailProved bool) (Outcome, error) {
	if s.opt.RequireSecondFactor {
		method := Method("")
		switch {
		case h.TOTPSecret != nil:
			method = ByApplication
		case needsTOTP(h.Roles):
			method = Enrolment
		case visitor.Browser == "" && !mailProved:
			method = ByMail
		}
		if method != "" {
			step, err := s.startStep(ctx, h, method)
			return Outcome{Step: step}, err
		}
	}
	in, err := s.admit(ctx, s.db, h, visitor.Browser)
	return Outcome{SignedIn: in}, err
}

// admit returns the session to open, and makes the browser known if it was not.
func (s *Service) admit(ctx context.Context, q postgres.Querier, h holder, browser string) (*SignedIn, error) {
	in := &SignedIn{Account: h.ID, PasswordChangedAt: h.PasswordChangedAt}
	if browser == "" {
		in.Browser = newToken()
		_, err := postgres.Exec(ctx, q, `
			INSERT INTO known_browser (token_hash, account_id, expires_at)
			VALUES ($1, $2, now() + $3::interval)`, hashToken(in.Browser), h.ID, BrowserLifetime)
		if err != nil {
			return nil, postgres.Wrap(err, "make a browser known")
		}
	}
	s.log.InfoContext(ctx, "account: signed in", "account", int64(h.ID))
	return in, nil
}

// BrowserLifetime is how long a browser stays known: 180 days.
const BrowserLifetime = 180 * 24 * time.Hour

// knownBrowser tells whether the account signed in from this browser before. It
// asks the same of the database for an unknown address.
func (s *Service) knownBrowser(ctx context.Context, email, token string) (bool, error) {
	known, err := postgres.Value[bool](ctx, s.db, `
		SELECT EXISTS (SELECT FROM known_browser b JOIN account a ON a.id = b.account_id
		               WHERE a.email = $1 AND b.token_hash = $2 AND b.expires_at > now())`,
		email, hashToken(token))
	return known, postgres.Wrap(err, "known browser")
}

// resetFloor is the least time a request for a new password takes.
const resetFloor = 250 * time.Millisecond

// RequestReset mails a link to choose a new password, if the address is that of
// an account. Its answer and its time are the same if it is not (ASVS 6.3.8).
func (s *Service) RequestReset(ctx context.Context, email string, visitor Visitor) error {
	if err := throttle.Count(ctx, s.db, limitResetAddress.On(throttle.Place(visitor.Address))); err != nil {
		return err
	}
	return atLeast(ctx, resetFloor, func() error { return s.sendReset(ctx, NormaliseEmail(email)) })
}

func (s *Service) sendReset(ctx context.Context, email string) error {
	switch err := throttle.Count(ctx, s.db, limitReset.On(email)); {
	case problem.KindOf(err) == problem.TooMany:
		return nil // enough mails for this address: say nothing more of it
	case err != nil:
		return err
	}
	h, err := accountByEmail(ctx, s.db, email)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "account to reset")
	case h.state() == Disabled:
		return nil
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		link, err := s.createLink(ctx, tx, h.ID, PasswordReset, "")
		if err != nil {
			return err
		}
		return s.outbox.Queue(ctx, tx, resetMail(h.person(), link))
	})
}
