package roadmap

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// errNoIndicator says that an indicator does not exist on the action asked for.
var errNoIndicator = problem.New(problem.NotFound, "Cet indicateur n’existe plus.")

// errHeld refuses to remove what organisations answered.
var errHeld = problem.New(problem.Invalid, "Des points d’avancement donnent des chiffres pour cet indicateur : il ne peut pas être retiré. Vous pouvez en changer le nom ou ne plus le demander aux communes.")

// First and last year a target may have.
const (
	FirstTargetYear = 2020
	LastTargetYear  = 2100
)

// Last returns the last reading of the indicator; false when it has none.
func (i Indicator) Last() (Reading, bool) {
	if len(i.Readings) == 0 {
		return Reading{}, false
	}
	return slices.MaxFunc(i.Readings, func(a, b Reading) int {
		if a.On.Before(b.On) {
			return -1
		}
		return 1
	}), true
}

// Say writes a value with its unit: « 12 permanences », « 35 % ».
func (i Indicator) Say(n Number) string {
	switch i.Unit {
	case "":
		return n.String()
	case "%", "€":
		return n.String() + "\u202f" + i.Unit
	}
	return n.String() + "\u00a0" + i.Unit
}

// measureWords are the fields of an indicator as the journal keeps them.
func (i Indicator) measureWords() map[string]any {
	m := map[string]any{"indicateur": i.Name, "unite": i.Unit, "sens": i.Direction.Label(), "par_commune": i.ByCommune, "methode": i.Method,
		"reference": nil, "reference_le": i.BaselineOn, "rang": i.Position}
	if i.Baseline != nil {
		m["reference"] = *i.Baseline
	}
	return m
}

// measureCheck refuses what no indicator may be (fields nom, unite, sens, methode,
// reference, reference_le).
func (i Indicator) measureCheck() error {
	for _, f := range []struct {
		field, text string
		most        int
	}{{"nom", i.Name, 200}, {"unite", i.Unit, 60}, {"methode", i.Method, 1000}} {
		if utf8.RuneCountInString(f.text) > f.most {
			return problem.OnField(f.field, "Ce texte est trop long : raccourcissez-le.")
		}
	}
	switch {
	case i.Name == "":
		return problem.OnField("nom", "Donnez un nom à l’indicateur.")
	case !slices.Contains(Directions, i.Direction):
		return problem.OnField("sens", "Choisissez dans quel sens l’indicateur doit aller.")
	case i.Baseline != nil && i.BaselineOn.IsZero():
		return problem.OnField("reference_le", "Saisissez la date de la valeur de départ.")
	case i.Baseline == nil && !i.BaselineOn.IsZero():
		return problem.OnField("reference", "Saisissez la valeur de départ, ou effacez sa date.")
	}
	return checkHangYear("reference_le", i.BaselineOn)
}

// measureArgs are the values one statement writes.
func (i Indicator) measureArgs() []any {
	return []any{i.Name, i.Unit, string(i.Direction), i.ByCommune, i.Method, (*int64)(i.Baseline), i.BaselineOn}
}

// AddIndicator writes an indicator after the others.
func (s *Service) AddIndicator(ctx context.Context, by access.Actor, id ID, i Indicator) (IndicatorID, error) {
	if err := i.measureCheck(); err != nil {
		return 0, err
	}
	err := s.hangOn(ctx, by, id, 0, func(tx pgx.Tx, a Action) (bool, error) {
		if err := checkHangPast(ctx, tx, "reference_le", i.BaselineOn); err != nil {
			return false, err
		}
		n, err := postgres.Value[int](ctx, tx, `SELECT count(*)::int FROM action_indicator WHERE action_id = $1`, id)
		switch {
		case err != nil:
			return false, postgres.Wrap(err, "count indicators")
		case n >= maxIndicators:
			return false, problem.OnField("nom", "Cette action compte déjà 30 indicateurs : retirez-en avant d’en ajouter.")
		}
		written, err := postgres.One[Indicator](ctx, tx, `
			INSERT INTO action_indicator (action_id, position, name, unit, direction, by_commune, method, baseline, baseline_on)
			SELECT $1, (SELECT coalesce(max(position), 0) + 1 FROM action_indicator WHERE action_id = $1), $2, $3, $4, $5, $6, $7::bigint / 10000.0, $8
			RETURNING id, action_id, position, name, unit, direction, by_commune, method, (baseline * 10000)::bigint AS baseline, baseline_on, version`,
			append([]any{id}, i.measureArgs()...)...)
		if err != nil {
			return false, postgres.Wrap(err, "add an indicator to action %d", id)
		}
		i = written
		return true, Record(ctx, tx, by, "indicator", a, nil, i.measureWords())
	})
	return i.ID, err
}

