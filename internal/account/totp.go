package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/hotp"
	"rsc.io/qr"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// TOTP as RFC 6238 recommends and applications expect: SHA-1, six digits, thirty
// seconds, one step of tolerance on each side. A step is accepted once
// (account.totp_last_step): RFC 6238, 5.2, and ASVS 6.5.1.
const (
	totpPeriod    = 30
	totpTolerance = 1
	totpSecret    = 20 // bytes: RFC 4226, R6
	issuer        = "Inclusion numérique Bordeaux Métropole"
)

// recoveryCodes is how many codes are given for the day the application is lost.
// Each has 120 bits, so a plain hash keeps it (ASVS 6.5.2), and works once.
const recoveryCodes = 10

// NewTOTPSecret returns a key for an application, to be confirmed by a code.
func NewTOTPSecret() string {
	b := make([]byte, totpSecret)
	_, _ = rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// OTPAuthURL returns what the QR code of a key says (Key URI Format).
func OTPAuthURL(email, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {issuer}}
	// Applications read a + as a plus sign, not as a space.
	query := strings.ReplaceAll(q.Encode(), "+", "%20")
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(email) + "?" + query
}

// QR is a QR code as the path of an SVG picture, one unit a module.
type QR struct {
	Size int    // side, quiet zone of four modules included
	Path string // the black modules
}

// QRCode draws the text. The picture is built here so that the key leaves in no
// address and no cache: it is part of the page.
func QRCode(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, err
	}
	const quiet = 4
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				writeModule(&b, x+quiet, y+quiet)
			}
		}
	}
	return QR{Size: code.Size + 2*quiet, Path: b.String()}, nil
}

// matchTOTP returns the step the code belongs to, among those that may still be
// used at the instant; 0 if none.
func matchTOTP(secret, code string, at time.Time, last int64) int64 {
	now := at.Unix() / totpPeriod
	found := int64(0)
	for step := now - totpTolerance; step <= now+totpTolerance; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

// takeSecondFactor uses up a code of the application or a recovery code of the
// account, which the caller has locked.
func takeSecondFactor(ctx context.Context, tx pgx.Tx, h holder, code string) error {
	if h.TOTPSecret == nil {
		return errCode
	}
	if d := digits(code); len(d) == 6 {
		step := matchTOTP(*h.TOTPSecret, d, h.Now, h.TOTPLastStep)
		if step == 0 {
			return errCode
		}
		_, err := postgres.Exec(ctx, tx, `UPDATE account SET totp_last_step = $2 WHERE id = $1`, h.ID, step)
		return postgres.Wrap(err, "take code of account %d", h.ID)
	}
	n, err := postgres.Exec(ctx, tx, `
		UPDATE recovery_code SET used_at = now()
		WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL`, h.ID, hashToken(recoveryForm(code)))
	if err == nil && n == 0 {
		return errCode
	}
	return postgres.Wrap(err, "take recovery code of account %d", h.ID)
}

// enrol sets the application of an account, which the caller has locked, once a
// code proves that it works, and returns new recovery codes.
func (s *Service) enrol(ctx context.Context, tx pgx.Tx, by access.Actor, h holder, secret, code string) ([]string, error) {
	step := matchTOTP(secret, digits(code), h.Now, 0)
	if step == 0 {
		return nil, errCode
	}
	_, err := postgres.Exec(ctx, tx, `UPDATE account SET totp_secret = $2, totp_last_step = $3 WHERE id = $1`, h.ID, secret, step)
	if err != nil {
		return nil, postgres.Wrap(err, "set second factor of account %d", h.ID)
	}
	codes, err := newRecoveryCodes(ctx, tx, h.ID)
	if err != nil {
		return nil, err
	}
	if err := s.outbox.Queue(ctx, tx, secondFactorMail(h.person(), true)); err != nil {
		return nil, err
	}
	return codes, record(ctx, tx, by, "second_factor_on", h.ID, h.label(), nil, nil)
}

// newRecoveryCodes replaces the recovery codes of an account.
func newRecoveryCodes(ctx context.Context, tx pgx.Tx, id access.AccountID) ([]string, error) {
	codes := make([]string, recoveryCodes)
	hashes := make([][]byte, recoveryCodes)
	for i := range codes {
		t := rand.Text()[:24] // base32: 5 bits a character
		hashes[i] = hashToken(t)
		codes[i] = strings.Join([]string{t[:4], t[4:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
	}
	if _, err := postgres.Exec(ctx, tx, `DELETE FROM recovery_code WHERE account_id = $1`, id); err != nil {
		return nil, postgres.Wrap(err, "replace recovery codes of account %d", id)
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO recovery_code (account_id, code_hash) SELECT $1, unnest($2::bytea[])`, id, hashes)
	return codes, postgres.Wrap(err, "give recovery codes to account %d", id)
}

// removeSecondFactor takes the application away.
func removeSecondFactor(ctx context.Context, tx pgx.Tx, id access.AccountID) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH gone AS (DELETE FROM recovery_code WHERE account_id = $1)
		UPDATE account SET totp_secret = NULL, totp_last_step = 0 WHERE id = $1`, id)
	return postgres.Wrap(err, "remove second factor of account %d", id)
}

// digits drops the spaces people and applications put in a code.
func digits(code string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "-", "").Replace(strings.TrimSpace(code))
}

func recoveryForm(code string) string { return strings.ToUpper(digits(code)) }

var errFactorOff = problem.New(problem.Conflict, "La double vérification est déjà arrêtée sur ce compte.")

func writeModule(b *strings.Builder, x, y int) {
	b.WriteByte('M')
	b.WriteString(strconv.Itoa(x))
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(y))
	b.WriteString("h1v1h-1z")
}
