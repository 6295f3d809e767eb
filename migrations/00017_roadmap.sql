-- The roadmap: axes, actions, what they cost and measure, the reports on them, the
-- campaigns that ask for reports, the yearly editions. See internal/roadmap.

-- +goose Up
CREATE TABLE axis (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position smallint NOT NULL CONSTRAINT axis_position_once UNIQUE DEFERRABLE INITIALLY DEFERRED,
    title    text NOT NULL CONSTRAINT axis_title_check CHECK (length(title) BETWEEN 1 AND 200),
    strategy text NOT NULL DEFAULT '' CONSTRAINT axis_strategy_check CHECK (length(strategy) <= 4000),
    -- A colour never goes alone: each axis has its pattern too.
    colour   smallint NOT NULL CONSTRAINT axis_colour_check CHECK (colour BETWEEN 1 AND 8),
    pattern  smallint NOT NULL CONSTRAINT axis_pattern_once UNIQUE CONSTRAINT axis_pattern_check CHECK (pattern BETWEEN 1 AND 8),
    version  integer NOT NULL DEFAULT 1
);

-- Money is integer cents of euro; percentages go by tens.
CREATE TABLE roadmap_action (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number          integer NOT NULL CONSTRAINT roadmap_action_number_once UNIQUE CONSTRAINT roadmap_action_number_check CHECK (number > 0),
    axis_id         bigint NOT NULL REFERENCES axis,
    title           text NOT NULL CONSTRAINT roadmap_action_title_check CHECK (length(title) BETWEEN 1 AND 200),
    objective       text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_objective_check CHECK (length(objective) <= 2000),
    pilot_id        bigint REFERENCES organisation,
    pilot_person_id bigint REFERENCES person,
    body            text NOT NULL REFERENCES body,        -- which follows it
    proposed_by     text REFERENCES body,                 -- the body in whose name it was proposed
    proposer_id     bigint REFERENCES organisation,       -- and who did
    audience        text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_audience_check CHECK (length(audience) <= 500),
    starts_on       date,
    ends_on         date CONSTRAINT roadmap_action_ends_after_start CHECK (ends_on >= starts_on),
    priority        text NOT NULL DEFAULT 'normal' CONSTRAINT roadmap_action_priority_check CHECK (priority IN ('high', 'normal', 'low')),
    fne_objective   text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_fne_check CHECK (length(fne_objective) <= 300),
    status          text NOT NULL DEFAULT 'proposed' CONSTRAINT roadmap_action_status_check
                    CHECK (status IN ('proposed', 'validated', 'in_progress', 'suspended', 'done', 'abandoned')),   -- late is derived
    status_reason   text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_reason_check CHECK (length(status_reason) <= 1000),
    status_since    date NOT NULL DEFAULT paris_today(),
    confidence      text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_confidence_check
                    CHECK (confidence IN ('', 'on_course', 'to_watch', 'needs_support', 'compromised')),
    percent         smallint CONSTRAINT roadmap_action_percent_check CHECK (percent BETWEEN 0 AND 100 AND percent % 10 = 0),
    -- « all 28 »: action_commune then holds a line for each, so that who answers for
    -- an action is read in one table.
    all_communes    boolean NOT NULL DEFAULT false,
    validated_on    date,                                 -- public from then on
    validation      text NOT NULL DEFAULT '' CONSTRAINT roadmap_action_validation_check CHECK (length(validation) <= 200),  -- by what: « Décision CMTIN n° 2025-2 »
    last_news_at    timestamptz,                          -- last report that was not refused
    words           tsvector GENERATED ALWAYS AS (to_tsvector('french', fold(title || ' ' || objective || ' ' || audience))) STORED,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT roadmap_action_validated CHECK ((validated_on IS NOT NULL OR status IN ('proposed', 'abandoned')) AND (validated_on IS NULL OR status <> 'proposed')),
    CONSTRAINT roadmap_action_suspended_why CHECK (status <> 'suspended' OR status_reason <> ''),
    CONSTRAINT roadmap_action_abandoned_why CHECK (status <> 'abandoned' OR status_reason <> ''),
    CONSTRAINT roadmap_action_done_whole CHECK (status <> 'done' OR percent IS NULL OR percent = 100)
);
CREATE INDEX roadmap_action_news ON roadmap_action (last_news_at NULLS FIRST) WHERE status IN ('validated', 'in_progress');
CREATE INDEX roadmap_action_axis ON roadmap_action (axis_id, number);
CREATE INDEX roadmap_action_status ON roadmap_action (status, ends_on);
CREATE INDEX roadmap_action_pilot ON roadmap_action (pilot_id);
CREATE INDEX roadmap_action_words ON roadmap_action USING gin (words);
CREATE INDEX roadmap_action_title ON roadmap_action USING gin (fold(title) gin_trgm_ops);

