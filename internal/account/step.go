package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// Method is what the second step of a sign-in asks for.
type Method string

// The methods.
const (
	ByApplication Method = "totp"  // a code of the person's application
	ByMail        Method = "mail"  // a code just sent by mail
	Enrolment     Method = "enrol" // setting the application for the first time
)

// Methods lists them as the schema does.
var Methods = []Method{ByApplication, ByMail, Enrolment}

// A step lasts ten minutes (ASVS 6.5.5) and bears five tries; the tries of an
// account are limited besides (limitCode), or who has the password could start
// over for ever (ASVS 6.6.3).
const (
	StepLifetime = 10 * time.Minute
	stepTries    = 5
)

// Step is a sign-in half way: the password was right.
type Step struct {
	Token   string // for the step cookie; opens nothing by itself
	Method  Method
	Person  Person
	Secret  string // of an Enrolment: the key to show
	account access.AccountID
}

// ErrStepOver says that the step is too old, was used, or bore too many tries:
// the person starts again from the password.
var ErrStepOver = problem.New(problem.Conflict, "Cette étape n’est plus valable. Recommencez la connexion.")

var errCode = problem.OnField("code", "Ce code n’est pas le bon, ou il a déjà servi. Vérifiez-le et saisissez-le de nouveau.")

func (s *Service) startStep(ctx context.Context, h holder, method Method) (*Step, error) {
	step := &Step{Token: newToken(), Method: method, Person: h.person(), account: h.ID}
	var code string
	var codeHash []byte
	switch method {
	case ByMail:
		code = sixDigits()
		codeHash = hashCode(step.Token, code)
	case Enrolment:
		step.Secret = NewTOTPSecret()
	case ByApplication:
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		_, err := postgres.Exec(ctx, tx, `
			INSERT INTO sign_in_step (token_hash, account_id, method, code_hash, totp_secret, password_changed_at, expires_at)
			VALUES ($1, $2, $3, $4, nullif($5, ''), $6, now() + $7::interval)`,
			hashToken(step.Token), h.ID, method, codeHash, step.Secret, h.PasswordChangedAt, StepLifetime)
		if err != nil {
			return postgres.Wrap(err, "start step of account %d", h.ID)
		}
		if method != ByMail {
			return nil
		}
		return s.outbox.Queue(ctx, tx, codeMail(h.person(), code))
	})
	return step, err
}

// sixDigits returns a code of 20 bits (ASVS 6.5.4).
func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(fmt.Sprintf("account: random number: %v", err)) // crypto/rand never fails
	}
	return fmt.Sprintf("%06d", n)
}

// hashCode ties a mailed code to the browser that asked for it: the step's token
// is not in the database, so the hash of so short a code cannot be tried from
// there (ASVS 6.5.2, 6.6.2).
func hashCode(stepToken, code string) []byte { return hashToken(stepToken + ":" + code) }

type stepRow struct {
	AccountID         access.AccountID
	Method            Method
	CodeHash          []byte
	Secret            string
	PasswordChangedAt *time.Time
}

// ReadStep returns the step a cookie names, or ErrStepOver.
func (s *Service) ReadStep(ctx context.Context, token string) (*Step, error) {
	r, err := postgres.One[stepRow](ctx, s.db, `
		SELECT account_id, method, code_hash, coalesce(totp_secret, '') AS secret, password_changed_at
		FROM sign_in_step WHERE token_hash = $1 AND expires_at > now() AND tries < $2`, hashToken(token), stepTries)
	if postgres.IsNoRows(err) {
		return nil, ErrStepOver
	}
	if err != nil {
		return nil, postgres.Wrap(err, "read step")
	}
	h, err := accountByID(ctx, s.db, r.AccountID)
	if err != nil {
		return nil, err
	}
	return &Step{Token: token, Method: r.Method, Person: h.person(), Secret: r.Secret, account: h.ID}, nil
}

// FinishStep checks the code of a step. For an Enrolment it also sets the
// application, and returns the recovery codes to show once. A recovery code is
// taken in place of an application's.
func (s *Service) FinishStep(ctx context.Context, token, code string, visitor Visitor) (*SignedIn, []string, error) {
	step, err := s.ReadStep(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	if err := throttle.Count(ctx, s.db, codeKey(step.account)); err != nil {
		return nil, nil, err
	}
	r, err := s.takeTry(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	var in *SignedIn
	var codes []string
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := lockAccount(ctx, tx, r.AccountID)
		if err != nil {
			return err
		}
		if h.state() != Active || !sameTime(h.PasswordChangedAt, r.PasswordChangedAt) {
			return ErrStepOver
		}
		if codes, err = s.checkCode(ctx, tx, h, r, token, code); err != nil {
			return err
		}
		if err := endStep(ctx, tx, token); err != nil {
			return err
		}
		in, err = s.admit(ctx, tx, h, "")
		return err
	})
	if err != nil {
		s.event(ctx, "second step refused", r.AccountID, visitor.Address)
		return nil, nil, err
	}
	return in, codes, throttle.Refund(ctx, s.db, codeKey(step.account))
}

// takeTry counts a try, in a transaction of its own, before the code is looked at.
func (s *Service) takeTry(ctx context.Context, token string) (stepRow, error) {
	r, err := postgres.One[stepRow](ctx, s.db, `
		UPDATE sign_in_step SET tries = tries + 1
		WHERE token_hash = $1 AND expires_at > now() AND tries < $2
		RETURNING account_id, method, code_hash, coalesce(totp_secret, '') AS secret, password_changed_at`,
		hashToken(token), stepTries)
	if postgres.IsNoRows(err) {
		return stepRow{}, ErrStepOver
	}
	return r, postgres.Wrap(err, "count a try of the step")
}

// endStep uses the step up: of two right codes sent at once, one signs in.
func endStep(ctx context.Context, tx pgx.Tx, token string) error {
	n, err := postgres.Exec(ctx, tx, `DELETE FROM sign_in_step WHERE token_hash = $1`, hashToken(token))
	if err == nil && n == 0 {
		return ErrStepOver
	}
	return postgres.Wrap(err, "end step")
}

func (s *Service) checkCode(ctx context.Context, tx pgx.Tx, h holder, r stepRow, token, code string) ([]string, error) {
	switch r.Method {
	case ByMail:
		if subtle.ConstantTimeCompare(hashCode(token, digits(code)), r.CodeHash) != 1 {
			return nil, errCode
		}
		return nil, nil
	case Enrolment:
		return s.enrol(ctx, tx, h.actor(), h, r.Secret, code)
	case ByApplication:
		if h.TOTPSecret == nil {
			return nil, ErrStepOver
		}
		return nil, takeSecondFactor(ctx, tx, h, code)
	}
	return nil, fmt.Errorf("step of method %q", r.Method)
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}
