-- Meetings: from the date to the roll call. See internal/meeting.

-- +goose Up
ALTER TABLE meeting
    -- A workshop (« atelier de concertation ») gathers a body's people and guests; no
    -- cadence counts it.
    ADD COLUMN kind text NOT NULL DEFAULT 'session' CONSTRAINT meeting_kind_check CHECK (kind IN ('session', 'workshop')),
    ADD COLUMN video_url text NOT NULL DEFAULT '' CONSTRAINT meeting_video_url_check
        CHECK (video_url = '' OR (video_url ~ '^https://[^[:space:][:cntrl:]]+$' AND length(video_url) <= 500)),
    -- The public knows of an announced meeting, and of no other. Convening announces.
    ADD COLUMN announced boolean NOT NULL DEFAULT false,
    -- Calendars: a stable UID, SEQUENCE, LAST-MODIFIED (RFC 5545). A meeting put off
    -- to a date gives its uid to the one that replaces it.
    ADD COLUMN uid uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT meeting_uid_once UNIQUE,
    ADD COLUMN sequence integer NOT NULL DEFAULT 0,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN convened_at timestamptz,
    -- Why the team convened in spite of what the checklist warned of.
    ADD COLUMN convene_reason text NOT NULL DEFAULT '' CONSTRAINT meeting_convene_reason_check CHECK (length(convene_reason) <= 1000),
    ADD COLUMN call_off_reason text NOT NULL DEFAULT '' CONSTRAINT meeting_call_off_reason_check CHECK (length(call_off_reason) <= 1000),
    ADD COLUMN called_off_at timestamptz,
    ADD COLUMN replaces_id bigint CONSTRAINT meeting_replaces_once UNIQUE REFERENCES meeting,
    ADD COLUMN opened_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    -- Shown in the room as a QR code while the meeting is in progress.
    ADD COLUMN check_in_code text CONSTRAINT meeting_check_in_once UNIQUE,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
UPDATE meeting SET announced = true;
UPDATE meeting SET convened_at = starts_at - interval '10 days' WHERE state IN ('convened', 'in_progress', 'held', 'published');
ALTER TABLE meeting
    ADD CONSTRAINT meeting_convened_is_announced CHECK (announced OR state IN ('draft', 'postponed', 'cancelled'));
CREATE INDEX meeting_public ON meeting (starts_at DESC, id DESC) WHERE announced;
CREATE INDEX meeting_theme_search ON meeting USING gin (fold(theme) gin_trgm_ops);

-- The cadence counts sessions; the rest is as in 00003.
CREATE OR REPLACE FUNCTION cadence(p_year integer, p_today date)
    RETURNS TABLE (body text, owed integer, held integer, planned integer, missing integer,
                   notice_days integer, latest_convene date, late boolean)
    LANGUAGE sql STABLE
    AS $$
    SELECT c.code, c.owed, c.held, c.planned, c.missing, c.notice_days,
           CASE WHEN c.missing > 0 THEN c.latest END,
           c.missing > 0 AND p_today > c.latest
    FROM (
        SELECT b.code, b.position, b.meetings_per_year::integer AS owed,
               n.held, n.planned,
               greatest(b.meetings_per_year - n.held - n.planned, 0)::integer AS missing,
               coalesce(s.value, 0) AS notice_days,
               make_date(p_year, 12, 31) - coalesce(s.value, 0) AS latest
        FROM body b
        LEFT JOIN body_setting s ON s.body = b.code AND s.key = 'notice_days'
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE m.state IN ('held', 'published')
                       AND (NOT b.needs_chair_and_state OR (m.chair_present AND m.state_present)))::integer AS held,
                   count(*) FILTER (WHERE m.state IN ('draft', 'convened', 'in_progress'))::integer AS planned
            FROM meeting m
            WHERE m.body = b.code AND m.kind = 'session'
              AND m.starts_at >= make_date(p_year, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
              AND m.starts_at < make_date(p_year + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
        ) n
    ) c
    ORDER BY c.position
    $$;

