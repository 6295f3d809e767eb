-- The note of the partners' group to the whole governance on where the roadmap
-- stands, as it was sent. See internal/roadmap/funding.

-- +goose Up
CREATE TABLE governance_note (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    since      date NOT NULL,                           -- what changed from that day on
    subject    text NOT NULL CONSTRAINT governance_note_subject_check CHECK (length(subject) BETWEEN 1 AND 200),
    text       text NOT NULL CONSTRAINT governance_note_text_check CHECK (length(text) BETWEEN 1 AND 20000),
    sent_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_by    text NOT NULL,
    recipients integer NOT NULL CONSTRAINT governance_note_recipients_check CHECK (recipients > 0)
);
-- The same note leaves once, however many times the form is sent.
CREATE UNIQUE INDEX governance_note_once ON governance_note (md5(subject || chr(10) || text));
CREATE INDEX governance_note_sent ON governance_note (sent_at DESC);

-- What was sent stays as it was.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE UPDATE, DELETE ON governance_note FROM portal_app;
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE governance_note;
