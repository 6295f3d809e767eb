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
	"contribution.make": "Contribution à un atelier", "contribution.keep": "Contribution retenue", "contribution.set_aside": "Contribution écartée",
})

// ContributionID is contribution.id.
type ContributionID int64

// ContributionState says what the team did of a contribution.
type ContributionState string

// The closed set of states (constraint contribution_state_check).
const (
	ContributionReceived ContributionState = "received"
	ContributionKept     ContributionState = "kept" // public once the workshop is held
	ContributionSetAside ContributionState = "set_aside"
)

// Label returns the French name of the state.
func (s ContributionState) Label() string {
	switch s {
	case ContributionReceived:
		return "Reçue"
	case ContributionKept:
		return "Retenue"
	case ContributionSetAside:
		return "Écartée"
	}
	return string(s)
}

// Contribution is what somebody convened or invited brings to a workshop.
type Contribution struct {
	ID          ContributionID    `db:"id"`
	Meeting     ID                `db:"meeting_id"`
	Convocation ConvocationID     `db:"convocation_id"`
	Name        string            `db:"name"`
	SeatLabel   string            `db:"seat_label"`
	Text        string            `db:"text"`
	State       ContributionState `db:"state"`
	Reason      string            `db:"reason"`
	CreatedAt   time.Time         `db:"created_at"`
	Version     int               `db:"version"`
}

const contributionSQL = `
	SELECT x.id, x.meeting_id, x.convocation_id, c.name, c.seat_label, x.text, x.state, x.reason, x.created_at, x.version
	FROM contribution x JOIN convocation c ON c.id = x.convocation_id `

// maxContributions is how many a recipient may bring to one workshop.
const maxContributions = 20

// CanContribute tells whether a workshop takes contributions now.
func (m Meeting) CanContribute() bool {
	return m.Kind == Workshop && (m.State == governance.Convened || m.State == governance.InProgress)
}

// Contribute records what a recipient of a workshop writes, until it is held; the
// same text sent twice, as a double click does, is recorded once. The
// caller has checked that it is theirs to write: the personal link, or the account.
func (s *Service) Contribute(ctx context.Context, conv ConvocationID, text string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		type recipient struct {
			Meeting ID                      `db:"meeting_id"`
			Name    string                  `db:"name"`
			Kind    Kind                    `db:"kind"`
			State   governance.MeetingState `db:"state"`
		}
		type brought struct {
			N    int  `db:"n"`
			Same bool `db:"same"`
		}
		r, err := postgres.One[recipient](ctx, tx, `
			SELECT c.meeting_id, c.name, m.kind, m.state
			FROM convocation c JOIN meeting m ON m.id = c.meeting_id WHERE c.id = $1 FOR UPDATE OF c FOR SHARE OF m`, conv)
		switch {
		case postgres.IsNoRows(err):
			return ErrNotFound
		case err != nil:
			return postgres.Wrap(err, "recipient of a workshop")
		case !(Meeting{Kind: r.Kind, State: r.State}).CanContribute():
			return problem.New(problem.Invalid, "Cet atelier ne reçoit plus de contributions.")
		case text == "":
			return problem.OnField("contribution", "Écrivez votre contribution.")
		case utf8.RuneCountInString(text) > 4000:
			return problem.OnField("contribution", "Gardez 4 000 caractères au plus.")
		}
		// Counted once the recipient is locked: of two sendings at once, the second
		// sees the first.
		had, err := postgres.One[brought](ctx, tx, `
			SELECT count(*)::integer AS n, coalesce(bool_or(text = $2), false) AS same FROM contribution WHERE convocation_id = $1`, conv, text)
		switch {
		case err != nil:
			return postgres.Wrap(err, "what a recipient brought")
		case had.Same:
			return nil // sent twice: nobody is signed in, so no key of the form told it
		case had.N >= maxContributions:
			return problem.New(problem.Invalid, "Vous avez déjà envoyé vingt contributions à cet atelier.")
		}
		id, err := postgres.Value[int64](ctx, tx, `
			INSERT INTO contribution (meeting_id, convocation_id, text) VALUES ($1, $2, $3) RETURNING id`, r.Meeting, conv, text)
		if err != nil {
			return postgres.Wrap(err, "insert contribution")
		}
		return audit.Record(ctx, tx, access.Actor{Name: r.Name}, audit.Entry{Action: "contribution.make", Object: "contribution", ID: id, Label: r.Name})
	})
}

// ContributionsOf lists what a recipient brought. The caller has checked the right.
func (s *Service) ContributionsOf(ctx context.Context, q postgres.Querier, conv ConvocationID) ([]Contribution, error) {
	v, err := postgres.List[Contribution](ctx, q, contributionSQL+`WHERE x.convocation_id = $1 ORDER BY x.id`, conv)
	return v, postgres.Wrap(err, "contributions of a recipient")
}

