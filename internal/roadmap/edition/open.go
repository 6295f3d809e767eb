package edition

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

func title(year int) string {
	return "Programme annuel " + strconv.Itoa(year) + " de la feuille de route"
}

// Card is a programme in the list, with its counts.
type Card struct {
	Edition
	New      int `db:"new"`     // proposals put in it
	Carried  int `db:"carried"` // actions carried over
	Adopted  int `db:"adopted"`
	Waiting  int `db:"waiting"`  // proposals to examine
	Unsaid   int `db:"unsaid"`   // carried over without a reason yet
	Retained int `db:"retained"` // ready for the vote
}

const cardSQL = `
	SELECT ` + columns + `,
	       count(*) FILTER (WHERE l.origin = 'new')::int AS new, count(*) FILTER (WHERE l.origin = 'carried_over')::int AS carried,
	       count(*) FILTER (WHERE l.outcome = 'adopted')::int AS adopted,
	       count(*) FILTER (WHERE l.origin = 'new' AND l.outcome = 'proposed')::int AS waiting,
	       count(*) FILTER (WHERE l.origin = 'carried_over' AND l.outcome = 'proposed')::int AS unsaid,
	       count(*) FILTER (WHERE l.outcome = 'retained')::int AS retained
	FROM edition e LEFT JOIN edition_line l USING (year)`

// List returns the programmes for the team, the latest first.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Card, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return nil, err
	}
	all, err := postgres.List[Card](ctx, s.db, cardSQL+` GROUP BY e.year ORDER BY e.year DESC`)
	return all, postgres.Wrap(err, "editions")
}

// Frozen lists the programmes everybody may read, the latest first.
func (s *Service) Frozen(ctx context.Context) ([]Card, error) {
	all, err := postgres.List[Card](ctx, s.db, cardSQL+` WHERE e.state = 'frozen' GROUP BY e.year ORDER BY e.year DESC`)
	return all, postgres.Wrap(err, "frozen editions")
}

// Open is what home pages say of the programme being made; Year is 0 when there is none.
type Open struct {
	Year      int        `db:"year"`
	State     State      `db:"state"`
	Until     *time.Time `db:"proposals_until"` // proposals are taken until then, half-open
	Accepting bool       `db:"accepting"`
	ToExamine int        `db:"to_examine"` // proposals the team has not answered
	Unsaid    int        `db:"unsaid"`     // actions carried over without a reason yet
}

// AddOpen asks in a batch for the programme being made, whoever asks: the counts are
// for the team.
func AddOpen(b *postgres.Batch, dst *Open) {
	postgres.AddOne(b, dst, `
		SELECT coalesce(e.year, 0) AS year, coalesce(e.state, '') AS state, e.proposals_until,
		       coalesce(e.state = 'proposals' AND clock_timestamp() < e.proposals_until, false) AS accepting,
		       (SELECT count(*)::int FROM edition_line l WHERE l.year = e.year AND l.origin = 'new' AND l.outcome = 'proposed') AS to_examine,
		       (SELECT count(*)::int FROM edition_line l WHERE l.year = e.year AND l.origin = 'carried_over' AND l.outcome = 'proposed') AS unsaid
		FROM (VALUES (1)) one LEFT JOIN edition e ON e.state <> 'frozen'`)
}

// Start opens the programme of a year to proposals until the end of a day, in Paris.
// Every unfinished action gets a line to be carried over, and every proposal that
// waited for a programme gets its own.
func (s *Service) Start(ctx context.Context, by access.Actor, year int, last day.Day) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	if year < 2025 || year > 2100 {
		return problem.OnField("annee", "Saisissez une année entre 2025 et 2100.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		open, err := postgres.Value[bool](ctx, tx, `SELECT $1 >= paris_today()`, last)
		switch {
		case err != nil:
			return postgres.Wrap(err, "compare with today")
		case !open:
			return problem.OnField("fin", "Cette date est passée : choisissez un jour à venir.")
		}
		latest, err := postgres.Value[int](ctx, tx, `SELECT coalesce(max(year), 0)::int FROM edition`)
		switch {
		case err != nil:
			return postgres.Wrap(err, "latest edition")
		case latest >= year:
			return problem.OnField("annee", "Le programme "+strconv.Itoa(latest)+" existe déjà : choisissez une année qui suit.")
		}
		_, err = postgres.Exec(ctx, tx, `INSERT INTO edition (year, proposals_until) VALUES ($1, $2)`, year, last.AddDays(1).At(0, 0))
		switch {
		case postgres.Violates(err, "edition_open_once"):
			return problem.OnField("annee", "Un autre programme est en préparation : menez-le d’abord à son terme.")
		case postgres.Violates(err, "edition_pkey"):
			return problem.OnField("annee", "Ce programme existe déjà.")
		case err != nil:
			return postgres.Wrap(err, "insert edition")
		}
		if err := takeIn(ctx, tx, year); err != nil {
			return err
		}
		return record(ctx, tx, by, "edition", Edition{Year: year}, nil, map[string]any{"etat": Proposals.Label(), "propositions_jusqu_au": last})
	})
}

// takeIn gives a line to every unfinished action and to every proposal without one:
// nothing is lost between two programmes.
func takeIn(ctx context.Context, tx pgx.Tx, year int) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO edition_line (year, action_id, origin)
		SELECT $1, a.id, CASE a.status WHEN 'proposed' THEN 'new' ELSE 'carried_over' END FROM roadmap_action a
		WHERE a.status IN ('validated', 'in_progress', 'suspended')
		   OR a.status = 'proposed' AND NOT EXISTS (SELECT FROM edition_line l WHERE l.action_id = a.id)
		ON CONFLICT DO NOTHING`, year)
	return postgres.Wrap(err, "lines of edition %d", year)
}

// Examine closes the proposals: the list is examined, then voted. What was proposed
// after the date joins it when the team says so.
func (s *Service) Examine(ctx context.Context, by access.Actor, year, version int) error {
	return s.step(ctx, by, year, version, func(tx pgx.Tx, e Edition) error {
		if e.State != Proposals {
			return errNotTaken
		}
		_, err := postgres.Exec(ctx, tx, `UPDATE edition SET state = 'examination', version = version + 1 WHERE year = $1`, year)
		if err != nil {
			return postgres.Wrap(err, "examine edition")
		}
		return record(ctx, tx, by, "edition", e, map[string]any{"etat": e.State.Label()}, map[string]any{"etat": Examination.Label()})
	})
}

// TakeLate brings in the proposals and the unfinished actions that have no line yet.
func (s *Service) TakeLate(ctx context.Context, by access.Actor, year, version int) error {
	return s.step(ctx, by, year, version, func(tx pgx.Tx, e Edition) error {
		if err := takeIn(ctx, tx, year); err != nil {
			return err
		}
		return record(ctx, tx, by, "edition", e, nil, map[string]any{"propositions": "celles qui attendaient sont ajoutées"})
	})
}

// step runs an act of the team on a programme that is not frozen.
func (s *Service) step(ctx context.Context, by access.Actor, year, version int, act func(tx pgx.Tx, e Edition) error) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lock(ctx, tx, year, version)
		if err != nil {
			return err
		}
		return act(tx, e)
	})
}
