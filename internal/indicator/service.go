package indicator

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// AddIndicator writes an indicator after the others; its address comes from its
// name when i.Slug is "". Fields: nom, unite, unite_un, explication, methode, source,
// sens.
func (s *Service) AddIndicator(ctx context.Context, by access.Actor, i Indicator) (ID, error) {
	if err := team(by); err != nil {
		return 0, err
	}
	if i.Slug == "" {
		i.Slug = slugOf(i.Name)
	}
	if err := i.check(); err != nil {
		return 0, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		if err := lockOrder(ctx, tx); err != nil {
			return err
		}
		i.ID, err = postgres.Value[ID](ctx, tx, `
			INSERT INTO indicator (slug, name, unit, unit_one, meaning, method, source, direction, published, position)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce(max(position), 0) + 1 FROM indicator RETURNING id`,
			i.Slug, i.Name, i.Unit, i.UnitOne, i.Meaning, i.Method, i.Source, string(i.Direction), i.Published)
		if postgres.Violates(err, "indicator_slug_once") {
			return problem.OnField("nom", "Un indicateur porte déjà ce nom.")
		}
		if err != nil {
			return postgres.Wrap(err, "add indicator %s", i.Slug)
		}
		return audit.Record(ctx, tx, by, entry(i, "add", i.Name, nil, i))
	})
	return i.ID, err
}

// Change writes what the team corrected of an indicator over version i.Version. Its
// address stays.
func (s *Service) Change(ctx context.Context, by access.Actor, i Indicator) error {
	if err := team(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := lock(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		if old.Version != i.Version {
			return errStale
		}
		i.Slug = old.Slug
		if err := i.check(); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE indicator SET name = $2, unit = $3, unit_one = $4, meaning = $5, method = $6, source = $7, direction = $8,
			       published = $9, version = version + 1 WHERE id = $1`,
			i.ID, i.Name, i.Unit, i.UnitOne, i.Meaning, i.Method, i.Source, string(i.Direction), i.Published); err != nil {
			return postgres.Wrap(err, "change indicator %d", i.ID)
		}
		return audit.Record(ctx, tx, by, entry(i, "change", i.Name, old, i))
	})
}

// Move changes places with the indicator before, or after; at the end of the list it
// does nothing.
func (s *Service) Move(ctx context.Context, by access.Actor, id ID, up bool) error {
	if err := team(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lockOrder(ctx, tx); err != nil {
			return err
		}
		i, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		moved, err := postgres.Exec(ctx, tx, `
			WITH other AS (SELECT id, position FROM indicator
			               WHERE CASE WHEN $3 THEN position < $2 ELSE position > $2 END
			               ORDER BY CASE WHEN $3 THEN -position ELSE position END LIMIT 1)
			UPDATE indicator i SET position = CASE WHEN i.id = $1 THEN o.position ELSE $2 END
			FROM other o WHERE i.id IN ($1, o.id)`, id, i.Position, up)
		if err != nil || moved == 0 {
			return postgres.Wrap(err, "move indicator %d", id)
		}
		return audit.Record(ctx, tx, by, entry(i, "order", i.Name, nil, map[string]any{"vers_le_haut": up}))
	})
}

// lockOrder keeps two people from giving one place to two indicators.
func lockOrder(ctx context.Context, tx pgx.Tx) error {
	_, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('indicator.position'))`)
	return postgres.Wrap(err, "lock the order of indicators")
}

// AddValue writes a value of an indicator, in the name of the actor. Fields: valeur,
// precision, debut, fin, source, lien, note.
func (s *Service) AddValue(ctx context.Context, by access.Actor, id ID, v Value) (ValueID, error) {
	if err := team(by); err != nil {
		return 0, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		i, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := v.checkToday(ctx, tx); err != nil {
			return err
		}
		v.ID, err = postgres.Value[ValueID](ctx, tx, `
			INSERT INTO indicator_value (indicator_id, starts_on, ends_on, value, qualifier, source, link, note, entered_by)
			VALUES ($1, $2, $3, $4::bigint::numeric / 10000, $5, $6, $7, $8, $9) RETURNING id`,
			id, v.From, v.To, int64(v.Number), string(v.Qualifier), v.Source, v.Link, v.Note, by.Name)
		if postgres.Violates(err, "indicator_value_once") {
			return errTwice
		}
		if err != nil {
			return postgres.Wrap(err, "add value of indicator %d", id)
		}
		return audit.Record(ctx, tx, by, entry(i, "value", label(i, v), nil, recordOf(i, v, "")))
	})
	return v.ID, err
}

