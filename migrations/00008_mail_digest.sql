-- Mails that carry a calendar, and what may wait for a digest.

-- +goose Up
-- The .ics text that goes with the mail, '' for none (RFC 5545, METHOD:PUBLISH:
-- the portal reads no answer from a calendar, see internal/calendar).
ALTER TABLE mail ADD COLUMN calendar text NOT NULL DEFAULT '';

-- How often a person wants what is not a convocation. No row: each.
CREATE TABLE mail_rhythm (
    person_id  bigint PRIMARY KEY REFERENCES person,
    rhythm     text NOT NULL CONSTRAINT mail_rhythm_check CHECK (rhythm IN ('each', 'daily', 'weekly')),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- What waits for a person's next digest.
CREATE TABLE digest_item (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES person,
    kind       text NOT NULL,
    subject    text NOT NULL CONSTRAINT digest_item_subject_check CHECK (subject !~ '[[:cntrl:]]'),
    text       text NOT NULL,
    link       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    mail_id    uuid REFERENCES mail         -- the digest that told it; NULL: waits
);
CREATE INDEX digest_item_waiting ON digest_item (person_id, id) WHERE mail_id IS NULL;

-- A person's own calendar, read by a calendar program that cannot sign in: a
-- secret address, revocable.
CREATE TABLE calendar_link (
    token_hash bytea PRIMARY KEY CONSTRAINT calendar_link_hash_check CHECK (length(token_hash) = 32),
    person_id  bigint NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at    timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX calendar_link_once ON calendar_link (person_id) WHERE revoked_at IS NULL;

-- +goose Down
DROP TABLE calendar_link, digest_item, mail_rhythm;
ALTER TABLE mail DROP COLUMN calendar;