// addKept asks for what is public of a workshop: what the team kept, once it is
// held.
func addKept(b *postgres.Batch, dst *[]Contribution, id ID) {
	postgres.AddList(b, dst, contributionSQL+`
		JOIN meeting m ON m.id = x.meeting_id
		WHERE x.meeting_id = $1 AND x.state = 'kept' AND m.kind = 'workshop' AND m.announced AND m.state IN ('held', 'published')
		ORDER BY x.id`, id)
}

// MyWorkshop is what a person sees of a workshop they may contribute to.
type MyWorkshop struct {
	Meeting       Meeting
	Convocation   ConvocationID
	Contributions []Contribution
}

// MyWorkshop returns the workshop for a person convened or invited to it, their own
// line before that of an organisation they act for: ErrNotFound for anybody else.
func (s *Service) MyWorkshop(ctx context.Context, by access.Actor, id ID) (MyWorkshop, error) {
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return MyWorkshop{}, err
	}
	v := MyWorkshop{Meeting: m}
	var conv []struct {
		ID ConvocationID `db:"id"`
	}
	if m.Kind != Workshop || by.Person == 0 {
		return MyWorkshop{}, ErrNotFound
	}
	var b postgres.Batch
	postgres.AddList(&b, &conv, myConvocationSQL, id, by.Person)
	postgres.AddList(&b, &v.Contributions, contributionSQL+`WHERE x.convocation_id IN (`+myConvocationSQL+`) ORDER BY x.id`, id, by.Person)
	if err := b.Run(ctx, s.db); err != nil {
		return MyWorkshop{}, postgres.Wrap(err, "my workshop")
	}
	if len(conv) == 0 {
		return MyWorkshop{}, ErrNotFound
	}
	v.Convocation = conv[0].ID
	return v, nil
}

// myConvocationSQL is the line of meeting $1 that person $2 answers for.
const myConvocationSQL = `
	SELECT c.id FROM convocation c
	WHERE c.meeting_id = $1 AND ($2 IN (c.person_id, c.alternate_person_id)
	      OR c.organisation_id IN (SELECT p.organisation_id FROM membership p WHERE p.person_id = $2 AND p.during @> paris_today()))
	ORDER BY (c.person_id = $2) DESC NULLS LAST, (c.alternate_person_id = $2) DESC NULLS LAST, c.id LIMIT 1`

// ContributeAs is Contribute for a person signed in.
func (s *Service) ContributeAs(ctx context.Context, by access.Actor, id ID, text string) error {
	v, err := s.MyWorkshop(ctx, by, id)
	if err != nil {
		return err
	}
	return s.Contribute(ctx, v.Convocation, text)
}

// Contributions lists what a workshop received, for the team, in two round trips.
func (s *Service) Contributions(ctx context.Context, by access.Actor, id ID) (Meeting, []Contribution, error) {
	m, sight, err := load(ctx, s.db, by, id)
	if err != nil || sight < Backstage || m.Kind != Workshop {
		if err == nil {
			err = ErrNotFound
		}
		return m, nil, err
	}
	v, err := postgres.List[Contribution](ctx, s.db, contributionSQL+`WHERE x.meeting_id = $1 ORDER BY x.id`, id)
	return m, v, postgres.Wrap(err, "contributions")
}

// Sorting is what the team does of a contribution.
type Sorting struct {
	Contribution ContributionID
	Version      int
	State        ContributionState // kept or set aside
	Reason       string            // why it is set aside
}

// SortContribution keeps a contribution, or sets it aside with a reason.
func (s *Service) SortContribution(ctx context.Context, by access.Actor, id ID, in Sorting) error {
	switch {
	case in.State != ContributionKept && in.State != ContributionSetAside:
		return problem.New(problem.BadRequest, "Ce choix n’existe pas.")
	case in.State == ContributionSetAside && in.Reason == "":
		return problem.OnField("motif", "Écrivez pourquoi cette contribution est écartée.")
	case utf8.RuneCountInString(in.Reason) > 500:
		return problem.OnField("motif", "Gardez 500 caractères au plus.")
	}
	action := "contribution.set_aside"
	if in.State == ContributionKept {
		action, in.Reason = "contribution.keep", ""
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := own(ctx, tx, by, id, 0); err != nil {
			return err
		}
		old, err := postgres.One[Contribution](ctx, tx, contributionSQL+`WHERE x.id = $1 AND x.meeting_id = $2`, in.Contribution, id)
		switch {
		case postgres.IsNoRows(err):
			return problem.New(problem.NotFound, "Cette contribution n’existe pas.")
		case err != nil:
			return postgres.Wrap(err, "read contribution")
		case old.Version != in.Version:
			return errStale
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE contribution SET state = $2, reason = $3, version = version + 1 WHERE id = $1`, old.ID, string(in.State), in.Reason); err != nil {
			return postgres.Wrap(err, "sort contribution")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "contribution", ID: int64(old.ID), Label: old.Name,
			Before: map[string]any{"state": old.State}, After: map[string]any{"state": in.State, "reason": in.Reason}})
	})
}
