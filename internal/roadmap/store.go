package roadmap

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Columns are the columns of an Action in Tables; rooms that list actions add their
// own WHERE and ORDER BY.
const Columns = `
	a.id, a.number, a.axis_id, x.title AS axis, a.title, a.objective, coalesce(a.pilot_id, 0) AS pilot_id, coalesce(p.name, '') AS pilot,
	coalesce(a.pilot_person_id, 0) AS pilot_person_id, coalesce(h.first_name || ' ' || h.last_name, '') AS pilot_person,
	a.body, coalesce(a.proposed_by, '') AS proposed_by, coalesce(a.proposer_id, 0) AS proposer_id, coalesce(w.name, '') AS proposer,
	a.audience, a.starts_on, a.ends_on, a.priority, a.fne_objective, a.status, a.status_reason, a.status_since, a.confidence, a.percent,
	a.all_communes, a.validated_on, a.validation, a.last_news_at, coalesce(a.late_from <= (SELECT paris_today()), false) AS late,
	a.changed_at, a.version`

// Tables are the tables Columns are read in.
const Tables = `
	FROM roadmap_action a JOIN axis x ON x.id = a.axis_id
	LEFT JOIN organisation p ON p.id = a.pilot_id LEFT JOIN person h ON h.id = a.pilot_person_id LEFT JOIN organisation w ON w.id = a.proposer_id`

// Load returns an action, whoever asks: the caller has checked the right.
func Load(ctx context.Context, q postgres.Querier, id ID) (Action, error) {
	a, err := postgres.One[Action](ctx, q, `SELECT `+Columns+Tables+` WHERE a.id = $1`, id)
	if postgres.IsNoRows(err) {
		return Action{}, ErrNotFound
	}
	return a, postgres.Wrap(err, "load action %d", id)
}

// Lock keeps others from changing the action and its lines until the transaction ends,
// and returns it; ErrStale when it is no longer at the version the form showed (0: any).
func Lock(ctx context.Context, tx pgx.Tx, id ID, version int) (Action, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM roadmap_action WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Action{}, postgres.Wrap(err, "lock action %d", id)
	}
	a, err := Load(ctx, tx, id)
	if err == nil && version != 0 && a.Version != version {
		return a, ErrStale
	}
	return a, err
}

// Write writes the fields of the sheet over the row, one version later. Status,
// confidence, percent and validation are written by the acts that change them.
func Write(ctx context.Context, tx pgx.Tx, a Action) error {
	if err := a.Check(); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, tx, `
		UPDATE roadmap_action SET axis_id = $2, title = $3, objective = $4, pilot_id = nullif($5, 0), pilot_person_id = nullif($6, 0),
		       body = $7, audience = $8, starts_on = $9, ends_on = $10, priority = $11, fne_objective = $12, all_communes = $13,
		       changed_at = now(), version = version + 1
		WHERE id = $1`,
		a.ID, a.AxisID, a.Title, a.Objective, a.PilotID, a.PilotPersonID, string(a.Body), a.Audience, a.StartsOn, a.EndsOn,
		string(a.Priority), a.FNE, a.AllCommunes)
	return named(err, "write action %d", a.ID)
}

// Touch says that a line of the sheet changed: one version later.
func Touch(ctx context.Context, tx pgx.Tx, id ID) error {
	_, err := postgres.Exec(ctx, tx, `UPDATE roadmap_action SET changed_at = now(), version = version + 1 WHERE id = $1`, id)
	return postgres.Wrap(err, "touch action %d", id)
}

