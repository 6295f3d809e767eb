-- What the roll and the candidacies of an election need beside 00025: which structure
-- claims, the draft of a candidacy, the one extension of its deadline.

-- +goose Up
CREATE TRIGGER election_roll_public AFTER INSERT OR UPDATE OR DELETE ON election_roll EXECUTE FUNCTION tell_public_change();

-- The structure that claims; NULL: the team wrote down what came on paper.
ALTER TABLE election_claim ADD COLUMN by_structure bigint REFERENCES organisation;
CREATE INDEX election_claim_by_structure ON election_claim (by_structure);
CREATE INDEX election_claim_structure ON election_claim (structure_id);

-- The rules may grant seven days more, once, when there are fewer candidacies than seats.
ALTER TABLE election ADD COLUMN candidacies_extended_at timestamptz;

-- The sentence that was accepted, with its date.
ALTER TABLE candidacy ADD COLUMN consent text NOT NULL DEFAULT '' CONSTRAINT candidacy_consent_check CHECK (length(consent) <= 300);

-- What a structure has typed and not sent yet; one draft a structure, whoever of its
-- people types. It is erased when it is sent, and with the lists of the election.
CREATE TABLE candidacy_draft (
    election_id  bigint NOT NULL REFERENCES election,
    structure_id bigint NOT NULL REFERENCES organisation,
    content      jsonb NOT NULL CONSTRAINT candidacy_draft_content_check CHECK (jsonb_typeof(content) = 'object'),
    photo        bytea CONSTRAINT candidacy_draft_photo_check CHECK (length(photo) <= 400000),
    -- The version of the candidacy it changes, 0 for a new one.
    base         integer NOT NULL DEFAULT 0,
    saved_by     bigint REFERENCES person,
    saved_at     timestamptz NOT NULL DEFAULT now(),
    version      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (election_id, structure_id)
);
CREATE INDEX candidacy_draft_structure ON candidacy_draft (structure_id);

-- +goose Down
DROP TABLE candidacy_draft;
ALTER TABLE candidacy DROP COLUMN consent;
ALTER TABLE election DROP COLUMN candidacies_extended_at;
ALTER TABLE election_claim DROP COLUMN by_structure;
DROP INDEX election_claim_structure;
DROP TRIGGER election_roll_public ON election_roll;