// onMeasure runs an act on an indicator of the action, at the version the form showed
// (0: any).
func (s *Service) onMeasure(ctx context.Context, by access.Actor, id ID, indicator IndicatorID, version int, f func(tx pgx.Tx, a Action, old Indicator) (bool, error)) error {
	return s.hangOn(ctx, by, id, 0, func(tx pgx.Tx, a Action) (bool, error) {
		old, err := postgres.One[Indicator](ctx, tx, `
			SELECT id, action_id, position, name, unit, direction, by_commune, method, (baseline * 10000)::bigint AS baseline, baseline_on, version
			FROM action_indicator WHERE id = $1 AND action_id = $2`, indicator, id)
		switch {
		case postgres.IsNoRows(err):
			return false, errNoIndicator
		case err != nil:
			return false, postgres.Wrap(err, "find indicator %d", indicator)
		case version != 0 && old.Version != version:
			return false, ErrStale
		}
		return f(tx, a, old)
	})
}

// ChangeIndicator writes an indicator over version i.Version of it; its place, its
// targets and its readings stay.
func (s *Service) ChangeIndicator(ctx context.Context, by access.Actor, id ID, i Indicator) error {
	if err := i.measureCheck(); err != nil {
		return err
	}
	return s.onMeasure(ctx, by, id, i.ID, i.Version, func(tx pgx.Tx, a Action, old Indicator) (bool, error) {
		if err := checkHangPast(ctx, tx, "reference_le", i.BaselineOn); err != nil {
			return false, err
		}
		i.Position = old.Position
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE action_indicator SET name = $2, unit = $3, direction = $4, by_commune = $5, method = $6, baseline = $7::bigint / 10000.0,
			       baseline_on = $8, version = version + 1 WHERE id = $1`, append([]any{i.ID}, i.measureArgs()...)...); err != nil {
			return false, postgres.Wrap(err, "change indicator %d", i.ID)
		}
		return true, Record(ctx, tx, by, "indicator", a, old.measureWords(), i.measureWords())
	})
}

// MoveIndicator changes places with the indicator before, or after; at the end of the
// list it does nothing.
func (s *Service) MoveIndicator(ctx context.Context, by access.Actor, id ID, indicator IndicatorID, up bool) error {
	return s.onMeasure(ctx, by, id, indicator, 0, func(tx pgx.Tx, a Action, old Indicator) (bool, error) {
		places, err := postgres.Values[int](ctx, tx, `
			WITH other AS (SELECT id, position FROM action_indicator
			               WHERE action_id = $1 AND CASE WHEN $4 THEN position < $3 ELSE position > $3 END
			               ORDER BY CASE WHEN $4 THEN -position ELSE position END LIMIT 1),
			moved AS (UPDATE action_indicator i SET position = CASE WHEN i.id = $2 THEN o.position ELSE $3 END
			          FROM other o WHERE i.id IN ($2, o.id))
			SELECT position::int FROM other`, id, indicator, old.Position, up)
		if err != nil || len(places) == 0 {
			return false, postgres.Wrap(err, "move indicator %d", indicator)
		}
		now := old
		now.Position = places[0]
		return true, Record(ctx, tx, by, "indicator", a, old.measureWords(), now.measureWords())
	})
}

// RemoveIndicator takes an indicator off with its targets and its readings, which the
// journal keeps. One that reports hold figures of stays.
func (s *Service) RemoveIndicator(ctx context.Context, by access.Actor, id ID, indicator IndicatorID, version int) error {
	return s.onMeasure(ctx, by, id, indicator, version, func(tx pgx.Tx, a Action, old Indicator) (bool, error) {
		// report_figure goes with its indicator: what was answered must not.
		held, err := postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM report_figure WHERE indicator_id = $1)`, indicator)
		switch {
		case err != nil:
			return false, postgres.Wrap(err, "figures of indicator %d", indicator)
		case held:
			return false, errHeld
		}
		before, err := measureWhole(ctx, tx, old)
		if err != nil {
			return false, err
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM action_indicator WHERE id = $1`, indicator); err != nil {
			return false, postgres.Wrap(err, "remove indicator %d", indicator)
		}
		return true, Record(ctx, tx, by, "indicator", a, before, nil)
	})
}

// measureWhole is an indicator with its targets and its readings, for the journal.
func measureWhole(ctx context.Context, tx pgx.Tx, i Indicator) (map[string]any, error) {
	targets, err := measureTargets(ctx, tx, i.ID)
	if err != nil {
		return nil, err
	}
	readings, err := postgres.List[Reading](ctx, tx, `
		SELECT id, indicator_id, on_day, (value * 10000)::bigint AS value, source, by_name FROM indicator_reading WHERE indicator_id = $1 ORDER BY on_day`, i.ID)
	if err != nil {
		return nil, postgres.Wrap(err, "readings of indicator %d", i.ID)
	}
	values := make(map[string]Number, len(readings))
	for _, r := range readings {
		values[r.On.String()] = r.Value
	}
	m := i.measureWords()
	m["cibles"], m["valeurs"] = targets, values
	return m, nil
}
