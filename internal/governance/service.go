package governance

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PersonRef is a person as other areas need to name them.
type PersonRef struct {
	ID    access.PersonID
	First string
	Last  string
	Email string // "" when unknown
}

// Name returns « Camille Exemple ».
func (p PersonRef) Name() string { return p.First + " " + p.Last }

// Inviter queues, in the transaction of the act, the invitation of a person who
// has no account; it does nothing for a person who has one.
type Inviter func(ctx context.Context, tx pgx.Tx, by access.Actor, person PersonRef) error

// Service is the use cases of the governance. Reads that take no actor are
// public; the others refuse whoever does not run the bodies.
type Service struct {
	db     postgres.DB
	invite Inviter
}

// New returns the service. A nil invite queues no invitation.
func New(db postgres.DB, invite Inviter) *Service {
	if invite == nil {
		invite = func(context.Context, pgx.Tx, access.Actor, PersonRef) error { return nil }
	}
	return &Service{db: db, invite: invite}
}

// write runs f in one transaction and checks, before it commits, the rules the
// schema defers to the end of an act: a mandate within the life of its seat, an
// alternate within the time of a titular.
func (s *Service) write(ctx context.Context, f func(tx pgx.Tx) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return settle(ctx, tx)
	})
}

// settle fires the deferred checks now, where their failure can still be told
// about a field, and puts them back to deferred for the transaction of a test.
func settle(ctx context.Context, tx pgx.Tx) error {
	_, err := postgres.Exec(ctx, tx, `SET CONSTRAINTS mandate_consistent, seat_consistent IMMEDIATE`)
	switch {
	case postgres.Violates(err, "mandate_within_seat"):
		return problem.OnField("debut", "Ces dates sortent de la durée de vie du siège.")
	case postgres.Violates(err, "mandate_alternate_has_titular"):
		return problem.OnField("debut", "Un suppléant ne peut siéger que pendant qu’un titulaire occupe le siège : vérifiez les dates des deux mandats.")
	case err != nil:
		return postgres.Wrap(err, "check mandates")
	}
	_, err = postgres.Exec(ctx, tx, `SET CONSTRAINTS mandate_consistent, seat_consistent DEFERRED`)
	return postgres.Wrap(err, "defer checks of mandates")
}

// Refusals that several use cases share.
var (
	errSeatNotFound         = problem.New(problem.NotFound, "Ce siège n’existe pas.")
	errMandateNotFound      = problem.New(problem.NotFound, "Ce mandat n’existe pas ou n’existe plus.")
	errOrganisationNotFound = problem.New(problem.NotFound, "Cette organisation n’existe pas.")
	errBodyNotFound         = problem.New(problem.NotFound, "Cette instance n’existe pas.")
	errStale                = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié cette fiche pendant votre saisie : relisez-la, puis recommencez.")
)

// orNotFound turns "no row" into the refusal.
func orNotFound(err error, refusal *problem.Error, doing string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return refusal
	}
	return postgres.Wrap(err, "%s", doing)
}

// known tells whether the code is one of the four bodies.
func (c BodyCode) known() bool { return slices.Contains(BodyCodes, c) }
