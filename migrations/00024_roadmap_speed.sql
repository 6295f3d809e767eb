-- Speed with a hundred times the actions: from which day an action is late, indexes that
-- hold what lists choose by, and the sums of the budget. See internal/roadmap.

-- +goose Up
-- The first day an action is late: action_late is then true from that day on. Lateness
-- itself stays derived, and right at midnight.
ALTER TABLE roadmap_action
    ADD COLUMN late_from date GENERATED ALWAYS AS
        (CASE status WHEN 'in_progress' THEN ends_on + 1 WHEN 'validated' THEN least(starts_on, ends_on) + 1 END) STORED,
    ADD COLUMN sort_title text GENERATED ALWAYS AS (fold(title)) STORED;

-- All that the public list chooses by: a list is chosen in it, then its lines alone are read.
DROP INDEX roadmap_action_board;
CREATE INDEX roadmap_action_board ON roadmap_action (axis_id, number)
    INCLUDE (id, status, late_from, starts_on, ends_on, validated_on, pilot_id, body, confidence, percent, last_news_at) WHERE validated_on IS NOT NULL;
CREATE INDEX roadmap_action_by_title ON roadmap_action (sort_title, number)
    INCLUDE (id, axis_id, status, late_from, starts_on, ends_on, validated_on, pilot_id, body, confidence) WHERE validated_on IS NOT NULL;
CREATE INDEX roadmap_action_late ON roadmap_action (ends_on, id) INCLUDE (late_from) WHERE late_from IS NOT NULL AND validated_on IS NOT NULL;
CREATE INDEX roadmap_action_achieved ON roadmap_action (status_since DESC, id DESC) WHERE status = 'done' AND validated_on IS NOT NULL;
CREATE INDEX roadmap_action_first_year ON roadmap_action (coalesce(starts_on, validated_on)) WHERE validated_on IS NOT NULL;
CREATE INDEX roadmap_action_last_end ON roadmap_action (ends_on) WHERE validated_on IS NOT NULL;
CREATE INDEX roadmap_action_last_start ON roadmap_action (starts_on) WHERE validated_on IS NOT NULL;
CREATE INDEX roadmap_action_public_pilot ON roadmap_action (pilot_id) WHERE validated_on IS NOT NULL;
DROP INDEX action_commune_of;
CREATE INDEX action_commune_of ON action_commune (organisation_id, action_id);
CREATE INDEX action_step_milestone ON action_step (due_on) INCLUDE (action_id) WHERE milestone AND done_on IS NULL;
CREATE INDEX budget_line_unfunded ON budget_line (action_id) WHERE funder_id IS NULL AND funder = '' AND planned_cents > 0;
-- The last report of an organisation on an action.
DROP INDEX progress_report_organisation;
CREATE INDEX progress_report_organisation ON progress_report (organisation_id, action_id, at DESC, id DESC);

-- The axis whose budget a line counts in: that of an action that was validated and, when
-- it was abandoned, up to that year; NULL when it counts in none.
ALTER TABLE budget_line ADD COLUMN counted_axis bigint;
CREATE INDEX budget_line_counted ON budget_line (action_id, year) INCLUDE (nature, funder_id, counted_axis) WHERE counted_axis IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION budget_line_counted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.counted_axis := (SELECT a.axis_id FROM roadmap_action a WHERE a.id = NEW.action_id AND a.validated_on IS NOT NULL
                         AND (a.status <> 'abandoned' OR NEW.year <= extract(year FROM a.status_since)));
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER budget_line_counted BEFORE INSERT OR UPDATE ON budget_line FOR EACH ROW EXECUTE FUNCTION budget_line_counted();

-- +goose StatementBegin
CREATE FUNCTION roadmap_action_counted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE budget_line SET year = year WHERE action_id = NEW.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER roadmap_action_counted AFTER UPDATE ON roadmap_action FOR EACH ROW
    WHEN ((OLD.axis_id, OLD.status, OLD.status_since, OLD.validated_on) IS DISTINCT FROM (NEW.axis_id, NEW.status, NEW.status_since, NEW.validated_on))
    EXECUTE FUNCTION roadmap_action_counted();

