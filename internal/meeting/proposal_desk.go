package meeting

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = notify.NameKinds(map[string]string{"proposal_answer": "Réponse à une proposition de point"})

// ProposalFilter is what the team's list is narrowed to; "" for all.
type ProposalFilter struct {
	Body  governance.BodyCode
	State ProposalState
	Page  int // from 1
}

// ProposalList is a page of the team's list.
type ProposalList struct {
	Proposals []Proposal
	Total     int
	Waiting   int // of all bodies
}

// Proposals lists what is proposed, for the team: what waits first, the oldest
// first, then what is deferred, then what is decided, the latest first.
func (s *Service) Proposals(ctx context.Context, by access.Actor, q ProposalFilter) (ProposalList, error) {
	var v ProposalList
	if err := by.Require(by.RunsBodies()); err != nil {
		return v, err
	}
	var b postgres.Batch
	const order = `
		ORDER BY array_position(ARRAY['waiting', 'deferred'], a.state) NULLS LAST,
		         CASE WHEN a.state IN ('waiting', 'deferred') THEN a.created_at END, a.decided_at DESC NULLS LAST, a.id`
	postgres.AddList(&b, &v.Proposals, proposalSQL+`
		WHERE a.id IN (SELECT a.id FROM agenda_proposal a WHERE ($1 = '' OR a.body = $1) AND ($2 = '' OR a.state = $2)`+order+` LIMIT $3 OFFSET $4)`+order, string(q.Body), string(q.State), postgres.PageLength, postgres.Offset(q.Page))
	postgres.AddValue(&b, &v.Total, `SELECT count(*)::integer FROM agenda_proposal a WHERE ($1 = '' OR a.body = $1) AND ($2 = '' OR a.state = $2)`,
		string(q.Body), string(q.State))
	postgres.AddValue(&b, &v.Waiting, `SELECT count(*)::integer FROM agenda_proposal WHERE state = 'waiting'`)
	return v, postgres.Wrap(b.Run(ctx, s.db), "proposals")
}

// ProposalDesk is one proposal with the meetings it may go to.
type ProposalDesk struct {
	Proposal
	Meetings []Destination
}

// ProposalDesk returns a proposal, for the team.
func (s *Service) ProposalDesk(ctx context.Context, by access.Actor, id ProposalID) (ProposalDesk, error) {
	var v ProposalDesk
	if err := by.Require(by.RunsBodies()); err != nil {
		return v, err
	}
	var found []Proposal
	var b postgres.Batch
	postgres.AddList(&b, &found, proposalSQL+` WHERE a.id = $1`, id)
	postgres.AddList(&b, &v.Meetings, `
		SELECT m.id, m.kind, m.starts_at, m.theme, m.state FROM meeting m JOIN agenda_proposal a ON a.body = m.body
		WHERE a.id = $1 AND m.state IN ('draft', 'convened', 'in_progress') ORDER BY m.starts_at, m.id LIMIT 200`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "proposal")
	}
	if len(found) == 0 {
		return v, errNoProposal
	}
	v.Proposal = found[0]
	return v, nil
}

// Taking says where a proposal goes, and as what.
type Taking struct {
	Proposal ProposalID
	Version  int
	Meeting  ID
	Kind     ItemKind
	Minutes  int
}

