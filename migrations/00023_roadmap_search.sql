-- The words of reports, steps and indicators: the search reads them by index, so that
-- 100,000 reports cost no more than a hundred. What the bars count stands in an index of
-- its own: the rows are wide.

-- +goose Up
CREATE INDEX progress_report_words ON progress_report USING gin (to_tsvector('french', fold(done || ' ' || next_step))) WHERE state = 'accepted';
CREATE INDEX action_step_words ON action_step USING gin (to_tsvector('french', fold(title)));
CREATE INDEX action_indicator_words ON action_indicator USING gin (to_tsvector('french', fold(name)));
CREATE INDEX roadmap_action_board ON roadmap_action (axis_id, number) INCLUDE (id, status, starts_on, ends_on, validated_on) WHERE validated_on IS NOT NULL;

-- +goose Down
DROP INDEX progress_report_words, action_step_words, action_indicator_words, roadmap_action_board;
