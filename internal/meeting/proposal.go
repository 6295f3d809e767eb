package meeting

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"proposal.make": "Point proposé", "proposal.withdraw": "Proposition de point retirée",
	"proposal.take": "Proposition inscrite à un ordre du jour", "proposal.refuse": "Proposition de point refusée",
	"proposal.defer": "Proposition de point différée",
})

// ProposalState says what became of a proposed point.
type ProposalState string

// The closed set of states (constraint agenda_proposal_state_check).
const (
	ProposalWaiting   ProposalState = "waiting"
	ProposalTaken     ProposalState = "taken"
	ProposalRefused   ProposalState = "refused"
	ProposalDeferred  ProposalState = "deferred" // may still be taken
	ProposalWithdrawn ProposalState = "withdrawn"
)

// Label returns the French name of the state.
func (s ProposalState) Label() string {
	switch s {
	case ProposalWaiting:
		return "En attente"
	case ProposalTaken:
		return "Inscrite à l’ordre du jour"
	case ProposalRefused:
		return "Refusée"
	case ProposalDeferred:
		return "Différée"
	case ProposalWithdrawn:
		return "Retirée"
	}
	return string(s)
}

// Proposal is a point that a member proposes, or that a body pushes up to the CMTIN.
type Proposal struct {
	ID        ProposalID          `db:"id"`
	Body      governance.BodyCode `db:"body"`
	Person    access.PersonID     `db:"person_id"` // 0: pushed up by a body
	Proposer  string              `db:"proposer"`
	Title     string              `db:"title"`
	Text      string              `db:"text"`
	From      string              `db:"from_words"`      // « GNI du 11 juin 2026, point 3 », "" when a member proposes
	FromItem  ItemID              `db:"pushed_from_id"`  // 0: none
	FromID    ID                  `db:"from_meeting_id"` // 0: none
	State     ProposalState       `db:"state"`
	Reason    string              `db:"reason"` // of a refusal, word of a deferral
	Meeting   ID                  `db:"taken_meeting_id"`
	MeetingAt *time.Time          `db:"taken_meeting_at"`
	Announced bool                `db:"taken_announced"` // the public knows of that meeting
	CreatedAt time.Time           `db:"created_at"`
	DecidedAt *time.Time          `db:"decided_at"`
	Version   int                 `db:"version"`
}

// Open tells whether the team may still decide.
func (p Proposal) Open() bool { return p.State == ProposalWaiting || p.State == ProposalDeferred }

const proposalSQL = `
	SELECT a.id, a.body, coalesce(a.person_id, 0) AS person_id, a.proposer, a.title, a.text,
	       CASE WHEN om.id IS NULL THEN '' ELSE ` + originWordsSQL + ` END AS from_words,
	       coalesce(a.pushed_from_id, 0) AS pushed_from_id, coalesce(om.id, 0) AS from_meeting_id, a.state, a.reason,
	       coalesce(t.meeting_id, 0) AS taken_meeting_id, tm.starts_at AS taken_meeting_at, coalesce(tm.announced, false) AS taken_announced,
	       a.created_at, a.decided_at, a.version
	FROM agenda_proposal a
	LEFT JOIN agenda_item o ON o.id = a.pushed_from_id
	LEFT JOIN agenda_item op ON op.id = o.parent_id
	LEFT JOIN meeting om ON om.id = o.meeting_id
	LEFT JOIN body ob ON ob.code = om.body
	LEFT JOIN agenda_item t ON t.id = a.item_id
	LEFT JOIN meeting tm ON tm.id = t.meeting_id`

// bodiesOfSQL lists the bodies that person $1 sits in today: by a mandate, titular
// or alternate, by acting for an organisation that holds a seat, or for the State
// where its presence is required (D: « en présence du représentant de l’Etat »).
const bodiesOfSQL = `
	SELECT b.code FROM body b
	WHERE EXISTS (SELECT FROM composition_rule r
	              JOIN seat s ON s.kind = r.seat_kind AND s.during @> paris_today()
	              JOIN mandate m ON m.seat_id = s.id AND m.during @> paris_today()
	              WHERE r.body = b.code AND m.person_id = $1)
	   OR EXISTS (SELECT FROM membership p
	              JOIN organisation o ON o.id = p.organisation_id
	              WHERE p.person_id = $1 AND p.during @> paris_today()
	                AND (b.needs_chair_and_state AND o.kind = 'state_service'
	                     OR EXISTS (SELECT FROM seat s JOIN composition_rule r ON r.seat_kind = s.kind
	                                WHERE s.organisation_id = o.id AND s.during @> paris_today() AND r.body = b.code)))
	ORDER BY b.position`

