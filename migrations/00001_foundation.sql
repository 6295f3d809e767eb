-- Foundation: extensions, the day in Paris, the application role.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- Deadlines and "today" are judged by the database clock, in Paris.
CREATE FUNCTION paris_today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT (now() AT TIME ZONE 'Europe/Paris')::date $$;

-- Text folded for search: no accents, no case.
CREATE FUNCTION fold(s text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT lower(public.unaccent('public.unaccent', s)) $$;

-- portal_app is the role the portal acts in: it reads and writes rows, has no
-- DDL, and later migrations take from it what it must never do (journal,
-- ballots). Where the owner may not create roles, somebody creates it before;
-- without it the portal runs in demo only (see internal/postgres).
-- +goose StatementBegin
DO $$
BEGIN
    CREATE ROLE portal_app NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN RAISE WARNING 'role portal_app is missing and cannot be created';
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        IF NOT pg_has_role(current_user, 'portal_app', 'MEMBER') THEN
            EXECUTE format('GRANT portal_app TO %I', current_user);
        END IF;
        GRANT USAGE ON SCHEMA public TO portal_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO portal_app;   -- goose_db_version, for /readyz
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN RAISE WARNING 'cannot grant rights to portal_app: %', SQLERRM;
END
$$;
-- +goose StatementEnd

-- Tells every instance that something the public sees has changed, so that the
-- pages kept in memory are thrown away (web/cache).
-- +goose StatementBegin
CREATE FUNCTION tell_public_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_notify('public_change', ''); RETURN NULL; END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION tell_public_change();
DROP FUNCTION fold(text);
DROP FUNCTION paris_today();
