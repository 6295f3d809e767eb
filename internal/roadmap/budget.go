package roadmap

import (
	"context"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Years a budget line may bear (constraint budget_line_year_check).
const (
	FirstBudgetYear = 2020
	LastBudgetYear  = 2100
)

// Doubt is what does not match in the amounts of a line: it is told, never refused.
type Doubt int

// The closed set of doubts.
const (
	ObtainedOverPlanned Doubt = iota + 1 // more was obtained than planned
	SpentOverObtained                    // more is spent than was obtained
)

// Doubts lists what does not match in the amounts.
func (l Line) Doubts() []Doubt {
	var d []Doubt
	if l.Obtained > l.Planned {
		d = append(d, ObtainedOverPlanned)
	}
	if l.Spent > l.Obtained {
		d = append(d, SpentOverObtained)
	}
	return d
}

// Label says the doubt in a sentence, with the amounts.
func (l Line) Label(d Doubt) string {
	if d == SpentOverObtained {
		return "Le montant dépensé (" + l.Spent.String() + ") dépasse le montant obtenu (" + l.Obtained.String() + ")."
	}
	return "Le montant obtenu (" + l.Obtained.String() + ") dépasse le montant prévu (" + l.Planned.String() + ")."
}

// NoFunder is what a line without a funder is called.
const NoFunder = "Financeur à trouver"

// Funder names who pays the line, NoFunder when nobody was found yet.
func (l Line) Funder() string {
	if l.FunderName == "" {
		return NoFunder
	}
	return l.FunderName
}

// CheckLine refuses what no budget line may be. Fields: annee, financeur_nom, nature,
// prevu, obtenu, depense, note.
func (l Line) CheckLine() error {
	switch {
	case l.Year < FirstBudgetYear || l.Year > LastBudgetYear:
		return problem.OnField("annee", "Choisissez une année entre 2020 et 2100.")
	case l.Nature != Investment && l.Nature != Running:
		return problem.OnField("nature", "Choisissez investissement ou fonctionnement.")
	case l.FunderID == 0 && utf8.RuneCountInString(l.FunderName) > 200:
		return problem.OnField("financeur_nom", "Ce nom est trop long : gardez-en 200 caractères au plus.")
	case utf8.RuneCountInString(l.Note) > 300:
		return problem.OnField("note", "Cette note est trop longue : gardez-en 300 caractères au plus.")
	}
	for _, f := range []struct {
		field string
		v     Cents
	}{{"prevu", l.Planned}, {"obtenu", l.Obtained}, {"depense", l.Spent}} {
		if f.v < 0 || f.v > MaxAmount {
			return problem.OnField(f.field, "Saisissez un montant positif, d’un milliard d’euros au plus.")
		}
	}
	return nil
}

// budgetFields is what the journal keeps of a line.
func (l Line) budgetFields() map[string]any {
	return map[string]any{"annee": l.Year, "financeur": l.Funder(), "nature": l.Nature.Label(), "prevu": l.Planned.String(),
		"obtenu": l.Obtained.String(), "depense": l.Spent.String(), "note": l.Note}
}

// Funder is an organisation of the portal that may fund an action.
type Funder struct {
	ID   OrganisationID `db:"id"`
	Kind string         `db:"kind"`
	Name string         `db:"name"`
}

const budgetFundersSQL = `
	SELECT id, kind, name FROM organisation WHERE kind <> 'structure'
	ORDER BY CASE kind WHEN 'metropole' THEN 1 WHEN 'partner' THEN 2 WHEN 'state_service' THEN 3 ELSE 4 END, fold(name)`

// AddFunders asks in a batch for the organisations that may fund an action: the
// metropole, the partners, the services of the State, the communes.
func AddFunders(b *postgres.Batch, dst *[]Funder) { postgres.AddList(b, dst, budgetFundersSQL) }

// Budget is the money of an action as the team keeps it.
type Budget struct {
	Action  Action
	Lines   []Line // by year, then funder
	Funders []Funder
}

// Budget returns the lines of an action, in one round trip.
func (s *Service) Budget(ctx context.Context, by access.Actor, id ID) (Budget, error) {
	var v Budget
	if err := RequireTeam(by); err != nil {
		return v, err
	}
	var b postgres.Batch
	var actions []Action
	postgres.AddList(&b, &actions, `SELECT `+Columns+Tables+` WHERE a.id = $1`, id)
	postgres.AddList(&b, &v.Lines, budgetLineSQL+` WHERE l.action_id = $1
		ORDER BY l.year, fold(coalesce(o.name, l.funder)), l.nature, l.id`, id)
	AddFunders(&b, &v.Funders)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "budget of action %d", id)
	}
	if len(actions) == 0 {
		return v, ErrNotFound
	}
	v.Action = actions[0]
	return v, nil
}

// Line returns the line of that id, false when the action has none.
func (v Budget) Line(id LineID) (Line, bool) {
	for _, l := range v.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return Line{}, false
}

const budgetLineSQL = `
	SELECT l.id, l.action_id, l.year, coalesce(l.funder_id, 0) AS funder_id, coalesce(o.name, l.funder) AS funder, l.nature,
	       l.planned_cents, l.obtained_cents, l.spent_cents, l.note, l.version
	FROM budget_line l LEFT JOIN organisation o ON o.id = l.funder_id`

