-- The election of the GNI's ten representatives (deliberation 2024-677: « le Groupe
-- Numérique Inclusif désigne dix représentants »). What a table must never hold is as
-- much its design as what it holds: nothing here joins a structure to a ballot. See
-- internal/election.

-- +goose Up
CREATE TABLE election (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title                text NOT NULL CONSTRAINT election_title_check CHECK (length(title) BETWEEN 1 AND 200),
    -- A complementary election fills the seats another one left empty.
    complements          bigint REFERENCES election,
    phase                text NOT NULL DEFAULT 'draft' CONSTRAINT election_phase_check
                         CHECK (phase IN ('draft', 'published', 'roll', 'candidacies', 'sealed', 'ready', 'open', 'closed', 'counted', 'proclaimed', 'archived', 'destroyed', 'cancelled')),
    -- The rules (internal/election.Rules): once published, text and not jsonb, since what
    -- was hashed is what is served.
    rules                text NOT NULL CONSTRAINT election_rules_check CHECK (jsonb_typeof(rules::jsonb) = 'object'),
    rules_sha256         bytea CONSTRAINT election_rules_hashed CHECK (rules_sha256 = sha256(convert_to(rules, 'UTF8'))),
    rules_published_at   timestamptz,
    -- Half-open intervals, judged by clock_timestamp().
    claims_until         timestamptz,
    candidacies_from     timestamptz,
    candidacies_until    timestamptz,
    withdraw_until       timestamptz,
    opens_at             timestamptz,
    closes_at            timestamptz,
    contest_until        timestamptz,
    -- The order of the candidates is drawn from this, published before the list is sealed.
    order_seed           text NOT NULL DEFAULT '' CONSTRAINT election_order_seed_check CHECK (length(order_seed) <= 200),
    -- The outside draw that settles ties, named before the close; and what it gave.
    tie_source           text NOT NULL DEFAULT '' CONSTRAINT election_tie_source_check CHECK (length(tie_source) <= 300),
    tie_seed             text NOT NULL DEFAULT '' CONSTRAINT election_tie_seed_check CHECK (length(tie_seed) <= 200),
    -- The CNIL grid (délibération 2019-053): its answers and its date, for the procès-verbal.
    risk                 jsonb,
    sealed_at            timestamptz,
    ready_at             timestamptz,
    opened_at            timestamptz,
    closed_at            timestamptz,
    counted_at           timestamptz,
    proclaimed_at        timestamptz,
    archived_at          timestamptz,
    destroyed_at         timestamptz,
    cancelled_reason     text NOT NULL DEFAULT '' CONSTRAINT election_cancelled_check CHECK (length(cancelled_reason) <= 500 AND (cancelled_reason <> '') = (phase = 'cancelled')),
    created_at           timestamptz NOT NULL DEFAULT now(),
    version              integer NOT NULL DEFAULT 1,
    CONSTRAINT election_published_check CHECK (phase IN ('draft', 'cancelled') OR (rules_sha256 IS NOT NULL AND rules_published_at IS NOT NULL)),
    CONSTRAINT election_candidacies_check CHECK (candidacies_from < candidacies_until),
    CONSTRAINT election_withdraw_check CHECK (withdraw_until >= candidacies_until),
    CONSTRAINT election_vote_check CHECK (opens_at < closes_at),
    CONSTRAINT election_order_check CHECK (candidacies_until <= opens_at AND withdraw_until <= opens_at)
);
CREATE INDEX election_phase ON election (phase);
CREATE INDEX election_complements ON election (complements);
CREATE TRIGGER election_public AFTER INSERT OR UPDATE OR DELETE ON election EXECUTE FUNCTION tell_public_change();

-- The acts that need two people: one proposes, another one confirms.
CREATE TABLE election_act (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL REFERENCES election,
    act          text NOT NULL CONSTRAINT election_act_check CHECK (act IN ('open', 'close', 'extend', 'count', 'destroy')),
    detail       jsonb NOT NULL DEFAULT '{}',     -- for « extend »: {"closes_at": …}
    reason       text NOT NULL DEFAULT '' CONSTRAINT election_act_reason_check CHECK (length(reason) <= 500),
    proposed_by  bigint NOT NULL REFERENCES person,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    confirmed_by bigint REFERENCES person CONSTRAINT election_act_two CHECK (confirmed_by <> proposed_by),
    confirmed_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT election_act_end_check CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_at IS NULL OR withdrawn_at IS NULL))
);
CREATE UNIQUE INDEX election_act_pending ON election_act (election_id, act) WHERE confirmed_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX election_act_election ON election_act (election_id, id);