-- People who are not members: the State's representative, the national expert, others.
CREATE TABLE meeting_guest (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id   bigint NOT NULL REFERENCES meeting,
    role         text NOT NULL CONSTRAINT meeting_guest_role_check CHECK (role IN ('state', 'expert', 'guest')),
    person_id    bigint REFERENCES person,          -- when the portal knows them
    name         text NOT NULL CONSTRAINT meeting_guest_name_check CHECK (length(name) BETWEEN 1 AND 160),
    organisation text NOT NULL DEFAULT '' CONSTRAINT meeting_guest_organisation_check CHECK (length(organisation) <= 200),
    email        text NOT NULL DEFAULT '' CONSTRAINT meeting_guest_email_check CHECK (length(email) <= 254 AND email = lower(email)),
    on_the_spot  boolean NOT NULL DEFAULT false,    -- added at the roll call
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX meeting_guest_meeting ON meeting_guest (meeting_id);
CREATE UNIQUE INDEX meeting_guest_email_once ON meeting_guest (meeting_id, email) WHERE email <> '';

-- A date poll, before convening.
CREATE TABLE date_poll (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL CONSTRAINT date_poll_once UNIQUE REFERENCES meeting,
    message    text NOT NULL DEFAULT '' CONSTRAINT date_poll_message_check CHECK (length(message) <= 2000),
    closes_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE poll_option (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    poll_id   bigint NOT NULL REFERENCES date_poll,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    chosen    boolean NOT NULL DEFAULT false,
    CONSTRAINT poll_option_order CHECK (ends_at > starts_at),
    CONSTRAINT poll_option_once UNIQUE (poll_id, starts_at)
);
CREATE UNIQUE INDEX poll_option_chosen_once ON poll_option (poll_id) WHERE chosen;
CREATE TABLE poll_voter (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    poll_id     bigint NOT NULL REFERENCES date_poll,
    person_id   bigint NOT NULL REFERENCES person,
    name        text NOT NULL,
    seat_label  text NOT NULL,
    mail_id     uuid REFERENCES mail,        -- NULL: no address
    comment     text NOT NULL DEFAULT '' CONSTRAINT poll_voter_comment_check CHECK (length(comment) <= 500),
    answered_at timestamptz,
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT poll_voter_once UNIQUE (poll_id, person_id)
);
CREATE TABLE poll_answer (
    voter_id  bigint NOT NULL REFERENCES poll_voter,
    option_id bigint NOT NULL REFERENCES poll_option,
    answer    text NOT NULL CONSTRAINT poll_answer_check CHECK (answer IN ('yes', 'if_needed', 'no')),
    PRIMARY KEY (voter_id, option_id)
);
CREATE TABLE poll_link (
    token_hash bytea PRIMARY KEY CONSTRAINT poll_link_hash_check CHECK (length(token_hash) = 32),
    voter_id   bigint NOT NULL REFERENCES poll_voter
);

-- Points that every meeting of a body has.
CREATE TABLE standing_item (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body     text NOT NULL REFERENCES body,
    position smallint NOT NULL,
    -- Before the points of the day, or after them.
    place    text NOT NULL CONSTRAINT standing_item_place_check CHECK (place IN ('first', 'last')),
    title    text NOT NULL CONSTRAINT standing_item_title_check CHECK (length(title) BETWEEN 1 AND 200),
    kind     text NOT NULL CONSTRAINT standing_item_kind_check CHECK (kind IN ('information', 'discussion', 'decision', 'opinion', 'follow_up')),
    minutes  smallint NOT NULL DEFAULT 5 CONSTRAINT standing_item_minutes_check CHECK (minutes BETWEEN 0 AND 600),
    version  integer NOT NULL DEFAULT 1,
    CONSTRAINT standing_item_order UNIQUE (body, place, position) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE TABLE agenda_item (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES meeting,
    parent_id  bigint REFERENCES agenda_item,       -- a sub-point; one level
    position   smallint NOT NULL CONSTRAINT agenda_item_position_check CHECK (position > 0),
    title      text NOT NULL CONSTRAINT agenda_item_title_check CHECK (length(title) BETWEEN 1 AND 200),
    text       text NOT NULL DEFAULT '' CONSTRAINT agenda_item_text_check CHECK (length(text) <= 4000),
    kind       text NOT NULL CONSTRAINT agenda_item_kind_check CHECK (kind IN ('information', 'discussion', 'decision', 'opinion', 'follow_up')),
    minutes    smallint NOT NULL DEFAULT 0 CONSTRAINT agenda_item_minutes_check CHECK (minutes BETWEEN 0 AND 600),
    rapporteur text NOT NULL DEFAULT '' CONSTRAINT agenda_item_rapporteur_check CHECK (length(rapporteur) <= 160),
    -- Where it comes from, for ever visible: the point of another meeting, moved here
    -- or pushed up to the CMTIN.
    origin     text NOT NULL DEFAULT '' CONSTRAINT agenda_item_origin_check
               CHECK (origin IN ('', 'standing', 'proposal', 'moved', 'pushed')),
    origin_id  bigint REFERENCES agenda_item,
    -- Where it went: a point moved to a later meeting stays here, marked.
    moved_to_id bigint REFERENCES agenda_item,
    created_at timestamptz NOT NULL DEFAULT now(),
    version    integer NOT NULL DEFAULT 1,
    CONSTRAINT agenda_item_order UNIQUE NULLS NOT DISTINCT (meeting_id, parent_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT agenda_item_origin_known CHECK ((origin IN ('moved', 'pushed')) = (origin_id IS NOT NULL))
);
CREATE INDEX agenda_item_meeting ON agenda_item (meeting_id, position);
CREATE INDEX agenda_item_origin ON agenda_item (origin_id) WHERE origin_id IS NOT NULL;

-- What members propose, and what bodies push up to the CMTIN.
CREATE TABLE agenda_proposal (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body           text NOT NULL REFERENCES body,           -- whose agenda it is proposed for
    person_id      bigint REFERENCES person,                -- who proposes
    proposer       text NOT NULL,                           -- name and capacity, as they were
    title          text NOT NULL CONSTRAINT agenda_proposal_title_check CHECK (length(title) BETWEEN 1 AND 200),
    text           text NOT NULL DEFAULT '' CONSTRAINT agenda_proposal_text_check CHECK (length(text) <= 4000),
    pushed_from_id bigint REFERENCES agenda_item,           -- the point of a lower body
    state          text NOT NULL DEFAULT 'waiting' CONSTRAINT agenda_proposal_state_check
                   CHECK (state IN ('waiting', 'taken', 'refused', 'deferred', 'withdrawn')),
    reason         text NOT NULL DEFAULT '' CONSTRAINT agenda_proposal_reason_check CHECK (length(reason) <= 1000),
    item_id        bigint CONSTRAINT agenda_proposal_item_once UNIQUE REFERENCES agenda_item,
    created_at     timestamptz NOT NULL DEFAULT now(),
    decided_at     timestamptz,
    version        integer NOT NULL DEFAULT 1,
    CONSTRAINT agenda_proposal_taken_check CHECK (state <> 'taken' OR item_id IS NOT NULL),
    CONSTRAINT agenda_proposal_refused_check CHECK (state <> 'refused' OR reason <> '')
);
CREATE INDEX agenda_proposal_body ON agenda_proposal (body, state, created_at);
CREATE INDEX agenda_proposal_person ON agenda_proposal (person_id, created_at DESC);

-- Documents of a meeting or of a point, and who may see them. 'members': whoever is
-- convened or invited, and the team.
CREATE TABLE meeting_document (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id  bigint NOT NULL REFERENCES meeting,
    item_id     bigint REFERENCES agenda_item,
    document_id uuid NOT NULL REFERENCES document,
    title       text NOT NULL CONSTRAINT meeting_document_title_check CHECK (length(title) BETWEEN 1 AND 200),
    audience    text NOT NULL CONSTRAINT meeting_document_audience_check CHECK (audience IN ('public', 'members', 'team')),
    added_at    timestamptz NOT NULL DEFAULT now(),
    added_by    text NOT NULL DEFAULT '',
    removed_at  timestamptz,
    version     integer NOT NULL DEFAULT 1
);
CREATE INDEX meeting_document_meeting ON meeting_document (meeting_id) WHERE removed_at IS NULL;

-- Who was convened or invited: a snapshot of the composition of that day, one row
-- per recipient, and their answer.
CREATE TABLE convocation (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id          bigint NOT NULL REFERENCES meeting,
    kind                text NOT NULL CONSTRAINT convocation_kind_check CHECK (kind IN ('convocation', 'invitation')),
    seat_id             bigint REFERENCES seat,             -- members
    guest_id            bigint REFERENCES meeting_guest,    -- guests
    person_id           bigint REFERENCES person,           -- NULL: a guest the portal does not know
    organisation_id     bigint REFERENCES organisation,
    name                text NOT NULL,
    seat_label          text NOT NULL,                      -- « Maire de Bègles », « Expert national »
    group_position      smallint NOT NULL DEFAULT 99,
    group_name          text NOT NULL,                      -- proxies stay within a group
    organisation_name   text NOT NULL DEFAULT '',
    college             text NOT NULL DEFAULT '',
    chairs              boolean NOT NULL DEFAULT false,
    email               text NOT NULL DEFAULT '',
    alternate_person_id bigint REFERENCES person,
    alternate_name      text NOT NULL DEFAULT '',
    opened_at           timestamptz,                        -- first opening of the answer page
    answer              text CONSTRAINT convocation_answer_check CHECK (answer IN ('present', 'remote', 'excused', 'represented', 'proxy')),
    answer_note         text NOT NULL DEFAULT '' CONSTRAINT convocation_note_check CHECK (length(answer_note) <= 500),
    proxy_to_id         bigint REFERENCES convocation,
    answered_at         timestamptz,
    answered_by         text NOT NULL DEFAULT '' CONSTRAINT convocation_answered_by_check CHECK (answered_by IN ('', 'link', 'account', 'team')),
    created_at          timestamptz NOT NULL DEFAULT now(),
    version             integer NOT NULL DEFAULT 1,
    CONSTRAINT convocation_seat_once UNIQUE (meeting_id, seat_id),
    CONSTRAINT convocation_guest_once UNIQUE (meeting_id, guest_id),
    CONSTRAINT convocation_who_check CHECK (kind = 'invitation' OR seat_id IS NOT NULL),
    CONSTRAINT convocation_one_of_check CHECK ((seat_id IS NULL) <> (guest_id IS NULL)),
    CONSTRAINT convocation_proxy_check CHECK ((coalesce(answer, '') = 'proxy') = (proxy_to_id IS NOT NULL)),
    CONSTRAINT convocation_proxy_not_self CHECK (proxy_to_id <> id),
    CONSTRAINT convocation_answered_check CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX convocation_meeting ON convocation (meeting_id, group_position, id);
CREATE INDEX convocation_person ON convocation (person_id, meeting_id);
CREATE INDEX convocation_organisation ON convocation (organisation_id, meeting_id);
CREATE INDEX convocation_proxy ON convocation (proxy_to_id) WHERE proxy_to_id IS NOT NULL;

-- Personal links to a recipient's page. Each mail has its own: only hashes are kept.
CREATE TABLE convocation_link (
    token_hash     bytea PRIMARY KEY CONSTRAINT convocation_link_hash_check CHECK (length(token_hash) = 32),
    convocation_id bigint NOT NULL REFERENCES convocation,
    created_at     timestamptz NOT NULL DEFAULT now(),
    revoked_at     timestamptz
);
CREATE INDEX convocation_link_of ON convocation_link (convocation_id);

-- What was sent to recipients, when and why: the proof. sending_to.mail_id leads to
-- the outbox, which knows when the server took it.
CREATE TABLE sending (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES meeting,
    kind       text NOT NULL CONSTRAINT sending_kind_check
               CHECK (kind IN ('convocation', 'addition', 'change', 'reminder', 'postponement', 'cancellation', 'review', 'publication', 'rectification')),
    message    text NOT NULL DEFAULT '' CONSTRAINT sending_message_check CHECK (length(message) <= 4000),
    sent_by    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sending_meeting ON sending (meeting_id, id);
-- The automatic reminder leaves once.
CREATE UNIQUE INDEX sending_reminder_once ON sending (meeting_id) WHERE kind = 'reminder' AND sent_by = '';
CREATE TABLE sending_to (
    sending_id     bigint NOT NULL REFERENCES sending,
    convocation_id bigint NOT NULL REFERENCES convocation,
    mail_id        uuid REFERENCES mail,            -- NULL: no address
    PRIMARY KEY (sending_id, convocation_id)
);
CREATE INDEX sending_to_convocation ON sending_to (convocation_id);

-- The roll: one row per recipient, written alone, so that two people ticking at once
-- lose nothing.
CREATE TABLE attendance (
    convocation_id  bigint PRIMARY KEY REFERENCES convocation,
    meeting_id      bigint NOT NULL REFERENCES meeting,
    status          text NOT NULL CONSTRAINT attendance_status_check
                    CHECK (status IN ('present', 'remote', 'excused', 'represented', 'proxy', 'absent')),
    represented_by  text NOT NULL DEFAULT '' CONSTRAINT attendance_represented_check CHECK (length(represented_by) <= 160),
    proxy_to_id     bigint REFERENCES convocation,
    arrived_item_id bigint REFERENCES agenda_item,  -- late: came at this point
    left_item_id    bigint REFERENCES agenda_item,  -- early: left at this point
    source          text NOT NULL CONSTRAINT attendance_source_check CHECK (source IN ('team', 'self', 'paper')),
    marked_by       text NOT NULL DEFAULT '',
    marked_at       timestamptz NOT NULL DEFAULT now(),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT attendance_proxy_check CHECK ((status = 'proxy') = (proxy_to_id IS NOT NULL)),
    CONSTRAINT attendance_proxy_not_self CHECK (proxy_to_id <> convocation_id)
);
CREATE INDEX attendance_meeting ON attendance (meeting_id);

-- What people contribute to a workshop.
CREATE TABLE contribution (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id     bigint NOT NULL REFERENCES meeting,
    convocation_id bigint NOT NULL REFERENCES convocation,
    text           text NOT NULL CONSTRAINT contribution_text_check CHECK (length(text) BETWEEN 1 AND 4000),
    state          text NOT NULL DEFAULT 'received' CONSTRAINT contribution_state_check CHECK (state IN ('received', 'kept', 'set_aside')),
    reason         text NOT NULL DEFAULT '' CONSTRAINT contribution_reason_check CHECK (length(reason) <= 500),
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1
);
CREATE INDEX contribution_meeting ON contribution (meeting_id, id);

-- Whether a person is of a meeting: convened or invited, their alternate, one of the
-- people of a convened organisation; before convening, a member of the body.
CREATE FUNCTION meeting_party(p_meeting bigint, p_person bigint) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM convocation c WHERE c.meeting_id = p_meeting
                   AND (c.person_id = p_person OR c.alternate_person_id = p_person
                        OR c.organisation_id IN (SELECT s.organisation_id FROM membership s
                               WHERE s.person_id = p_person AND s.during @> paris_today())))
        OR EXISTS (SELECT FROM meeting g
                   JOIN composition_rule r ON r.body = g.body
                   JOIN seat s ON s.kind = r.seat_kind AND s.during @> paris_today()
                   JOIN mandate m ON m.seat_id = s.id AND m.during @> paris_today()
                   WHERE g.id = p_meeting AND g.announced AND m.person_id = p_person)
    $$;

INSERT INTO standing_item (body, position, place, title, kind, minutes)
SELECT b.code, p.position, p.place, p.title, p.kind, p.minutes
FROM body b CROSS JOIN (VALUES
    (1, 'first', 'Accueil et approbation du compte rendu précédent', 'decision', 10),
    (2, 'first', 'Suivi des décisions', 'follow_up', 15),
    (1, 'last', 'Questions diverses', 'discussion', 10)
) AS p(position, place, title, kind, minutes);

CREATE TRIGGER agenda_item_public AFTER INSERT OR UPDATE OR DELETE ON agenda_item EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER meeting_document_public AFTER INSERT OR UPDATE OR DELETE ON meeting_document EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER contribution_public AFTER UPDATE OR DELETE ON contribution EXECUTE FUNCTION tell_public_change();

-- +goose Down
SELECT 1/0;  -- one way: meetings hold what nobody can type again