// TakeProposal puts a proposal on the agenda of an open meeting of its body, and
// tells who proposed it.
func (s *Service) TakeProposal(ctx context.Context, by access.Actor, in Taking) (taken Item, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, in.Meeting)
		if err != nil {
			return onDestination(err)
		}
		p, err := decidable(ctx, tx, in.Proposal, in.Version)
		if err != nil {
			return err
		}
		if m.Body != p.Body {
			return errDestination
		}
		point := ItemInput{Title: p.Title, Text: p.Text, Kind: in.Kind, Minutes: in.Minutes}
		if err := point.check(); err != nil {
			return err
		}
		origin := "proposal"
		if p.FromItem != 0 {
			origin = "pushed"
		}
		if taken, err = s.insertItem(ctx, tx, m, items, point, origin, p.FromItem); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE agenda_proposal SET state = 'taken', reason = '', item_id = $2, decided_at = now(), version = version + 1 WHERE id = $1`,
			p.ID, taken.ID); err != nil {
			return postgres.Wrap(err, "take proposal")
		}
		if err := audit.Record(ctx, tx, by, proposalEntry("proposal.take", p, map[string]any{"meeting_id": m.ID, "point": taken.Number})); err != nil {
			return err
		}
		return s.tellProposer(ctx, tx, p, "Votre proposition est à l’ordre du jour",
			"Votre proposition « "+p.Title+" » est inscrite à l’ordre du jour de la réunion du "+french.Date(day.In(m.StartsAt))+" "+m.Body.Of()+", point "+taken.Number+".")
	})
	return taken, err
}

// onDestination puts on the field what is wrong with the meeting chosen.
func onDestination(err error) error {
	switch err {
	case ErrNotFound:
		return errDestination
	case errAgendaOver:
		return problem.OnField("reunion", "Cette réunion est tenue ou n’a plus lieu : choisissez-en une autre.")
	}
	return err
}

// decidable locks a proposal on which nothing is decided yet.
func decidable(ctx context.Context, tx pgx.Tx, id ProposalID, version int) (Proposal, error) {
	p, err := lockProposal(ctx, tx, id)
	switch {
	case err != nil:
		return p, err
	case !p.Open():
		return p, errDecided
	case p.Version != version:
		return p, errStale
	}
	return p, nil
}

func proposalEntry(action string, p Proposal, after any) audit.Entry {
	return audit.Entry{Action: action, Object: "proposal", ID: int64(p.ID), Label: p.Title, Before: map[string]any{"state": p.State}, After: after}
}

// RefuseProposal says no, with the reason that the proposer reads.
func (s *Service) RefuseProposal(ctx context.Context, by access.Actor, id ProposalID, version int, reason string) error {
	if reason == "" {
		return problem.OnField("motif", "Écrivez le motif : la personne qui propose le lira.")
	}
	return s.answerProposal(ctx, by, id, version, ProposalRefused, reason)
}

// DeferProposal keeps a proposal for later, with a word for the proposer.
func (s *Service) DeferProposal(ctx context.Context, by access.Actor, id ProposalID, version int, word string) error {
	if word == "" {
		return problem.OnField("mot", "Dites en un mot pourquoi et jusqu’à quand : la personne qui propose le lira.")
	}
	return s.answerProposal(ctx, by, id, version, ProposalDeferred, word)
}

func (s *Service) answerProposal(ctx context.Context, by access.Actor, id ProposalID, version int, to ProposalState, reason string) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	action, subject, verb, field := "proposal.refuse", "Votre proposition n’est pas retenue", "n’est pas retenue", "motif"
	if to == ProposalDeferred {
		action, subject, verb, field = "proposal.defer", "Votre proposition est gardée pour plus tard", "est gardée pour une prochaine réunion", "mot"
	}
	if utf8.RuneCountInString(reason) > 1000 {
		return problem.OnField(field, "Gardez 1 000 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		p, err := decidable(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE agenda_proposal SET state = $2, reason = $3, decided_at = now(), version = version + 1 WHERE id = $1`,
			id, string(to), reason); err != nil {
			return postgres.Wrap(err, "answer proposal")
		}
		if err := audit.Record(ctx, tx, by, proposalEntry(action, p, map[string]any{"state": to, "reason": reason})); err != nil {
			return err
		}
		return s.tellProposer(ctx, tx, p, subject, "Votre proposition « "+p.Title+" », pour l’ordre du jour"+" "+p.Body.Of()+", "+verb+". "+reason)
	})
}

// ProposalsPath is where a member follows what they proposed.
const ProposalsPath = "/mes-reunions/propositions"

// tellProposer writes to who proposed, at their rhythm; a body that pushed a point
// up is told by its own agenda.
func (s *Service) tellProposer(ctx context.Context, tx pgx.Tx, p Proposal, subject, text string) error {
	if p.Person == 0 {
		return nil
	}
	type who struct {
		Name  string `db:"name"`
		Email string `db:"email"`
	}
	w, err := postgres.One[who](ctx, tx, `SELECT first_name || ' ' || last_name AS name, email FROM person WHERE id = $1`, p.Person)
	if err != nil {
		return postgres.Wrap(err, "proposer")
	}
	return s.outbox.Tell(ctx, tx, []notify.Notice{{Person: p.Person, Address: w.Email, Name: w.Name, Kind: "proposal_answer",
		Subject: french.Typo(subject), Text: french.Typo(text), Action: "Voir mes propositions", Link: s.baseURL + ProposalsPath}})
}
