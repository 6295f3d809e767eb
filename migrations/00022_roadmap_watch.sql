-- Spreadsheets of the roadmap on their way in (kept a day), and the weeks whose digest
-- of alerts was sent. See internal/roadmap/sheetfile and internal/roadmap/watch.

-- +goose Up
CREATE TABLE roadmap_import (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name  text NOT NULL CONSTRAINT roadmap_import_file_name_check CHECK (length(file_name) BETWEEN 1 AND 200),
    content    bytea NOT NULL,                            -- the table as it was read, JSON, gzip
    dotted     boolean NOT NULL,                          -- a workbook: its numbers bear a dot
    line_count integer NOT NULL CONSTRAINT roadmap_import_line_count_check CHECK (line_count > 0),
    made_by    text NOT NULL CONSTRAINT roadmap_import_made_by_check CHECK (length(made_by) <= 200),
    made_at    timestamptz NOT NULL DEFAULT now(),
    outcome    jsonb,                                     -- what it did
    applied_at timestamptz,
    CONSTRAINT roadmap_import_applied_whole CHECK ((applied_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX roadmap_import_made_at ON roadmap_import (made_at);

-- One line a week, by its Monday in Paris: whoever writes it sends.
CREATE TABLE roadmap_digest (
    week    date PRIMARY KEY CONSTRAINT roadmap_digest_monday CHECK (extract(isodow FROM week) = 1),
    sent_at timestamptz NOT NULL DEFAULT now(),
    people  integer NOT NULL DEFAULT 0,
    alerts  integer NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE roadmap_digest, roadmap_import;
