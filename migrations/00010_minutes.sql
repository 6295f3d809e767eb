-- Minutes, decisions, positions, actions asked: what a meeting leaves. See
-- internal/minutes.

-- +goose Up
-- Notes taken per point during the meeting.
CREATE TABLE item_note (
    item_id    bigint PRIMARY KEY REFERENCES agenda_item,
    meeting_id bigint NOT NULL REFERENCES meeting,
    text       text NOT NULL CONSTRAINT item_note_text_check CHECK (length(text) <= 20000),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL DEFAULT '',
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX item_note_meeting ON item_note (meeting_id);

-- Numbers without gaps, per body, year and register.
CREATE TABLE register_number (
    body     text NOT NULL REFERENCES body,
    year     integer NOT NULL,
    register text NOT NULL CONSTRAINT register_number_check CHECK (register IN ('decision', 'opinion', 'position')),
    last     integer NOT NULL,
    PRIMARY KEY (body, year, register)
);

-- Decisions and opinions (« avis »). outcome: what the meeting did of the text;
-- follow_up: what became of it.
CREATE TABLE decision (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CONSTRAINT decision_kind_check CHECK (kind IN ('decision', 'opinion')),
    meeting_id     bigint NOT NULL REFERENCES meeting,
    item_id        bigint REFERENCES agenda_item,
    body           text NOT NULL REFERENCES body,
    year           integer NOT NULL,
    number         integer NOT NULL CONSTRAINT decision_number_check CHECK (number > 0),
    title          text NOT NULL CONSTRAINT decision_title_check CHECK (length(title) BETWEEN 1 AND 200),
    text           text NOT NULL CONSTRAINT decision_text_check CHECK (length(text) BETWEEN 1 AND 8000),
    outcome        text NOT NULL CONSTRAINT decision_outcome_check
                   CHECK (outcome IN ('adopted', 'rejected', 'postponed', 'favourable', 'reserved', 'unfavourable')),
    method         text NOT NULL CONSTRAINT decision_method_check CHECK (method IN ('consensus', 'vote')),
    votes_for      integer CONSTRAINT decision_for_check CHECK (votes_for >= 0),
    votes_against  integer CONSTRAINT decision_against_check CHECK (votes_against >= 0),
    abstentions    integer CONSTRAINT decision_abstentions_check CHECK (abstentions >= 0),
    follow_up      text NOT NULL DEFAULT 'open' CONSTRAINT decision_follow_up_check
                   CHECK (follow_up IN ('open', 'in_progress', 'done', 'dropped', 'none')),
    follow_up_note text NOT NULL DEFAULT '' CONSTRAINT decision_note_check CHECK (length(follow_up_note) <= 2000),
    followed_at    timestamptz,
    -- A correction made after publication takes the place of what it corrects.
    superseded_by  bigint CONSTRAINT decision_superseded_once UNIQUE REFERENCES decision,
    rectification  text NOT NULL DEFAULT '' CONSTRAINT decision_rectification_check CHECK (length(rectification) <= 1000),
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1,
    CONSTRAINT decision_outcome_of_kind CHECK ((kind = 'opinion') = (outcome IN ('favourable', 'reserved', 'unfavourable'))),
    CONSTRAINT decision_votes_check CHECK ((method = 'vote') = (votes_for IS NOT NULL AND votes_against IS NOT NULL AND abstentions IS NOT NULL)
                                           AND (method = 'vote' OR (votes_for IS NULL AND votes_against IS NULL AND abstentions IS NULL)))
);
-- A superseded decision keeps its number; the one that corrects it bears the same.
CREATE UNIQUE INDEX decision_number_once ON decision (body, year, kind, number) WHERE superseded_by IS NULL;
CREATE INDEX decision_meeting ON decision (meeting_id, id);
CREATE INDEX decision_register ON decision (year DESC, body, number DESC, id);
CREATE INDEX decision_open ON decision (body, follow_up) WHERE follow_up IN ('open', 'in_progress');
CREATE INDEX decision_search ON decision USING gin (fold(title || ' ' || text) gin_trgm_ops);

-- « prises de position » and « demandes » of the CMTIN towards others.
CREATE TABLE position_taken (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT position_kind_check CHECK (kind IN ('position', 'request')),
    meeting_id  bigint NOT NULL REFERENCES meeting,
    item_id     bigint REFERENCES agenda_item,
    body        text NOT NULL REFERENCES body,
    year        integer NOT NULL,
    number      integer NOT NULL CONSTRAINT position_number_check CHECK (number > 0),
    title       text NOT NULL CONSTRAINT position_title_check CHECK (length(title) BETWEEN 1 AND 200),
    text        text NOT NULL CONSTRAINT position_text_check CHECK (length(text) BETWEEN 1 AND 8000),
    addressee   text NOT NULL CONSTRAINT position_addressee_check CHECK (length(addressee) BETWEEN 1 AND 200),
    sent_on     date,
    answer      text NOT NULL DEFAULT '' CONSTRAINT position_answer_check CHECK (length(answer) <= 8000),
    answered_on date,
    closed_on   date,                            -- closed without an answer
    created_at  timestamptz NOT NULL DEFAULT now(),
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT position_number_once UNIQUE (body, year, number),
    CONSTRAINT position_answered_check CHECK ((answered_on IS NULL) = (answer = '')),
    CONSTRAINT position_order_check CHECK (answered_on >= sent_on)
);
CREATE INDEX position_register ON position_taken (year DESC, number DESC);
CREATE INDEX position_meeting ON position_taken (meeting_id);

-- What a meeting asks of someone.
CREATE TABLE asked_action (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id      bigint NOT NULL REFERENCES meeting,
    item_id         bigint REFERENCES agenda_item,
    what            text NOT NULL CONSTRAINT asked_action_what_check CHECK (length(what) BETWEEN 1 AND 500),
    owner           text NOT NULL CONSTRAINT asked_action_owner_check CHECK (length(owner) BETWEEN 1 AND 200),
    owner_person_id bigint REFERENCES person,       -- reminded when known and reachable
    due_on          date NOT NULL,
    state           text NOT NULL DEFAULT 'open' CONSTRAINT asked_action_state_check CHECK (state IN ('open', 'done', 'dropped')),
    note            text NOT NULL DEFAULT '' CONSTRAINT asked_action_note_check CHECK (length(note) <= 1000),
    settled_at      timestamptz,
    -- Reminders leave once before the date and once after it.
    reminded_before_at timestamptz,
    reminded_after_at  timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT asked_action_settled_check CHECK ((state = 'open') = (settled_at IS NULL))
);
CREATE INDEX asked_action_meeting ON asked_action (meeting_id);
CREATE INDEX asked_action_open ON asked_action (due_on) WHERE state = 'open';
CREATE INDEX asked_action_owner ON asked_action (owner_person_id) WHERE owner_person_id IS NOT NULL;

-- The minutes being written. text is Markdown.
CREATE TABLE minutes (
    meeting_id   bigint PRIMARY KEY REFERENCES meeting,
    state        text NOT NULL DEFAULT 'draft' CONSTRAINT minutes_state_check CHECK (state IN ('draft', 'review', 'validated', 'published')),
    text         text NOT NULL CONSTRAINT minutes_text_check CHECK (length(text) <= 200000),
    expert       text NOT NULL DEFAULT '' CONSTRAINT minutes_expert_check CHECK (length(expert) <= 20000),
    review_until date,
    reviewed_at  timestamptz,            -- sent for corrections
    validated_at timestamptz,
    validated_by text NOT NULL DEFAULT '',
    published_at timestamptz,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    updated_by   text NOT NULL DEFAULT '',
    version      integer NOT NULL DEFAULT 1
);

CREATE TABLE minutes_revision (
    meeting_id bigint NOT NULL REFERENCES minutes,
    number     integer NOT NULL CONSTRAINT minutes_revision_number_check CHECK (number > 0),
    text       text NOT NULL,
    author     text NOT NULL,
    saved_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (meeting_id, number)
);

-- What somebody types, kept at every pause; dropped when saved.
CREATE TABLE minutes_draft (
    meeting_id   bigint NOT NULL REFERENCES minutes,
    account_id   bigint NOT NULL REFERENCES account,
    text         text NOT NULL CONSTRAINT minutes_draft_text_check CHECK (length(text) <= 200000),
    base_version integer NOT NULL,
    saved_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (meeting_id, account_id)
);

-- What participants ask to correct.
CREATE TABLE correction (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id     bigint NOT NULL REFERENCES minutes,
    convocation_id bigint NOT NULL REFERENCES convocation,
    passage        text NOT NULL DEFAULT '' CONSTRAINT correction_passage_check CHECK (length(passage) <= 1000),
    text           text NOT NULL CONSTRAINT correction_text_check CHECK (length(text) BETWEEN 1 AND 2000),
    state          text NOT NULL DEFAULT 'waiting' CONSTRAINT correction_state_check CHECK (state IN ('waiting', 'accepted', 'refused')),
    answer         text NOT NULL DEFAULT '' CONSTRAINT correction_answer_check CHECK (length(answer) <= 1000),
    decided_by     text NOT NULL DEFAULT '',
    decided_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1,
    CONSTRAINT correction_decided_check CHECK ((state = 'waiting') = (decided_at IS NULL))
);
CREATE INDEX correction_meeting ON correction (meeting_id, id);

-- What was published, word for word, for ever. The last number is in force; the
-- others say what they were and why they were rectified.
CREATE TABLE minutes_publication (
    meeting_id   bigint NOT NULL REFERENCES minutes,
    number       integer NOT NULL CONSTRAINT minutes_publication_number_check CHECK (number > 0),
    text         text NOT NULL,
    sha256       bytea NOT NULL CONSTRAINT minutes_publication_sha256_check CHECK (length(sha256) = 32),
    reason       text NOT NULL DEFAULT '' CONSTRAINT minutes_publication_reason_check CHECK ((number = 1) = (reason = '') AND length(reason) <= 1000),
    published_by text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (meeting_id, number)
);
-- +goose StatementBegin
CREATE FUNCTION publication_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'published minutes are superseded, never changed' USING ERRCODE = 'insufficient_privilege'; END $$;
-- +goose StatementEnd
CREATE TRIGGER minutes_publication_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON minutes_publication
    FOR EACH STATEMENT EXECUTE FUNCTION publication_refuse();

CREATE TRIGGER decision_public AFTER INSERT OR UPDATE OR DELETE ON decision EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER position_public AFTER INSERT OR UPDATE OR DELETE ON position_taken EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER publication_public AFTER INSERT ON minutes_publication EXECUTE FUNCTION tell_public_change();

-- +goose Down
SELECT 1/0;  -- one way: published minutes are never erased
