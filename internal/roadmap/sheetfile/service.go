// Package sheetfile reads and writes the roadmap as a spreadsheet; what it writes it
// reads back without loss.
//
// An import goes Upload → Preview → Apply. Between two pages its file is in
// roadmap_import, a day. What it would do is worked out anew each time: nothing is done
// that was not shown, and what the roadmap holds already is left alone, so that the
// same file twice adds nothing.
//
// Files: columns (the table), write (the roadmap over the table), read (the cells of a
// line), lines (what each type of line says), plan (lines put together), match (what
// names stand for), store.
package sheetfile

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// ID identifies an import.
type ID int64

// Service is the use cases of this room.
type Service struct {
	db postgres.DB
}

// New returns the service.
func New(db postgres.DB) *Service {
	return &Service{db: db}
}

var (
	errNotFound = problem.New(problem.NotFound, "Cet import n’existe pas, ou date de plus d’un jour.")
	errApplied  = problem.New(problem.Conflict, "Cet import a déjà été enregistré.")
	errMoved    = problem.New(problem.Conflict, "La feuille de route a changé depuis cet aperçu : voici ce que l’import ferait maintenant. Rien n’a été enregistré.")
)

// Export returns the whole roadmap as rows of Columns, in two round trips at most.
func (s *Service) Export(ctx context.Context, by access.Actor) ([][]Cell, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	ids, err := postgres.Values[roadmap.ID](ctx, s.db, `SELECT id FROM roadmap_action ORDER BY number`)
	if err != nil {
		return nil, postgres.Wrap(err, "list actions to export")
	}
	var (
		b       postgres.Batch
		axes    []roadmap.Axis
		orgs    []same
		persons []same
	)
	finish := roadmap.AddWhole(&b, ids)
	roadmap.AddAxes(&b, &axes)
	postgres.AddList(&b, &orgs, `
		SELECT o.id FROM organisation o JOIN (SELECT fold(name) AS name FROM organisation GROUP BY fold(name) HAVING count(*) > 1) d ON d.name = fold(o.name)`)
	postgres.AddList(&b, &persons, `
		SELECT p.id FROM person p JOIN (SELECT fold(first_name || ' ' || last_name) AS name FROM person GROUP BY 1 HAVING count(*) > 1) d
		ON d.name = fold(p.first_name || ' ' || p.last_name)`)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "export the roadmap")
	}
	n := names{map[roadmap.OrganisationID]bool{}, map[access.PersonID]bool{}}
	for _, o := range orgs {
		n.organisations[roadmap.OrganisationID(o.ID)] = true
	}
	for _, p := range persons {
		n.people[access.PersonID(p.ID)] = true
	}
	return rows(axes, finish(), n), nil
}

// same is one of several that bear one name.
type same struct {
	ID int64 `db:"id"`
}