// AddLine writes a new line. Fields: those of CheckLine, and financeur.
func (s *Service) AddLine(ctx context.Context, by access.Actor, l Line) (LineID, error) {
	if err := RequireTeam(by); err != nil {
		return 0, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := budgetLock(ctx, tx, &l)
		if err != nil {
			return err
		}
		l.ID, err = postgres.Value[LineID](ctx, tx, `
			INSERT INTO budget_line (action_id, year, funder_id, funder, nature, planned_cents, obtained_cents, spent_cents, note)
			VALUES ($1, $2, nullif($3, 0), CASE WHEN $3 = 0 THEN $4 ELSE '' END, $5, $6, $7, $8, $9) RETURNING id`,
			l.Action, l.Year, l.FunderID, l.FunderName, string(l.Nature), l.Planned, l.Obtained, l.Spent, l.Note)
		if err := named(err, "add a budget line to action %d", l.Action); err != nil {
			return err
		}
		return budgetRecord(ctx, tx, by, a, nil, l.budgetFields())
	})
	return l.ID, err
}

// ChangeLine writes over version l.Version of the line; ErrStale when somebody changed
// it meanwhile.
func (s *Service) ChangeLine(ctx context.Context, by access.Actor, l Line) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := budgetLock(ctx, tx, &l)
		if err != nil {
			return err
		}
		old, err := budgetLoad(ctx, tx, l)
		if err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE budget_line SET year = $2, funder_id = nullif($3, 0), funder = CASE WHEN $3 = 0 THEN $4 ELSE '' END, nature = $5,
			       planned_cents = $6, obtained_cents = $7, spent_cents = $8, note = $9, version = version + 1 WHERE id = $1`,
			l.ID, l.Year, l.FunderID, l.FunderName, string(l.Nature), l.Planned, l.Obtained, l.Spent, l.Note)
		if err := named(err, "change budget line %d", l.ID); err != nil {
			return err
		}
		return budgetRecord(ctx, tx, by, a, old.budgetFields(), l.budgetFields())
	})
}

// RemoveLine takes the version l.Version of a line off; the journal keeps it.
func (s *Service) RemoveLine(ctx context.Context, by access.Actor, l Line) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := Lock(ctx, tx, l.Action, 0)
		if err != nil {
			return err
		}
		old, err := budgetLoad(ctx, tx, l)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM budget_line WHERE id = $1`, l.ID); err != nil {
			return postgres.Wrap(err, "remove budget line %d", l.ID)
		}
		return budgetRecord(ctx, tx, by, a, old.budgetFields(), nil)
	})
}

// ErrNoLine says that a budget line does not exist, or no longer.
var ErrNoLine = problem.New(problem.NotFound, "Cette ligne de budget n’existe pas, ou a été retirée.")

// budgetLock checks the line and locks its action. A funder typed by the name of an
// organisation of the portal is that organisation, so that its sums hold together.
func budgetLock(ctx context.Context, tx pgx.Tx, l *Line) (Action, error) {
	if err := l.CheckLine(); err != nil {
		return Action{}, err
	}
	a, err := Lock(ctx, tx, l.Action, 0)
	if err != nil || l.FunderID == 0 && l.FunderName == "" {
		return a, err
	}
	found, err := postgres.List[Funder](ctx, tx, `
		SELECT id, kind, name FROM organisation WHERE kind <> 'structure' AND (id = $1 OR $1 = 0 AND fold(name) = fold($2))
		ORDER BY kind = 'commune', id LIMIT 1`, l.FunderID, l.FunderName)
	switch {
	case err != nil:
		return a, postgres.Wrap(err, "funder %d", l.FunderID)
	case len(found) > 0:
		l.FunderID, l.FunderName = found[0].ID, found[0].Name
	case l.FunderID != 0:
		return a, problem.OnField("financeur", "Choisissez un financeur de la liste.")
	}
	return a, nil
}

func budgetLoad(ctx context.Context, tx pgx.Tx, l Line) (Line, error) {
	old, err := postgres.One[Line](ctx, tx, budgetLineSQL+` WHERE l.id = $1 AND l.action_id = $2 FOR UPDATE OF l`, l.ID, l.Action)
	switch {
	case postgres.IsNoRows(err):
		return old, ErrNoLine
	case err != nil:
		return old, postgres.Wrap(err, "load budget line %d", l.ID)
	case old.Version != l.Version:
		return old, ErrStale
	}
	return old, nil
}

// budgetRecord journals the act: the sheet is one version later.
func budgetRecord(ctx context.Context, tx pgx.Tx, by access.Actor, a Action, before, after map[string]any) error {
	if err := Touch(ctx, tx, a.ID); err != nil {
		return err
	}
	// A nil map would be the JSON null of something: nothing is nil.
	var was, is any
	if before != nil {
		was = before
	}
	if after != nil {
		is = after
	}
	return Record(ctx, tx, by, "budget", a, was, is)
}

// YearTotals are the sums of the lines of a year.
type YearTotals struct {
	Year int
	Totals
}

// SumByYear adds lines up by year, in the order of years.
func SumByYear(lines []Line) []YearTotals {
	of := map[int][]Line{}
	for _, l := range lines {
		of[l.Year] = append(of[l.Year], l)
	}
	var out []YearTotals
	for _, year := range slices.Sorted(maps.Keys(of)) {
		out = append(out, YearTotals{Year: year, Totals: Sum(of[year])})
	}
	return out
}