CREATE TABLE action_commune (
    action_id       bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    organisation_id bigint NOT NULL REFERENCES commune (organisation_id),
    PRIMARY KEY (action_id, organisation_id)
);
CREATE INDEX action_commune_of ON action_commune (organisation_id);

CREATE TABLE action_partner (
    action_id       bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    organisation_id bigint NOT NULL REFERENCES organisation,
    part            text NOT NULL DEFAULT '' CONSTRAINT action_partner_part_check CHECK (length(part) <= 200),
    PRIMARY KEY (action_id, organisation_id)
);
CREATE INDEX action_partner_of ON action_partner (organisation_id);

-- Steps and milestones: a milestone is a step that is shown on the timeline.
CREATE TABLE action_step (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    position  smallint NOT NULL,
    title     text NOT NULL CONSTRAINT action_step_title_check CHECK (length(title) BETWEEN 1 AND 200),
    milestone boolean NOT NULL DEFAULT false,
    due_on    date,
    done_on   date,
    CONSTRAINT action_step_order UNIQUE (action_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT action_step_milestone_dated CHECK (NOT milestone OR due_on IS NOT NULL)
);

CREATE TABLE budget_line (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id      bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    year           smallint NOT NULL CONSTRAINT budget_line_year_check CHECK (year BETWEEN 2020 AND 2100),
    funder_id      bigint REFERENCES organisation,
    funder         text NOT NULL DEFAULT '' CONSTRAINT budget_line_funder_check CHECK (length(funder) <= 200),   -- one that is no organisation of the portal
    nature         text NOT NULL CONSTRAINT budget_line_nature_check CHECK (nature IN ('investment', 'running')),
    planned_cents  bigint NOT NULL DEFAULT 0 CONSTRAINT budget_line_planned_check CHECK (planned_cents >= 0),
    obtained_cents bigint NOT NULL DEFAULT 0 CONSTRAINT budget_line_obtained_check CHECK (obtained_cents >= 0),
    spent_cents    bigint NOT NULL DEFAULT 0 CONSTRAINT budget_line_spent_check CHECK (spent_cents >= 0),
    note           text NOT NULL DEFAULT '' CONSTRAINT budget_line_note_check CHECK (length(note) <= 300),
    version        integer NOT NULL DEFAULT 1,
    CONSTRAINT budget_line_one_funder CHECK (funder_id IS NULL OR funder = ''),
    CONSTRAINT budget_line_once UNIQUE NULLS NOT DISTINCT (action_id, year, funder_id, funder, nature)
);
CREATE INDEX budget_line_funder_year ON budget_line (funder_id, year);

CREATE TABLE action_indicator (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id   bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    position    smallint NOT NULL,
    name        text NOT NULL CONSTRAINT action_indicator_name_check CHECK (length(name) BETWEEN 1 AND 200),
    unit        text NOT NULL DEFAULT '' CONSTRAINT action_indicator_unit_check CHECK (length(unit) <= 60),
    -- asked of each commune in its reports; the value of the action is then their sum
    by_commune  boolean NOT NULL DEFAULT false,
    direction   text NOT NULL DEFAULT 'up' CONSTRAINT action_indicator_direction_check CHECK (direction IN ('up', 'down')),
    method      text NOT NULL DEFAULT '' CONSTRAINT action_indicator_method_check CHECK (length(method) <= 1000),
    baseline    numeric(14, 4),
    baseline_on date,
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT action_indicator_order UNIQUE (action_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT action_indicator_baseline_dated CHECK ((baseline IS NULL) = (baseline_on IS NULL))
);
CREATE TABLE indicator_target (
    indicator_id bigint NOT NULL REFERENCES action_indicator ON DELETE CASCADE,
    year         smallint NOT NULL CONSTRAINT indicator_target_year_check CHECK (year BETWEEN 2020 AND 2100),
    value        numeric(14, 4) NOT NULL,
    PRIMARY KEY (indicator_id, year)
);
CREATE TABLE indicator_reading (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator_id bigint NOT NULL REFERENCES action_indicator ON DELETE CASCADE,
    on_day       date NOT NULL,
    value        numeric(14, 4) NOT NULL,
    source       text NOT NULL CONSTRAINT indicator_reading_source_check CHECK (length(source) BETWEEN 1 AND 500),
    by_name      text NOT NULL DEFAULT '',
    CONSTRAINT indicator_reading_once UNIQUE (indicator_id, on_day)
);

CREATE TABLE action_decision (
    action_id   bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    decision_id bigint NOT NULL REFERENCES decision,
    PRIMARY KEY (action_id, decision_id)
);
CREATE INDEX action_decision_of ON action_decision (decision_id);
CREATE TABLE action_meeting (
    action_id  bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    meeting_id bigint NOT NULL REFERENCES meeting,
    PRIMARY KEY (action_id, meeting_id)
);
CREATE INDEX action_meeting_of ON action_meeting (meeting_id);
CREATE TABLE action_document (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id   bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    document_id uuid NOT NULL REFERENCES document,
    title       text NOT NULL CONSTRAINT action_document_title_check CHECK (length(title) BETWEEN 1 AND 200),
    public      boolean NOT NULL DEFAULT false,
    added_at    timestamptz NOT NULL DEFAULT now(),
    removed_at  timestamptz
);
CREATE INDEX action_document_of ON action_document (action_id) WHERE removed_at IS NULL;

-- A campaign asks communes (or others) for their reports before a meeting.
CREATE TABLE campaign (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text NOT NULL CONSTRAINT campaign_title_check CHECK (length(title) BETWEEN 1 AND 200),
    meeting_id bigint REFERENCES meeting,
    message    text NOT NULL DEFAULT '' CONSTRAINT campaign_message_check CHECK (length(message) <= 2000),
    opened_at  timestamptz,
    closes_at  timestamptz NOT NULL,                      -- judged by the database clock, half-open
    closed_at  timestamptz,
    pack       jsonb,                                     -- the meeting pack, as it was when it closed
    created_at timestamptz NOT NULL DEFAULT now(),
    version    integer NOT NULL DEFAULT 1,
    CONSTRAINT campaign_closes_after CHECK (opened_at IS NULL OR closes_at > opened_at),
    CONSTRAINT campaign_closed_after CHECK (closed_at IS NULL OR opened_at IS NOT NULL)
);
CREATE UNIQUE INDEX campaign_open_once ON campaign ((true)) WHERE opened_at IS NOT NULL AND closed_at IS NULL;
-- What is asked, of whom: the actions that concerned each organisation the day the
-- campaign opened.
CREATE TABLE campaign_question (
    campaign_id     bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    organisation_id bigint NOT NULL REFERENCES organisation,
    action_id       bigint NOT NULL REFERENCES roadmap_action,
    PRIMARY KEY (campaign_id, organisation_id, action_id)
);
CREATE INDEX campaign_question_action ON campaign_question (campaign_id, action_id);
CREATE TABLE campaign_target (
    campaign_id     bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    organisation_id bigint NOT NULL REFERENCES organisation,
    mailed_at       timestamptz,
    reminded_at     timestamptz,
    PRIMARY KEY (campaign_id, organisation_id)
);
CREATE INDEX campaign_target_of ON campaign_target (organisation_id);

-- What an organisation says of an action on a day. A correction replaces another
-- report and keeps it.
CREATE TABLE progress_report (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id       bigint NOT NULL REFERENCES roadmap_action,
    organisation_id bigint NOT NULL REFERENCES organisation,
    campaign_id     bigint REFERENCES campaign,
    person_id       bigint REFERENCES person,
    by_name         text NOT NULL DEFAULT '',
    situation       text NOT NULL CONSTRAINT progress_report_situation_check
                    CHECK (situation IN ('to_come', 'in_progress', 'done', 'late', 'abandoned')),
    nothing_new     boolean NOT NULL DEFAULT false,       -- situation and percent are those of the report before
    percent         smallint CONSTRAINT progress_report_percent_check CHECK (percent BETWEEN 0 AND 100 AND percent % 10 = 0),
    fall_reason     text NOT NULL DEFAULT '' CONSTRAINT progress_report_fall_check CHECK (length(fall_reason) <= 300),
    done            text NOT NULL DEFAULT '' CONSTRAINT progress_report_done_check CHECK (length(done) <= 500),
    difficulty      text NOT NULL DEFAULT '' CONSTRAINT progress_report_difficulty_check CHECK (length(difficulty) <= 500),
    need_kind       text NOT NULL DEFAULT '' CONSTRAINT progress_report_need_kind_check
                    CHECK (need_kind IN ('', 'funding', 'people', 'training', 'equipment', 'premises', 'communication', 'method', 'other')),
    need            text NOT NULL DEFAULT '' CONSTRAINT progress_report_need_check CHECK (length(need) <= 500),
    next_step       text NOT NULL DEFAULT '' CONSTRAINT progress_report_next_check CHECK (length(next_step) <= 300),
    good_practice   boolean NOT NULL DEFAULT false,
    state           text NOT NULL DEFAULT 'sent' CONSTRAINT progress_report_state_check
                    CHECK (state IN ('sent', 'accepted', 'asked_back', 'replaced')),
    review_note     text NOT NULL DEFAULT '' CONSTRAINT progress_report_review_check CHECK (length(review_note) <= 1000),
    reviewed_by     text NOT NULL DEFAULT '',
    reviewed_at     timestamptz,
    replaces_id     bigint CONSTRAINT progress_report_replaces_once UNIQUE REFERENCES progress_report,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT progress_report_need_named CHECK ((need = '') = (need_kind = '')),
    CONSTRAINT progress_report_trouble_why CHECK (situation NOT IN ('late', 'abandoned') OR nothing_new OR difficulty <> ''),
    CONSTRAINT progress_report_asked_why CHECK (state <> 'asked_back' OR review_note <> '')
);
CREATE UNIQUE INDEX progress_report_once_a_campaign ON progress_report (campaign_id, action_id, organisation_id)
    WHERE campaign_id IS NOT NULL AND state <> 'replaced';
CREATE INDEX progress_report_action ON progress_report (action_id, at DESC);
CREATE INDEX progress_report_organisation ON progress_report (organisation_id, action_id, at DESC);
CREATE INDEX progress_report_waiting ON progress_report (at) WHERE state = 'sent';
CREATE TABLE report_figure (
    report_id    bigint NOT NULL REFERENCES progress_report,
    indicator_id bigint NOT NULL REFERENCES action_indicator ON DELETE CASCADE,
    value        numeric(14, 4) NOT NULL,
    PRIMARY KEY (report_id, indicator_id)
);
CREATE TABLE report_document (
    report_id   bigint NOT NULL REFERENCES progress_report,
    document_id uuid NOT NULL REFERENCES document,
    caption     text NOT NULL DEFAULT '' CONSTRAINT report_document_caption_check CHECK (length(caption) <= 300),   -- what a photo shows, for who does not see it
    PRIMARY KEY (report_id, document_id)
);
-- What somebody types, kept at each field; dropped when sent.
CREATE TABLE report_draft (
    account_id      bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    action_id       bigint NOT NULL REFERENCES roadmap_action ON DELETE CASCADE,
    organisation_id bigint NOT NULL REFERENCES organisation,
    fields          jsonb NOT NULL,
    saved_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, action_id, organisation_id)
);

-- The programme of a year: what the CMTIN validated, word for word, for ever.
CREATE TABLE edition (
    year        smallint PRIMARY KEY CONSTRAINT edition_year_check CHECK (year BETWEEN 2025 AND 2100),
    state       text NOT NULL DEFAULT 'proposals' CONSTRAINT edition_state_check CHECK (state IN ('proposals', 'examination', 'frozen')),
    proposals_until timestamptz,                          -- half-open, database clock
    meeting_id  bigint REFERENCES meeting,
    decision_id bigint REFERENCES decision,
    content     jsonb,
    sha256      bytea CONSTRAINT edition_sha256_check CHECK (length(sha256) = 32),
    frozen_at   timestamptz,
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT edition_frozen_whole CHECK ((state = 'frozen') = (content IS NOT NULL AND sha256 IS NOT NULL AND frozen_at IS NOT NULL AND meeting_id IS NOT NULL))
);
CREATE TABLE edition_line (
    year      smallint NOT NULL REFERENCES edition,
    action_id bigint NOT NULL REFERENCES roadmap_action,
    origin    text NOT NULL CONSTRAINT edition_line_origin_check CHECK (origin IN ('new', 'carried_over')),
    outcome   text NOT NULL DEFAULT 'proposed' CONSTRAINT edition_line_outcome_check CHECK (outcome IN ('proposed', 'retained', 'set_aside', 'adopted', 'refused', 'withdrawn')),
    reason    text NOT NULL DEFAULT '' CONSTRAINT edition_line_reason_check CHECK (length(reason) <= 1000),
    version   integer NOT NULL DEFAULT 1,
    PRIMARY KEY (year, action_id),
    -- What is refused or set aside says why; so does what is carried over.
    CONSTRAINT edition_line_why CHECK (reason <> '' OR outcome IN ('proposed', 'withdrawn') OR origin = 'new' AND outcome IN ('retained', 'adopted'))
);
-- +goose StatementBegin
CREATE FUNCTION edition_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.state = 'frozen' THEN
        RAISE EXCEPTION 'edition % is frozen', OLD.year USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION edition_line_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM edition WHERE state = 'frozen' AND year IN (NEW.year, OLD.year)) THEN
        RAISE EXCEPTION 'the edition of this line is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER edition_kept BEFORE UPDATE OR DELETE ON edition FOR EACH ROW EXECUTE FUNCTION edition_refuse();
