package progress

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Columns are the columns of a Report in Tables.
const Columns = `
	r.id, r.action_id, r.organisation_id, o.name AS organisation, coalesce(k.insee, '') AS insee, coalesce(r.campaign_id, 0) AS campaign_id,
	coalesce(r.person_id, 0) AS person_id, r.by_name, r.situation, r.nothing_new, r.percent, r.fall_reason, r.done, r.difficulty, r.need_kind,
	r.need, r.next_step, r.good_practice, r.state, r.review_note, r.reviewed_by, r.reviewed_at, coalesce(r.replaces_id, 0) AS replaces_id,
	r.at, r.version`

// Tables are the tables Columns are read in.
const Tables = `
	FROM progress_report r JOIN organisation o ON o.id = r.organisation_id LEFT JOIN commune k ON k.organisation_id = r.organisation_id`

// errTwice is what the second of two people who report at once is told.
var errTwice = problem.New(problem.Conflict, "Un point vient d’être enregistré pour cette action : relisez-le, puis envoyez le vôtre s’il le complète.")

const figuresSQL = `
	SELECT f.report_id, f.indicator_id, i.name, i.unit, (f.value * 10000)::bigint AS value
	FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id WHERE f.report_id = ANY ($1) ORDER BY f.report_id, i.position`

// FiguresOf returns the figures of several reports.
func FiguresOf(ctx context.Context, q postgres.Querier, reports []ReportID) ([]Figure, error) {
	f, err := postgres.List[Figure](ctx, q, figuresSQL, reports)
	return f, postgres.Wrap(err, "figures of reports")
}

// Insert writes a report that was checked; who may report on the action is the caller's.
// r.Replaces, when set, becomes Replaced. Two reports of one organisation on one action
// in one campaign are a Conflict. A bare report, and one of the team, are accepted at
// once (Settle), unless its State says that it waits. It returns the report as it is kept.
func Insert(ctx context.Context, tx pgx.Tx, by access.Actor, r Report) (Report, error) {
	if r.Replaces != 0 {
		n, err := postgres.Exec(ctx, tx, `
			UPDATE progress_report SET state = 'replaced', version = version + 1 WHERE id = $1 AND state <> 'replaced'`, r.Replaces)
		if err != nil {
			return r, postgres.Wrap(err, "replace report %d", r.Replaces)
		}
		if n == 0 {
			return r, errTwice
		}
	}
	id, err := postgres.Value[ReportID](ctx, tx, `
		INSERT INTO progress_report (action_id, organisation_id, campaign_id, person_id, by_name, situation, nothing_new, percent, fall_reason,
		    done, difficulty, need_kind, need, next_step, good_practice, replaces_id, at)
		VALUES ($1, $2, nullif($3, 0), nullif($4, 0), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, nullif($16, 0), coalesce($17, clock_timestamp())) RETURNING id`,
		r.Action, r.Organisation, r.Campaign, by.Person, by.Name, string(r.Situation), r.NothingNew, r.Percent, r.FallReason,
		r.Done, r.Difficulty, string(r.NeedKind), r.Need, r.NextStep, r.GoodPractice, r.Replaces, said(r))
	if postgres.Violates(err, "progress_report_once_a_campaign") || postgres.Violates(err, "progress_report_replaces_once") {
		return r, errTwice
	}
	if err != nil {
		return r, postgres.Wrap(err, "report on action %d", r.Action)
	}
	if err := insertFigures(ctx, tx, id, r.Figures); err != nil {
		return r, err
	}
	if r.State != Sent && (r.Bare() || by.RunsBodies()) {
		return Settle(ctx, tx, by, id, Accepted, "")
	}
	if _, err := postgres.Exec(ctx, tx, `UPDATE roadmap_action SET last_news_at = now() WHERE id = $1`, r.Action); err != nil {
		return r, postgres.Wrap(err, "news of action %d", r.Action)
	}
	return load(ctx, tx, id)
}

// said is when the report says it was made: nil for now. Only the demonstration dates
// its past.
func said(r Report) *time.Time {
	if r.At.IsZero() {
		return nil
	}
	return &r.At
}

func insertFigures(ctx context.Context, tx pgx.Tx, id ReportID, figures []Figure) error {
	if len(figures) == 0 {
		return nil
	}
	ids, values := make([]roadmap.IndicatorID, len(figures)), make([]int64, len(figures))
	for i, f := range figures {
		ids[i], values[i] = f.Indicator, int64(f.Value)
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO report_figure (report_id, indicator_id, value)
		SELECT $1, * FROM (SELECT i, v / 10000.0 FROM unnest($2::bigint[], $3::bigint[]) AS u(i, v)) x`, id, ids, values)
	return postgres.Wrap(err, "figures of report %d", id)
}

func load(ctx context.Context, q postgres.Querier, id ReportID) (Report, error) {
	r, err := postgres.One[Report](ctx, q, `SELECT `+Columns+Tables+` WHERE r.id = $1`, id)
	if postgres.IsNoRows(err) {
		return r, ErrNoReport
	}
	if err != nil {
		return r, postgres.Wrap(err, "load report %d", id)
	}
	r.Figures, err = FiguresOf(ctx, q, []ReportID{id})
	return r, err
}

// ErrNoReport says that a report does not exist, or not for who asks.
var ErrNoReport = problem.New(problem.NotFound, "Ce point d’avancement n’existe pas.")

// Settle writes what the team did of a report that nothing replaced. Accepted: the
// percent of the pilot's becomes that of the action. It does not journal: the act that
// settles does.
func Settle(ctx context.Context, tx pgx.Tx, by access.Actor, id ReportID, to State, note string) (Report, error) {
	n, err := postgres.Exec(ctx, tx, `
		UPDATE progress_report SET state = $2, review_note = $3, reviewed_by = $4, reviewed_at = now(), version = version + 1
		WHERE id = $1 AND state <> 'replaced'`, id, string(to), note, by.Name)
	if err != nil {
		return Report{}, postgres.Wrap(err, "settle report %d", id)
	}
	if n == 0 {
		return Report{}, errTwice
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE roadmap_action a SET last_news_at = greatest(a.last_news_at, r.at),
		       percent = CASE WHEN $2 = 'accepted' AND a.pilot_id = r.organisation_id AND r.percent IS NOT NULL
		                      AND (a.status <> 'done' OR r.percent = 100) THEN r.percent ELSE a.percent END
		FROM progress_report r WHERE r.id = $1 AND a.id = r.action_id`, id, string(to)); err != nil {
		return Report{}, postgres.Wrap(err, "action of report %d", id)
	}
	return load(ctx, tx, id)
}
