package election

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNotFound says that an election does not exist, or not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cette élection n’existe pas.")

// ErrStale says that somebody changed the same thing meanwhile.
var ErrStale = problem.New(problem.Conflict, "Quelqu’un d’autre a fait une modification pendant votre saisie : relisez, puis recommencez.")

// The acts of this area and of its rooms, as the journal shows them. No vote is ever
// journalled: the list of who voted and the archive are the only traces.
var _ = audit.Name(map[string]string{
	"election.create":     "Élection préparée",
	"election.change":     "Élection modifiée",
	"election.publish":    "Règlement d’une élection publié",
	"election.phase":      "Phase d’une élection",
	"election.propose":    "Acte à deux proposé pour une élection",
	"election.confirm":    "Acte à deux confirmé pour une élection",
	"election.withdraw":   "Acte à deux retiré",
	"election.cancel":     "Élection abandonnée",
	"election.incident":   "Incident consigné",
	"election.risk":       "Grille de risque de la CNIL remplie",
	"election.roll":       "Liste électorale modifiée",
	"election.claim":      "Réclamation sur la liste électorale",
	"election.answer":     "Réponse à une réclamation",
	"election.seal":       "Liste électorale et candidatures arrêtées",
	"election.stand":      "Candidature déposée",
	"election.stand_edit": "Candidature modifiée",
	"election.stand_end":  "Candidature retirée",
	"election.examine":    "Candidature examinée",
	"election.trustee":    "Porteurs de clés désignés",
	"election.key":        "Clé publique déposée",
	"election.codes":      "Codes de vote publics déposés",
	"election.ceremony":   "Cérémonie des clés",
	"election.partial":    "Déchiffrement partiel déposé",
	"election.count":      "Élection dépouillée",
	"election.tie":        "Tirage au sort d’une égalité",
	"election.pv":         "Procès-verbal établi",
	"election.sign":       "Procès-verbal signé",
	"election.proclaim":   "Résultat proclamé",
	"election.succeed":    "Suivant de liste appelé",
	"election.archive":    "Élection archivée",
	"election.destroy":    "Bulletins et listes d’émargement détruits",
})

// row is what the statements below read.
type row struct {
	ID               ID
	Title            string
	Complements      *ID
	Phase            Phase
	Rules            string
	RulesSHA256      []byte `db:"rules_sha256"`
	RulesPublishedAt *time.Time
	ClaimsUntil      *time.Time
	CandidaciesFrom  *time.Time
	CandidaciesUntil *time.Time
	WithdrawUntil    *time.Time
	OpensAt          *time.Time
	ClosesAt         *time.Time
	ContestUntil     *time.Time
	OrderSeed        string
	TieSource        string
	TieSeed          string
	SealedAt         *time.Time
	ReadyAt          *time.Time
	OpenedAt         *time.Time
	ClosedAt         *time.Time
	CountedAt        *time.Time
	ProclaimedAt     *time.Time
	ArchivedAt       *time.Time
	DestroyedAt      *time.Time
	CancelledReason  string
	CreatedAt        time.Time
	Version          int
	Now              time.Time
}

func (r row) election() (Election, error) {
	rules, err := parseRules(r.Rules)
	return Election{ID: r.ID, Title: r.Title, Complements: r.Complements, Phase: r.Phase, Rules: rules, RulesText: r.Rules, RulesSHA256: r.RulesSHA256,
		RulesPublishedAt: r.RulesPublishedAt, ClaimsUntil: r.ClaimsUntil, CandidaciesFrom: r.CandidaciesFrom, CandidaciesUntil: r.CandidaciesUntil,
		WithdrawUntil: r.WithdrawUntil, OpensAt: r.OpensAt, ClosesAt: r.ClosesAt, ContestUntil: r.ContestUntil, OrderSeed: r.OrderSeed,
		TieSource: r.TieSource, TieSeed: r.TieSeed, SealedAt: r.SealedAt, ReadyAt: r.ReadyAt, OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt,
		CountedAt: r.CountedAt, ProclaimedAt: r.ProclaimedAt, ArchivedAt: r.ArchivedAt, DestroyedAt: r.DestroyedAt,
		CancelledReason: r.CancelledReason, CreatedAt: r.CreatedAt, Version: r.Version, Now: r.Now}, err
}

// electionColumns and the statements that use it are constants: `const` concatenation
// is still constant text.
const electionColumns = `id, title, complements, phase, rules, rules_sha256, rules_published_at, claims_until, candidacies_from, candidacies_until,
	withdraw_until, opens_at, closes_at, contest_until, order_seed, tie_source, tie_seed, sealed_at, ready_at, opened_at, closed_at, counted_at,
	proclaimed_at, archived_at, destroyed_at, cancelled_reason, created_at, version, clock_timestamp() AS now`

// Sees tells whether the actor may know of the election: everybody from the
// publication of the rules on, the team and the key holders before.
func (e Election) Sees(by access.Actor) bool {
	return e.Phase.Public() || by.RunsBodies() || by.Is(access.Scrutineer)
}

