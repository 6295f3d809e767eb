-- In which role each of the two people of an act stood: opening, extending, counting and
-- destroying need a scrutineer among them.

-- +goose Up
ALTER TABLE election_act ADD COLUMN proposed_as text NOT NULL DEFAULT '', ADD COLUMN confirmed_as text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE election_act DROP COLUMN proposed_as, DROP COLUMN confirmed_as;