-- The incident log: written, never changed.
CREATE TABLE election_incident (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id bigint NOT NULL REFERENCES election,
    at          timestamptz NOT NULL DEFAULT now(),
    text        text NOT NULL CONSTRAINT election_incident_text_check CHECK (length(text) BETWEEN 1 AND 1000),
    by_person   bigint REFERENCES person
);
CREATE INDEX election_incident_election ON election_incident (election_id, at, id);

-- The roll: provisional (its rows follow the register until it is sealed), then a frozen copy.
CREATE TABLE election_roll (
    election_id  bigint NOT NULL REFERENCES election,
    structure_id bigint NOT NULL REFERENCES organisation,
    name         text NOT NULL CONSTRAINT election_roll_name_check CHECK (length(name) BETWEEN 1 AND 240),
    commune      text NOT NULL DEFAULT '',
    college      text NOT NULL CONSTRAINT election_roll_college_check CHECK (college IN ('action_sociale', 'mediation_numerique')),
    origin       text NOT NULL DEFAULT 'register' CONSTRAINT election_roll_origin_check CHECK (origin IN ('register', 'claim')),
    PRIMARY KEY (election_id, structure_id)
);
CREATE INDEX election_roll_structure ON election_roll (structure_id);

CREATE TABLE election_claim (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id  bigint NOT NULL REFERENCES election,
    structure_id bigint REFERENCES organisation,      -- whom it is about
    kind         text NOT NULL CONSTRAINT election_claim_kind_check CHECK (kind IN ('add', 'remove', 'college', 'name')),
    text         text NOT NULL CONSTRAINT election_claim_text_check CHECK (length(text) BETWEEN 1 AND 2000),
    made_by      bigint REFERENCES person,
    made_at      timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'open' CONSTRAINT election_claim_state_check CHECK (state IN ('open', 'accepted', 'refused')),
    answer       text NOT NULL DEFAULT '' CONSTRAINT election_claim_answer_check CHECK (length(answer) <= 2000 AND (answer <> '') = (state <> 'open')),
    decided_by   bigint REFERENCES person,
    decided_at   timestamptz,
    version      integer NOT NULL DEFAULT 1
);
CREATE INDEX election_claim_election ON election_claim (election_id, state, id);

CREATE TABLE candidacy (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id       bigint NOT NULL REFERENCES election,
    structure_id      bigint NOT NULL REFERENCES organisation,
    college           text NOT NULL CONSTRAINT candidacy_college_check CHECK (college IN ('action_sociale', 'mediation_numerique')),
    structure_name    text NOT NULL,
    commune           text NOT NULL DEFAULT '',
    -- The titular and the alternate: names, function, address where the team writes
    -- (never shown to others), gender when the rules ask for it.
    titular_first     text NOT NULL CONSTRAINT candidacy_titular_first_check CHECK (length(titular_first) BETWEEN 1 AND 80),
    titular_last      text NOT NULL CONSTRAINT candidacy_titular_last_check CHECK (length(titular_last) BETWEEN 1 AND 80),
    titular_function  text NOT NULL DEFAULT '',
    titular_email     text NOT NULL DEFAULT '',
    titular_gender    text NOT NULL DEFAULT '' CONSTRAINT candidacy_titular_gender_check CHECK (titular_gender IN ('', 'f', 'm', 'x')),
    alternate_first   text NOT NULL DEFAULT '',
    alternate_last    text NOT NULL DEFAULT '' CONSTRAINT candidacy_alternate_check CHECK ((alternate_first = '') = (alternate_last = '')),
    alternate_function text NOT NULL DEFAULT '',
    alternate_email   text NOT NULL DEFAULT '',
    alternate_gender  text NOT NULL DEFAULT '' CONSTRAINT candidacy_alternate_gender_check CHECK (alternate_gender IN ('', 'f', 'm', 'x')),
    statement         text NOT NULL CONSTRAINT candidacy_statement_check CHECK (length(statement) BETWEEN 1 AND 1500),
    photo             bytea CONSTRAINT candidacy_photo_check CHECK (length(photo) <= 400000),   -- JPEG, upright, without metadata
    photo_alt         text NOT NULL DEFAULT '',
    state             text NOT NULL DEFAULT 'submitted' CONSTRAINT candidacy_state_check
                      CHECK (state IN ('submitted', 'asked', 'accepted', 'refused', 'withdrawn')),
    reason            text NOT NULL DEFAULT '' CONSTRAINT candidacy_reason_check CHECK (length(reason) <= 1000),   -- asked, refused
    -- Withdrawn after the list was sealed: the ballot does not change, the seat passes on.
    withdrawn_late    boolean NOT NULL DEFAULT false,
    submitted_by      bigint REFERENCES person,
    submitted_at      timestamptz NOT NULL DEFAULT now(),
    decided_at        timestamptz,
    -- Place on the ballot of its college, drawn when the list is sealed.
    place             integer CONSTRAINT candidacy_place_check CHECK (place > 0),
    version           integer NOT NULL DEFAULT 1,
    CONSTRAINT candidacy_place_once UNIQUE (election_id, college, place)
);
CREATE UNIQUE INDEX candidacy_one ON candidacy (election_id, structure_id) WHERE state <> 'withdrawn' OR withdrawn_late;
CREATE INDEX candidacy_structure ON candidacy (structure_id);
CREATE TRIGGER candidacy_public AFTER INSERT OR UPDATE OR DELETE ON candidacy EXECUTE FUNCTION tell_public_change();

