-- +goose Up
-- The reports on which the team asks an organisation for more: counted on its home page.
CREATE INDEX progress_report_asked_back ON progress_report (organisation_id) WHERE state = 'asked_back';

-- +goose Down
DROP INDEX progress_report_asked_back;
