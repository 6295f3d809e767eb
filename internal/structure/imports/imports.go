// Package imports takes structures from a spreadsheet into the register, after a
// preview: which columns mean what, what is new, what changes, what is wrong.
//
// An import goes: Upload → SetMapping → Preview → Apply → its outcome. Between two
// pages its file is in structure_import, seven days. What it would do is worked out
// anew each time: nothing is done that was not shown.
//
// Files: fields and definitions (what a column may mean), mapping, plan (what the
// import would do), match (which structure a line is about), read (a line over a
// sheet), near (names that look alike), store.
package imports

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// ID identifies an import.
type ID int64

// Service is the use cases of imports.
type Service struct {
	db         postgres.DB
	structures *structure.Service
}

// New returns the service.
func New(db postgres.DB, structures *structure.Service) *Service {
	return &Service{db: db, structures: structures}
}

var (
	errNotFound = problem.New(problem.NotFound, "Cet import n’existe pas, ou date de plus de sept jours.")
	errStale    = problem.New(problem.Conflict, "Quelqu’un d’autre a changé le sens des colonnes pendant ce temps : relisez-le, puis recommencez.")
	errApplied  = problem.New(problem.Conflict, "Cet import a déjà été enregistré.")
	errUnmapped = problem.New(problem.Conflict, "Dites d’abord ce que contient chaque colonne.")
	errMoved    = problem.New(problem.Conflict, "Le registre a changé depuis cet aperçu : voici ce que l’import ferait maintenant. Rien n’a été enregistré.")
	errBusy     = problem.New(problem.Conflict, "Un autre import est en cours d’enregistrement : attendez un instant, puis recommencez. Rien n’a été enregistré.")
)

// Upload reads the file and keeps it, with its columns recognised by their headings
// but nothing decided. Field: fichier.
func (s *Service) Upload(ctx context.Context, by access.Actor, name string, r io.Reader) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	t, err := spreadsheet.Read(name, r, spreadsheet.Usual)
	if err != nil {
		return 0, err
	}
	content, err := pack(t)
	if err != nil {
		return 0, err
	}
	id, err := postgres.Value[ID](ctx, s.db, `
		INSERT INTO structure_import (file_name, content, line_count, made_by) VALUES ($1, $2, $3, $4) RETURNING id`,
		fileName(name), content, lines(t), clip(by.Name))
	return id, postgres.Wrap(err, "keep an import")
}

// lines counts the lines that hold something.
func lines(t spreadsheet.Table) int {
	n := 0
	for i := range t.Rows {
		if !t.Blank(i) {
			n++
		}
	}
	return n
}

// Show returns an import with its table.
func (s *Service) Show(ctx context.Context, by access.Actor, id ID) (Import, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Import{}, err
	}
	return load(ctx, s.db, id)
}

// SetMapping says what the columns of an import mean, at the version the form showed.
// Every error is on a field: see Mapping.Check.
func (s *Service) SetMapping(ctx context.Context, by access.Actor, id ID, version int, m Mapping) ([]*problem.Error, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	var wrong []*problem.Error
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		i, err := lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case i.AppliedAt != nil:
			return errApplied
		case i.Version != version:
			return errStale
		case len(m.Columns) != len(i.Table.Header):
			return problem.New(problem.BadRequest, "Votre envoi ne correspond pas aux colonnes du fichier.")
		}
		if wrong = m.Check(i.Table, day.Today()); len(wrong) > 0 {
			return nil
		}
		_, err = postgres.Exec(ctx, tx, `UPDATE structure_import SET mapping = $2, version = version + 1 WHERE id = $1`, id, m)
		return postgres.Wrap(err, "map import %d", id)
	})
	return wrong, err
}

// Preview returns an import and what it would do now, in one round trip. A Conflict
// when its columns have no meaning yet.
func (s *Service) Preview(ctx context.Context, by access.Actor, id ID) (Import, Plan, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Import{}, Plan{}, err
	}
	return preview(ctx, s.db, id)
}

