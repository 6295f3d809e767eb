package roadmap

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// errNoReading says that a reading does not exist on the indicator asked for.
var errNoReading = problem.New(problem.NotFound, "Cette valeur n’existe plus.")

// errSameDay refuses two readings of one day.
var errSameDay = problem.OnField("jour", "Une valeur est déjà enregistrée ce jour-là : corrigez-la.")

// Reading returns a reading of the indicator.
func (i Indicator) Reading(id ReadingID) (Reading, error) {
	n := slices.IndexFunc(i.Readings, func(r Reading) bool { return r.ID == id })
	if n < 0 {
		return Reading{}, errNoReading
	}
	return i.Readings[n], nil
}

// TargetField names the field of the target of a year.
func TargetField(year int) string { return "cible_" + strconv.Itoa(year) }

// measureTargets returns the targets of an indicator by year.
func measureTargets(ctx context.Context, tx pgx.Tx, id IndicatorID) (map[int]Number, error) {
	rows, err := postgres.List[Target](ctx, tx, `
		SELECT indicator_id, year, (value * 10000)::bigint AS value FROM indicator_target WHERE indicator_id = $1`, id)
	if err != nil {
		return nil, postgres.Wrap(err, "targets of indicator %d", id)
	}
	return measureByYear(rows), nil
}

func measureByYear(targets []Target) map[int]Number {
	m := make(map[int]Number, len(targets))
	for _, t := range targets {
		m[t.Year] = t.Value
	}
	return m
}

// SetTargets writes the targets of an indicator over version of it: those listed and no
// other. Fields: cible_2026…
func (s *Service) SetTargets(ctx context.Context, by access.Actor, id ID, indicator IndicatorID, targets []Target, version int) error {
	wanted := measureByYear(targets)
	years, values := make([]int, 0, len(wanted)), make([]int64, 0, len(wanted))
	for year, value := range wanted {
		if year < FirstTargetYear || year > LastTargetYear {
			return problem.OnField(TargetField(year), "Une cible va de 2020 à 2100.")
		}
		years, values = append(years, year), append(values, int64(value))
	}
	return s.onMeasure(ctx, by, id, indicator, version, func(tx pgx.Tx, a Action, old Indicator) (bool, error) {
		before, err := measureTargets(ctx, tx, indicator)
		if err != nil {
			return false, err
		}
		if _, err := postgres.Exec(ctx, tx, `
			WITH gone AS (DELETE FROM indicator_target WHERE indicator_id = $1 AND year <> ALL ($2::smallint[])),
			later AS (UPDATE action_indicator SET version = version + 1 WHERE id = $1)
			INSERT INTO indicator_target (indicator_id, year, value)
			SELECT $1, y, v / 10000.0 FROM unnest($2::smallint[], $3::bigint[]) AS u(y, v)
			ON CONFLICT (indicator_id, year) DO UPDATE SET value = excluded.value`, indicator, years, values); err != nil {
			return false, postgres.Wrap(err, "targets of indicator %d", indicator)
		}
		return true, Record(ctx, tx, by, "target", a, map[string]any{"indicateur": old.Name, "cibles": before},
			map[string]any{"indicateur": old.Name, "cibles": wanted})
	})
}

func (r Reading) measureWords(i Indicator, reason string) map[string]any {
	m := map[string]any{"indicateur": i.Name, "jour": r.On, "valeur": r.Value, "source": r.Source}
	if reason != "" {
		m["motif"] = reason
	}
	return m
}

// measureCheck refuses what no reading may be (fields jour, source).
func (r Reading) measureCheck(ctx context.Context, tx pgx.Tx) error {
	switch n := utf8.RuneCountInString(r.Source); {
	case r.On.IsZero():
		return problem.OnField("jour", "Saisissez la date de cette valeur.")
	case n == 0:
		return problem.OnField("source", "Dites d’où vient cette valeur.")
	case n > 500:
		return problem.OnField("source", "Ce texte est trop long : raccourcissez-le.")
	}
	if err := checkHangYear("jour", r.On); err != nil {
		return err
	}
	return checkHangPast(ctx, tx, "jour", r.On)
}

