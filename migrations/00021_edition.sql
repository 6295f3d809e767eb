-- The programme of a year: its exact bytes are kept and hashed, one is open at a time,
-- and who proposed an action is told what became of it. See internal/roadmap/edition.

-- +goose Up
-- Text and not jsonb: what was hashed is what is served, byte for byte.
ALTER TABLE edition ALTER COLUMN content TYPE text USING content::text;
ALTER TABLE edition
    ADD CONSTRAINT edition_content_check CHECK (jsonb_typeof(content::jsonb) = 'object'),
    ADD CONSTRAINT edition_content_hashed CHECK (sha256 = sha256(convert_to(content, 'UTF8')));
CREATE UNIQUE INDEX edition_open_once ON edition ((true)) WHERE state <> 'frozen';
CREATE INDEX edition_line_action ON edition_line (action_id);

-- Who sent a proposal, and what the team asks about it.
CREATE TABLE action_proposal (
    action_id bigint PRIMARY KEY REFERENCES roadmap_action ON DELETE CASCADE,
    person_id bigint REFERENCES person,
    at        timestamptz NOT NULL DEFAULT now(),
    question  text NOT NULL DEFAULT '' CONSTRAINT action_proposal_question_check CHECK (length(question) <= 1000)
);
CREATE INDEX action_proposal_person ON action_proposal (person_id);

-- +goose StatementBegin
CREATE FUNCTION edition_refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM edition WHERE state = 'frozen') THEN
        RAISE EXCEPTION 'an edition is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER edition_whole BEFORE TRUNCATE ON edition FOR EACH STATEMENT EXECUTE FUNCTION edition_refuse_truncate();
CREATE TRIGGER edition_line_whole BEFORE TRUNCATE ON edition_line FOR EACH STATEMENT EXECUTE FUNCTION edition_refuse_truncate();

-- +goose Down
DROP TRIGGER edition_line_whole ON edition_line;
DROP TRIGGER edition_whole ON edition;
DROP FUNCTION edition_refuse_truncate;
DROP TABLE action_proposal;
DROP INDEX edition_line_action;
DROP INDEX edition_open_once;
ALTER TABLE edition DROP CONSTRAINT edition_content_hashed, DROP CONSTRAINT edition_content_check;
ALTER TABLE edition ALTER COLUMN content TYPE jsonb USING content::jsonb;