-- A key holder. The portal has the public key only; the same one serves every box of
-- the election.
CREATE TABLE election_trustee (
    election_id bigint NOT NULL REFERENCES election,
    owner       integer NOT NULL CONSTRAINT election_trustee_owner_check CHECK (owner BETWEEN 1 AND 9),
    person_id   bigint NOT NULL REFERENCES person,
    quality     text NOT NULL CONSTRAINT election_trustee_quality_check CHECK (length(quality) BETWEEN 1 AND 200),
    public_key  text NOT NULL DEFAULT '',           -- the JSON of ID.pubkey; '' until uploaded
    uploaded_at timestamptz,
    escrow      text NOT NULL DEFAULT '' CONSTRAINT election_trustee_escrow_check CHECK (length(escrow) <= 300),  -- who keeps the sealed envelope
    PRIMARY KEY (election_id, owner),
    CONSTRAINT election_trustee_person UNIQUE (election_id, person_id)
);

-- A ballot box is one archive (.bel): one a college, or one with two questions, as the
-- rules say; and those of the rehearsal, apart.
CREATE TABLE ballot_box (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id bigint NOT NULL REFERENCES election,
    rehearsal   boolean NOT NULL DEFAULT false,
    college     text CONSTRAINT ballot_box_college_check CHECK (college IN ('action_sociale', 'mediation_numerique')),   -- NULL: both
    uuid        text NOT NULL CONSTRAINT ballot_box_uuid UNIQUE,
    name        text NOT NULL,
    seats       integer NOT NULL CONSTRAINT ballot_box_seats_check CHECK (seats BETWEEN 1 AND 10),
    -- What follows is filled by the ceremony, once.
    stamp       bigint,                             -- Unix seconds in the headers of the archive: the day of the ceremony, midnight
    election_json bytea,
    public_credentials integer NOT NULL DEFAULT 0,
    -- Where the chain is.
    next_height integer NOT NULL DEFAULT 0,
    next_seq    integer NOT NULL DEFAULT 0,
    head        bytea CONSTRAINT ballot_box_head_check CHECK (length(head) = 32),
    ballots     integer NOT NULL DEFAULT 0,         -- events « Ballot »
    CONSTRAINT ballot_box_one UNIQUE NULLS NOT DISTINCT (election_id, rehearsal, college)
);

-- The list of who has voted. No time, no user: all the rows of a box are written at
-- each vote, so that nothing the database keeps of a row tells when its structure voted.
CREATE TABLE emargement (
    box_id       bigint NOT NULL REFERENCES ballot_box,
    structure_id bigint NOT NULL REFERENCES organisation,
    voted        boolean NOT NULL DEFAULT false,
    told         boolean NOT NULL DEFAULT false,    -- the mail « votre structure a voté », sent in batches
    PRIMARY KEY (box_id, structure_id)
);

CREATE TABLE public_credential (
    box_id     bigint NOT NULL REFERENCES ballot_box,
    credential text NOT NULL CONSTRAINT public_credential_check CHECK (credential ~ '^[1-9][0-9]*$' AND length(credential) <= 617),
    PRIMARY KEY (box_id, credential)
);

-- The archive, append-only.
CREATE TABLE board_record (
    box_id bigint NOT NULL REFERENCES ballot_box,
    seq    integer NOT NULL,
    kind   text NOT NULL CONSTRAINT board_record_kind_check CHECK (kind IN ('data', 'event')),
    hash   bytea NOT NULL CONSTRAINT board_record_hash_check CHECK (hash = sha256(body)),
    body   bytea NOT NULL,
    PRIMARY KEY (box_id, seq)
);

