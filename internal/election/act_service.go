package election

import (
	"context"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var (
	errActGone  = problem.New(problem.Conflict, "Cet acte est déjà confirmé ou retiré.")
	errActMoved = problem.New(problem.Conflict, "L’élection a changé depuis la proposition : retirez-la et proposez de nouveau.")
	errActAlone = problem.New(problem.Conflict, "Vous avez proposé cet acte : une autre personne le confirme.")
	errActKeys  = problem.New(problem.Conflict, "Deux personnes de l’équipe ne suffisent pas : l’une des deux doit agir comme scrutateur.")
	errNoAct    = problem.New(problem.NotFound, "Cet acte n’existe pas.")
)

// actRow is a row of election_act with the names of its people.
type actRow struct {
	ID          ActID           `db:"id"`
	Kind        ActKind         `db:"act"`
	Detail      []byte          `db:"detail"`
	Reason      string          `db:"reason"`
	ProposedBy  access.PersonID `db:"proposed_by"`
	Proposer    string          `db:"proposer"`
	ProposedAs  access.Role     `db:"proposed_as"`
	ProposedAt  time.Time       `db:"proposed_at"`
	Confirmer   string          `db:"confirmer"`
	ConfirmedAs access.Role     `db:"confirmed_as"`
	ConfirmedAt *time.Time      `db:"confirmed_at"`
	WithdrawnAt *time.Time      `db:"withdrawn_at"`
}

const actSQL = `
	SELECT a.id, a.act, a.detail::text::bytea AS detail, a.reason, a.proposed_by, p.first_name || ' ' || p.last_name AS proposer, a.proposed_as, a.proposed_at,
	       coalesce(c.first_name || ' ' || c.last_name, '') AS confirmer, a.confirmed_as, a.confirmed_at, a.withdrawn_at
	FROM election_act a JOIN person p ON p.id = a.proposed_by LEFT JOIN person c ON c.id = a.confirmed_by
	WHERE a.election_id = $1`

func (r actRow) act(e Election) (Act, actState, error) {
	var state actState
	if err := json.Unmarshal(r.Detail, &state); err != nil {
		return Act{}, state, postgres.Wrap(err, "detail of act %d", r.ID)
	}
	a := Act{ID: r.ID, Kind: r.Kind, Reason: r.Reason, ClosesAt: state.ClosesAt, ProposedBy: r.ProposedBy, Proposer: r.Proposer, ProposedAs: r.ProposedAs,
		ProposedAt: r.ProposedAt, Confirmer: r.Confirmer, ConfirmedAs: r.ConfirmedAs, ConfirmedAt: r.ConfirmedAt, WithdrawnAt: r.WithdrawnAt}
	a.Moved = a.Pending() && state.moved(e)
	return a, state, nil
}

// lockForBoard locks an election for somebody who may propose and confirm.
func lockForBoard(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Election, error) {
	e, err := Lock(ctx, tx, by, id)
	if err != nil {
		return e, err
	}
	return e, by.Require(IsBoard(by))
}

func countDecided(ctx context.Context, q postgres.Querier, id ID) (bool, error) {
	yes, err := postgres.Value[bool](ctx, q, `SELECT EXISTS (SELECT FROM election_act WHERE election_id = $1 AND act = 'count' AND confirmed_at IS NOT NULL)`, id)
	return yes, postgres.Wrap(err, "count of election %d", id)
}

// Propose writes an act that another person is to confirm, and tells them. A proposal
// overtaken by events gives way to the new one. Fields: motif, closes_at.
func (s *Service) Propose(ctx context.Context, by access.Actor, id ID, kind ActKind, reason string, to *time.Time) (act ActID, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForBoard(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := proposable(ctx, tx, e, kind, reason, to); err != nil {
			return err
		}
		detail, err := json.Marshal(e.actState(to))
		if err != nil {
			return err
		}
		act, err = postgres.Value[ActID](ctx, tx, `
			INSERT INTO election_act (election_id, act, detail, reason, proposed_by, proposed_as) VALUES ($1, $2, $3::jsonb, $4, $5, $6) RETURNING id`,
			id, string(kind), string(detail), reason, by.Person, string(by.Role()))
		if err != nil {
			return postgres.Wrap(err, "propose %s of election %d", kind, id)
		}
		if err := Record(ctx, tx, by, "propose", e, nil, map[string]any{"act": kind, "reason": reason, "closes_at": to}); err != nil {
			return err
		}
		return s.tellBoard(ctx, tx, by.Person, s.actMail(e, kind, by.Name+" propose : "+french.Small(kind.Label())+".",
			"Lisez, puis confirmez ou retirez. "+kind.Effect()), access.Team, access.Scrutineer)
	})
	return act, err
}