// AddReading writes a dated value of an indicator, in the name of the actor. Fields:
// valeur, jour, source.
func (s *Service) AddReading(ctx context.Context, by access.Actor, id ID, r Reading) (ReadingID, error) {
	err := s.onMeasure(ctx, by, id, r.Indicator, 0, func(tx pgx.Tx, a Action, i Indicator) (bool, error) {
		if err := r.measureCheck(ctx, tx); err != nil {
			return false, err
		}
		var err error
		r.ID, err = postgres.Value[ReadingID](ctx, tx, `
			INSERT INTO indicator_reading (indicator_id, on_day, value, source, by_name) VALUES ($1, $2, $3::bigint / 10000.0, $4, $5) RETURNING id`,
			i.ID, r.On, int64(r.Value), r.Source, by.Name)
		if postgres.Violates(err, "indicator_reading_once") {
			return false, errSameDay
		}
		if err != nil {
			return false, postgres.Wrap(err, "add a reading of indicator %d", i.ID)
		}
		return true, Record(ctx, tx, by, "reading", a, nil, r.measureWords(i, ""))
	})
	return r.ID, err
}

// onReading runs an act with a reason on a reading, over the version of the action the
// form showed.
func (s *Service) onReading(ctx context.Context, by access.Actor, id ID, r Reading, reason string, version int, f func(tx pgx.Tx, a Action, i Indicator, old Reading) error) error {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return problem.OnField("motif", "Dites pourquoi : ce motif reste dans le journal.")
	case n > 500:
		return problem.OnField("motif", "Ce texte est trop long : raccourcissez-le.")
	}
	return s.onMeasure(ctx, by, id, r.Indicator, 0, func(tx pgx.Tx, a Action, i Indicator) (bool, error) {
		old, err := postgres.One[Reading](ctx, tx, `
			SELECT id, indicator_id, on_day, (value * 10000)::bigint AS value, source, by_name FROM indicator_reading
			WHERE id = $1 AND indicator_id = $2`, r.ID, i.ID)
		switch {
		case postgres.IsNoRows(err):
			return false, errNoReading
		case err != nil:
			return false, postgres.Wrap(err, "find reading %d", r.ID)
		case version != 0 && a.Version != version:
			return false, ErrStale
		}
		return true, f(tx, a, i, old)
	})
}

// CorrectReading writes a reading over the one there was, and says why. Fields: those of
// AddReading, and motif.
func (s *Service) CorrectReading(ctx context.Context, by access.Actor, id ID, r Reading, reason string, version int) error {
	return s.onReading(ctx, by, id, r, reason, version, func(tx pgx.Tx, a Action, i Indicator, old Reading) error {
		if err := r.measureCheck(ctx, tx); err != nil {
			return err
		}
		_, err := postgres.Exec(ctx, tx, `
			UPDATE indicator_reading SET on_day = $2, value = $3::bigint / 10000.0, source = $4, by_name = $5 WHERE id = $1`,
			r.ID, r.On, int64(r.Value), r.Source, by.Name)
		if postgres.Violates(err, "indicator_reading_once") {
			return errSameDay
		}
		if err != nil {
			return postgres.Wrap(err, "correct reading %d", r.ID)
		}
		return Record(ctx, tx, by, "reading", a, old.measureWords(i, ""), r.measureWords(i, reason))
	})
}

// RemoveReading takes a reading off, and says why; the journal keeps it. Field: motif.
func (s *Service) RemoveReading(ctx context.Context, by access.Actor, id ID, r Reading, reason string, version int) error {
	return s.onReading(ctx, by, id, r, reason, version, func(tx pgx.Tx, a Action, i Indicator, old Reading) error {
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM indicator_reading WHERE id = $1`, r.ID); err != nil {
			return postgres.Wrap(err, "remove reading %d", r.ID)
		}
		return Record(ctx, tx, by, "reading", a, old.measureWords(i, ""), map[string]any{"indicateur": i.Name, "motif": reason})
	})
}
