package edition

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Freeze records the decision of the CMTIN on the programme of a year, does what it
// brings about to each action, and freezes the edition: all of it, or nothing.
func (s *Service) Freeze(ctx context.Context, by access.Actor, v Vote) (decision minutes.RecordedDecision, err error) {
	err = s.step(ctx, by, v.Year, v.Version, func(tx pgx.Tx, e Edition) error {
		// No action begins, ends or changes while the list is frozen. This mode also waits
		// for who locked an action and has not written it yet: a weaker one would pass
		// them, then each would wait for the other.
		if _, err := postgres.Exec(ctx, tx, `LOCK TABLE roadmap_action IN EXCLUSIVE MODE`); err != nil {
			return postgres.Wrap(err, "hold the roadmap")
		}
		b, err := ballot(ctx, tx, v.Year)
		if err != nil {
			return err
		}
		if err := b.Check(v); err != nil {
			return err
		}
		if decision, err = minutes.RecordDecisionIn(ctx, tx, by, v.Meeting, 0, b.decision(v)); err != nil {
			return err
		}
		if err := s.apply(ctx, tx, by, b, v, decision); err != nil {
			return err
		}
		return s.seal(ctx, tx, by, e, b, v, decision)
	})
	return decision, err
}

// verdict is what becomes of an action, a line of jsonb_to_recordset.
type verdict struct {
	ID      roadmap.ID
	Outcome Outcome
	Reason  string         // of the line
	Status  roadmap.Status // "": it keeps its own
	Why     string         // reason of the status
}

func verdicts(b Ballot, v Vote) []verdict {
	all := make([]verdict, len(b.Lines))
	for i, l := range b.Lines {
		c := v.Choices[l.ID]
		switch {
		case c.Adopted && l.Status == roadmap.Proposed:
			all[i] = verdict{l.ID, Adopted, l.Reason, roadmap.Validated, ""}
		case c.Adopted:
			all[i] = verdict{l.ID, Adopted, l.Reason, "", ""}
		case l.Carried():
			all[i] = verdict{l.ID, Refused, c.Reason, c.Fate, c.Reason}
		default:
			all[i] = verdict{l.ID, Refused, c.Reason, roadmap.Abandoned, c.Reason}
		}
	}
	return all
}

// apply writes what the meeting decided on each action, in as many statements whatever
// their number. The lines first: they change no more once the edition is frozen.
func (s *Service) apply(ctx context.Context, tx pgx.Tx, by access.Actor, b Ballot, v Vote, d minutes.RecordedDecision) error {
	all := verdicts(b, v)
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	validation := "Décision " + strings.Replace(d.Reference, " ", " n° ", 1) // « Décision CMTIN n° 2026-3 »
	_, err = postgres.Exec(ctx, tx, `
		WITH n AS (SELECT * FROM jsonb_to_recordset($2::jsonb) AS n("ID" bigint, "Outcome" text, "Reason" text, "Status" text, "Why" text)),
		said AS (
			UPDATE edition_line l SET outcome = n."Outcome", reason = n."Reason", version = version + 1 FROM n WHERE l.year = $1 AND l.action_id = n."ID"
		), over AS (
			-- Finished since it was carried over: there is nothing left to carry.
			UPDATE edition_line l SET outcome = 'withdrawn', version = l.version + 1 FROM roadmap_action a
			WHERE l.year = $1 AND a.id = l.action_id AND a.status IN ('done', 'abandoned') AND l.outcome IN ('proposed', 'retained')
		), linked AS (
			INSERT INTO action_decision (action_id, decision_id) SELECT "ID", $3 FROM n WHERE "Outcome" = 'adopted' ON CONFLICT DO NOTHING
		)
		UPDATE roadmap_action a SET status = n."Status", status_reason = n."Why", status_since = paris_today(),
		       validated_on = CASE WHEN n."Status" = 'abandoned' THEN a.validated_on ELSE coalesce(a.validated_on, paris_today()) END,
		       validation = CASE WHEN n."Status" = 'validated' THEN $4 ELSE a.validation END, changed_at = now(), version = a.version + 1
		FROM n WHERE a.id = n."ID" AND n."Status" <> ''`, b.Year, string(text), d.ID, validation)
	if err != nil {
		return postgres.Wrap(err, "apply the vote")
	}
	// A proposal that was set aside is not proposed again by itself.
	aside, err := postgres.Values[roadmap.ID](ctx, tx, `
		UPDATE roadmap_action a SET status = 'abandoned', status_reason = l.reason, status_since = paris_today(), changed_at = now(), version = a.version + 1
		FROM edition_line l WHERE l.year = $1 AND l.action_id = a.id AND l.outcome = 'set_aside' AND a.status = 'proposed' RETURNING a.id`, b.Year)
	if err != nil {
		return postgres.Wrap(err, "close what is set aside")
	}
	if err := journal(ctx, tx, by, b, v, all, aside, validation); err != nil {
		return err
	}
	return s.answerAuthors(ctx, tx, b, v)
}