// querier is what a preview reads through.
type querier interface {
	postgres.Querier
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func preview(ctx context.Context, q querier, id ID) (Import, Plan, error) {
	var (
		b        postgres.Batch
		rows     []row
		register []structure.Sheet
		communes []structure.CommuneChoice
	)
	addImport(&b, &rows, id)
	structure.AddRegister(&b, &register)
	structure.AddCommuneChoices(&b, &communes)
	if err := b.Run(ctx, q); err != nil {
		return Import{}, Plan{}, postgres.Wrap(err, "preview import %d", id)
	}
	i, err := only(rows)
	switch {
	case err != nil:
		return i, Plan{}, err
	case i.Mapping == nil:
		return i, Plan{}, errUnmapped
	}
	names := make([]CommuneName, len(communes))
	for n, c := range communes {
		names[n] = CommuneName(c)
	}
	return i, Make(i.Table, *i.Mapping, register, names), nil
}

// Choice is what the person decides of a preview.
type Choice struct {
	Seen     string // Plan.Stamp of what they were shown
	GoodOnly bool   // leave out the lines that are wrong; else nothing is written if there is one
}

// Outcome is what an import did.
type Outcome struct {
	New       int     `json:"new"`
	Changed   int     `json:"changed"`
	Unchanged int     `json:"unchanged"`
	Wrong     int     `json:"wrong"` // left out
	Member    bool    `json:"member"`
	From      day.Day `json:"from"`
	Added     []Named `json:"added"`  // the first ones
	Edited    []Named `json:"edited"` // the first ones
}

// Named is a structure that an import wrote.
type Named struct {
	ID   structure.ID `json:"id"`
	Name string       `json:"name"`
}

// Apply does what the preview showed, in one act. When the register has changed so
// that it would do something else, it does nothing and returns a Conflict with what it
// would do now.
func (s *Service) Apply(ctx context.Context, by access.Actor, id ID, c Choice) (Import, Plan, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Import{}, Plan{}, err
	}
	var (
		i Import
		p Plan
	)
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		alone, err := postgres.Value[bool](ctx, tx, `SELECT pg_try_advisory_xact_lock(hashtext('structure_import'))`)
		if err != nil {
			return postgres.Wrap(err, "lock imports")
		}
		if i, p, err = preview(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case i.AppliedAt != nil:
			return errApplied
		case !alone:
			return errBusy
		case p.Stamp != c.Seen:
			return errMoved
		case p.Wrong > 0 && !c.GoodOnly:
			return problem.OnField("choix", "Le fichier contient des lignes en erreur : corrigez-les et recommencez, ou choisissez d’importer seulement les lignes correctes.")
		}
		return s.apply(ctx, tx, by, i, p)
	})
	return i, p, err
}

func (s *Service) apply(ctx context.Context, tx pgx.Tx, by access.Actor, i Import, p Plan) error {
	o := Outcome{New: p.New, Changed: p.Changed, Unchanged: p.Unchanged, Wrong: p.Wrong, Member: !i.Mapping.From.IsZero(), From: i.Mapping.From}
	added, err := s.add(ctx, tx, by, i, p)
	if err != nil {
		return err
	}
	var changed []structure.Told
	for _, l := range p.Lines {
		switch {
		case l.Kind == KindNew && len(o.Added) < maxNamed:
			o.Added = append(o.Added, Named{added[len(o.Added)], l.Sheet.Name})
		case l.Kind == KindChanged:
			changed = append(changed, structure.Told{Sheet: l.Sheet, Note: l.note()})
			if len(o.Edited) < maxNamed {
				o.Edited = append(o.Edited, Named{l.Sheet.ID, l.Sheet.Name})
			}
		}
	}
	if len(changed) > 0 {
		if err := s.structures.ChangeMany(ctx, tx, by, changed); err != nil {
			return err
		}
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE structure_import SET outcome = $2, applied_by = $3, applied_at = now(), version = version + 1 WHERE id = $1`,
		i.ID, o, clip(by.Name)); err != nil {
		return postgres.Wrap(err, "close import %d", i.ID)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "structure.import", Object: "structure_import", ID: int64(i.ID), Label: i.FileName,
		After: map[string]any{"nouvelles": p.New, "modifiees": p.Changed, "inchangees": p.Unchanged, "en_erreur": p.Wrong,
			"membres_depuis": o.From, "empreinte": i.Digest}})
}

// add writes the new lines.
func (s *Service) add(ctx context.Context, tx pgx.Tx, by access.Actor, i Import, p Plan) ([]structure.ID, error) {
	list := make([]structure.Told, 0, p.New)
	note := "Fichier « " + i.FileName + " »"
	if from := i.Mapping.From; !from.IsZero() {
		note += ", membre du GNI depuis le " + french.LongDate(from)
	}
	for _, l := range p.Lines {
		if l.Kind == KindNew {
			list = append(list, structure.Told{Sheet: l.Sheet, Note: note})
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return s.structures.AddMany(ctx, tx, by, list, i.Mapping.From)
}

// maxNamed is how many structures an outcome names.
const maxNamed = 100

// keptFor is said to the person: see Prune.
const keptFor = "7 days"

// Prune deletes the imports of more than seven days and returns how many.
func (s *Service) Prune(ctx context.Context) (int, error) {
	n, err := postgres.Exec(ctx, s.db, `DELETE FROM structure_import WHERE made_at < now() - $1::interval`, keptFor)
	return int(n), postgres.Wrap(err, "prune imports")
}
