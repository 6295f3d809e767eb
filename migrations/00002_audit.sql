-- The journal: who did what, when, before and after. Append-only and chained.
--
-- An entry is written by the act's own transaction. Its seal is made when that
-- transaction commits (deferred trigger): the chain lock is then held for the
-- commit alone, and two acts that touch the same rows cannot wait for each other
-- through the journal. Seals are gapless; entry ids may skip after a rollback.

-- +goose Up
CREATE TABLE audit_entry (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id   bigint,                     -- NULL: a job or a command
    actor        text NOT NULL,              -- name shown, as it was that day
    capacity     text NOT NULL,              -- « mayor:12 »
    action       text NOT NULL CONSTRAINT audit_entry_action_check CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    object       text NOT NULL,              -- « seat », « account »…
    object_id    bigint NOT NULL,
    label        text NOT NULL,              -- the object in words, as it was that day
    before       jsonb,
    after        jsonb,
    request_id   text NOT NULL DEFAULT ''
);
CREATE INDEX audit_entry_object ON audit_entry (object, object_id, id DESC);
CREATE INDEX audit_entry_account ON audit_entry (account_id, id DESC);
CREATE INDEX audit_entry_action ON audit_entry (action, id DESC);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE INDEX audit_entry_label ON audit_entry USING gin (fold(label || ' ' || actor) gin_trgm_ops);

CREATE TABLE audit_seal (
    seq       bigint PRIMARY KEY CONSTRAINT audit_seal_seq_check CHECK (seq > 0),
    entry_id  bigint NOT NULL UNIQUE REFERENCES audit_entry,
    prev_hash bytea NOT NULL,                -- 32 zero bytes for the first
    hash      bytea NOT NULL CONSTRAINT audit_seal_hash_check CHECK (length(hash) = 32)
);

-- The bytes that are hashed: each field by its length then its text, so that no
-- two entries give the same bytes. internal/audit computes the same in Go.
CREATE FUNCTION audit_canonical(e audit_entry) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT string_agg(coalesce(octet_length(f.v)::text, '-') || ':' || coalesce(f.v, ''), '' ORDER BY f.n)
    FROM (VALUES
        (1, (e).id::text),
        (2, to_char((e).at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
        (3, (e).account_id::text),
        (4, (e).actor), (5, (e).capacity), (6, (e).action), (7, (e).object),
        (8, (e).object_id::text), (9, (e).label), (10, (e).before::text), (11, (e).after::text),
        (12, (e).request_id)
    ) AS f(n, v)
    $$;

-- +goose StatementBegin
CREATE FUNCTION audit_seal_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    last audit_seal;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_seal'));
    SELECT * INTO last FROM audit_seal ORDER BY seq DESC LIMIT 1;
    INSERT INTO audit_seal (seq, entry_id, prev_hash, hash)
    VALUES (
        coalesce(last.seq, 0) + 1,
        NEW.id,
        coalesce(last.hash, decode(repeat('00', 32), 'hex')),
        sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || convert_to(audit_canonical(NEW), 'UTF8'))
    );
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit_seal_entry() FROM PUBLIC;   -- on the journal's own table only
CREATE CONSTRAINT TRIGGER audit_entry_seal AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal_entry();

-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE ALL ON audit_entry, audit_seal FROM portal_app;
        -- Not id, not at: the portal can neither choose the place of an entry
        -- nor write it at another date.
        GRANT SELECT,
              INSERT (account_id, actor, capacity, action, object, object_id, label, before, after, request_id)
            ON audit_entry TO portal_app;
        GRANT SELECT ON audit_seal TO portal_app;
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_seal, audit_entry CASCADE;
DROP FUNCTION audit_seal_entry, audit_refuse;
