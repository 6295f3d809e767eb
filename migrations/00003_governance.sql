-- Bodies, seats, mandates, organisations, people. Source of the rules:
-- deliberation 2024-677, part 2; see internal/governance.

-- +goose Up
CREATE TABLE organisation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CONSTRAINT organisation_kind_check
               CHECK (kind IN ('metropole', 'commune', 'state_service', 'partner', 'structure')),
    name       text NOT NULL CONSTRAINT organisation_name_check CHECK (length(name) BETWEEN 1 AND 200),
    category   text NOT NULL DEFAULT '' CONSTRAINT organisation_category_check CHECK (length(category) <= 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    version    integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX organisation_name_once ON organisation (kind, fold(name)) WHERE kind <> 'structure';
CREATE INDEX organisation_search ON organisation USING gin (fold(name) gin_trgm_ops);

CREATE TABLE commune (
    organisation_id bigint PRIMARY KEY REFERENCES organisation,
    insee           text NOT NULL CONSTRAINT commune_insee_once UNIQUE CONSTRAINT commune_insee_check CHECK (insee ~ '^[0-9][0-9AB][0-9]{3}$'),
    slug            text NOT NULL CONSTRAINT commune_slug_once UNIQUE,
    abbr            text NOT NULL CONSTRAINT commune_abbr_once UNIQUE,
    tile_row        smallint NOT NULL,
    tile_col        smallint NOT NULL,
    population      integer NOT NULL CHECK (population > 0),
    siren           text NOT NULL CHECK (siren ~ '^[0-9]{9}$'),
    CONSTRAINT commune_tile_once UNIQUE (tile_row, tile_col)
);

CREATE TABLE person (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_name text NOT NULL CONSTRAINT person_first_name_check CHECK (length(first_name) BETWEEN 1 AND 80),
    last_name  text NOT NULL CONSTRAINT person_last_name_check CHECK (length(last_name) BETWEEN 1 AND 80),
    email      text NOT NULL DEFAULT '' CONSTRAINT person_email_check CHECK (length(email) <= 254 AND email = lower(email)),
    created_at timestamptz NOT NULL DEFAULT now(),
    version    integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX person_email_once ON person (email) WHERE email <> '';
CREATE INDEX person_search ON person USING gin (fold(first_name || ' ' || last_name || ' ' || email) gin_trgm_ops);

-- Somebody acting for an organisation: a commune's delegate, a partner's or a
-- structure's people, the State's representative. Half-open: [from, until).
CREATE TABLE membership (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id       bigint NOT NULL REFERENCES person,
    organisation_id bigint NOT NULL REFERENCES organisation,
    title           text NOT NULL DEFAULT '' CONSTRAINT membership_title_check CHECK (length(title) <= 120),
    manager         boolean NOT NULL DEFAULT false,
    during          daterange NOT NULL CONSTRAINT membership_during_check
                    CHECK (NOT isempty(during) AND NOT lower_inf(during)),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT membership_once EXCLUDE USING gist (person_id WITH =, organisation_id WITH =, during WITH &&)
);
CREATE INDEX membership_organisation ON membership (organisation_id);

CREATE TABLE body (
    code              text PRIMARY KEY CONSTRAINT body_code_check CHECK (code IN ('cmtin', 'partenaires', 'gni', 'communes')),
    position          smallint NOT NULL UNIQUE,
    name              text NOT NULL,
    short_name        text NOT NULL,
    meetings_per_year smallint NOT NULL CHECK (meetings_per_year > 0),
    -- D: the CMTIN is chaired by the Présidente « en présence du représentant de
    -- l’Etat »; its meeting counts only when both presences are recorded.
    needs_chair_and_state boolean NOT NULL DEFAULT false
);

-- A place in the governance, owned by a function, a commune, an organisation or
-- a college, never by a name; it exists when vacant.
CREATE TABLE seat (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CONSTRAINT seat_kind_check
                    CHECK (kind IN ('president', 'councillor', 'mayor', 'partner', 'gni_representative', 'structure')),
    organisation_id bigint REFERENCES organisation,
    college         text CONSTRAINT seat_college_check CHECK (college IN ('action_sociale', 'mediation_numerique')),
    rank            smallint NOT NULL DEFAULT 1,    -- 1 to 5 within a college's representatives
    label           text NOT NULL CONSTRAINT seat_label_check CHECK (length(label) BETWEEN 1 AND 240),
    during          daterange NOT NULL CONSTRAINT seat_during_check
                    CHECK (NOT isempty(during) AND NOT lower_inf(during)),
    version         integer NOT NULL DEFAULT 1,
    CONSTRAINT seat_owner_check CHECK ((kind IN ('mayor', 'partner', 'structure')) = (organisation_id IS NOT NULL)),
    CONSTRAINT seat_has_college_check CHECK ((kind IN ('gni_representative', 'structure')) = (college IS NOT NULL)),
    CONSTRAINT seat_rank_check CHECK (rank = 1 OR (kind = 'gni_representative' AND rank BETWEEN 1 AND 5)),
    CONSTRAINT seat_of_organisation_once EXCLUDE USING gist (organisation_id WITH =, kind WITH =, during WITH &&)
        WHERE (organisation_id IS NOT NULL),
    CONSTRAINT seat_of_function_once EXCLUDE USING gist (kind WITH =, during WITH &&)
        WHERE (kind IN ('president', 'councillor')),
    -- D: « 5 représentants de l’action sociale et 5 représentants de la médiation numérique »
    CONSTRAINT seat_of_college_once EXCLUDE USING gist (college WITH =, rank WITH =, during WITH &&)
        WHERE (kind = 'gni_representative')
);
CREATE INDEX seat_kind_during ON seat USING gist (kind, during);

-- Composition is a rule, not a list: which kinds of seats make a body, in which
-- order, and the sentence of the deliberation that says so.
CREATE TABLE composition_rule (
    body       text NOT NULL REFERENCES body,
    seat_kind  text NOT NULL,
    position   smallint NOT NULL,
    group_name text NOT NULL,
    chairs     boolean NOT NULL DEFAULT false,
    source     text NOT NULL,                 -- words of the deliberation, as written
    PRIMARY KEY (body, seat_kind),
    CONSTRAINT composition_rule_order UNIQUE (body, position)
);

CREATE TABLE mandate (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seat_id       bigint NOT NULL REFERENCES seat,
    person_id     bigint NOT NULL REFERENCES person,
    kind          text NOT NULL CONSTRAINT mandate_kind_check CHECK (kind IN ('titular', 'alternate')),
    -- Half-open: in office from the first day, no longer on the day it ends.
    during        daterange NOT NULL CONSTRAINT mandate_during_check
                  CHECK (NOT isempty(during) AND NOT lower_inf(during)),
    -- When the term is due to end. Past it and not replaced: carried over.
    term_ends_on  date,
    designation   text NOT NULL CONSTRAINT mandate_designation_check CHECK (length(designation) BETWEEN 1 AND 200),
    reference     text NOT NULL DEFAULT '' CONSTRAINT mandate_reference_check CHECK (length(reference) <= 300),
    created_at    timestamptz NOT NULL DEFAULT now(),
    version       integer NOT NULL DEFAULT 1,
    CONSTRAINT mandate_no_overlap EXCLUDE USING gist (seat_id WITH =, kind WITH =, during WITH &&),
    CONSTRAINT mandate_not_both EXCLUDE USING gist (seat_id WITH =, person_id WITH =, during WITH &&),
    CONSTRAINT mandate_term_check CHECK (term_ends_on IS NULL OR term_ends_on > lower(during))
);
CREATE INDEX mandate_person ON mandate (person_id);
-- The exclusion constraints have GiST indexes that begin with seat_id, ten times
-- slower than this one to find the mandates of a seat.
CREATE INDEX mandate_seat ON mandate (seat_id, kind);

-- A mandate stays within the life of its seat, and an alternate within the time
-- its seat has a titular. Checked at commit: replacing a titular ends one
-- mandate and starts another.
-- +goose StatementBegin
CREATE FUNCTION mandate_consistent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    sid bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.seat_id ELSE NEW.seat_id END;
BEGIN
    IF EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id
               WHERE m.seat_id = sid AND NOT m.during <@ s.during) THEN
        RAISE EXCEPTION 'mandate outside the life of seat %', sid
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_within_seat';
    END IF;
    IF EXISTS (SELECT FROM mandate a WHERE a.seat_id = sid AND a.kind = 'alternate'
               AND NOT coalesce(a.during <@ (SELECT range_agg(t.during) FROM mandate t
                                             WHERE t.seat_id = sid AND t.kind = 'titular'), false)) THEN
        RAISE EXCEPTION 'alternate without a titular on seat %', sid
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_alternate_has_titular';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER mandate_consistent AFTER INSERT OR UPDATE OR DELETE ON mandate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mandate_consistent();

-- +goose StatementBegin
CREATE FUNCTION seat_consistent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM mandate m WHERE m.seat_id = NEW.id AND NOT m.during <@ NEW.during) THEN
        RAISE EXCEPTION 'mandate outside the life of seat %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_within_seat';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER seat_consistent AFTER UPDATE OF during ON seat
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION seat_consistent();