// proposable refuses an act that cannot be done now, and takes away a proposal of the
// same kind that no longer can.
func proposable(ctx context.Context, tx pgx.Tx, e Election, kind ActKind, reason string, to *time.Time) error {
	counting, err := countDecided(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	if err := e.Refuses(kind, to, counting); err != nil {
		return err
	}
	switch {
	case kind == ActExtend && to == nil:
		return problem.OnField("closes_at", "Saisissez la nouvelle clôture.")
	case kind != ActExtend && to != nil:
		return problem.New(problem.BadRequest, "Seule une prolongation change une date.")
	case kind.NeedsReason():
		err = checkReason(reason)
	case utf8.RuneCountInString(reason) > 500:
		err = problem.OnField("motif", "Gardez 500 caractères au plus.")
	}
	if err != nil {
		return err
	}
	rows, err := postgres.List[actRow](ctx, tx, actSQL+` AND a.act = $2 AND a.confirmed_at IS NULL AND a.withdrawn_at IS NULL`, e.ID, string(kind))
	if err != nil {
		return postgres.Wrap(err, "pending acts of election %d", e.ID)
	}
	for _, r := range rows { // one at most: election_act_pending
		a, _, err := r.act(e)
		if err != nil {
			return err
		}
		if !a.Moved {
			return problem.New(problem.Conflict, "Cet acte est déjà proposé par "+a.Proposer+" : confirmez-le, ou retirez-le.")
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election_act SET withdrawn_at = now() WHERE id = $1`, a.ID); err != nil {
			return postgres.Wrap(err, "overtaken act %d", a.ID)
		}
	}
	return nil
}

// pendingAct locks an act that waits for its second person.
func pendingAct(ctx context.Context, tx pgx.Tx, e Election, id ActID) (Act, actState, error) {
	r, err := postgres.One[actRow](ctx, tx, actSQL+` AND a.id = $2 FOR UPDATE OF a`, e.ID, id)
	if postgres.IsNoRows(err) {
		return Act{}, actState{}, errNoAct
	}
	if err != nil {
		return Act{}, actState{}, postgres.Wrap(err, "act %d", id)
	}
	a, state, err := r.act(e)
	if err == nil && !a.Pending() {
		err = errActGone
	}
	return a, state, err
}

// Confirm does an act that another person proposed: its effect is in the same
// transaction. Never the same person, whatever their roles and accounts; a scrutineer
// among the two; the election as it was when it was proposed.
func (s *Service) Confirm(ctx context.Context, by access.Actor, id ID, act ActID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForBoard(ctx, tx, by, id)
		if err != nil {
			return err
		}
		a, state, err := pendingAct(ctx, tx, e, act)
		switch {
		case err != nil:
			return err
		case a.ProposedBy == by.Person:
			return errActAlone
		case a.Kind.NeedsKeeper() && a.ProposedAs != access.Scrutineer && !by.Is(access.Scrutineer):
			return errActKeys
		case a.Moved:
			return errActMoved
		}
		counting, err := countDecided(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := e.Refuses(a.Kind, state.ClosesAt, counting); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election_act SET confirmed_by = $2, confirmed_as = $3, confirmed_at = clock_timestamp() WHERE id = $1`,
			act, by.Person, string(by.Role())); err != nil {
			return postgres.Wrap(err, "confirm act %d", act)
		}
		if err := Record(ctx, tx, by, "confirm", e, nil, map[string]any{"act": a.Kind, "proposed_by": a.Proposer, "reason": a.Reason, "closes_at": state.ClosesAt}); err != nil {
			return err
		}
		if err := s.effect(ctx, tx, by, e, a, state); err != nil {
			return err
		}
		return s.tellBoard(ctx, tx, by.Person, s.actMail(e, a.Kind, by.Name+" a confirmé l’acte proposé par "+a.Proposer+" : "+french.Small(a.Kind.Label())+".",
			a.Kind.Effect()), access.Team, access.Scrutineer)
	})
}

// effect does what two people decided.
func (s *Service) effect(ctx context.Context, tx pgx.Tx, by access.Actor, e Election, a Act, state actState) error {
	switch a.Kind {
	case ActOpen:
		return SetPhase(ctx, tx, by, e, Open)
	case ActClose:
		return EndBallots(ctx, tx, by, e)
	case ActExtend:
		to := e.Dates()
		to.ClosesAt = state.ClosesAt
		if err := writeDates(ctx, tx, by, e, to); err != nil {
			return err
		}
		return s.tellExtended(ctx, tx, e, *state.ClosesAt, a.Reason)
	case ActDestroy:
		return destroy(ctx, tx, by, e)
	case ActCount: // the decision itself is what the key holders wait for
		return nil
	}
	return errNoAct
}

// Withdraw takes back a proposal that waits: whoever may confirm may refuse.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, id ID, act ActID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForBoard(ctx, tx, by, id)
		if err != nil {
			return err
		}
		a, _, err := pendingAct(ctx, tx, e, act)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election_act SET withdrawn_at = clock_timestamp() WHERE id = $1`, act); err != nil {
			return postgres.Wrap(err, "withdraw act %d", act)
		}
		if err := Record(ctx, tx, by, "withdraw", e, map[string]any{"act": a.Kind, "proposed_by": a.Proposer}, nil); err != nil {
			return err
		}
		return s.tellBoard(ctx, tx, by.Person, s.actMail(e, a.Kind, by.Name+" a retiré la proposition de "+a.Proposer+" : "+french.Small(a.Kind.Label())+".",
			"Rien n’a changé."), access.Team, access.Scrutineer)
	})
}

func (s *Service) actMail(e Election, kind ActKind, paragraphs ...string) notify.Mail {
	m := notify.Mail{Kind: kindAct, Subject: french.Typo(kind.Label() + " : " + e.Title), Action: "Voir les actes à deux", Link: Address(s.baseURL, e.ID) + "/bureau",
		Why: "Vous recevez ce message parce que vous organisez ou surveillez cette élection."}
	for _, p := range paragraphs {
		m.Paragraphs = append(m.Paragraphs, french.Typo(p))
	}
	return m
}