// Upload reads the file and keeps it for a day. Field: fichier.
func (s *Service) Upload(ctx context.Context, by access.Actor, name string, r io.Reader) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	var head start
	t, err := spreadsheet.Read(name, io.TeeReader(r, &head), spreadsheet.Usual)
	if err != nil {
		return 0, err
	}
	if _, _, err := header(t); err != nil {
		return 0, err
	}
	content, err := pack(t)
	if err != nil {
		return 0, err
	}
	id, err := postgres.Value[ID](ctx, s.db, `
		INSERT INTO roadmap_import (file_name, content, dotted, line_count, made_by) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		fileName(name), content, head.zipped(), max(filled(t), 1), clip(by.Name, 199))
	return id, postgres.Wrap(err, "keep an import of the roadmap")
}

// Preview returns an import and what it would do now, in two round trips.
func (s *Service) Preview(ctx context.Context, by access.Actor, id ID) (Import, Plan, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Import{}, Plan{}, err
	}
	i, err := load(ctx, s.db, id)
	if err != nil || i.Outcome != nil {
		return i, Plan{}, err
	}
	p, err := preview(ctx, s.db, i)
	return i, p, err
}

// sender is what a preview reads through.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func preview(ctx context.Context, q sender, i Import) (Plan, error) {
	var p Plan
	all, err := lines(i.Table, i.Dotted, &p)
	if err != nil {
		return p, err
	}
	organisations, people := named(all)
	k, err := learn(ctx, q, organisations, people)
	if err != nil {
		return p, err
	}
	makePlan(&p, all, k)
	return p, nil
}

// Choice is what the person decides of a preview.
type Choice struct {
	Seen     string // Plan.Stamp of what they were shown
	GoodOnly bool   // leave out the actions with an error; else nothing is written if there is one
}

// Outcome is what an import did.
type Outcome struct {
	Axes    int     `json:"axes"`
	Actions int     `json:"actions"`
	Known   int     `json:"known"` // already there, left alone
	Left    int     `json:"left"`  // left out for an error
	Added   []Added `json:"added"` // the first ones
}

// Added is an action that an import wrote.
type Added struct {
	ID    roadmap.ID `json:"id"`
	Title string     `json:"title"`
}

// maxNamed is how many actions an outcome names.
const maxNamed = 100

// Apply does what the preview showed, in one act. When the roadmap has changed so that
// it would do something else, it does nothing and returns a Conflict with what it would
// do now. Field: choix.
func (s *Service) Apply(ctx context.Context, by access.Actor, id ID, c Choice) (Import, Plan, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Import{}, Plan{}, err
	}
	var (
		i Import
		p Plan
	)
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		// One at a time, with what else numbers actions.
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('roadmap_action.number'))`); err != nil {
			return postgres.Wrap(err, "lock the numbers of actions")
		}
		if i, err = load(ctx, tx, id); err != nil {
			return err
		}
		if i.Outcome != nil {
			return errApplied
		}
		if p, err = preview(ctx, tx, i); err != nil {
			return err
		}
		switch {
		case p.Stamp != c.Seen:
			return errMoved
		case len(p.Errors) > 0 && !c.GoodOnly:
			return problem.OnField("choix", "Le fichier contient des erreurs : corrigez-les et recommencez, ou choisissez d’importer seulement les actions sans erreur.")
		}
		return apply(ctx, tx, by, i, p)
	})
	return i, p, err
}

func apply(ctx context.Context, tx pgx.Tx, by access.Actor, i Import, p Plan) error {
	axes := p.goodAxes()
	if len(axes) > 0 {
		if _, err := roadmap.InsertAxes(ctx, tx, axes); err != nil {
			return err
		}
	}
	all, err := resolve(ctx, tx, p)
	if err != nil {
		return err
	}
	ids, err := roadmap.Insert(ctx, tx, by, all)
	if err != nil {
		return err
	}
	o := Outcome{Axes: len(axes), Actions: len(all), Known: len(p.Known), Left: len(p.Actions) - len(all)}
	for n, w := range all[:min(len(all), maxNamed)] {
		o.Added = append(o.Added, Added{ids[n], w.Title})
	}
	if _, err := postgres.Exec(ctx, tx, `UPDATE roadmap_import SET outcome = $2, applied_at = now() WHERE id = $1`, i.ID, o); err != nil {
		return postgres.Wrap(err, "close import %d of the roadmap", i.ID)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "roadmap.import", Object: "roadmap_import", ID: int64(i.ID), Label: i.FileName,
		After: map[string]any{"axes": o.Axes, "actions": o.Actions, "deja_presentes": o.Known, "en_erreur": o.Left, "empreinte": i.Digest}})
}

// resolve gives the actions to write the axes they name, which exist by now.
func resolve(ctx context.Context, tx pgx.Tx, p Plan) ([]roadmap.Whole, error) {
	axes, err := roadmap.New(tx).Axes(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]roadmap.AxisID{}
	for _, a := range axes {
		ids[a.Title] = a.ID
	}
	var all []roadmap.Whole
	for _, a := range p.Actions {
		if !a.Bad {
			w := a.Whole
			w.AxisID = ids[w.Axis]
			all = append(all, w)
		}
	}
	return all, nil
}

// keptFor is said to the person: see Prune.
const keptFor = 24 * time.Hour

// Prune deletes the imports of more than a day and returns how many.
func (s *Service) Prune(ctx context.Context) (int, error) {
	n, err := postgres.Exec(ctx, s.db, `DELETE FROM roadmap_import WHERE made_at < now() - $1::interval`, keptFor)
	return int(n), postgres.Wrap(err, "prune imports of the roadmap")
}
