-- What the team's register and its search for duplicates read.

-- +goose Up
-- A SIRET is looked for among refused and departed records too: structure_siret_once
-- covers the living ones only.
CREATE INDEX structure_siret ON structure (siret text_pattern_ops) WHERE siret <> '';

-- +goose Down
DROP INDEX structure_siret;
