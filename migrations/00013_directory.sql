-- The public directory of structures and the team's register: who answers a filter,
-- the words people look for, and the order of the lists, so that a page costs the same
-- whatever the number of structures. See internal/structure/directory.go.

-- +goose Up

-- The commune as a French reader looks it up: « Le Bouscat » is at B.
ALTER TABLE structure ADD COLUMN sort_commune text NOT NULL DEFAULT '';

-- +goose StatementBegin
CREATE FUNCTION structure_placed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.sort_commune := coalesce((SELECT regexp_replace(fold(o.name), '^(le|la|les) ', '')
        FROM commune c JOIN organisation o ON o.id = c.organisation_id WHERE c.insee = NEW.insee), '');
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER structure_placed BEFORE INSERT OR UPDATE OF insee ON structure FOR EACH ROW EXECUTE FUNCTION structure_placed();
UPDATE structure SET insee = insee;

-- The words of a folded text.
CREATE FUNCTION structure_tokens(folded text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT array_remove(string_to_array(translate(folded, $t$'"’‘“”«»()[]{}<>.,;:!?/\|&+*=-–—_@#%~$t$ || E'\u00a0\u202f\t\n\r',
        repeat(' ', 60)), ' '), '') $$;

-- What a structure answers to. In the directory, members of the GNI alone: the name,
-- the commune and the college are the composition's, the rest is there only if the
-- structure publishes it. In the team's register ('#…'), every structure.
CREATE FUNCTION structure_facets(state text, college text, insee text, publish_sheet boolean,
                                 services text[], programmes text[], aladdin text, access_modes text[])
    RETURNS TABLE (facet text, value text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 16
    AS $$
    VALUES ('#all', ''), ('#state', state), ('#college', college), ('#commune', coalesce(insee, '-'))
    UNION ALL SELECT '', '' WHERE state = 'accepted'
    UNION ALL SELECT 'college', college WHERE state = 'accepted'
    UNION ALL SELECT 'commune', insee WHERE state = 'accepted' AND insee IS NOT NULL
    UNION ALL SELECT DISTINCT 'service', v FROM unnest(services) v WHERE state = 'accepted' AND publish_sheet
    UNION ALL SELECT DISTINCT 'network', v FROM unnest(programmes) v WHERE state = 'accepted' AND publish_sheet
    UNION ALL SELECT 'network', 'Aladdin' WHERE state = 'accepted' AND publish_sheet AND aladdin <> ''
    UNION ALL SELECT DISTINCT 'access', v FROM unnest(access_modes) v WHERE state = 'accepted' AND publish_sheet
    $$;

-- Who answers each value, as bits: structure n is bit n % 8192 of chunk n / 8192.
-- Any count of a list is then some « and » of a few kilobytes.
CREATE TABLE structure_facet (
    facet text NOT NULL,     -- '' for every member
    value text NOT NULL,
    chunk bigint NOT NULL,
    members bit(8192) NOT NULL,
    PRIMARY KEY (facet, value, chunk)
) WITH (fillfactor = 50);
ALTER TABLE structure_facet ALTER members SET STORAGE PLAIN;

-- The words that may be searched: what is typed is looked for in them first, so that
-- a part of a word and a wrong letter cost nothing on the texts themselves. A word
-- that nobody uses any more stays, and finds nothing.
CREATE TABLE structure_word (word text PRIMARY KEY);
CREATE INDEX structure_word_near ON structure_word USING gin (word gin_trgm_ops);

-- Who has each word, as bits too: one kilobyte a word, read a hundred times for one
-- that is written.
CREATE TABLE structure_spoken (
    word text NOT NULL,
    chunk bigint NOT NULL,
    members bit(8192) NOT NULL,
    PRIMARY KEY (word, chunk)
);
ALTER TABLE structure_spoken ALTER members SET STORAGE PLAIN;

-- The words that structure_spoken has of each structure, to take back those that go.
CREATE TABLE structure_told (
    organisation_id bigint PRIMARY KEY,
    words text[] NOT NULL
);

-- The structures that a transaction has changed in what they answer to: empty but inside
-- one. The bits are put right when it commits, all at once, so that nobody waits for a
-- long act of somebody else; a test that never commits asks for it by
-- SET CONSTRAINTS structure_settled IMMEDIATE.
CREATE TABLE structure_touched (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ids bigint[] NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION structure_touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        touched := ARRAY(SELECT organisation_id FROM after);
    ELSIF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT organisation_id FROM before);
    ELSE
        touched := ARRAY(SELECT n.organisation_id FROM after n JOIN before o USING (organisation_id)
            WHERE (n.state, n.college, n.insee, n.publish_sheet, n.services, n.programmes, n.aladdin, n.access_modes, n.search)
                IS DISTINCT FROM (o.state, o.college, o.insee, o.publish_sheet, o.services, o.programmes, o.aladdin, o.access_modes, o.search));
    END IF;
    IF touched <> '{}' THEN INSERT INTO structure_touched (ids) VALUES (touched); END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- structure_bits puts 64 structures, those from number 64 w on, in their chunk.
CREATE FUNCTION structure_bits(w bigint, bits bigint) RETURNS bit varying
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT bits::bit(64)::bit(8192) >> ((w % 128)::int * 64) $$;

-- structure_respeak puts right the words of structures.
-- +goose StatementBegin
CREATE FUNCTION structure_respeak(touched bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH now_is AS MATERIALIZED (
        SELECT organisation_id AS id, ARRAY(SELECT DISTINCT unnest(structure_tokens(s.search)) ORDER BY 1) AS words
        FROM structure s WHERE organisation_id = ANY (touched)
    ), part AS (
        SELECT word, id / 64 AS w, coalesce(bit_or(1::bigint << (63 - (id % 64)::int)) FILTER (WHERE comes), 0) AS on_bits,
               coalesce(bit_or(1::bigint << (63 - (id % 64)::int)) FILTER (WHERE NOT comes), 0) AS off_bits
        FROM (SELECT id, unnest(words) AS word, true AS comes FROM now_is
              UNION ALL SELECT organisation_id, unnest(words), false FROM structure_told WHERE organisation_id = ANY (touched)) AS pair
        GROUP BY 1, 2
    ), changed AS MATERIALIZED (
        SELECT word, w / 128 AS chunk, bit_or(structure_bits(w, on_bits)) AS on_bits, bit_or(structure_bits(w, off_bits)) AS off_bits FROM part GROUP BY 1, 2
    ), put AS (
        INSERT INTO structure_spoken SELECT word, chunk, on_bits FROM changed c
        WHERE NOT EXISTS (SELECT FROM structure_spoken k WHERE (k.word, k.chunk) = (c.word, c.chunk))
    ), known AS (
        INSERT INTO structure_word SELECT DISTINCT word FROM changed c WHERE NOT EXISTS (SELECT FROM structure_word k WHERE k.word = c.word)
    ), told AS (
        INSERT INTO structure_told AS t SELECT id, words FROM now_is
        ON CONFLICT (organisation_id) DO UPDATE SET words = EXCLUDED.words WHERE t.words <> EXCLUDED.words
    )
    UPDATE structure_spoken t SET members = (t.members & ~c.off_bits) | c.on_bits
    FROM changed c WHERE (t.word, t.chunk) = (c.word, c.chunk) AND (t.members & ~c.off_bits) | c.on_bits <> t.members;

    DELETE FROM structure_told t WHERE organisation_id = ANY (touched) AND NOT EXISTS (SELECT FROM structure s WHERE s.organisation_id = t.organisation_id);
END
$$;
-- +goose StatementEnd

-- structure_recount puts right the bits and the words of structures. It starts from
-- what they are now, so that doing it once more changes nothing.
-- +goose StatementBegin
CREATE FUNCTION structure_recount(touched bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('structure_facet'));   -- one at a time: what follows reads, then writes
    WITH mask AS (
        SELECT w / 128 AS chunk, bit_or(structure_bits(w, bits)) AS bits
        FROM (SELECT id / 64 AS w, bit_or(1::bigint << (63 - (id % 64)::int)) AS bits FROM unnest(touched) AS id GROUP BY 1) AS part GROUP BY 1
    ), wanted AS (
        SELECT facet, value, w / 128 AS chunk, bit_or(structure_bits(w, bits)) AS bits
        FROM (SELECT f.facet, f.value, s.organisation_id / 64 AS w, bit_or(1::bigint << (63 - (s.organisation_id % 64)::int)) AS bits
              FROM structure s, structure_facets(s.state, s.college, s.insee, s.publish_sheet, s.services, s.programmes, s.aladdin, s.access_modes) f
              WHERE s.organisation_id = ANY (touched) GROUP BY 1, 2, 3) AS part
        GROUP BY 1, 2, 3
    ), added AS (
        INSERT INTO structure_facet SELECT w.* FROM wanted w
        WHERE NOT EXISTS (SELECT FROM structure_facet t WHERE (t.facet, t.value, t.chunk) = (w.facet, w.value, w.chunk))
    )
    UPDATE structure_facet t SET members = (t.members & ~m.bits) | coalesce(w.bits, 0::bit(8192))
    FROM structure_facet k JOIN mask m USING (chunk) LEFT JOIN wanted w USING (facet, value, chunk)
    WHERE (t.facet, t.value, t.chunk) = (k.facet, k.value, k.chunk)
      AND t.members & m.bits <> coalesce(w.bits, 0::bit(8192));

    PERFORM structure_respeak(touched);
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION structure_settle() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    touched bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM structure_touched WHERE id = NEW.id) THEN
        RETURN NULL;   -- done with another of the transaction
    END IF;
    WITH taken AS (DELETE FROM structure_touched RETURNING ids)
    SELECT array_agg(DISTINCT u.id) INTO touched FROM taken, unnest(taken.ids) AS u(id);
    PERFORM structure_recount(touched);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- What is there already.
SELECT structure_recount(ARRAY(SELECT organisation_id FROM structure));

CREATE TRIGGER structure_touch_insert AFTER INSERT ON structure
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION structure_touch();
CREATE TRIGGER structure_touch_update AFTER UPDATE ON structure
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION structure_touch();
CREATE TRIGGER structure_touch_delete AFTER DELETE ON structure
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION structure_touch();
CREATE CONSTRAINT TRIGGER structure_settled AFTER INSERT ON structure_touched
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION structure_settle();

-- structure_meant returns the words of the register that somebody who typed this
-- folded word may mean: those that hold it or, if none does, the nearest ones.
-- +goose StatementBegin
CREATE FUNCTION structure_meant(typed text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    meant text[];
BEGIN
    IF length(typed) < 3 THEN
        RETURN ARRAY(SELECT word FROM structure_word WHERE word LIKE typed || '%' ORDER BY length(word), word LIMIT 200);
    END IF;
    meant := ARRAY(SELECT word FROM structure_word WHERE word LIKE '%' || typed || '%' ORDER BY length(word), word LIMIT 200);
    IF meant = '{}' AND length(typed) > 3 THEN
        meant := ARRAY(SELECT word FROM structure_word WHERE word % typed AND similarity(word, typed) >= 0.45
                       ORDER BY similarity(word, typed) DESC, word LIMIT 3);
    END IF;
    RETURN meant;
END
$$;
-- +goose StatementEnd

-- structure_found returns the structures that have all the words, typed as people do,
-- as bits by chunk. Whether the reader may know of them is for who asks.
CREATE FUNCTION structure_found(typed text[]) RETURNS TABLE (chunk bigint, members bit(8192))
    LANGUAGE sql STABLE ROWS 3
    AS $$
    SELECT each.chunk, bit_and(each.members)
    FROM (SELECT t.n, s.chunk, bit_or(s.members) AS members
          FROM unnest(typed) WITH ORDINALITY AS t(word, n), unnest(structure_meant(fold(t.word))) AS m(word)
          JOIN structure_spoken s ON s.word = m.word GROUP BY t.n, s.chunk) AS each
    GROUP BY each.chunk HAVING count(*) = cardinality(typed)
    $$;

-- The orders of the list.
CREATE INDEX structure_by_commune ON structure (sort_commune, sort_name, organisation_id) WHERE state = 'accepted';
CREATE INDEX structure_by_freshness ON structure ((CASE WHEN publish_sheet THEN up_to_date_at END) DESC NULLS LAST, sort_name, organisation_id)
    WHERE state = 'accepted';
-- And the page of a commune.
CREATE INDEX structure_of_commune ON structure (insee, sort_name, organisation_id) WHERE state = 'accepted';
-- The network Aladdin and the conseillers numériques, who have lists of their own.
CREATE INDEX structure_aladdin ON structure (aladdin, (sort_commune = ''), sort_commune, sort_name, organisation_id, publish_sheet)
    WHERE state = 'accepted' AND aladdin <> '';
CREATE INDEX structure_advisers ON structure ((sort_commune = ''), sort_commune, sort_name, organisation_id, insee, adviser_posts)
    WHERE state = 'accepted' AND programmes @> ARRAY['Conseillers numériques'];

-- +goose Down
DROP TRIGGER structure_touch_insert ON structure;
DROP TRIGGER structure_touch_update ON structure;
DROP TRIGGER structure_touch_delete ON structure;
DROP TRIGGER structure_placed ON structure;
DROP INDEX structure_by_commune, structure_by_freshness, structure_of_commune, structure_aladdin, structure_advisers;
DROP TABLE structure_touched, structure_told, structure_spoken, structure_word, structure_facet;
DROP FUNCTION structure_settle, structure_touch, structure_placed;
DROP FUNCTION structure_recount(bigint[]);
DROP FUNCTION structure_respeak(bigint[]);
DROP FUNCTION structure_bits(bigint, bigint);
DROP FUNCTION structure_found(text[]);
DROP FUNCTION structure_meant(text);
DROP FUNCTION structure_facets(text, text, text, boolean, text[], text[], text, text[]);
DROP FUNCTION structure_tokens(text);
ALTER TABLE structure DROP COLUMN sort_commune;