CREATE TRIGGER edition_line_kept BEFORE INSERT OR UPDATE OR DELETE ON edition_line FOR EACH ROW EXECUTE FUNCTION edition_line_refuse();

-- Late is derived, nowhere stored: past its last day, or past its first and not begun.
CREATE FUNCTION action_late(p_status text, p_starts_on date, p_ends_on date, p_today date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(p_status IN ('validated', 'in_progress') AND p_ends_on < p_today, false)
              OR coalesce(p_status = 'validated' AND p_starts_on < p_today, false) $$;

-- Who answers for an action: the communes it concerns, its partners, its pilot.
CREATE VIEW action_answerer AS
    SELECT action_id, organisation_id FROM action_commune
    UNION SELECT action_id, organisation_id FROM action_partner
    UNION SELECT id, pilot_id FROM roadmap_action WHERE pilot_id IS NOT NULL;

-- The application role writes a report once: what was said stays, its examination moves.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE UPDATE, DELETE ON progress_report, report_figure, report_document FROM portal_app;
        GRANT UPDATE (state, review_note, reviewed_by, reviewed_at, version) ON progress_report TO portal_app;
    END IF;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER axis_public AFTER INSERT OR UPDATE OR DELETE ON axis EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER roadmap_action_public AFTER INSERT OR UPDATE OR DELETE ON roadmap_action EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_commune_public AFTER INSERT OR UPDATE OR DELETE ON action_commune EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_partner_public AFTER INSERT OR UPDATE OR DELETE ON action_partner EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_step_public AFTER INSERT OR UPDATE OR DELETE ON action_step EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER budget_line_public AFTER INSERT OR UPDATE OR DELETE ON budget_line EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_indicator_public AFTER INSERT OR UPDATE OR DELETE ON action_indicator EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER indicator_target_public AFTER INSERT OR UPDATE OR DELETE ON indicator_target EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER indicator_reading_public AFTER INSERT OR UPDATE OR DELETE ON indicator_reading EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_decision_public AFTER INSERT OR UPDATE OR DELETE ON action_decision EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_meeting_public AFTER INSERT OR UPDATE OR DELETE ON action_meeting EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER action_document_public AFTER INSERT OR UPDATE OR DELETE ON action_document EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER progress_report_public AFTER INSERT OR UPDATE OR DELETE ON progress_report EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER edition_public AFTER INSERT OR UPDATE OR DELETE ON edition EXECUTE FUNCTION tell_public_change();

-- +goose Down
DROP VIEW action_answerer;
DROP TABLE edition_line, edition, report_draft, report_document, report_figure, progress_report, campaign_target, campaign_question, campaign,
    action_document, action_meeting, action_decision, indicator_reading, indicator_target, action_indicator, budget_line,
    action_step, action_partner, action_commune, roadmap_action, axis;
DROP FUNCTION edition_refuse, edition_line_refuse, action_late;