-- Who sits in a body on a day: one row per seat, vacant ones included. A person
-- who holds several seats of the body is counted on the first (counted = true).
CREATE FUNCTION composition(p_body text, p_day date)
    RETURNS TABLE (
        rule_position smallint, group_name text, chairs boolean, source text,
        seat_id bigint, seat_kind text, seat_label text, seat_rank smallint, college text,
        organisation_id bigint, organisation_name text, insee text,
        mandate_id bigint, person_id bigint, first_name text, last_name text,
        since date, ends_on date, term_ends_on date, designation text,
        alternate_person_id bigint, alternate_name text,
        counted boolean, state text
    )
    LANGUAGE sql STABLE
    AS $$
    SELECT r.position, r.group_name, r.chairs, r.source,
           s.id, s.kind, s.label, s.rank, s.college,
           o.id, o.name, c.insee,
           m.id, p.id, p.first_name, p.last_name,
           lower(m.during), upper(m.during), m.term_ends_on, m.designation,
           ap.id, ap.first_name || ' ' || ap.last_name,
           p.id IS NOT NULL AND row_number() OVER (PARTITION BY p.id ORDER BY r.position, s.id) = 1,
           CASE
               WHEN m.id IS NULL THEN 'vacant'
               WHEN m.term_ends_on <= p_day THEN 'carried_over'
               WHEN least(m.term_ends_on, upper(m.during)) <= p_day + 90 THEN 'ends_soon'
               ELSE 'in_office'
           END
    FROM composition_rule r
    JOIN seat s ON s.kind = r.seat_kind AND s.during @> p_day
    LEFT JOIN organisation o ON o.id = s.organisation_id
    LEFT JOIN commune c ON c.organisation_id = o.id
    -- Not « during @> p_day », which would lead the planner to the GiST indexes.
    LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular'
         AND lower(m.during) <= p_day AND coalesce(upper(m.during) > p_day, true)
    LEFT JOIN person p ON p.id = m.person_id
    LEFT JOIN mandate a ON a.seat_id = s.id AND a.kind = 'alternate'
         AND lower(a.during) <= p_day AND coalesce(upper(a.during) > p_day, true)
    LEFT JOIN person ap ON ap.id = a.person_id
    WHERE r.body = p_body
    $$;

