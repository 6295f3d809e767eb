package meeting

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Destination is a meeting that a point may go to.
type Destination struct {
	ID       ID                      `db:"id"`
	Kind     Kind                    `db:"kind"`
	StartsAt time.Time               `db:"starts_at"`
	Theme    string                  `db:"theme"`
	State    governance.MeetingState `db:"state"`
}

// destinationsSQL lists the meetings of body $1 still to come or going on, that begin
// after $2.
const destinationsSQL = `
	SELECT id, kind, starts_at, theme, state FROM meeting
	WHERE body = $1 AND state IN ('draft', 'convened', 'in_progress') AND starts_at > $2 ORDER BY starts_at, id LIMIT 200`

// MoveToNext carries a point, its sub-points and their documents to a later meeting
// of the same body. They stay on the agenda they leave, marked; the new ones keep
// where they come from.
func (s *Service) MoveToNext(ctx context.Context, by access.Actor, id ID, item ItemID, to ID) (moved Item, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		from, target, err := ownBoth(ctx, tx, by, id, to)
		if err != nil {
			return err
		}
		items, err := s.Items(ctx, tx, id)
		if err != nil {
			return err
		}
		old, err := itemOf(items, item)
		if err != nil {
			return err
		}
		if err := mayMove(from, target, old); err != nil {
			return err
		}
		there, err := s.Items(ctx, tx, to)
		if err != nil {
			return err
		}
		in := inputOf(old)
		in.Parent = 0
		if moved, err = s.insertItem(ctx, tx, target, there, in, "moved", item); err != nil {
			return err
		}
		if err := carryItem(ctx, tx, item, moved, target); err != nil {
			return err
		}
		e := itemEntry("agenda.postpone", from, old, nil, map[string]any{"meeting_id": to, "starts_at": target.StartsAt, "point": moved.Number})
		return audit.Record(ctx, tx, by, e)
	})
	return moved, err
}

// carryItem takes the sub-points and the documents of a point along with it.
func carryItem(ctx context.Context, tx pgx.Tx, item ItemID, moved Item, target Meeting) error {
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO agenda_item (meeting_id, parent_id, position, title, text, kind, minutes, rapporteur, origin, origin_id)
		SELECT $2, $3, row_number() OVER (ORDER BY position), title, text, kind, minutes, rapporteur, 'moved', id
		FROM agenda_item WHERE parent_id = $1 AND moved_to_id IS NULL`, item, target.ID, moved.ID); err != nil {
		return postgres.Wrap(err, "move sub-points")
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE agenda_item o SET moved_to_id = n.id, version = o.version + 1
		FROM agenda_item n
		WHERE n.origin = 'moved' AND n.origin_id = o.id AND n.meeting_id = $2 AND (n.id = $3 OR n.parent_id = $3)
		  AND (o.id = $1 OR o.parent_id = $1)`, item, target.ID, moved.ID); err != nil {
		return postgres.Wrap(err, "mark what moved")
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience, added_by)
		SELECT $1, n.id, d.document_id, d.title, d.audience, d.added_by
		FROM meeting_document d JOIN agenda_item n ON n.origin = 'moved' AND n.origin_id = d.item_id
		WHERE n.meeting_id = $1 AND (n.id = $2 OR n.parent_id = $2) AND d.removed_at IS NULL
		ORDER BY d.id`, target.ID, moved.ID)
	return postgres.Wrap(err, "carry documents")
}

// ownBoth locks two meetings, always in the same order.
func ownBoth(ctx context.Context, tx pgx.Tx, by access.Actor, id, to ID) (from, target Meeting, err error) {
	ids := []ID{id, to}
	slices.Sort(ids)
	var got [2]Meeting
	for i, x := range ids {
		if got[i], err = own(ctx, tx, by, x, 0); err != nil {
			if x == to {
				err = errDestination
			}
			return from, target, err
		}
	}
	if ids[0] == id {
		return got[0], got[1], nil
	}
	return got[1], got[0], nil
}

var errDestination = problem.OnField("reunion", "Choisissez une réunion de la liste.")

// mayMove refuses what cannot go to the target. A point that was not dealt with may
// still move once the meeting is held.
func mayMove(from, target Meeting, i Item) error {
	switch {
	case !from.Open() && from.State != governance.Held:
		return errAgendaOver
	case i.MovedTo != 0:
		return problem.New(problem.Invalid, "Ce point est déjà déplacé à une autre réunion.")
	case target.Body != from.Body || target.ID == from.ID || !target.StartsAt.After(from.StartsAt):
		return errDestination
	case !target.Open():
		return problem.OnField("reunion", "Cette réunion est tenue ou n’a plus lieu : choisissez-en une autre.")
	}
	return nil
}

// PushUp proposes a point to the CMTIN, once: it waits there with its origin.
func (s *Service) PushUp(ctx context.Context, by access.Actor, id ID, item ItemID) (proposal ProposalID, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		items, err := s.Items(ctx, tx, id)
		if err != nil {
			return err
		}
		old, err := itemOf(items, item)
		switch {
		case err != nil:
			return err
		case m.Body == governance.CMTIN:
			return problem.New(problem.Invalid, "Ce point est déjà à l’ordre du jour du CMTIN.")
		case m.CalledOff():
			return errAgendaOver
		case old.MovedTo != 0:
			return errItemLeft
		}
		proposal, err = postgres.Value[ProposalID](ctx, tx, `
			INSERT INTO agenda_proposal (body, proposer, title, text, pushed_from_id)
			SELECT 'cmtin', b.short_name, $2, $3, $1 FROM body b
			WHERE b.code = $4 AND NOT EXISTS (SELECT FROM agenda_proposal WHERE pushed_from_id = $1)
			RETURNING id`, item, old.Title, old.Text, m.Body)
		if postgres.IsNoRows(err) {
			return problem.New(problem.Invalid, "Ce point est déjà transmis au CMTIN.")
		}
		if err != nil {
			return postgres.Wrap(err, "push up")
		}
		return audit.Record(ctx, tx, by, itemEntry("agenda.push_up", m, old, nil, map[string]any{"proposal_id": proposal}))
	})
	return proposal, err
}
