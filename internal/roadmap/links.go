package roadmap

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Linked is an action as the pages of a decision and of a meeting name it.
type Linked struct {
	Decision DecisionID `db:"decision_id"` // 0 when it was asked of a meeting
	ID       ID         `db:"id"`
	Number   int        `db:"number"`
	Title    string     `db:"title"`
	Status   Status     `db:"status"`
	Late     bool       `db:"late"`
	Public   bool       `db:"public"`
}

// Label names the action: « Action n° 12, titre ».
func (l Linked) Label() string { return Action{Number: l.Number, Title: l.Title}.Label() }

const linkedColumns = `a.id, a.number, a.title, a.status, action_late(a.status, a.starts_on, a.ends_on, paris_today()) AS late,
	a.validated_on IS NOT NULL AS public`

// A rectified decision keeps its actions: they are looked for by its number.
const linkedOfDecisions = `
	SELECT DISTINCT asked.id AS decision_id, ` + linkedColumns + `
	FROM decision asked
	JOIN decision d ON (asked.body, asked.year, asked.kind, asked.number) = (d.body, d.year, d.kind, d.number)
	JOIN action_decision l ON l.decision_id = d.id JOIN roadmap_action a ON a.id = l.action_id
	WHERE asked.id = ANY ($1) AND ($2 OR a.validated_on IS NOT NULL OR a.proposer_id = nullif($3, 0)) ORDER BY decision_id, a.number`

// proposerOf is the organisation whose proposals the actor knows, 0 for none: a proposed
// action is its proposer's and the team's.
func proposerOf(by access.Actor) OrganisationID {
	if SightOf(by) < MemberSight {
		return 0
	}
	return by.Acting.Organisation
}

// AddActionsOfDecision asks in a batch for the actions that carry a decision, those the
// actor may know.
func AddActionsOfDecision(b *postgres.Batch, dst *[]Linked, id DecisionID, by access.Actor) {
	postgres.AddList(b, dst, linkedOfDecisions, []DecisionID{id}, by.RunsBodies(), proposerOf(by))
}

// AddActionsOfMeeting is AddActionsOfDecision for a meeting.
func AddActionsOfMeeting(b *postgres.Batch, dst *[]Linked, id governance.MeetingID, by access.Actor) {
	postgres.AddList(b, dst, `SELECT 0::bigint AS decision_id, `+linkedColumns+`
		FROM action_meeting l JOIN roadmap_action a ON a.id = l.action_id
		WHERE l.meeting_id = $1 AND ($2 OR a.validated_on IS NOT NULL OR a.proposer_id = nullif($3, 0)) ORDER BY a.number`, id, by.RunsBodies(), proposerOf(by))
}

// ActionsOfDecision returns the actions that carry a decision, those the actor may see.
// Whether the decision itself may be read is the caller's.
func (s *Service) ActionsOfDecision(ctx context.Context, by access.Actor, id DecisionID) ([]Linked, error) {
	var (
		b   postgres.Batch
		out []Linked
	)
	AddActionsOfDecision(&b, &out, id, by)
	return out, postgres.Wrap(b.Run(ctx, s.db), "actions of decision %d", id)
}

// ActionsOfDecisions returns, by decision, the actions that carry each: for the team's
// follow-up.
func (s *Service) ActionsOfDecisions(ctx context.Context, by access.Actor, ids []DecisionID) (map[DecisionID][]Linked, error) {
	if err := RequireTeam(by); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := postgres.List[Linked](ctx, s.db, linkedOfDecisions, ids, true, OrganisationID(0))
	if err != nil {
		return nil, postgres.Wrap(err, "actions of %d decisions", len(ids))
	}
	out := make(map[DecisionID][]Linked, len(ids))
	for _, l := range rows {
		out[l.Decision] = append(out[l.Decision], l)
	}
	return out, nil
}

// linkWords name the decision or the meeting in the journal.
func linkWords(kind, name string) map[string]any { return map[string]any{kind: name} }

// LinkDecision says that an action carries a decision; once linked it does nothing more.
// Field: decision.
func (s *Service) LinkDecision(ctx context.Context, by access.Actor, action ID, decision DecisionID) error {
	return s.hangOn(ctx, by, action, 0, func(tx pgx.Tx, a Action) (bool, error) {
		return AttachDecision(ctx, tx, by, a, decision)
	})
}