-- How full each body is on a day: seats, vacant ones, distinct people. It counts
-- what composition() lists, without the cost of listing it.
CREATE FUNCTION body_counts(p_day date)
    RETURNS TABLE (body text, seats bigint, vacant bigint, persons bigint)
    LANGUAGE sql STABLE
    AS $$
    WITH held AS MATERIALIZED (
        SELECT s.kind, m.person_id
        FROM seat s
        LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular'
             AND lower(m.during) <= p_day AND (upper_inf(m.during) OR upper(m.during) > p_day)
        WHERE s.during @> p_day
    )
    SELECT r.body, count(h.kind), count(*) FILTER (WHERE h.kind IS NOT NULL AND h.person_id IS NULL), count(DISTINCT h.person_id)
    FROM composition_rule r LEFT JOIN held h ON h.kind = r.seat_kind
    GROUP BY r.body
    $$;

-- What a body decides for itself where the deliberation is silent; value '' is
-- « sans objet ». Each has its source.
CREATE TABLE body_setting (
    body        text NOT NULL REFERENCES body,
    key         text NOT NULL CONSTRAINT body_setting_key_check
                CHECK (key IN ('notice_days', 'quorum_percent', 'proxies_per_holder', 'mandate_years', 'reminder_days')),
    value       integer CONSTRAINT body_setting_value_check CHECK (value BETWEEN 0 AND 365),
    source_kind text NOT NULL CONSTRAINT body_setting_source_check
                CHECK (source_kind IN ('deliberation', 'internal_rules', 'analogy', 'not_set')),
    source_note text NOT NULL DEFAULT '' CONSTRAINT body_setting_note_check CHECK (length(source_note) <= 300),
    version     integer NOT NULL DEFAULT 1,
    PRIMARY KEY (body, key),
    CONSTRAINT body_setting_not_set_check CHECK ((value IS NULL) = (source_kind = 'not_set'))
);

