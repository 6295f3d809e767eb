-- The outbox: every mail the portal sends, queued in the transaction of the act
-- that causes it, sent by a river job.

-- +goose Up
CREATE TABLE mail (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind        text NOT NULL,                 -- « invitation », « password_reset »…
    to_address  text NOT NULL CONSTRAINT mail_to_address_check CHECK (to_address !~ '[[:cntrl:][:space:]<>,]'),
    to_name     text NOT NULL DEFAULT '' CONSTRAINT mail_to_name_check CHECK (to_name !~ '[[:cntrl:]]'),
    subject     text NOT NULL CONSTRAINT mail_subject_check CHECK (subject !~ '[[:cntrl:]]'),
    text_body   text NOT NULL,
    html_body   text NOT NULL,
    -- A personal link stands as {{lien}} in the bodies, a one-time code as {{code}};
    -- it is erased once sent, so that the outbox is no way into an account.
    secret_link text NOT NULL DEFAULT '',
    state       text NOT NULL DEFAULT 'queued' CONSTRAINT mail_state_check
                CHECK (state IN ('queued', 'sent', 'kept', 'failed')),
    -- The one job that may send this mail: an older one that comes back, after a
    -- crash or a resend, finds that the mail is no longer its own and does nothing.
    job_id      bigint NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    CONSTRAINT mail_sent_check CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT mail_secret_erased CHECK (state IN ('queued', 'kept') OR secret_link = '')
);
CREATE INDEX mail_created ON mail (created_at DESC, id DESC);
CREATE INDEX mail_kind ON mail (kind, created_at DESC, id DESC);
CREATE INDEX mail_search ON mail USING gin (fold(subject || ' ' || to_name || ' ' || to_address) gin_trgm_ops);
CREATE INDEX mail_state ON mail (state, created_at DESC, id DESC);

-- +goose Down
DROP TABLE mail;
