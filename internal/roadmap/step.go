package roadmap

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// What hangs on a sheet has an end: nobody reads a list longer than that.
const (
	maxSteps      = 100
	maxIndicators = 30
	maxFiles      = 100
)

// errNoStep says that a step does not exist on the action asked for.
var errNoStep = problem.New(problem.NotFound, "Cette étape n’existe plus.")

// Desk is an action with all that hangs on it, as the team works on it.
type Desk struct {
	Whole
	Today day.Day
	// Figures counts, by indicator, the figures that reports hold of it: an indicator
	// that has some is not removed.
	Figures map[IndicatorID]int
}

// Step returns a step of the action.
func (d Desk) Step(id StepID) (Step, error) {
	i := slices.IndexFunc(d.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, errNoStep
	}
	return d.Steps[i], nil
}

// Indicator returns an indicator of the action.
func (d Desk) Indicator(id IndicatorID) (Indicator, error) {
	i := slices.IndexFunc(d.Indicators, func(x Indicator) bool { return x.ID == id })
	if i < 0 {
		return Indicator{}, errNoIndicator
	}
	return d.Indicators[i], nil
}

// Document returns a file of the action.
func (d Desk) Document(id DocumentID) (Document, error) {
	i := slices.IndexFunc(d.Documents, func(x Document) bool { return x.Link == id })
	if i < 0 {
		return Document{}, ErrNoFile
	}
	return d.Documents[i], nil
}

// Desk returns an action for the pages where the team changes what hangs on it, in one
// round trip.
func (s *Service) Desk(ctx context.Context, by access.Actor, id ID) (Desk, error) {
	if err := RequireTeam(by); err != nil {
		return Desk{}, err
	}
	type held struct {
		Indicator IndicatorID `db:"indicator_id"`
		Figures   int         `db:"figures"`
	}
	var (
		b     postgres.Batch
		d     Desk
		holds []held
	)
	finish := AddWhole(&b, []ID{id})
	postgres.AddValue(&b, &d.Today, `SELECT paris_today()`)
	postgres.AddList(&b, &holds, `
		SELECT f.indicator_id, count(*)::int AS figures FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id
		WHERE i.action_id = $1 GROUP BY 1`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return d, postgres.Wrap(err, "desk of action %d", id)
	}
	all := finish()
	if len(all) == 0 {
		return d, ErrNotFound
	}
	d.Whole, d.Figures = all[0], make(map[IndicatorID]int, len(holds))
	for _, h := range holds {
		d.Figures[h.Indicator] = h.Figures
	}
	return d, nil
}

// hangOn runs an act of the team on what hangs on an action: nobody else touches it
// meanwhile, and the sheet is one version later. f tells whether something changed.
func (s *Service) hangOn(ctx context.Context, by access.Actor, id ID, version int, f func(tx pgx.Tx, a Action) (bool, error)) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := Lock(ctx, tx, id, version)
		if err != nil {
			return err
		}
		changed, err := f(tx, a)
		if err != nil || !changed {
			return err
		}
		return Touch(ctx, tx, id)
	})
}

// hangWords are the fields of a step as the journal keeps them.
func (s Step) hangWords() map[string]any {
	return map[string]any{"etape": s.Title, "jalon": s.Milestone, "echeance": s.DueOn, "faite_le": s.DoneOn, "rang": s.Position}
}

// Overdue tells whether the step should have been done before today.
func (s Step) Overdue(today day.Day) bool {
	return s.DoneOn.IsZero() && !s.DueOn.IsZero() && s.DueOn.Before(today)
}

// stepCheck refuses what no step may be (fields titre, echeance).
func (s Step) stepCheck() error {
	switch n := utf8.RuneCountInString(s.Title); {
	case n == 0:
		return problem.OnField("titre", "Donnez un nom à l’étape.")
	case n > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	case s.Milestone && s.DueOn.IsZero():
		return problem.OnField("echeance", "Un jalon a une date : saisissez-la.")
	}
	return checkHangYear("echeance", s.DueOn)
}

// checkHangYear refuses a date that no action of ours has: a slip of the keyboard.
func checkHangYear(field string, d day.Day) error {
	if !d.IsZero() && (d.Year() < 2000 || d.Year() > 2100) {
		return problem.OnField(field, "Saisissez une date entre 2000 et 2100.")
	}
	return nil
}

// AddStep writes a step after the others. Fields: titre, echeance.
func (s *Service) AddStep(ctx context.Context, by access.Actor, id ID, step Step) (StepID, error) {
	if err := step.stepCheck(); err != nil {
		return 0, err
	}
	err := s.hangOn(ctx, by, id, 0, func(tx pgx.Tx, a Action) (bool, error) {
		n, err := postgres.Value[int](ctx, tx, `SELECT count(*)::int FROM action_step WHERE action_id = $1`, id)
		switch {
		case err != nil:
			return false, postgres.Wrap(err, "count steps")
		case n >= maxSteps:
			return false, problem.OnField("titre", "Cette action compte déjà 100 étapes : regroupez-en avant d’en ajouter.")
		}
		written, err := postgres.One[Step](ctx, tx, `
			INSERT INTO action_step (action_id, position, title, milestone, due_on)
			SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4 FROM action_step WHERE action_id = $1
			RETURNING id, action_id, position, title, milestone, due_on, done_on`, id, step.Title, step.Milestone, step.DueOn)
		if err != nil {
			return false, postgres.Wrap(err, "add a step to action %d", id)
		}
		step = written
		return true, Record(ctx, tx, by, "step", a, nil, step.hangWords())
	})
	return step.ID, err
}

