-- What the team's register and its search for duplicates read.

-- +goose Up
-- A SIRET is looked for among refused and departed records too: structure_siret_once
-- covers the living ones only.
CREATE INDEX structure_siret ON structure (siret text_pattern_ops) WHERE siret <> '';
-- Members whose sheet is of an age, without reading it.
CREATE INDEX structure_aged ON structure (up_to_date_at, organisation_id) WHERE state = 'accepted';
-- When a structure was last accepted.
CREATE INDEX structure_step_accepted ON structure_step (at) WHERE kind = 'accepted';

-- +goose Down
DROP INDEX structure_step_accepted, structure_aged, structure_siret;
