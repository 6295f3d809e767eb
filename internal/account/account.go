// Package account is the people who sign in: credentials, sessions, links sent
// by mail, second factor, and the administrators' view of them all.
//
// What a person may do never comes from here: it comes from mandates,
// memberships and granted roles, read by the view `capacity` at each request
// (migrations/00004_account.sql). A session says who; the database says, that
// very moment, what for. Deliberation 2024-677 names functions, not people, so an
// account is a key to whatever its person holds today.
//
// The security rules cite OWASP ASVS 5.0 by their number (V6: authentication, V7:
// sessions). How tries are limited is told in throttle.go (ASVS 6.1.1), the words
// refused in passwords in policy.go (6.1.2), the ways to sign in in signin.go
// (6.1.3), how long sessions live in session.go (7.1.1).
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Options are the settings of a portal that change how people sign in.
type Options struct {
	// BaseURL is the public address of the portal, without a slash at its end.
	BaseURL string
	// RequireSecondFactor is on in production: TOTP for the team and the
	// administrators, a mailed code on an unknown browser for the others. Off, no
	// second step is ever asked.
	RequireSecondFactor bool
	// Demo allows what only a demonstration may do (SeedAccounts).
	Demo bool
	// Hashes is how many passwords may be hashed at once; 0: all cores but one.
	Hashes int
	// Log receives the security events (ASVS 16.3.1); nil: slog.Default().
	Log *slog.Logger
}

// Service is what the rest of the portal may ask of accounts.
type Service struct {
	db     postgres.DB
	outbox *notify.Outbox
	opt    Options
	hasher *hasher
	log    *slog.Logger
}

// New returns the service. The outbox may be insert-only.
func New(db postgres.DB, outbox *notify.Outbox, opt Options) *Service {
	opt.BaseURL = strings.TrimRight(opt.BaseURL, "/")
	log := opt.Log
	if log == nil {
		log = slog.Default()
	}
	return &Service{db: db, outbox: outbox, opt: opt, hasher: newHasher(opt.Hashes), log: log}
}

// SecondFactorRequired tells whether this portal asks for second steps at all.
func (s *Service) SecondFactorRequired() bool { return s.opt.RequireSecondFactor }

// State is where an account stands.
type State string

// The states of an account, in display order.
const (
	Invited  State = "invited"  // no password yet
	Active   State = "active"   // may sign in
	Disabled State = "disabled" // may not, whatever it holds
)

// States lists the states in display order.
var States = []State{Active, Invited, Disabled}

// Label returns the French name of the state.
func (s State) Label() string {
	switch s {
	case Invited:
		return "Invitation en attente"
	case Active:
		return "Actif"
	case Disabled:
		return "Désactivé"
	}
	return string(s)
}

// GrantedRoles are the roles that come from no mandate, in display order.
var GrantedRoles = []access.Role{access.Administrator, access.Team, access.Scrutineer}

// needsTOTP tells whether the capacities make TOTP compulsory where second
// factors are asked (issue 2, Foundations 4; ASVS 6.3.3).
func needsTOTP(roles []string) bool {
	for _, r := range roles {
		if access.Role(r) == access.Administrator || access.Role(r) == access.Team {
			return true
		}
	}
	return false
}

// NormaliseEmail returns the address as accounts are looked up: no spaces around,
// lower case. Providers that tell the case of the local part apart are not met.
func NormaliseEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// newToken returns 32 random bytes in base64url (ASVS 7.2.3, 6.5.3).
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken returns what is stored of a token. Plain SHA-256 is enough for 256
// random bits (ASVS 6.5.2).
func hashToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// The acts of this area, as the journal shows them.
var _ = audit.Name(map[string]string{
	"account.invite":                     "Invitation à ouvrir un compte",
	"account.password_by_invitation":     "Ouverture d’un compte",
	"account.password_by_password_reset": "Mot de passe oublié, choisi de nouveau",
	"account.password_change":            "Changement de mot de passe",
	"account.email_change":               "Changement d’adresse électronique",
	"account.rename":                     "Changement de nom par la personne",
	"account.role_grant":                 "Rôle donné",
	"account.role_end":                   "Rôle retiré",
	"account.disable":                    "Compte désactivé",
	"account.enable":                     "Compte réactivé",
	"account.sign_out":                   "Déconnexion de tous les appareils par l’administration",
	"account.sign_out_devices":           "Déconnexion d’appareils par la personne",
	"account.second_factor_on":           "Double vérification activée",
	"account.second_factor_off":          "Double vérification arrêtée",
	"account.second_factor_reset":        "Double vérification remise à zéro",
	"account.recovery_codes":             "Codes de secours remplacés",
})

// record journals an act on an account.
func record(ctx context.Context, q postgres.Querier, by access.Actor, action string, id access.AccountID, label string, before, after any) error {
	return audit.Record(ctx, q, by, audit.Entry{
		Action: "account." + action, Object: "account", ID: int64(id), Label: label, Before: before, After: after,
	})
}

// event logs a security event without any secret nor typed text.
func (s *Service) event(ctx context.Context, name string, id access.AccountID, address string) {
	s.log.InfoContext(ctx, "account: "+name, "account", int64(id), "address", address)
}

var (
	errGone      = problem.New(problem.Conflict, "Ce compte a changé pendant que vous le consultiez. Rechargez la page.")
	errNoAccount = problem.New(problem.NotFound, "Ce compte n’existe pas.")
)

// atLeast makes f last d or more, so that the time of an answer does not tell
// whether an address is known (ASVS 6.3.8).
func atLeast(ctx context.Context, d time.Duration, f func() error) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	err := f()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return err
}