// Load reads an election that the actor may know of, ErrNotFound otherwise.
func Load(ctx context.Context, q postgres.Querier, by access.Actor, id ID) (Election, error) {
	r, err := postgres.One[row](ctx, q, `SELECT `+electionColumns+` FROM election WHERE id = $1`, id)
	return loaded(by, id, r, err)
}

// Lock is Load in a transaction that changes the election: acts on one election take
// turns.
func Lock(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Election, error) {
	r, err := postgres.One[row](ctx, tx, `SELECT `+electionColumns+` FROM election WHERE id = $1 FOR UPDATE`, id)
	return lockedNow(ctx, tx, by, id, r, err)
}

// Hold is Load with a lock that several transactions may share: while one holds it the
// phase does not change.
func Hold(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Election, error) {
	r, err := postgres.One[row](ctx, tx, `SELECT `+electionColumns+` FROM election WHERE id = $1 FOR SHARE`, id)
	return lockedNow(ctx, tx, by, id, r, err)
}

// lockedNow is loaded with the clock as it is once the lock is held: a transaction that
// waited for it past a deadline is late.
func lockedNow(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, r row, err error) (Election, error) {
	e, err := loaded(by, id, r, err)
	if err != nil {
		return e, err
	}
	e.Now, err = postgres.Value[time.Time](ctx, tx, `SELECT clock_timestamp()`)
	return e, postgres.Wrap(err, "clock of election %d", id)
}

func loaded(by access.Actor, id ID, r row, err error) (Election, error) {
	if postgres.IsNoRows(err) {
		return Election{}, ErrNotFound
	}
	if err != nil {
		return Election{}, postgres.Wrap(err, "load election %d", id)
	}
	e, err := r.election()
	if err == nil && !e.Sees(by) {
		return Election{}, ErrNotFound
	}
	return e, err
}

const boxColumns = `id, election_id, rehearsal, college, uuid, name, seats, stamp, election_json, public_credentials, next_height, next_seq, head, ballots`

// Boxes returns the boxes of an election, or those of its rehearsal, action sociale
// first.
func Boxes(ctx context.Context, q postgres.Querier, id ID, rehearsal bool) ([]Box, error) {
	list, err := postgres.List[Box](ctx, q, `SELECT `+boxColumns+` FROM ballot_box WHERE election_id = $1 AND rehearsal = $2 ORDER BY college, id`, id, rehearsal)
	return list, postgres.Wrap(err, "boxes of election %d", id)
}

// LoadBox reads a box of an election.
func LoadBox(ctx context.Context, q postgres.Querier, e ID, id BoxID) (Box, error) {
	b, err := postgres.One[Box](ctx, q, `SELECT `+boxColumns+` FROM ballot_box WHERE election_id = $1 AND id = $2`, e, id)
	if postgres.IsNoRows(err) {
		return Box{}, problem.New(problem.NotFound, "Cette urne n’existe pas.")
	}
	return b, postgres.Wrap(err, "box %d", id)
}

// LockBox reads a box whose chain the transaction makes longer: ballots, closing and
// counting of one box take turns.
func LockBox(ctx context.Context, tx pgx.Tx, id BoxID) (Box, error) {
	b, err := postgres.One[Box](ctx, tx, `SELECT `+boxColumns+` FROM ballot_box WHERE id = $1 FOR UPDATE`, id)
	return b, postgres.Wrap(err, "lock box %d", id)
}

// Record journals an act on an election, in its transaction.
func Record(ctx context.Context, tx pgx.Tx, by access.Actor, act string, e Election, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "election." + act, Object: "election", ID: int64(e.ID), Label: e.Title, Before: before, After: after})
}

// SetPhase moves a locked election on, and stamps the moment where the phase has one.
// The caller checked that the step is allowed. It counts as a version.
func SetPhase(ctx context.Context, tx pgx.Tx, by access.Actor, e Election, to Phase) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE election SET phase = $2, version = version + 1,
			sealed_at     = CASE WHEN $2 = 'sealed' THEN clock_timestamp() ELSE sealed_at END,
			ready_at      = CASE WHEN $2 = 'ready' THEN clock_timestamp() ELSE ready_at END,
			opened_at     = CASE WHEN $2 = 'open' THEN clock_timestamp() ELSE opened_at END,
			closed_at     = CASE WHEN $2 = 'closed' THEN clock_timestamp() ELSE closed_at END,
			counted_at    = CASE WHEN $2 = 'counted' THEN clock_timestamp() ELSE counted_at END,
			proclaimed_at = CASE WHEN $2 = 'proclaimed' THEN clock_timestamp() ELSE proclaimed_at END,
			archived_at   = CASE WHEN $2 = 'archived' THEN clock_timestamp() ELSE archived_at END,
			destroyed_at  = CASE WHEN $2 = 'destroyed' THEN clock_timestamp() ELSE destroyed_at END
		WHERE id = $1`, e.ID, string(to))
	if err != nil {
		return postgres.Wrap(err, "phase %s of election %d", to, e.ID)
	}
	return Record(ctx, tx, by, "phase", e, map[string]any{"phase": e.Phase}, map[string]any{"phase": to})
}
