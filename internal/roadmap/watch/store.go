package watch

import (
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// alertsSQL is every alert of the day, derived: an alert disappears when its cause
// does. The path of an indicator is that of roadmap: straight from its baseline
// through its targets, each at 31 December.
const alertsSQL = `
	WITH today AS MATERIALIZED (SELECT paris_today() AS on_day), open AS (
		SELECT a.id, a.number, a.title, a.axis_id, x.title AS axis, a.status, a.priority, a.starts_on, a.ends_on, a.validated_on, a.last_news_at, a.late_from
		FROM roadmap_action a JOIN axis x ON x.id = a.axis_id WHERE a.status IN ('validated', 'in_progress')
	), last_reading AS (
		SELECT DISTINCT ON (i.id) i.id, i.action_id, i.name, i.direction, i.baseline, i.baseline_on, r.on_day, r.value
		FROM open o JOIN action_indicator i ON i.action_id = o.id JOIN indicator_reading r ON r.indicator_id = i.id AND r.on_day <= (SELECT on_day FROM today)
		ORDER BY i.id, r.on_day DESC
	), point AS (
		SELECT l.id, make_date(t.year, 12, 31) AS on_day, t.value, true AS target
		FROM last_reading l JOIN indicator_target t ON t.indicator_id = l.id AND (l.baseline IS NULL OR make_date(t.year, 12, 31) > l.baseline_on)
		UNION ALL SELECT id, baseline_on, baseline, false FROM last_reading WHERE baseline IS NOT NULL
	), around AS (
		SELECT l.id, bool_or(p.target) AS aims, max(p.on_day) FILTER (WHERE p.on_day <= l.on_day) AS before, min(p.on_day) FILTER (WHERE p.on_day > l.on_day) AS after
		FROM last_reading l JOIN point p ON p.id = l.id GROUP BY l.id
	), expected AS (
		SELECT l.*, CASE WHEN b.on_day IS NULL THEN CASE WHEN l.baseline IS NOT NULL THEN f.value END
		                 WHEN f.on_day IS NULL THEN b.value
		                 ELSE b.value + trunc((f.value - b.value) * (l.on_day - b.on_day) / (f.on_day - b.on_day), 4) END AS expected
		FROM last_reading l JOIN around a ON a.id = l.id AND a.aims
		LEFT JOIN point b ON b.id = l.id AND b.on_day = a.before LEFT JOIN point f ON f.id = l.id AND f.on_day = a.after
	), found AS (
		SELECT 'late' AS kind, o.id AS action_id, 0::bigint AS object_id, '' AS subject,
		       CASE WHEN o.ends_on < (SELECT on_day FROM today) THEN o.ends_on ELSE o.starts_on END AS since,
		       NULL::int AS severity, o.ends_on < (SELECT on_day FROM today) AS begun, 0 AS year, 0::bigint AS planned, 0::numeric AS value, 0::numeric AS expected
		FROM open o WHERE o.late_from <= (SELECT on_day FROM today)
		UNION ALL
		SELECT 'milestone', o.id, s.id, s.title, s.due_on, NULL, false, 0, 0, 0, 0
		FROM open o JOIN action_step s ON s.action_id = o.id WHERE s.milestone AND s.done_on IS NULL AND s.due_on < (SELECT on_day FROM today)
		UNION ALL
		SELECT 'off_path', o.id, e.id, e.name, e.on_day,
		       CASE WHEN abs(e.value - e.expected) > abs(e.expected) / 2 THEN 3 WHEN abs(e.value - e.expected) > abs(e.expected) / 5 THEN 2 ELSE 1 END,
		       false, 0, 0, e.value, e.expected
		FROM open o JOIN expected e ON e.action_id = o.id
		WHERE CASE e.direction WHEN 'down' THEN e.value > e.expected ELSE e.value < e.expected END
		UNION ALL
		SELECT 'silent', q.id, 0, '', q.since, NULL, false, 0, 0, 0, 0
		FROM (SELECT id, coalesce((last_news_at AT TIME ZONE 'Europe/Paris')::date, greatest(validated_on, starts_on)) AS since FROM open) q
		WHERE q.since <= (SELECT on_day FROM today) - 90
		UNION ALL
		SELECT 'unfunded', o.id, l.id, '', make_date(l.year, 1, 1), CASE WHEN l.year <= extract(year FROM (SELECT on_day FROM today)) THEN 3
		       WHEN l.year = extract(year FROM (SELECT on_day FROM today)) + 1 THEN 2 ELSE 1 END, false, l.year, l.planned_cents, 0, 0
		FROM open o JOIN budget_line l ON l.action_id = o.id WHERE l.funder_id IS NULL AND l.funder = '' AND l.planned_cents > 0
		UNION ALL
		SELECT 'decision', NULL, d.id, '', (m.starts_at AT TIME ZONE 'Europe/Paris')::date, NULL, false, 0, 0, 0, 0
		FROM decision d JOIN meeting m ON m.id = d.meeting_id
		WHERE d.kind = 'decision' AND d.outcome = 'adopted' AND d.follow_up = 'open' AND d.superseded_by IS NULL
		  AND m.starts_at > now() - interval '24 months' AND NOT EXISTS (SELECT FROM action_decision l JOIN decision o ON o.id = l.decision_id
		                  -- A rectified decision bears the number of the one it replaces.
		                  WHERE (o.body, o.year, o.kind, o.number) = (d.body, d.year, d.kind, d.number))
		UNION ALL
		SELECT 'unread', r.action_id, r.id, g.name, (r.at AT TIME ZONE 'Europe/Paris')::date, NULL, false, 0, 0, 0, 0
		FROM progress_report r JOIN organisation g ON g.id = r.organisation_id LEFT JOIN campaign c ON c.id = r.campaign_id
		WHERE r.state = 'sent' AND (c.id IS NULL OR c.closed_at IS NOT NULL)
	), alert AS (
		SELECT f.kind, coalesce(f.action_id, 0) AS action_id, coalesce(o.number, u.number, 0) AS number, coalesce(o.title, u.title, d.title) AS title, coalesce(o.axis_id, u.axis_id, 0) AS axis_id,
		       coalesce(o.axis, '') AS axis, f.object_id, f.subject, f.since,
		       CASE WHEN f.severity IS NOT NULL THEN f.severity
		            WHEN (SELECT on_day FROM today) - f.since > CASE f.kind WHEN 'late' THEN CASE o.priority WHEN 'high' THEN 30 ELSE 90 END WHEN 'milestone' THEN 60 WHEN 'unread' THEN 30 ELSE 365 END THEN 3
		            WHEN (SELECT on_day FROM today) - f.since > CASE f.kind WHEN 'late' THEN 30 WHEN 'milestone' THEN 14 WHEN 'silent' THEN 180 WHEN 'unread' THEN 7 ELSE 90 END THEN 2 ELSE 1 END AS severity,
		       f.begun, f.year, f.planned, (f.value * 10000)::bigint AS value, (f.expected * 10000)::bigint AS expected
		FROM found f LEFT JOIN open o ON o.id = f.action_id LEFT JOIN decision d ON f.kind = 'decision' AND d.id = f.object_id
		-- The action of a report may be over.
		LEFT JOIN roadmap_action u ON f.kind = 'unread' AND u.id = f.action_id
	)`

// Tally is how many alerts there are of a kind.
type Tally struct {
	Kind   Kind `db:"kind"`
	Count  int  `db:"count"`
	Urgent int  `db:"urgent"`
}

const countSQL = alertsSQL + `
	SELECT kind, count(*)::int AS count, (count(*) FILTER (WHERE severity = 3))::int AS urgent FROM alert WHERE $1 = 0 OR axis_id = $1 GROUP BY kind`

// AddCounts asks in a batch how many alerts there are of each kind that has any. The
// caller has checked that the team reads.
func AddCounts(b *postgres.Batch, dst *[]Tally) { postgres.AddList(b, dst, countSQL, int64(0)) }

func addPage(b *postgres.Batch, dst *[]Alert, kind Kind, axis roadmap.AxisID, page int) {
	postgres.AddList(b, dst, alertsSQL+`
		SELECT * FROM alert WHERE ($1 = '' OR kind = $1) AND ($2 = 0 OR axis_id = $2)
		ORDER BY severity DESC, since, kind, action_id, object_id LIMIT $3 OFFSET $4`, string(kind), int64(axis), postgres.Limit(page), postgres.Offset(page))
}

// worstSQL is the first of each kind.
const worstSQL = alertsSQL + `
	SELECT kind, action_id, number, title, axis_id, axis, object_id, subject, since, severity, begun, year, planned, value, expected
	FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY severity DESC, since, action_id, object_id) AS rank FROM alert) a
	WHERE rank <= $1 ORDER BY kind, rank`