// MyProposals is what a member's page shows: the bodies they may propose to, and
// what became of what they proposed.
type MyProposals struct {
	Bodies    []governance.BodyCode
	Proposals []Proposal
}

// MyProposals returns the actor's own.
func (s *Service) MyProposals(ctx context.Context, by access.Actor) (MyProposals, error) {
	var v MyProposals
	if by.Person == 0 {
		return v, nil
	}
	var codes []struct {
		Code governance.BodyCode `db:"code"`
	}
	var b postgres.Batch
	postgres.AddList(&b, &codes, bodiesOfSQL, by.Person)
	postgres.AddList(&b, &v.Proposals, proposalSQL+` WHERE a.person_id = $1 ORDER BY a.created_at DESC, a.id DESC LIMIT 200`, by.Person)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "my proposals")
	}
	for _, c := range codes {
		v.Bodies = append(v.Bodies, c.Code)
	}
	return v, nil
}

// NewProposal is what a member types.
type NewProposal struct {
	Body        governance.BodyCode
	Title, Text string
}

// maxWaiting is how many proposals of one person may wait at once.
const maxWaiting = 20

// Propose lays a point before the team, for a body the actor sits in.
func (s *Service) Propose(ctx context.Context, by access.Actor, in NewProposal) (id ProposalID, err error) {
	switch {
	case in.Title == "":
		return 0, problem.OnField("titre", "Saisissez l’intitulé du point.")
	case utf8.RuneCountInString(in.Title) > 200:
		return 0, problem.OnField("titre", "Gardez 200 caractères au plus.")
	case utf8.RuneCountInString(in.Text) > 4000:
		return 0, problem.OnField("pourquoi", "Gardez 4 000 caractères au plus.")
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		mine, err := postgres.Value[bool](ctx, tx, `SELECT $2 IN (`+bodiesOfSQL+`)`, by.Person, in.Body)
		if err != nil {
			return postgres.Wrap(err, "bodies of a person")
		}
		if !mine || by.Person == 0 {
			return problem.OnField("instance", "Choisissez une instance où vous siégez.")
		}
		waiting, err := postgres.Value[int](ctx, tx, `SELECT count(*) FROM agenda_proposal WHERE person_id = $1 AND state = 'waiting'`, by.Person)
		if err != nil {
			return postgres.Wrap(err, "count proposals")
		}
		if waiting >= maxWaiting {
			return problem.New(problem.Invalid, "Vous avez déjà vingt propositions en attente : retirez-en une, ou attendez une réponse.")
		}
		id, err = postgres.Value[ProposalID](ctx, tx, `
			INSERT INTO agenda_proposal (body, person_id, proposer, title, text) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
			in.Body, by.Person, proposerWords(by), in.Title, in.Text)
		if err != nil {
			return postgres.Wrap(err, "insert proposal")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "proposal.make", Object: "proposal", ID: int64(id), Label: in.Title, After: in})
	})
	return id, err
}

// proposerWords is the name and capacity of who proposes, as they are today.
func proposerWords(by access.Actor) string {
	if by.Acting.Role == "" {
		return by.Name
	}
	return by.Name + ", " + by.Acting.Label()
}

// WithdrawProposal takes back one's own proposal while nothing is decided.
func (s *Service) WithdrawProposal(ctx context.Context, by access.Actor, id ProposalID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		p, err := lockProposal(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case p.Person == 0 || p.Person != by.Person:
			return errNoProposal
		case !p.Open():
			return errDecided
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE agenda_proposal SET state = 'withdrawn', decided_at = now(), version = version + 1 WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "withdraw proposal")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "proposal.withdraw", Object: "proposal", ID: int64(id), Label: p.Title})
	})
}

var (
	errNoProposal = problem.New(problem.NotFound, "Cette proposition n’existe pas.")
	errDecided    = problem.New(problem.Conflict, "Cette proposition a déjà sa réponse : relisez-la.")
)

// lockProposal reads a proposal and locks its row: it is decided once.
func lockProposal(ctx context.Context, tx pgx.Tx, id ProposalID) (Proposal, error) {
	if _, err := postgres.Value[ProposalID](ctx, tx, `SELECT id FROM agenda_proposal WHERE id = $1 FOR UPDATE`, id); err != nil {
		if postgres.IsNoRows(err) {
			return Proposal{}, errNoProposal
		}
		return Proposal{}, postgres.Wrap(err, "lock proposal")
	}
	p, err := postgres.One[Proposal](ctx, tx, proposalSQL+` WHERE a.id = $1`, id)
	return p, postgres.Wrap(err, "read proposal")
}