// SetCommunes writes which communes the action concerns: all of them, or those listed.
func SetCommunes(ctx context.Context, tx pgx.Tx, id ID, all bool, communes []OrganisationID) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH wanted AS (SELECT organisation_id FROM commune WHERE $2 OR organisation_id = ANY ($3)),
		gone AS (DELETE FROM action_commune WHERE action_id = $1 AND organisation_id NOT IN (SELECT organisation_id FROM wanted)),
		flag AS (UPDATE roadmap_action SET all_communes = $2 WHERE id = $1)
		INSERT INTO action_commune (action_id, organisation_id) SELECT $1, organisation_id FROM wanted ON CONFLICT DO NOTHING`,
		id, all, communes)
	return postgres.Wrap(err, "communes of action %d", id)
}

// SetPartners writes which organisations take part, and what each does.
func SetPartners(ctx context.Context, tx pgx.Tx, id ID, partners []Party) error {
	var (
		ids   = make([]OrganisationID, len(partners))
		parts = make([]string, len(partners))
	)
	for i, p := range partners {
		ids[i], parts[i] = p.ID, p.Part
	}
	_, err := postgres.Exec(ctx, tx, `
		WITH gone AS (DELETE FROM action_partner WHERE action_id = $1 AND organisation_id <> ALL ($2))
		INSERT INTO action_partner (action_id, organisation_id, part) SELECT $1, * FROM unnest($2::bigint[], $3::text[])
		ON CONFLICT (action_id, organisation_id) DO UPDATE SET part = excluded.part`, id, ids, parts)
	return named(err, "partners of action %d", id)
}

// SetStatus writes a status with its reason from today, and returns the action as it
// then is. validation says what validated an action that was not yet public; "" leaves
// it. Whether the act may be done is the caller's.
func SetStatus(ctx context.Context, tx pgx.Tx, a Action, to Status, reason, validation string) (Action, error) {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE roadmap_action SET status = $2, status_reason = $3, status_since = paris_today(),
		       validated_on = CASE WHEN $2 IN ('proposed', 'abandoned') THEN validated_on ELSE coalesce(validated_on, paris_today()) END,
		       validation = CASE WHEN $4 <> '' THEN $4 ELSE validation END,
		       percent = CASE WHEN $2 = 'done' AND percent IS NOT NULL THEN 100 ELSE percent END,
		       changed_at = now(), version = version + 1
		WHERE id = $1`, a.ID, string(to), reason, validation)
	if err := named(err, "status of action %d", a.ID); err != nil {
		return a, err
	}
	return Load(ctx, tx, a.ID)
}

// named gives the French message of the constraints a form can meet.
func named(err error, format string, args ...any) error {
	for constraint, refusal := range map[string]*problem.Error{
		"roadmap_action_ends_after_start":     problem.OnField("fin", "La fin doit suivre le début."),
		"roadmap_action_number_once":          problem.OnField("numero", "Une autre action porte déjà ce numéro."),
		"roadmap_action_axis_id_fkey":         problem.OnField("axe", "Cet axe n’existe plus."),
		"roadmap_action_pilot_id_fkey":        problem.OnField("pilote", "Cette organisation n’existe pas."),
		"roadmap_action_abandoned_why":        problem.OnField("motif", "Dites pourquoi."),
		"roadmap_action_suspended_why":        problem.OnField("motif", "Dites pourquoi."),
		"action_partner_organisation_id_fkey": problem.OnField("partenaires", "Une de ces organisations n’existe pas."),
		"budget_line_once":                    problem.OnField("financeur", "Une ligne existe déjà pour cette année, ce financeur et cette nature : modifiez-la."),
	} {
		if postgres.Violates(err, constraint) {
			return refusal
		}
	}
	return postgres.Wrap(err, format, args...)
}

// Axes returns the axes in their order, whoever asks.
func (s *Service) Axes(ctx context.Context) ([]Axis, error) {
	axes, err := postgres.List[Axis](ctx, s.db, axesSQL)
	return axes, postgres.Wrap(err, "axes")
}

const axesSQL = `SELECT id, position, title, strategy, colour, pattern, version FROM axis ORDER BY position`

// AddAxes asks for the axes in a batch.
func AddAxes(b *postgres.Batch, dst *[]Axis) { postgres.AddList(b, dst, axesSQL) }

// InsertAxes writes axes after those there are, in their order; colour and pattern are
// chosen. It returns their ids.
func InsertAxes(ctx context.Context, tx pgx.Tx, axes []Axis) ([]AxisID, error) {
	titles, texts := make([]string, len(axes)), make([]string, len(axes))
	for i, a := range axes {
		titles[i], texts[i] = a.Title, a.Strategy
	}
	ids, err := postgres.Values[AxisID](ctx, tx, `
		WITH place AS (SELECT pg_advisory_xact_lock(hashtext('axis.position'))),
		free AS (SELECT n, row_number() OVER (ORDER BY n) AS rank FROM generate_series(1, 8) n
		         WHERE n NOT IN (SELECT pattern FROM axis)),
		new AS (SELECT title, strategy, ord FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(title, strategy, ord))
		INSERT INTO axis (position, title, strategy, colour, pattern)
		SELECT (SELECT coalesce(max(position), 0) FROM axis) + new.ord, new.title, new.strategy, free.n, free.n
		FROM place, new JOIN free ON free.rank = new.ord ORDER BY new.ord RETURNING id`, titles, texts)
	if err != nil {
		return nil, postgres.Wrap(err, "insert axes")
	}
	if len(ids) < len(axes) {
		return nil, problem.OnField("axe", "La feuille de route a huit axes au plus.")
	}
	return ids, nil
}