-- What a ballot is looked up by. Derived from the archive, but for the way it came,
-- which the procès-verbal counts.
CREATE TABLE ballot_index (
    box_id     bigint NOT NULL REFERENCES ballot_box,
    height     integer NOT NULL,
    credential text NOT NULL,
    tracker    text NOT NULL,
    via        text NOT NULL CONSTRAINT ballot_index_via_check CHECK (via IN ('browser', 'server', 'desk')),
    PRIMARY KEY (box_id, height),
    CONSTRAINT ballot_index_tracker UNIQUE (box_id, tracker),
    FOREIGN KEY (box_id, credential) REFERENCES public_credential
);
CREATE INDEX ballot_index_credential ON ballot_index (box_id, credential);

CREATE TABLE head_publication (
    box_id       bigint NOT NULL REFERENCES ballot_box,
    published_at timestamptz NOT NULL DEFAULT now(),
    height       integer NOT NULL,                  -- of the last event
    head         bytea NOT NULL,
    ballots      integer NOT NULL,
    PRIMARY KEY (box_id, published_at)
);

-- What the ceremony did, with the hash of its evidence.
CREATE TABLE ceremony_step (
    election_id bigint NOT NULL REFERENCES election,
    step        text NOT NULL,
    done_by     bigint REFERENCES person,
    done_at     timestamptz NOT NULL DEFAULT now(),
    evidence    text NOT NULL DEFAULT '',           -- what was read aloud: fingerprints, counts
    PRIMARY KEY (election_id, step)
);

-- Partial decryptions wait here until all key holders gave theirs: they then enter the
-- archive together, with the result.
CREATE TABLE partial_decryption (
    box_id      bigint NOT NULL REFERENCES ballot_box,
    owner       integer NOT NULL,
    body        bytea NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (box_id, owner)
);

CREATE TABLE candidacy_result (
    candidacy_id bigint PRIMARY KEY REFERENCES candidacy,
    votes        integer NOT NULL CONSTRAINT candidacy_result_votes_check CHECK (votes >= 0),
    rank         integer NOT NULL CONSTRAINT candidacy_result_rank_check CHECK (rank > 0),   -- after ties were settled
    tied         boolean NOT NULL DEFAULT false,    -- shown as a tie, whatever settled it
    elected      boolean NOT NULL,
    -- Seat of the CMTIN it filled, and since when it no longer does.
    seat_id      bigint REFERENCES seat,
    left_on      date
);

-- The procès-verbal: its bytes are what was signed.
CREATE TABLE election_pv (
    election_id bigint NOT NULL REFERENCES election,
    version     integer NOT NULL,
    content     text NOT NULL,
    sha256      bytea NOT NULL CONSTRAINT election_pv_hashed CHECK (sha256 = sha256(convert_to(content, 'UTF8'))),
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (election_id, version)
);
CREATE TABLE election_signature (
    election_id bigint NOT NULL,
    version     integer NOT NULL,
    person_id   bigint NOT NULL REFERENCES person,
    quality     text NOT NULL,
    signed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (election_id, version, person_id),
    FOREIGN KEY (election_id, version) REFERENCES election_pv
);

-- +goose StatementBegin
CREATE FUNCTION election_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
-- +goose StatementEnd

-- What was written stays as it is, for the owner of the tables too. The destruction of
-- an election goes through election_destroy alone.
CREATE TRIGGER board_record_final BEFORE UPDATE OR TRUNCATE ON board_record FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER ballot_index_final BEFORE UPDATE OR TRUNCATE ON ballot_index FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER public_credential_final BEFORE UPDATE OR TRUNCATE ON public_credential FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER emargement_final BEFORE TRUNCATE ON emargement FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER election_incident_final BEFORE UPDATE OR TRUNCATE ON election_incident FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER head_publication_final BEFORE UPDATE OR TRUNCATE ON head_publication FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();
CREATE TRIGGER election_pv_final BEFORE UPDATE OR DELETE OR TRUNCATE ON election_pv FOR EACH STATEMENT EXECUTE FUNCTION election_refuse();

