-- What the team's register and its search for duplicates read.

-- +goose Up
-- A SIRET is looked for among refused and departed records too: structure_siret_once
-- covers the living ones only.
CREATE INDEX structure_siret ON structure (siret text_pattern_ops) WHERE siret <> '';
-- How many lines a filtered register has, without reading the records.
CREATE INDEX structure_counted ON structure (state, college, insee, up_to_date_at) INCLUDE (organisation_id);

-- +goose Down
DROP INDEX structure_counted, structure_siret;