// Correct writes a value over the version v.Version of it, and says why. The former
// one stays in the journal. Fields: those of AddValue, and motif.
func (s *Service) Correct(ctx context.Context, by access.Actor, v Value, reason string) error {
	if err := team(by); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		i, old, err := lockValue(ctx, tx, v)
		if err != nil {
			return err
		}
		if err := v.checkToday(ctx, tx); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE indicator_value SET starts_on = $2, ends_on = $3, value = $4::bigint::numeric / 10000, qualifier = $5,
			       source = $6, link = $7, note = $8, entered_by = $9, entered_at = clock_timestamp(), version = version + 1
			WHERE id = $1`,
			v.ID, v.From, v.To, int64(v.Number), string(v.Qualifier), v.Source, v.Link, v.Note, by.Name)
		if postgres.Violates(err, "indicator_value_once") {
			return errTwice
		}
		if err != nil {
			return postgres.Wrap(err, "correct value %d", v.ID)
		}
		return audit.Record(ctx, tx, by, entry(i, "correct", label(i, v), recordOf(i, old, ""), recordOf(i, v, reason)))
	})
}

// Remove takes a value off, and says why; the journal keeps it. Field: motif.
func (s *Service) Remove(ctx context.Context, by access.Actor, v Value, reason string) error {
	if err := team(by); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		i, old, err := lockValue(ctx, tx, v)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM indicator_value WHERE id = $1`, v.ID); err != nil {
			return postgres.Wrap(err, "remove value %d", v.ID)
		}
		return audit.Record(ctx, tx, by, entry(i, "remove", label(i, old), recordOf(i, old, ""), map[string]any{"motif": reason}))
	})
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return problem.OnField("motif", "Dites pourquoi : ce motif reste dans le journal.")
	}
	return checkLength("motif", reason, 1, 500)
}

func label(i Indicator, v Value) string { return i.Name + ", " + v.When() }

// lock keeps an indicator from changing until the transaction ends.
func lock(ctx context.Context, tx pgx.Tx, id ID) (Indicator, error) {
	i, err := postgres.One[Indicator](ctx, tx, indicatorSelect+`
		FROM indicator WHERE id = $1 FOR UPDATE`, id)
	if postgres.IsNoRows(err) {
		return i, ErrNotFound
	}
	return i, postgres.Wrap(err, "lock indicator %d", id)
}

// lockValue locks the value v stands for, at the version it says.
func lockValue(ctx context.Context, tx pgx.Tx, v Value) (Indicator, Value, error) {
	i, err := lock(ctx, tx, v.Indicator)
	if err != nil {
		return i, v, err
	}
	old, err := postgres.One[Value](ctx, tx, `SELECT `+valueColumns+`
		FROM indicator_value v WHERE id = $1 AND indicator_id = $2 FOR UPDATE`, v.ID, v.Indicator)
	switch {
	case postgres.IsNoRows(err):
		return i, old, errNoValue
	case err != nil:
		return i, old, postgres.Wrap(err, "lock value %d", v.ID)
	case old.Version != v.Version:
		return i, old, errStale
	}
	return i, old, nil
}

// checkToday checks the value, the database saying which day it is.
func (v Value) checkToday(ctx context.Context, tx pgx.Tx) error {
	today, err := postgres.Value[day.Day](ctx, tx, `SELECT paris_today()`)
	if err != nil {
		return postgres.Wrap(err, "today")
	}
	return v.check(today)
}
