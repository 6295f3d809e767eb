-- The outbox: every mail the portal sends, queued in the transaction of the act
-- that causes it, sent by a river job.

-- +goose Up
CREATE TABLE mail (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind        text NOT NULL,                 -- « invitation », « password_reset »…
    to_address  text NOT NULL,
    to_name     text NOT NULL DEFAULT '',
    subject     text NOT NULL CONSTRAINT mail_subject_check CHECK (subject !~ '[[:cntrl:]]'),
    text_body   text NOT NULL,
    html_body   text NOT NULL,
    -- A personal link stands as {{lien}} in the bodies and is erased once sent,
    -- so that the outbox is no way into somebody's account.
    secret_link text NOT NULL DEFAULT '',
    state       text NOT NULL DEFAULT 'queued' CONSTRAINT mail_state_check
                CHECK (state IN ('queued', 'sent', 'kept', 'failed')),
    attempts    integer NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    CONSTRAINT mail_sent_check CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX mail_created ON mail (created_at DESC, id);
CREATE INDEX mail_state ON mail (state, created_at DESC, id);

-- +goose Down
DROP TABLE mail;