// onStep runs an act on a step of the action and journals what it was and what f says it
// becomes; f returns nil when nothing is left.
func (s *Service) onStep(ctx context.Context, by access.Actor, id ID, step StepID, version int, f func(tx pgx.Tx, old Step) (*Step, error)) error {
	return s.hangOn(ctx, by, id, version, func(tx pgx.Tx, a Action) (bool, error) {
		old, err := postgres.One[Step](ctx, tx, `
			SELECT id, action_id, position, title, milestone, due_on, done_on FROM action_step WHERE id = $1 AND action_id = $2`, step, id)
		if postgres.IsNoRows(err) {
			return false, errNoStep
		}
		if err != nil {
			return false, postgres.Wrap(err, "find step %d", step)
		}
		now, err := f(tx, old)
		switch {
		case err != nil:
			return false, err
		case now == nil:
			return true, Record(ctx, tx, by, "step", a, old.hangWords(), nil)
		case *now == old:
			return false, nil
		}
		return true, Record(ctx, tx, by, "step", a, old.hangWords(), now.hangWords())
	})
}

// ChangeStep writes the name, the date and the kind of a step over the version of the
// action that the form showed. Fields: titre, echeance.
func (s *Service) ChangeStep(ctx context.Context, by access.Actor, id ID, step Step, version int) error {
	if err := step.stepCheck(); err != nil {
		return err
	}
	return s.onStep(ctx, by, id, step.ID, version, func(tx pgx.Tx, old Step) (*Step, error) {
		now := old
		now.Title, now.Milestone, now.DueOn = step.Title, step.Milestone, step.DueOn
		_, err := postgres.Exec(ctx, tx, `UPDATE action_step SET title = $2, milestone = $3, due_on = $4 WHERE id = $1`,
			step.ID, now.Title, now.Milestone, now.DueOn)
		return &now, postgres.Wrap(err, "change step %d", step.ID)
	})
}

// SetStepDone says that a step was done on a day, or is not done (no day). Field:
// faite_le.
func (s *Service) SetStepDone(ctx context.Context, by access.Actor, id ID, step StepID, on day.Day, version int) error {
	if err := checkHangYear("faite_le", on); err != nil {
		return err
	}
	return s.onStep(ctx, by, id, step, version, func(tx pgx.Tx, old Step) (*Step, error) {
		if err := checkHangPast(ctx, tx, "faite_le", on); err != nil {
			return nil, err
		}
		now := old
		now.DoneOn = on
		_, err := postgres.Exec(ctx, tx, `UPDATE action_step SET done_on = $2 WHERE id = $1`, step, on)
		return &now, postgres.Wrap(err, "step %d done", step)
	})
}

// checkHangPast refuses a day to come; the database says which day it is.
func checkHangPast(ctx context.Context, tx pgx.Tx, field string, on day.Day) error {
	today, err := postgres.Value[day.Day](ctx, tx, `SELECT paris_today()`)
	switch {
	case err != nil:
		return postgres.Wrap(err, "today")
	case on.After(today):
		return problem.OnField(field, "Cette date est à venir : saisissez aujourd’hui ou un jour passé.")
	}
	return nil
}

// MoveStep changes places with the step before, or after; at the end of the list it does
// nothing.
func (s *Service) MoveStep(ctx context.Context, by access.Actor, id ID, step StepID, up bool) error {
	return s.onStep(ctx, by, id, step, 0, func(tx pgx.Tx, old Step) (*Step, error) {
		now := old
		places, err := postgres.Values[int](ctx, tx, `
			WITH other AS (SELECT id, position FROM action_step
			               WHERE action_id = $1 AND CASE WHEN $4 THEN position < $3 ELSE position > $3 END
			               ORDER BY CASE WHEN $4 THEN -position ELSE position END LIMIT 1),
			moved AS (UPDATE action_step s SET position = CASE WHEN s.id = $2 THEN o.position ELSE $3 END
			          FROM other o WHERE s.id IN ($2, o.id))
			SELECT position::int FROM other`, id, step, old.Position, up)
		if err == nil && len(places) == 1 {
			now.Position = places[0]
		}
		return &now, postgres.Wrap(err, "move step %d", step)
	})
}

// RemoveStep takes a step off; the journal keeps it.
func (s *Service) RemoveStep(ctx context.Context, by access.Actor, id ID, step StepID, version int) error {
	return s.onStep(ctx, by, id, step, version, func(tx pgx.Tx, _ Step) (*Step, error) {
		_, err := postgres.Exec(ctx, tx, `DELETE FROM action_step WHERE id = $1`, step)
		return nil, postgres.Wrap(err, "remove step %d", step)
	})
}
