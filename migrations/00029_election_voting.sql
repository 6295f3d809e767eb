-- What voting needs beside the boxes: the desk of a meeting, and which mails left. No
-- line of either is about a vote.

-- +goose Up
-- The assisted desk: the team opens it at a meeting, on a device of the portal, and a
-- scrutineer who is there confirms it. Who voted at it is not written.
CREATE TABLE voting_desk (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL REFERENCES election,
    place        text NOT NULL CONSTRAINT voting_desk_place_check CHECK (length(place) BETWEEN 1 AND 200),
    opened_by    bigint NOT NULL REFERENCES person,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    confirmed_by bigint REFERENCES person CONSTRAINT voting_desk_two CHECK (confirmed_by <> opened_by),
    confirmed_at timestamptz,
    until        timestamptz NOT NULL,              -- a desk forgotten open closes by itself
    closed_at    timestamptz,
    CONSTRAINT voting_desk_confirmed_check CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);
CREATE UNIQUE INDEX voting_desk_one ON voting_desk (election_id) WHERE closed_at IS NULL;
CREATE INDEX voting_desk_election ON voting_desk (election_id, id);

-- Mails of an election to many at once: each batch leaves once. due is what it is about:
-- the opening, the close it reminds of, the hour of a batch.
CREATE TABLE election_mailing (
    election_id bigint NOT NULL REFERENCES election,
    kind        text NOT NULL CONSTRAINT election_mailing_kind_check CHECK (kind IN ('open', 'remind_3', 'remind_1', 'voted')),
    due         timestamptz NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (election_id, kind, due)
);

-- Each vote writes all the rows of its box: the former versions go at the next round of
-- autovacuum, and not when a fifth of the table is dead.
ALTER TABLE emargement SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

-- +goose Down
ALTER TABLE emargement RESET (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
DROP TABLE election_mailing, voting_desk;
