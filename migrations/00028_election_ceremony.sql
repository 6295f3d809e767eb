-- What the key ceremony needs before the boxes are set up: who makes the codes, and the
-- public parts of the codes while they may still be made anew. See
-- internal/election/ceremony.

-- +goose Up
-- The person who makes the codes, on a machine of theirs: outside the team, and no key
-- holder. One of them: an election has one credential authority.
CREATE TABLE election_authority (
    election_id bigint PRIMARY KEY REFERENCES election,
    name        text NOT NULL CONSTRAINT election_authority_name_check CHECK (length(name) BETWEEN 1 AND 160),
    quality     text NOT NULL CONSTRAINT election_authority_quality_check CHECK (length(quality) BETWEEN 1 AND 200),
    email       text NOT NULL CONSTRAINT election_authority_email_check CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254)
);

-- public_creds.json of a box, as it was uploaded; it leaves when the box is set up, for
-- public_credential and the archive, where it is final.
CREATE TABLE election_codes (
    box_id      bigint PRIMARY KEY REFERENCES ballot_box,
    body        bytea NOT NULL,
    codes       integer NOT NULL CONSTRAINT election_codes_check CHECK (codes > 0),
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    sha256      bytea GENERATED ALWAYS AS (sha256(body)) STORED
);

-- +goose Down
DROP TABLE election_codes, election_authority;
