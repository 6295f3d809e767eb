package structure

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the register. It asks the actor's right where it
// loads the structure; what the actor may not know of does not exist for them.
type Service struct {
	db         postgres.DB
	governance *governance.Service
	outbox     *notify.Outbox
	baseURL    string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end; links of mails begin with it.
func New(db postgres.DB, gov *governance.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, governance: gov, outbox: outbox, baseURL: baseURL}
}

// ErrNotFound says that a structure does not exist, or not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cette structure n’existe pas.")

var (
	errStale = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié cette fiche pendant votre saisie : relisez-la, puis recommencez.")
	errGone  = problem.New(problem.Gone, "Ce lien a déjà servi ou n’est plus valable.")
	errSIRET = problem.OnField("siret", "Une structure est déjà inscrite avec ce SIRET.")
)

// Right is what somebody may do of a structure.
type Right int

// The closed set, from the least.
const (
	NoRight Right = iota
	Member        // acts for it: reads everything of it, says it is up to date
	Manager       // and changes its sheet and its people: the person in charge is one
	Team          // the metropole's team
)

// rightOf returns what the actor may do of the structure, as it acts now. It asks the
// database: the holder of the seat and the memberships marked so
// are managers.
func rightOf(ctx context.Context, q postgres.Querier, by access.Actor, id ID) (Right, error) {
	switch {
	case by.RunsBodies():
		return Team, nil
	case !by.ActsFor(id) || !by.Is(access.Structure):
		return NoRight, nil
	}
	manager, err := postgres.Value[bool](ctx, q, managerSQL, id, by.Person)
	switch {
	case err != nil:
		return NoRight, postgres.Wrap(err, "right on structure %d", id)
	case manager:
		return Manager, nil
	}
	return Member, nil
}

const managerSQL = `
	SELECT EXISTS (SELECT FROM seat s JOIN mandate m ON m.seat_id = s.id
	               WHERE s.organisation_id = $1 AND s.kind = 'structure' AND m.person_id = $2
	                 AND m.kind = 'titular' AND m.during @> paris_today())
	    OR EXISTS (SELECT FROM membership n WHERE n.organisation_id = $1 AND n.person_id = $2
	                 AND n.manager AND n.during @> paris_today())`

// AddManager asks in a batch whether a person manages a structure. The caller has
// checked that the person acts for it.
func AddManager(b *postgres.Batch, dst *bool, id ID, person access.PersonID) {
	postgres.AddValue(b, dst, managerSQL, id, person)
}

// RequireManager refuses who does not manage the structure: ErrNotFound for who has
// nothing to do with it, Forbidden for its other people. The team may.
func RequireManager(ctx context.Context, q postgres.Querier, by access.Actor, id ID) error {
	_, err := require(ctx, q, by, id, Manager)
	return err
}

// require returns the right of the actor, ErrNotFound when they have none, and
// Forbidden when it is less than what is needed.
func require(ctx context.Context, q postgres.Querier, by access.Actor, id ID, needed Right) (Right, error) {
	r, err := rightOf(ctx, q, by, id)
	switch {
	case err != nil:
		return r, err
	case r == NoRight:
		return r, ErrNotFound
	case r < needed:
		return r, problem.New(problem.Forbidden, "Seules les personnes qui gèrent la structure peuvent faire cela.")
	}
	return r, nil
}

// step writes a line of the story of a structure.
func step(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, kind StepKind, note string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_step (structure_id, kind, note, by_name, by_team) VALUES ($1, $2, $3, $4, $5)`,
		id, string(kind), note, by.Name, by.RunsBodies())
	return postgres.Wrap(err, "step %s of structure %d", kind, id)
}

// record journals an act on a structure.
func record(ctx context.Context, tx pgx.Tx, by access.Actor, action string, s Sheet, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "structure." + action, Object: "structure", ID: int64(s.ID), Label: s.Name,
		Before: before, After: after})
}

// newToken makes the secret of a personal link.
func newToken() string { return rand.Text() }

func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
