package roadmap_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// TestLateFromIsTheFirstLateDay holds the stored day equal to the rule, on the eve, on
// the day and after: a list is right at midnight with nothing to run.
func TestLateFromIsTheFirstLateDay(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	var checked, wrong int
	err := w.DB.QueryRow(t.Context(), `
		WITH made AS (
			INSERT INTO roadmap_action (number, axis_id, title, body, status, status_reason, starts_on, ends_on, validated_on)
			SELECT 5000 + row_number() OVER (), $1, 'Action', 'gni', s, 'Un motif', paris_today() + b, paris_today() + e, paris_today() - 900
			FROM unnest(ARRAY['validated', 'in_progress', 'suspended', 'done', 'abandoned']) s,
			     unnest(ARRAY[NULL, -30, -1, 0, 1]) b, unnest(ARRAY[NULL, -2, -1, 0, 1, 30]) e WHERE b IS NULL OR e IS NULL OR b <= e
			RETURNING *)
		SELECT count(*), count(*) FILTER (WHERE action_late(status, starts_on, ends_on, d::date) <> coalesce(late_from <= d::date, false))
		FROM made, generate_series(paris_today() - 40, paris_today() + 40, interval '1 day') d`, w.Axes[0]).Scan(&checked, &wrong)
	if err != nil || checked == 0 || wrong > 0 {
		t.Fatal(checked, wrong, err)
	}
}

// TestBudgetSumsFollowTheLines changes lines and what decides whether they count, in
// every way there is, and compares the sums kept with the lines each time.
func TestBudgetSumsFollowTheLines(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	for _, sql := range []string{
		`INSERT INTO budget_line (action_id, year, funder, nature, planned_cents, obtained_cents, spent_cents)
		 SELECT a.id, y, f, n, 100 * a.id, 50, 7 FROM roadmap_action a, generate_series(2024, 2030) y, unnest(ARRAY['', 'Mécénat', 'Fonds']) f, unnest(ARRAY['running', 'investment']) n
		 ON CONFLICT DO NOTHING`,
		`UPDATE budget_line SET planned_cents = planned_cents + 1, funder = CASE funder WHEN 'Fonds' THEN 'Dotation' ELSE funder END WHERE year > 2025`,
		`UPDATE roadmap_action SET axis_id = (SELECT max(id) FROM axis) WHERE number = (SELECT min(number) FROM roadmap_action)`,
		`UPDATE roadmap_action SET status = 'abandoned', status_reason = 'Un motif', status_since = date '2026-05-01'`,
		`UPDATE roadmap_action SET status_since = date '2027-05-01'`,
		`UPDATE roadmap_action SET status = 'in_progress', validated_on = coalesce(validated_on, paris_today())`,
		`DELETE FROM budget_line WHERE nature = 'running' AND year IN (2026, 2028)`,
	} {
		if _, err := w.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
		differs, err := postgres.Value[int](t.Context(), w.DB, `
			WITH line AS (
				SELECT a.axis_id, l.year, l.nature, l.funder_id, l.funder, sum(l.planned_cents) AS p, sum(l.obtained_cents) AS o, sum(l.spent_cents) AS s, count(*) AS n
				FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id
				WHERE a.validated_on IS NOT NULL AND (a.status <> 'abandoned' OR l.year <= extract(year FROM a.status_since)) GROUP BY 1, 2, 3, 4, 5
			), kept AS (SELECT axis_id, year, nature, funder_id, funder, planned_cents, obtained_cents, spent_cents, lines FROM budget_sum WHERE lines <> 0)
			SELECT (SELECT count(*) FROM (SELECT * FROM line EXCEPT SELECT * FROM kept) x)::int + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM line) y)::int`)
		if err != nil || differs > 0 {
			t.Fatalf("%d cells differ after %s: %v", differs, sql, err)
		}
	}
}