-- Rows go only when the destruction of their election was decided by two people.
-- +goose StatementBegin
CREATE FUNCTION election_refuse_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_election bigint;
BEGIN
    IF TG_TABLE_NAME = 'election_incident' THEN
        of_election := OLD.election_id;
    ELSE
        SELECT election_id INTO of_election FROM ballot_box WHERE id = OLD.box_id;
        IF EXISTS (SELECT FROM ballot_box WHERE id = OLD.box_id AND rehearsal) THEN
            RETURN OLD;
        END IF;
    END IF;
    IF EXISTS (SELECT FROM election_act WHERE election_id = of_election AND act = 'destroy' AND confirmed_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'DELETE of % is refused', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER board_record_kept BEFORE DELETE ON board_record FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();
CREATE TRIGGER ballot_index_kept BEFORE DELETE ON ballot_index FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();
CREATE TRIGGER public_credential_kept BEFORE DELETE ON public_credential FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();
CREATE TRIGGER emargement_kept BEFORE DELETE ON emargement FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();
CREATE TRIGGER election_incident_kept BEFORE DELETE ON election_incident FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();
CREATE TRIGGER head_publication_kept BEFORE DELETE ON head_publication FOR EACH ROW EXECUTE FUNCTION election_refuse_delete();

-- A vote is never taken back, and a structure never changes row.
-- +goose StatementBegin
CREATE FUNCTION emargement_only_rises() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (OLD.voted AND NOT NEW.voted) OR (OLD.told AND NOT NEW.told) OR OLD.box_id <> NEW.box_id OR OLD.structure_id <> NEW.structure_id THEN
        RAISE EXCEPTION 'a vote is never taken back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER emargement_rises BEFORE UPDATE ON emargement FOR EACH ROW EXECUTE FUNCTION emargement_only_rises();

-- Rules once published, roll and candidates once sealed, are final.
-- +goose StatementBegin
CREATE FUNCTION election_keep_rules() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.rules_sha256 IS NOT NULL AND (NEW.rules IS DISTINCT FROM OLD.rules OR NEW.rules_sha256 IS DISTINCT FROM OLD.rules_sha256) THEN
        RAISE EXCEPTION 'the rules of an election are final once published' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION election_keep_roll() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_election bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.election_id ELSE OLD.election_id END;
    sealed timestamptz;
    destroying boolean;
BEGIN
    SELECT e.sealed_at, EXISTS (SELECT FROM election_act a WHERE a.election_id = e.id AND a.act = 'destroy' AND a.confirmed_at IS NOT NULL)
    INTO sealed, destroying FROM election e WHERE e.id = of_election;
    IF sealed IS NOT NULL AND NOT (destroying AND TG_OP = 'DELETE') THEN
        RAISE EXCEPTION 'the roll of an election is final once sealed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE FUNCTION candidacy_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT sealed_at IS NOT NULL FROM election WHERE id = OLD.election_id)
       AND (NEW.place IS DISTINCT FROM OLD.place OR NEW.college <> OLD.college OR NEW.structure_id <> OLD.structure_id
            OR NEW.structure_name <> OLD.structure_name OR NEW.titular_first <> OLD.titular_first OR NEW.titular_last <> OLD.titular_last
            OR NEW.statement <> OLD.statement) AND OLD.place IS NOT NULL
       AND NOT EXISTS (SELECT FROM election_act a WHERE a.election_id = OLD.election_id AND a.act = 'destroy' AND a.confirmed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the candidates of an election are final once sealed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER election_rules_final BEFORE UPDATE ON election FOR EACH ROW EXECUTE FUNCTION election_keep_rules();
CREATE TRIGGER election_roll_final BEFORE INSERT OR UPDATE OR DELETE ON election_roll FOR EACH ROW EXECUTE FUNCTION election_keep_roll();
CREATE TRIGGER candidacy_final BEFORE UPDATE ON candidacy FOR EACH ROW EXECUTE FUNCTION candidacy_keep();

-- The application adds ballots and marks votes: it has no right to change or to erase
-- them but through election_destroy.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE UPDATE, TRUNCATE ON board_record, ballot_index, public_credential, head_publication, election_incident, election_pv, election_signature FROM portal_app;
        REVOKE DELETE ON election_incident, election_pv, election_signature FROM portal_app;
        REVOKE UPDATE ON emargement FROM portal_app;
        GRANT UPDATE (voted, told) ON emargement TO portal_app;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN RAISE WARNING 'cannot limit the rights of portal_app: %', SQLERRM;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE election_signature, election_pv, candidacy_result, partial_decryption, ceremony_step, head_publication, ballot_index, board_record,
    public_credential, emargement, ballot_box, election_trustee, candidacy, election_claim, election_roll, election_incident, election_act, election;
DROP FUNCTION candidacy_keep, election_keep_roll, election_keep_rules, emargement_only_rises, election_refuse_delete, election_refuse;
