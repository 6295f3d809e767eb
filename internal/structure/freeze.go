package structure

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Freeze is a time during which no structure changes college: the roll of a vote
// stands on it.
type Freeze struct {
	Reason    string     `db:"reason"`
	StartedAt time.Time  `db:"started_at"`
	StartedBy string     `db:"started_by"`
	EndedAt   *time.Time `db:"ended_at"` // nil: in force
	EndedBy   string     `db:"ended_by"`
}

var errFrozen = problem.New(problem.Conflict, "Les collèges sont figés : une liste électorale est arrêtée. Aucune structure ne change de collège avant la fin du gel.")

// freezeLock makes changes of college (shared) and freezes (alone) take turns: when a
// freeze is in force every change that began before it is done.
const freezeLock = "college_freeze"

// refuseFrozen is errFrozen while a freeze is in force.
func refuseFrozen(ctx context.Context, tx pgx.Tx) error {
	if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock_shared(hashtext($1))`, freezeLock); err != nil {
		return postgres.Wrap(err, "wait for a freeze")
	}
	frozen, err := postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM college_freeze WHERE ended_at IS NULL)`)
	switch {
	case err != nil:
		return postgres.Wrap(err, "look for a freeze")
	case frozen:
		return errFrozen
	}
	return nil
}

// FreezeColleges begins a freeze. Field: motif.
func (s *Service) FreezeColleges(ctx context.Context, by access.Actor, reason string) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if reason == "" || utf8.RuneCountInString(reason) > MaxLifeText {
		return problem.OnField("motif", "Écrivez pourquoi les collèges sont figés, en 300 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext($1))`, freezeLock); err != nil {
			return postgres.Wrap(err, "wait for changes of college")
		}
		id, err := postgres.Value[int64](ctx, tx, `INSERT INTO college_freeze (reason, started_by) VALUES ($1, $2) RETURNING id`, reason, by.Name)
		if postgres.Violates(err, "college_freeze_one") {
			return problem.New(problem.Conflict, "Les collèges sont déjà figés.")
		}
		if err != nil {
			return postgres.Wrap(err, "freeze colleges")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "structure.freeze", Object: "college_freeze", ID: id, Label: reason})
	})
}

// FreezeIn begins a freeze in a transaction of the caller, who asked the right, and
// holds it from now on: changes of college that began before are done, none begins. A
// freeze in force already is enough.
func FreezeIn(ctx context.Context, tx pgx.Tx, by access.Actor, reason string) error {
	if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext($1))`, freezeLock); err != nil {
		return postgres.Wrap(err, "wait for changes of college")
	}
	id, err := postgres.Value[int64](ctx, tx, `
		INSERT INTO college_freeze (reason, started_by) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id`, reason, by.Name)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "freeze colleges")
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "structure.freeze", Object: "college_freeze", ID: id, Label: reason})
}

// UnfreezeColleges ends the freeze in force.
func (s *Service) UnfreezeColleges(ctx context.Context, by access.Actor) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		type ended struct {
			ID     int64
			Reason string
		}
		f, err := postgres.One[ended](ctx, tx, `UPDATE college_freeze SET ended_at = now(), ended_by = $1 WHERE ended_at IS NULL RETURNING id, reason`, by.Name)
		if postgres.IsNoRows(err) {
			return problem.New(problem.Conflict, "Les collèges ne sont plus figés.")
		}
		if err != nil {
			return postgres.Wrap(err, "unfreeze colleges")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "structure.unfreeze", Object: "college_freeze", ID: f.ID, Label: f.Reason})
	})
}

// Freezes returns the freezes, the one in force first, fifty at most.
func (s *Service) Freezes(ctx context.Context, by access.Actor) ([]Freeze, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	list, err := postgres.List[Freeze](ctx, s.db, `
		SELECT reason, started_at, started_by, ended_at, ended_by FROM college_freeze ORDER BY ended_at IS NULL DESC, started_at DESC LIMIT 50`)
	return list, postgres.Wrap(err, "list freezes")
}
