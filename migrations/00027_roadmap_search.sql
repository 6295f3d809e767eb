-- The words of reports, steps and indicators: the search reads them by index, so that
-- 100,000 reports cost no more than a hundred.

-- +goose Up
CREATE INDEX progress_report_words ON progress_report USING gin (to_tsvector('french', fold(done || ' ' || next_step))) WHERE state = 'accepted';
CREATE INDEX action_step_words ON action_step USING gin (to_tsvector('french', fold(title)));
CREATE INDEX action_indicator_words ON action_indicator USING gin (to_tsvector('french', fold(name)));

-- +goose Down
DROP INDEX progress_report_words, action_step_words, action_indicator_words;