func journal(ctx context.Context, tx pgx.Tx, by access.Actor, b Ballot, v Vote, all []verdict, aside []roadmap.ID, validation string) error {
	entries := make([]audit.Entry, 0, len(all)+len(aside))
	for i, l := range b.Lines {
		after := map[string]any{"vote": all[i].Outcome.Label(), "motif": v.Choices[l.ID].Reason, "validation": validation}
		if all[i].Status != "" {
			after["etat"] = all[i].Status.Label()
		}
		entries = append(entries, audit.Entry{Action: "roadmap.status", Object: "roadmap_action", ID: int64(l.ID), Label: l.Label(),
			Before: map[string]any{"etat": l.Status.Label()}, After: after})
	}
	for _, id := range aside {
		entries = append(entries, audit.Entry{Action: "roadmap.status", Object: "roadmap_action", ID: int64(id), Label: title(b.Year),
			Before: map[string]any{"etat": roadmap.Proposed.Label()}, After: map[string]any{"etat": roadmap.Abandoned.Label()}})
	}
	return audit.RecordMany(ctx, tx, by, entries)
}

// answerAuthors tells who proposed what became of it.
func (s *Service) answerAuthors(ctx context.Context, tx pgx.Tx, b Ballot, v Vote) error {
	var adopted, refused []roadmap.ID
	var reasons []string
	for _, l := range b.Lines {
		switch c := v.Choices[l.ID]; {
		case l.Origin != Fresh:
		case c.Adopted:
			adopted = append(adopted, l.ID)
		default:
			refused, reasons = append(refused, l.ID), append(reasons, c.Reason)
		}
	}
	if err := s.tell(ctx, tx, adopted, "Votre proposition d’action est adoptée", "Le CMTIN a adopté « %s » : elle rejoint la feuille de route.", nil); err != nil {
		return err
	}
	return s.tell(ctx, tx, refused, "Votre proposition d’action n’est pas adoptée", "Le CMTIN n’a pas adopté « %s ». Motif : %s", reasons)
}

// seal writes the content of the programme, its hash, and freezes it.
func (s *Service) seal(ctx context.Context, tx pgx.Tx, by access.Actor, e Edition, b Ballot, v Vote, d minutes.RecordedDecision) error {
	c, err := compose(ctx, tx, b, v, d)
	if err != nil {
		return err
	}
	text, err := c.bytes()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE edition SET state = 'frozen', meeting_id = $2, decision_id = $3, content = $4, sha256 = $5, frozen_at = clock_timestamp(), version = version + 1
		WHERE year = $1`, b.Year, v.Meeting, d.ID, string(text), sum[:]); err != nil {
		return postgres.Wrap(err, "freeze edition %d", b.Year)
	}
	return record(ctx, tx, by, "freeze", e, map[string]any{"etat": e.State.Label()},
		map[string]any{"etat": Frozen.Label(), "decision": d.Reference, "sha256": hexOf(sum[:]), "actions": len(c.Actions)})
}

// compose gathers the content from the rows, once the vote is applied to them.
func compose(ctx context.Context, tx pgx.Tx, b Ballot, v Vote, d minutes.RecordedDecision) (Content, error) {
	var (
		batch    postgres.Batch
		ids      []roadmap.ID
		axes     []roadmap.Axis
		previous []stored
		over     []endRow
		aside    int
	)
	for _, l := range b.Lines {
		if v.Choices[l.ID].Adopted {
			ids = append(ids, l.ID)
		}
	}
	whole := roadmap.AddWhole(&batch, ids)
	roadmap.AddAxes(&batch, &axes)
	postgres.AddList(&batch, &previous, storedSQL+` WHERE e.state = 'frozen' AND e.year < $1 ORDER BY e.year DESC LIMIT 1`, b.Year)
	postgres.AddList(&batch, &over, `
		SELECT a.number, a.title, x.title AS axis, a.status, a.status_reason AS reason FROM edition_line l
		JOIN roadmap_action a ON a.id = l.action_id JOIN axis x ON x.id = a.axis_id
		WHERE l.year = (SELECT max(year) FROM edition WHERE state = 'frozen' AND year < $1) AND l.outcome = 'adopted'
		  AND a.status IN ('done', 'abandoned')
		  AND NOT EXISTS (SELECT FROM edition_line n WHERE n.year = $1 AND n.action_id = a.id AND n.outcome IN ('adopted', 'refused')) ORDER BY a.number`, b.Year)
	postgres.AddValue(&batch, &aside, `SELECT count(*)::int FROM edition_line WHERE year = $1 AND outcome = 'set_aside'`, b.Year)
	if err := batch.Run(ctx, tx); err != nil {
		return Content{}, postgres.Wrap(err, "read programme %d", b.Year)
	}
	c := b.content(v, d, whole(), axes)
	c.SetAside += aside
	if len(previous) > 0 {
		c.Previous = previous[0].Year
	}
	for _, o := range over {
		c.Closed = append(c.Closed, o.end())
	}
	for _, m := range b.Meetings {
		if m.ID == v.Meeting {
			c.Decision.Day = day.In(m.StartsAt)
		}
	}
	return c, nil
}