-- The sums of the lines that count, so that the view of funding reads some hundred rows
-- whatever the number of lines. A test holds them equal to the lines.
CREATE TABLE budget_sum (
    axis_id        bigint NOT NULL,
    year           smallint NOT NULL,
    nature         text NOT NULL,
    funder_id      bigint,
    funder         text NOT NULL,
    planned_cents  bigint NOT NULL,
    obtained_cents bigint NOT NULL,
    spent_cents    bigint NOT NULL,
    lines          integer NOT NULL,
    CONSTRAINT budget_sum_once UNIQUE NULLS NOT DISTINCT (axis_id, year, nature, funder_id, funder)
) WITH (fillfactor = 70);

-- Sums are written in one order: two who change budgets at once wait and never block
-- each other. A cell without line stays, at zero.
-- +goose StatementBegin
CREATE FUNCTION budget_sum_follow() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO budget_sum AS s
        SELECT counted_axis, year, nature, funder_id, funder, sum(planned_cents), sum(obtained_cents), sum(spent_cents), count(*)
        FROM fresh WHERE counted_axis IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (axis_id, year, nature, funder_id, funder) DO UPDATE
        SET planned_cents = s.planned_cents + excluded.planned_cents, obtained_cents = s.obtained_cents + excluded.obtained_cents,
            spent_cents = s.spent_cents + excluded.spent_cents, lines = s.lines + excluded.lines;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO budget_sum AS s
        SELECT counted_axis, year, nature, funder_id, funder, -sum(planned_cents), -sum(obtained_cents), -sum(spent_cents), -count(*)
        FROM gone WHERE counted_axis IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (axis_id, year, nature, funder_id, funder) DO UPDATE
        SET planned_cents = s.planned_cents + excluded.planned_cents, obtained_cents = s.obtained_cents + excluded.obtained_cents,
            spent_cents = s.spent_cents + excluded.spent_cents, lines = s.lines + excluded.lines;
    ELSE
        INSERT INTO budget_sum AS s
        SELECT counted_axis, year, nature, funder_id, funder, sum(k * planned_cents), sum(k * obtained_cents), sum(k * spent_cents), sum(k)
        FROM (SELECT 1 AS k, f.* FROM fresh f UNION ALL SELECT -1, g.* FROM gone g) l
        WHERE counted_axis IS NOT NULL GROUP BY 1, 2, 3, 4, 5
        HAVING sum(k * planned_cents) <> 0 OR sum(k * obtained_cents) <> 0 OR sum(k * spent_cents) <> 0 OR sum(k) <> 0 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (axis_id, year, nature, funder_id, funder) DO UPDATE
        SET planned_cents = s.planned_cents + excluded.planned_cents, obtained_cents = s.obtained_cents + excluded.obtained_cents,
            spent_cents = s.spent_cents + excluded.spent_cents, lines = s.lines + excluded.lines;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER budget_sum_insert AFTER INSERT ON budget_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION budget_sum_follow();
CREATE TRIGGER budget_sum_update AFTER UPDATE ON budget_line REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION budget_sum_follow();
CREATE TRIGGER budget_sum_delete AFTER DELETE ON budget_line REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION budget_sum_follow();
UPDATE budget_line SET counted_axis = NULL; -- the triggers place the lines there are, and sum them

-- +goose Down
DROP TRIGGER roadmap_action_counted ON roadmap_action;
DROP TRIGGER budget_sum_insert ON budget_line;
DROP TRIGGER budget_sum_update ON budget_line;
DROP TRIGGER budget_sum_delete ON budget_line;
DROP TRIGGER budget_line_counted ON budget_line;
DROP TABLE budget_sum;
DROP FUNCTION budget_sum_follow, budget_line_counted, roadmap_action_counted;
DROP INDEX budget_line_counted, budget_line_unfunded, action_step_milestone, progress_report_organisation, action_commune_of, roadmap_action_public_pilot,
    roadmap_action_last_start, roadmap_action_last_end, roadmap_action_first_year, roadmap_action_achieved, roadmap_action_late,
    roadmap_action_by_title, roadmap_action_board;
ALTER TABLE budget_line DROP COLUMN counted_axis;
ALTER TABLE roadmap_action DROP COLUMN late_from, DROP COLUMN sort_title;
CREATE INDEX roadmap_action_board ON roadmap_action (axis_id, number) INCLUDE (id, status, starts_on, ends_on, validated_on) WHERE validated_on IS NOT NULL;
CREATE INDEX action_commune_of ON action_commune (organisation_id);
CREATE INDEX progress_report_organisation ON progress_report (organisation_id, action_id, at DESC);
