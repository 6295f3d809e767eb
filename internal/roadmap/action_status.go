package roadmap

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// StatusChange is another status for an action at a version.
type StatusChange struct {
	Action     ID
	Version    int
	To         Status
	Reason     string     // when To.NeedsReason
	Decision   DecisionID // what validates: a decision of a body, which is then linked
	Validation string     // or a text: « Délibération n° 2024-677 »
}

// Publishes tells whether taking the status makes the action public for good: it then
// says what validates it.
func (a Action) Publishes(to Status) bool { return !a.Public() && to != Proposed && to != Abandoned }

// StatusForm is what the team chooses a status from.
type StatusForm struct {
	Action
	Decisions []DecisionRef // those that may validate, the most recent first
}

// StatusForm returns an action with the decisions that may validate it, in one round
// trip.
func (s *Service) StatusForm(ctx context.Context, by access.Actor, id ID) (StatusForm, error) {
	if err := RequireTeam(by); err != nil {
		return StatusForm{}, err
	}
	var (
		b    postgres.Batch
		v    StatusForm
		rows []Action
	)
	postgres.AddList(&b, &rows, `SELECT `+Columns+Tables+` WHERE a.id = $1`, id)
	postgres.AddList(&b, &v.Decisions, `
		SELECT $1::bigint AS action_id, d.id, d.kind, d.body, d.year, d.number, d.title, d.meeting_id, m.state = 'published' AS public
		FROM decision d JOIN meeting m ON m.id = d.meeting_id
		WHERE d.kind = 'decision' AND d.outcome = 'adopted' AND d.superseded_by IS NULL
		ORDER BY EXISTS (SELECT FROM action_decision l WHERE l.action_id = $1 AND l.decision_id = d.id) DESC, m.starts_at DESC, d.id DESC LIMIT 50`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "statuses of action %d", id)
	}
	if len(rows) == 0 {
		return v, ErrNotFound
	}
	v.Action = rows[0]
	return v, nil
}

// check refuses what the action may not become. Fields: etat, motif, validation.
func (c StatusChange) check(a Action) error {
	switch {
	case !slices.Contains(a.Status.Next(), c.To):
		return problem.OnField("etat", "L’action ne peut pas prendre cet état depuis l’état « "+a.Status.Label()+" ».")
	case c.To.NeedsReason() && strings.TrimSpace(c.Reason) == "":
		return problem.OnField("motif", "Dites pourquoi.")
	case utf8.RuneCountInString(c.Reason) > 1000:
		return problem.OnField("motif", "Ce texte est trop long : gardez 1 000 caractères au plus.")
	case a.Publishes(c.To) && c.Decision == 0 && c.Validation == "":
		return problem.OnField("validation", "Dites ce qui valide l’action : choisissez une décision ou écrivez le texte qui la valide.")
	case utf8.RuneCountInString(c.Validation) > 200:
		return problem.OnField("validation", "Ce texte est trop long : gardez 200 caractères au plus.")
	}
	return nil
}

// CheckStatus tells whether the action may take the status, and writes nothing: for the
// page that asks before an action is published.
func (v StatusForm) CheckStatus(c StatusChange) error {
	if v.Version != c.Version {
		return ErrStale
	}
	return c.check(v.Action)
}

// ChangeStatus gives the action another status. What validates it is written with the
// status, and a decision that does is linked with the action.
func (s *Service) ChangeStatus(ctx context.Context, by access.Actor, c StatusChange) (Action, error) {
	if err := RequireTeam(by); err != nil {
		return Action{}, err
	}
	var now Action
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := Lock(ctx, tx, c.Action, c.Version)
		if err != nil {
			return err
		}
		if err := c.check(old); err != nil {
			return err
		}
		if !c.To.NeedsReason() {
			c.Reason = ""
		}
		validation := ""
		if old.Publishes(c.To) {
			if validation, err = actionValidation(ctx, tx, c); err != nil {
				return err
			}
		}
		if now, err = SetStatus(ctx, tx, old, c.To, c.Reason, validation); err != nil {
			return err
		}
		return Record(ctx, tx, by, "status", now, actionStatusFields(old), actionStatusFields(now))
	})
	return now, err
}

// actionValidation says what validates the action, and links the decision that does.
func actionValidation(ctx context.Context, tx pgx.Tx, c StatusChange) (string, error) {
	if c.Decision == 0 {
		return c.Validation, nil
	}
	d, err := postgres.One[DecisionRef](ctx, tx, `
		WITH link AS (INSERT INTO action_decision (action_id, decision_id)
		              SELECT $1, id FROM decision WHERE id = $2 AND kind = 'decision' AND outcome = 'adopted' AND superseded_by IS NULL
		              ON CONFLICT DO NOTHING)
		SELECT $1::bigint AS action_id, d.id, d.kind, d.body, d.year, d.number, d.title, d.meeting_id, m.state = 'published' AS public
		FROM decision d JOIN meeting m ON m.id = d.meeting_id
		WHERE d.id = $2 AND d.kind = 'decision' AND d.outcome = 'adopted' AND d.superseded_by IS NULL`, c.Action, c.Decision)
	if postgres.IsNoRows(err) {
		return "", problem.OnField("decision", "Cette décision n’est pas une décision adoptée : choisissez-en une autre.")
	}
	return "Décision " + d.Reference(), postgres.Wrap(err, "decision that validates action %d", c.Action)
}

func actionStatusFields(a Action) map[string]any {
	return map[string]any{"etat": a.Status.Label(), "motif": a.StatusReason, "validee_le": opt(a.ValidatedOn), "validee_par": a.Validation, "avancement": a.Percent}
}

// ChangeConfidence writes the team's judgement on an action at a version.
func (s *Service) ChangeConfidence(ctx context.Context, by access.Actor, id ID, version int, level Confidence) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	if !slices.Contains(Confidences, level) {
		return problem.OnField("confiance", "Choisissez un niveau de confiance.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := Lock(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE roadmap_action SET confidence = $2, changed_at = now(), version = version + 1 WHERE id = $1`, id, string(level)); err != nil {
			return postgres.Wrap(err, "confidence of action %d", id)
		}
		return Record(ctx, tx, by, "confidence", old, map[string]any{"confiance": old.Confidence.Label()}, map[string]any{"confiance": level.Label()})
	})
}
