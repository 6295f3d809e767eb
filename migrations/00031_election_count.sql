-- What the count of an election keeps beside the archive, and the draw that settles
-- its ties. See internal/election/count.

-- +goose Up
-- The count of a box: the encrypted sum, computed once when two people decided to
-- count, then what it opened to. It outlives the archive, with nothing in it that is
-- about one voter.
CREATE TABLE box_count (
    box_id     bigint PRIMARY KEY REFERENCES ballot_box,
    -- The bytes of the encrypted_tally record to come; NULL once ballots are destroyed.
    encrypted  bytea,
    sha256     bytea NOT NULL CONSTRAINT box_count_hashed CHECK (encrypted IS NULL OR sha256 = sha256(encrypted)),
    close_head bytea NOT NULL CONSTRAINT box_count_head_check CHECK (length(close_head) = 32),   -- of the event « EndBallots »
    tallied    integer NOT NULL CONSTRAINT box_count_tallied_check CHECK (tallied >= 0),
    registered integer NOT NULL,
    voted      integer NOT NULL,
    browser    integer NOT NULL,
    server     integer NOT NULL,
    desk       integer NOT NULL,
    -- [[blank, first candidate, …], …], a list for each question; NULL until opened.
    counts     jsonb CONSTRAINT box_count_counts_check CHECK (jsonb_typeof(counts) = 'array')
);

-- What is counted does not change: a sum is opened once, and erased once.
-- +goose StatementBegin
CREATE FUNCTION box_count_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.sha256 <> OLD.sha256 OR NEW.close_head <> OLD.close_head OR NEW.tallied <> OLD.tallied
       OR (OLD.counts IS NOT NULL AND NEW.counts IS DISTINCT FROM OLD.counts) THEN
        RAISE EXCEPTION 'the count of a box is final' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER box_count_final BEFORE UPDATE ON box_count FOR EACH ROW EXECUTE FUNCTION box_count_keep();
CREATE TRIGGER box_count_whole BEFORE TRUNCATE ON box_count FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();

-- What the outside draw gave: one person writes it, another one confirms it, and it is
-- then election.tie_seed.
CREATE TABLE election_draw (
    election_id  bigint PRIMARY KEY REFERENCES election,
    value        text NOT NULL CONSTRAINT election_draw_value_check CHECK (length(value) BETWEEN 1 AND 200),
    proposed_by  bigint NOT NULL REFERENCES person,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    confirmed_by bigint REFERENCES person CONSTRAINT election_draw_two CHECK (confirmed_by <> proposed_by),
    confirmed_at timestamptz,
    version      integer NOT NULL DEFAULT 1
);

-- The alternate of an elected structure took the seat: after them comes the next of the list.
ALTER TABLE candidacy_result ADD COLUMN alternate_called boolean NOT NULL DEFAULT false;
-- Tied at the last seat, waiting for the draw: neither elected nor not.
ALTER TABLE candidacy_result ADD COLUMN undecided boolean NOT NULL DEFAULT false
    CONSTRAINT candidacy_result_undecided_check CHECK (NOT (undecided AND elected));
CREATE INDEX candidacy_result_seat ON candidacy_result (seat_id) WHERE seat_id IS NOT NULL;

CREATE TRIGGER candidacy_result_public AFTER INSERT OR UPDATE OR DELETE ON candidacy_result EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER election_pv_public AFTER INSERT ON election_pv EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER election_signature_public AFTER INSERT ON election_signature EXECUTE FUNCTION tell_public_change();

-- +goose Down
DROP TRIGGER election_signature_public ON election_signature;
DROP TRIGGER election_pv_public ON election_pv;
DROP TRIGGER candidacy_result_public ON candidacy_result;
DROP INDEX candidacy_result_seat;
ALTER TABLE candidacy_result DROP COLUMN undecided;
ALTER TABLE candidacy_result DROP COLUMN alternate_called;
DROP TABLE election_draw, box_count;
DROP FUNCTION box_count_keep;
