-- People who sign in: credentials, sessions, links, roles granted.

-- +goose Up
CREATE TABLE account (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id           bigint NOT NULL CONSTRAINT account_person_once UNIQUE REFERENCES person,
    email               text NOT NULL CONSTRAINT account_email_once UNIQUE
                        CONSTRAINT account_email_check CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    password_hash       text,                 -- PHC string; NULL until the invitation is accepted
    password_changed_at timestamptz,
    totp_secret         text,                 -- NULL: no second factor
    totp_last_step      bigint NOT NULL DEFAULT 0,   -- a code is accepted once
    disabled_at         timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    version             integer NOT NULL DEFAULT 1
);

-- The order of the administrators' list of accounts.
CREATE INDEX person_sort ON person (fold(last_name), fold(first_name), id);

CREATE TABLE recovery_code (
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    code_hash  bytea NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

-- Roles that come from no mandate: granted by an administrator.
CREATE TABLE role_grant (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    role       text NOT NULL CONSTRAINT role_grant_role_check CHECK (role IN ('administrator', 'team', 'scrutineer')),
    granted_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CONSTRAINT role_grant_order CHECK (ended_at >= granted_at)
);
CREATE UNIQUE INDEX role_grant_once ON role_grant (account_id, role) WHERE ended_at IS NULL;

-- The truth about a session: scs keeps its data here too (account.Store), so a
-- revoked session cannot be revived by a request in flight.
CREATE TABLE session (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash   text NOT NULL CONSTRAINT session_token_once UNIQUE,
    account_id   bigint REFERENCES account,   -- NULL: nobody signed in (flash messages)
    capacity     text NOT NULL DEFAULT '',    -- key of the capacity acted in
    data         bytea NOT NULL,
    device       text NOT NULL DEFAULT '',    -- « Firefox sous Windows »
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX session_account ON session (account_id) WHERE revoked_at IS NULL;
CREATE INDEX session_expiry ON session (expires_at);

-- Single-use links sent by mail; consumed by POST only.
CREATE TABLE account_link (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    purpose    text NOT NULL CONSTRAINT account_link_purpose_check CHECK (purpose IN ('invitation', 'password_reset', 'email_change')),
    new_email  text,                           -- the address an email_change proves
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,                    -- consumed, or made void by a newer one
    CONSTRAINT account_link_new_email_check CHECK ((purpose = 'email_change') = (new_email IS NOT NULL))
);
CREATE INDEX account_link_account ON account_link (account_id);

-- Browsers from which an account already signed in with a second step.
CREATE TABLE known_browser (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX known_browser_account ON known_browser (account_id);

-- Sign-ins between the password and the second step: a code of an application, a
-- code sent by mail, or the first setting of the application (« enrol »).
CREATE TABLE sign_in_step (
    token_hash  bytea PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    method      text NOT NULL CONSTRAINT sign_in_step_method_check CHECK (method IN ('totp', 'mail', 'enrol')),
    code_hash   bytea CONSTRAINT sign_in_step_code_check CHECK ((method = 'mail') = (code_hash IS NOT NULL)),
    totp_secret text CONSTRAINT sign_in_step_secret_check CHECK ((method = 'enrol') = (totp_secret IS NOT NULL)),
    tries       smallint NOT NULL DEFAULT 0,
    -- The password that was right: changed meanwhile, the step leads nowhere.
    password_changed_at timestamptz,
    expires_at  timestamptz NOT NULL
);

-- Tries counted before any password is hashed, per account and per address.
CREATE TABLE throttle (
    key          text NOT NULL,                -- « sign_in:account:… », « reset:address:… »
    window_start timestamptz NOT NULL,
    tries        integer NOT NULL,
    PRIMARY KEY (key, window_start)
);

-- A form sent while the session was over or the database away comes back after
-- signing in. Never holds a password. Kept 24 hours.
-- Only who had the session it was sent from finds it again.
CREATE TABLE kept_form (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    path       text NOT NULL CONSTRAINT kept_form_path_check CHECK (path ~ '^/[^/\\]' AND length(path) <= 2000),
    fields     jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

-- Double submits: the key a form carries, and where its one effect led.
CREATE TABLE submission (
    key        text NOT NULL,
    account_id bigint NOT NULL DEFAULT 0,      -- 0: nobody signed in
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    location   text,                           -- NULL while being treated
    flash      text NOT NULL DEFAULT '',
    PRIMARY KEY (key, account_id)
);
CREATE INDEX submission_started ON submission (started_at);

-- What an account may act as today: granted roles, mandates in office,
-- memberships. Read at every request; nothing is remembered. A partner or a
-- structure that has left, its seat closed, is acted for by nobody.
CREATE VIEW capacity AS
    SELECT a.id AS account_id, g.role, 0::bigint AS organisation_id, '' AS organisation_name
    FROM account a JOIN role_grant g ON g.account_id = a.id AND g.ended_at IS NULL
    UNION
    SELECT a.id,
           CASE WHEN s.kind IN ('president', 'councillor') THEN 'chair'
                WHEN s.kind = 'mayor' AND m.kind = 'titular' THEN 'mayor'
                WHEN s.kind = 'mayor' THEN 'delegate'
                WHEN s.kind = 'partner' THEN 'partner'
                ELSE 'structure' END,
           coalesce(o.id, 0), coalesce(o.name, '')
    FROM account a
    JOIN mandate m ON m.person_id = a.person_id AND m.during @> paris_today()
    JOIN seat s ON s.id = m.seat_id AND s.kind <> 'gni_representative'
    LEFT JOIN organisation o ON o.id = s.organisation_id
    WHERE m.kind = 'titular' OR s.kind NOT IN ('president', 'councillor')
    UNION
    SELECT a.id,
           CASE o.kind WHEN 'commune' THEN 'delegate' WHEN 'structure' THEN 'structure'
                       WHEN 'partner' THEN 'partner' WHEN 'state_service' THEN 'state' END,
           o.id, o.name
    FROM account a
    JOIN membership n ON n.person_id = a.person_id AND n.during @> paris_today()
    JOIN organisation o ON o.id = n.organisation_id AND o.kind <> 'metropole'
    WHERE o.kind IN ('commune', 'state_service')
       OR EXISTS (SELECT FROM seat s WHERE s.organisation_id = o.id AND s.during @> paris_today());

-- +goose Down
DROP VIEW capacity;
DROP INDEX person_sort;
DROP TABLE submission, kept_form, throttle, sign_in_step, known_browser, account_link, session, role_grant, recovery_code, account;
