package roadmap

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MaxAxes is how many axes there may be: as many as there are marks, a mark being a
// colour and the pattern that goes with it.
const MaxAxes = 8

// AxisLine is an axis as the team keeps it.
type AxisLine struct {
	Axis
	Actions int `db:"actions"`
}

// AxisDesk is the axes of the roadmap, for the team.
type AxisDesk []AxisLine

// FreeMarks lists the marks that no axis but id bears, from the first.
func (d AxisDesk) FreeMarks(id AxisID) []int {
	var taken [MaxAxes + 1]bool
	for _, a := range d {
		taken[a.Pattern] = a.ID != id || taken[a.Pattern]
	}
	var free []int
	for m := 1; m <= MaxAxes; m++ {
		if !taken[m] {
			free = append(free, m)
		}
	}
	return free
}

// Find returns an axis of the desk; ErrNoAxis when it is not there.
func (d AxisDesk) Find(id AxisID) (AxisLine, error) {
	for _, a := range d {
		if a.ID == id {
			return a, nil
		}
	}
	return AxisLine{}, ErrNoAxis
}

// ErrNoAxis says that an axis does not exist.
var ErrNoAxis = problem.New(problem.NotFound, "Cet axe n’existe pas.")

// AxisDesk returns the axes in their order, with how many actions each holds.
func (s *Service) AxisDesk(ctx context.Context, by access.Actor) (AxisDesk, error) {
	if err := RequireTeam(by); err != nil {
		return nil, err
	}
	axes, err := postgres.List[AxisLine](ctx, s.db, `
		SELECT x.id, x.position, x.title, x.strategy, x.colour, x.pattern, x.version,
		       (SELECT count(*) FROM roadmap_action a WHERE a.axis_id = x.id)::int AS actions
		FROM axis x ORDER BY x.position`)
	return axes, postgres.Wrap(err, "axes of the team")
}

// check refuses what no axis may be. Fields: titre, strategie, marque.
func (a Axis) check() error {
	switch {
	case a.Title == "":
		return problem.OnField("titre", "Donnez un titre à l’axe.")
	case utf8.RuneCountInString(a.Title) > 200:
		return problem.OnField("titre", "Ce titre est trop long : gardez 200 caractères au plus.")
	case utf8.RuneCountInString(a.Strategy) > 4000:
		return problem.OnField("strategie", "Ce texte est trop long : gardez 4 000 caractères au plus.")
	case a.Pattern < 1 || a.Pattern > MaxAxes || a.Colour != a.Pattern:
		return problem.OnField("marque", "Choisissez une couleur et son motif.")
	}
	return nil
}

// AddAxis writes an axis after the others, and chooses its mark when it has none.
func (s *Service) AddAxis(ctx context.Context, by access.Actor, a Axis) (AxisID, error) {
	if err := RequireTeam(by); err != nil {
		return 0, err
	}
	checked := a
	if a.Pattern == 0 {
		checked.Colour, checked.Pattern = 1, 1
	}
	if err := checked.check(); err != nil {
		return 0, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		ids, err := InsertAxes(ctx, tx, []Axis{a})
		if err != nil {
			return err
		}
		if a.ID = ids[0]; a.Pattern != 0 {
			if err := axisWrite(ctx, tx, a); err != nil {
				return err
			}
		}
		return axisRecord(ctx, tx, by, a, nil, axisFields(a))
	})
	return a.ID, err
}

// ChangeAxis writes title, strategy and mark over version a.Version.
func (s *Service) ChangeAxis(ctx context.Context, by access.Actor, a Axis) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := axisLock(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if old.Version != a.Version {
			return ErrStale
		}
		if err := axisWrite(ctx, tx, a); err != nil {
			return err
		}
		return axisRecord(ctx, tx, by, a, axisFields(old), axisFields(a))
	})
}

func axisWrite(ctx context.Context, tx pgx.Tx, a Axis) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE axis SET title = $2, strategy = $3, colour = $4, pattern = $5, version = version + 1 WHERE id = $1`,
		a.ID, a.Title, a.Strategy, a.Colour, a.Pattern)
	if postgres.Violates(err, "axis_pattern_once") {
		return problem.OnField("marque", "Un autre axe porte déjà cette couleur et ce motif : choisissez-en d’autres.")
	}
	return postgres.Wrap(err, "write axis %d", a.ID)
}

// MoveAxis changes places with the axis before, or after; at the end of the list it
// does nothing.
func (s *Service) MoveAxis(ctx context.Context, by access.Actor, id AxisID, up bool) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('axis.position'))`); err != nil {
			return postgres.Wrap(err, "lock the order of axes")
		}
		a, err := axisLock(ctx, tx, id)
		if err != nil {
			return err
		}
		moved, err := postgres.Exec(ctx, tx, `
			WITH other AS (SELECT id, position FROM axis WHERE CASE WHEN $3 THEN position < $2 ELSE position > $2 END
			               ORDER BY CASE WHEN $3 THEN -position ELSE position END LIMIT 1)
			UPDATE axis x SET position = CASE WHEN x.id = $1 THEN o.position ELSE $2 END
			FROM other o WHERE x.id IN ($1, o.id)`, id, a.Position, up)
		if err != nil || moved == 0 {
			return postgres.Wrap(err, "move axis %d", id)
		}
		return axisRecord(ctx, tx, by, a, nil, map[string]any{"vers_le_haut": up})
	})
}

// RemoveAxis takes an axis off at its version; it must hold no action.
func (s *Service) RemoveAxis(ctx context.Context, by access.Actor, id AxisID, version int) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := axisLock(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Version != version {
			return ErrStale
		}
		// The locked row keeps an action from entering meanwhile; the question comes
		// first, since a refused statement would end the transaction of the caller.
		n, err := postgres.Value[int](ctx, tx, `SELECT count(*) FROM roadmap_action WHERE axis_id = $1`, id)
		if err != nil {
			return postgres.Wrap(err, "actions of axis %d", id)
		}
		if n > 0 {
			return problem.New(problem.Invalid, "Cet axe a des actions : rangez-les d’abord dans un autre axe.")
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM axis WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "remove axis %d", id)
		}
		return axisRecord(ctx, tx, by, a, axisFields(a), nil)
	})
}

func axisLock(ctx context.Context, tx pgx.Tx, id AxisID) (Axis, error) {
	a, err := postgres.One[Axis](ctx, tx, `
		SELECT id, position, title, strategy, colour, pattern, version FROM axis WHERE id = $1 FOR UPDATE`, id)
	if postgres.IsNoRows(err) {
		return a, ErrNoAxis
	}
	return a, postgres.Wrap(err, "lock axis %d", id)
}

func axisFields(a Axis) map[string]any {
	return map[string]any{"titre": a.Title, "strategie": a.Strategy, "couleur_et_motif": a.Pattern}
}

func axisRecord(ctx context.Context, tx pgx.Tx, by access.Actor, a Axis, before, after map[string]any) error {
	e := audit.Entry{Action: "roadmap.axis", Object: "axis", ID: int64(a.ID), Label: "Axe : " + a.Title}
	if before != nil {
		e.Before = before
	}
	if after != nil {
		e.After = after
	}
	return audit.Record(ctx, tx, by, e)
}
