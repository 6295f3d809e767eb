-- Files of structures on their way into the register, between their upload and
-- what they did. Kept seven days. See internal/structure/imports.

-- +goose Up
CREATE TABLE structure_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name text NOT NULL CONSTRAINT structure_import_file_name_check CHECK (length(file_name) BETWEEN 1 AND 200),
    content bytea NOT NULL,                            -- the table as it was read, JSON, gzip
    line_count integer NOT NULL CONSTRAINT structure_import_line_count_check CHECK (line_count > 0),
    mapping jsonb,                                     -- what each column means; NULL until it is said
    made_by text NOT NULL CONSTRAINT structure_import_made_by_check CHECK (length(made_by) <= 200),
    made_at timestamptz NOT NULL DEFAULT now(),
    outcome jsonb,                                     -- what it did
    applied_by text NOT NULL DEFAULT '',
    applied_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT structure_import_applied_whole CHECK ((applied_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX structure_import_made_at ON structure_import (made_at);

-- +goose Down
DROP TABLE structure_import;