-- Meetings, as far as the cadence of the year needs them.
CREATE TABLE meeting (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body          text NOT NULL REFERENCES body,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    place         text NOT NULL DEFAULT '' CONSTRAINT meeting_place_check CHECK (length(place) <= 200),
    theme         text NOT NULL DEFAULT '' CONSTRAINT meeting_theme_check CHECK (length(theme) <= 200),
    state         text NOT NULL CONSTRAINT meeting_state_check
                  CHECK (state IN ('draft', 'convened', 'in_progress', 'held', 'published', 'postponed', 'cancelled')),
    chair_present boolean NOT NULL DEFAULT false,
    state_present boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    CONSTRAINT meeting_ends_after_start CHECK (ends_at > starts_at)
);
CREATE INDEX meeting_body_starts ON meeting (body, starts_at);
CREATE INDEX meeting_starts ON meeting (starts_at);

-- Per body and calendar year (in Paris): owed, held, planned, missing, latest
-- day to convene what is missing, and whether that day is past. A postponed or
-- cancelled meeting does not count.
CREATE FUNCTION cadence(p_year integer, p_today date)
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
            WHERE m.body = b.code
              AND m.starts_at >= make_date(p_year, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
              AND m.starts_at < make_date(p_year + 1, 1, 1)::timestamp AT TIME ZONE 'Europe/Paris'
        ) n
    ) c
    ORDER BY c.position
    $$;

CREATE TRIGGER organisation_public AFTER INSERT OR UPDATE OR DELETE ON organisation EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER person_public AFTER UPDATE OR DELETE ON person EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER seat_public AFTER INSERT OR UPDATE OR DELETE ON seat EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER mandate_public AFTER INSERT OR UPDATE OR DELETE ON mandate EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER body_setting_public AFTER INSERT OR UPDATE OR DELETE ON body_setting EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER meeting_public AFTER INSERT OR UPDATE OR DELETE ON meeting EXECUTE FUNCTION tell_public_change();

-- +goose Down
DROP FUNCTION cadence(integer, date);
DROP FUNCTION body_counts(date);
DROP FUNCTION composition(text, date);
DROP TABLE meeting, body_setting, mandate, composition_rule, seat, body, membership, person, commune, organisation CASCADE;
DROP FUNCTION mandate_consistent, seat_consistent;