// AttachDecision is LinkDecision within a transaction that holds the action, which the
// caller touches; it tells whether something changed.
func AttachDecision(ctx context.Context, tx pgx.Tx, by access.Actor, a Action, decision DecisionID) (bool, error) {
	name, err := linkDecisionName(ctx, tx, decision)
	if err != nil {
		return false, err
	}
	n, err := postgres.Exec(ctx, tx, `INSERT INTO action_decision (action_id, decision_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, a.ID, decision)
	if err != nil || n == 0 {
		return false, postgres.Wrap(err, "link decision %d", decision)
	}
	return true, Record(ctx, tx, by, "link", a, nil, linkWords("decision", name))
}

// Decision names a decision for the team, that makes an action out of it.
func (s *Service) Decision(ctx context.Context, by access.Actor, id DecisionID) (DecisionRef, error) {
	if err := RequireTeam(by); err != nil {
		return DecisionRef{}, err
	}
	d, err := postgres.One[DecisionRef](ctx, s.db, decisionSQL, id)
	if postgres.IsNoRows(err) {
		return d, ErrNotFound
	}
	return d, postgres.Wrap(err, "decision %d", id)
}

const decisionSQL = `
	SELECT 0::bigint AS action_id, d.id, d.kind, d.body, d.year, d.number, d.title, d.meeting_id, m.state = 'published' AS public
	FROM decision d JOIN meeting m ON m.id = d.meeting_id WHERE d.id = $1`

func linkDecisionName(ctx context.Context, tx pgx.Tx, id DecisionID) (string, error) {
	d, err := postgres.One[DecisionRef](ctx, tx, decisionSQL, id)
	if postgres.IsNoRows(err) {
		return "", problem.OnField("decision", "Cette décision n’existe plus.")
	}
	return d.Reference() + ", " + d.Title, postgres.Wrap(err, "find decision %d", id)
}

// UnlinkDecision undoes LinkDecision.
func (s *Service) UnlinkDecision(ctx context.Context, by access.Actor, action ID, decision DecisionID) error {
	return s.hangOn(ctx, by, action, 0, func(tx pgx.Tx, a Action) (bool, error) {
		name, err := linkDecisionName(ctx, tx, decision)
		if err != nil {
			return false, err
		}
		n, err := postgres.Exec(ctx, tx, `DELETE FROM action_decision WHERE action_id = $1 AND decision_id = $2`, action, decision)
		if err != nil || n == 0 {
			return false, postgres.Wrap(err, "unlink decision %d", decision)
		}
		return true, Record(ctx, tx, by, "link", a, linkWords("decision", name), nil)
	})
}

// LinkMeeting says that a meeting dealt with an action; once linked it does nothing
// more. Field: reunion.
func (s *Service) LinkMeeting(ctx context.Context, by access.Actor, action ID, meeting governance.MeetingID) error {
	return s.hangOn(ctx, by, action, 0, func(tx pgx.Tx, a Action) (bool, error) {
		name, err := linkMeetingName(ctx, tx, meeting)
		if err != nil {
			return false, err
		}
		n, err := postgres.Exec(ctx, tx, `INSERT INTO action_meeting (action_id, meeting_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, action, meeting)
		if err != nil || n == 0 {
			return false, postgres.Wrap(err, "link meeting %d", meeting)
		}
		return true, Record(ctx, tx, by, "link", a, nil, linkWords("reunion", name))
	})
}

func linkMeetingName(ctx context.Context, tx pgx.Tx, id governance.MeetingID) (string, error) {
	m, err := postgres.One[MeetingRef](ctx, tx, `
		SELECT 0::bigint AS action_id, id, body, starts_at, theme, announced AS public FROM meeting WHERE id = $1`, id)
	if postgres.IsNoRows(err) {
		return "", problem.OnField("reunion", "Cette réunion n’existe plus.")
	}
	return m.Name(), postgres.Wrap(err, "find meeting %d", id)
}

// UnlinkMeeting undoes LinkMeeting.
func (s *Service) UnlinkMeeting(ctx context.Context, by access.Actor, action ID, meeting governance.MeetingID) error {
	return s.hangOn(ctx, by, action, 0, func(tx pgx.Tx, a Action) (bool, error) {
		name, err := linkMeetingName(ctx, tx, meeting)
		if err != nil {
			return false, err
		}
		n, err := postgres.Exec(ctx, tx, `DELETE FROM action_meeting WHERE action_id = $1 AND meeting_id = $2`, action, meeting)
		if err != nil || n == 0 {
			return false, postgres.Wrap(err, "unlink meeting %d", meeting)
		}
		return true, Record(ctx, tx, by, "link", a, linkWords("reunion", name), nil)
	})
}
