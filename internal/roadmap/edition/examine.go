package edition

import (
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Filter narrows the lines of a programme; "" and 0 for all.
type Filter struct {
	Outcome Outcome
	Origin  Origin
	Axis    roadmap.AxisID
	Page    int // from 1
}

// Board is a programme with a page of its lines.
type Board struct {
	Card
	Lines  []Line
	Axes   []roadmap.Axis
	Late   int // proposals without a programme, and unfinished actions without a line
	Paging postgres.Paging
}

// Board returns the programme of a year, for the team.
func (s *Service) Board(ctx context.Context, by access.Actor, year int, f Filter) (Board, error) {
	var v Board
	if err := roadmap.RequireTeam(by); err != nil {
		return v, err
	}
	const where = ` WHERE l.year = $1 AND ($2 = '' OR l.outcome = $2) AND ($3 = '' OR l.origin = $3) AND ($4 = 0 OR a.axis_id = $4)`
	var (
		b     postgres.Batch
		cards []Card
		total int
	)
	postgres.AddList(&b, &cards, cardSQL+` WHERE e.year = $1 GROUP BY e.year`, year)
	postgres.AddList(&b, &v.Lines, `SELECT `+lineColumns+lineTables+where+`
		ORDER BY array_position(ARRAY['proposed', 'retained', 'adopted', 'set_aside', 'refused', 'withdrawn'], l.outcome), l.origin DESC, x.position, a.number
		LIMIT $5 OFFSET $6`, year, string(f.Outcome), string(f.Origin), f.Axis, postgres.PageLength, postgres.Offset(f.Page))
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM edition_line l JOIN roadmap_action a ON a.id = l.action_id`+where,
		year, string(f.Outcome), string(f.Origin), f.Axis)
	postgres.AddValue(&b, &v.Late, `
		SELECT count(*)::int FROM roadmap_action a
		WHERE a.status IN ('validated', 'in_progress', 'suspended') AND NOT EXISTS (SELECT FROM edition_line l WHERE l.action_id = a.id AND l.year = $1)
		   OR a.status = 'proposed' AND NOT EXISTS (SELECT FROM edition_line l WHERE l.action_id = a.id)`, year)
	roadmap.AddAxes(&b, &v.Axes)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "edition %d", year)
	}
	if len(cards) == 0 {
		return v, ErrNotFound
	}
	v.Card, v.Paging = cards[0], postgres.PagingOf(f.Page, total)
	return v, nil
}

// Desk is one line with the whole sheet of its action.
type Desk struct {
	Edition
	Line  Line
	Whole roadmap.Whole
}

// Desk returns a line of a programme, for the team.
func (s *Service) Desk(ctx context.Context, by access.Actor, year int, id roadmap.ID) (Desk, error) {
	var v Desk
	if err := roadmap.RequireTeam(by); err != nil {
		return v, err
	}
	var (
		b        postgres.Batch
		editions []Edition
		lines    []Line
	)
	postgres.AddList(&b, &editions, `SELECT `+columns+` FROM edition e WHERE e.year = $1`, year)
	postgres.AddList(&b, &lines, `SELECT `+lineColumns+lineTables+` WHERE l.year = $1 AND a.id = $2`, year, id)
	whole := roadmap.AddWhole(&b, []roadmap.ID{id})
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "line of edition %d", year)
	}
	if len(editions) == 0 || len(lines) == 0 {
		return v, roadmap.ErrNotFound
	}
	v.Edition, v.Line, v.Whole = editions[0], lines[0], whole()[0]
	return v, nil
}

// Answer is what the team says of a proposal.
type Answer struct {
	Year    int
	Action  roadmap.ID
	Version int     // of the line
	Outcome Outcome // Retained, SetAside, or Waiting to ask something of its author
	Reason  string  // why it is set aside, or what is asked
}

// Answer examines one proposal, and tells its author when it is set aside or asked.
func (s *Service) Answer(ctx context.Context, by access.Actor, in Answer) error {
	switch n := utf8.RuneCountInString(in.Reason); {
	case n == 0 && in.Outcome == SetAside:
		return problem.OnField("motif", "Dites pourquoi la proposition est écartée.")
	case n == 0 && in.Outcome == Waiting:
		return problem.OnField("motif", "Écrivez votre question.")
	case n > 1000:
		return problem.OnField("motif", "Gardez 1 000 caractères au plus.")
	}
	return s.step(ctx, by, in.Year, 0, func(tx pgx.Tx, _ Edition) error {
		l, err := postgres.One[Line](ctx, tx, `SELECT `+lineColumns+lineTables+` WHERE l.year = $1 AND a.id = $2 FOR UPDATE OF l`, in.Year, in.Action)
		switch {
		case postgres.IsNoRows(err):
			return roadmap.ErrNotFound
		case err != nil:
			return postgres.Wrap(err, "lock line")
		case l.LineVersion != in.Version:
			return roadmap.ErrStale
		case l.Origin != Fresh || l.Outcome == Withdrawn:
			return problem.New(problem.Conflict, "Cette ligne ne s’examine pas : elle est reconduite, ou retirée par son auteur.")
		}
		return s.answer(ctx, tx, by, l, in)
	})
}

func (s *Service) answer(ctx context.Context, tx pgx.Tx, by access.Actor, l Line, in Answer) error {
	reason, question := in.Reason, ""
	switch in.Outcome {
	case Waiting:
		reason, question = "", in.Reason
	case Retained:
		reason = ""
	}
	_, err := postgres.Exec(ctx, tx, `
		WITH asked AS (
			INSERT INTO action_proposal (action_id, question) VALUES ($2, $5)
			ON CONFLICT (action_id) DO UPDATE SET question = excluded.question)
		UPDATE edition_line SET outcome = $3, reason = $4, version = version + 1 WHERE year = $1 AND action_id = $2`,
		in.Year, in.Action, in.Outcome, reason, question)
	if err != nil {
		return postgres.Wrap(err, "answer a proposal")
	}
	if err := roadmap.Record(ctx, tx, by, "examine", l.Action, map[string]any{"reponse": l.Outcome.Label(), "motif": l.Reason},
		map[string]any{"reponse": in.Outcome.Label(), "motif": reason, "question": question}); err != nil {
		return err
	}
	switch in.Outcome {
	case SetAside:
		return s.tell(ctx, tx, []roadmap.ID{in.Action}, "Votre proposition d’action n’est pas retenue", "La proposition « %s » n’est pas retenue. Motif : %s", []string{reason})
	case Waiting:
		return s.tell(ctx, tx, []roadmap.ID{in.Action}, "Une question sur votre proposition d’action", "À propos de « %s » : %s", []string{question})
	}
	return nil
}

// Carry is the reason given for carrying an action over.
type Carry struct {
	Action  roadmap.ID
	Version int // of its line; 0: it has none yet
	Reason  string
}

// Carried lists the unfinished actions, with their line when they have one, for the
// team: those without a reason first.
func (s *Service) Carried(ctx context.Context, by access.Actor, year, page int) (Board, error) {
	var v Board
	if err := roadmap.RequireTeam(by); err != nil {
		return v, err
	}
	const from = roadmap.Tables + ` LEFT JOIN edition_line l ON l.action_id = a.id AND l.year = $1
		WHERE a.status IN ('validated', 'in_progress', 'suspended') AND coalesce(l.origin, 'carried_over') = 'carried_over'`
	var (
		b     postgres.Batch
		cards []Card
		total int
	)
	postgres.AddList(&b, &cards, cardSQL+` WHERE e.year = $1 GROUP BY e.year`, year)
	postgres.AddList(&b, &v.Lines, `
		SELECT $1::int AS year, 'carried_over' AS origin, coalesce(l.outcome, 'proposed') AS outcome, coalesce(l.reason, '') AS reason,
		       coalesce(l.version, 0) AS line_version, '' AS question, `+roadmap.Columns+from+`
		ORDER BY x.position, a.number LIMIT $2 OFFSET $3`, year, postgres.PageLength, postgres.Offset(page))
	postgres.AddValue(&b, &total, `SELECT count(*)::int `+from, year)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "actions carried over")
	}
	if len(cards) == 0 {
		return v, ErrNotFound
	}
	v.Card, v.Paging = cards[0], postgres.PagingOf(page, total)
	return v, nil
}

// CarryOver writes the reasons of several actions at once; those without a reason are
// left as they are. A line somebody else changed meanwhile stops them all.
func (s *Service) CarryOver(ctx context.Context, by access.Actor, year int, all []Carry) error {
	return s.step(ctx, by, year, 0, func(tx pgx.Tx, _ Edition) error {
		if err := takeIn(ctx, tx, year); err != nil {
			return err
		}
		text, err := json.Marshal(all)
		if err != nil {
			return err
		}
		changed, err := postgres.List[Line](ctx, tx, `SELECT `+lineColumns+lineTables+`
			JOIN jsonb_to_recordset($2::jsonb) AS n("Action" bigint, "Version" int, "Reason" text) ON n."Action" = a.id
			WHERE l.year = $1 AND l.origin = 'carried_over' AND n."Reason" <> '' AND n."Reason" <> l.reason ORDER BY a.number FOR UPDATE OF l`, year, string(text))
		if err != nil {
			return postgres.Wrap(err, "lock lines")
		}
		said := map[roadmap.ID]Carry{}
		for _, c := range all {
			if utf8.RuneCountInString(c.Reason) > 1000 {
				return problem.New(problem.Invalid, "Un motif compte plus de 1 000 caractères : raccourcissez-le.")
			}
			said[c.Action] = c
		}
		entries := make([]audit.Entry, 0, len(changed))
		for _, l := range changed {
			c := said[l.ID]
			if c.Version != l.LineVersion && (c.Version != 0 || l.LineVersion != 1) { // 0: the line was made just now
				return roadmap.ErrStale
			}
			entries = append(entries, audit.Entry{Action: "roadmap.carry", Object: "roadmap_action", ID: int64(l.ID), Label: l.Label(),
				Before: map[string]any{"motif": l.Reason}, After: map[string]any{"annee": year, "motif": c.Reason}})
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE edition_line l SET reason = n."Reason", outcome = 'retained', version = version + 1
			FROM jsonb_to_recordset($2::jsonb) AS n("Action" bigint, "Version" int, "Reason" text)
			WHERE l.year = $1 AND l.action_id = n."Action" AND l.origin = 'carried_over' AND n."Reason" <> '' AND n."Reason" <> l.reason`, year, string(text)); err != nil {
			return postgres.Wrap(err, "write reasons")
		}
		return audit.RecordMany(ctx, tx, by, entries)
	})
}
