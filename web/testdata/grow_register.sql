-- Run on the demonstration, by its owner: its structures a hundred times over, members,
-- queue and all, with their seats, the people who hold them and their steps. What a copy
-- holds has the number of what it was copied from, plus the same shift per copy, so that
-- the numbers are as dense as those of a real register.
CREATE TEMP TABLE copy AS
SELECT k, k * (SELECT max(id) + 1 FROM organisation) AS shift, k * (SELECT max(id) + 1 FROM person) AS of_person,
       k * (SELECT max(id) + 1 FROM seat) AS of_seat, k * (SELECT max(id) + 1 FROM mandate) AS of_mandate
FROM generate_series(1, 99) k;
CREATE TEMP TABLE copied AS SELECT c.k, c.shift, s.* FROM copy c CROSS JOIN structure s WHERE s.state <> 'merged';

SET LOCAL session_replication_role = replica; -- no trigger, no foreign key: the copies are whole

-- Each name has a word of its own, as in life.
INSERT INTO organisation (id, kind, name, category, created_at) OVERRIDING SYSTEM VALUE
SELECT o.id + c.shift, o.kind, o.name || ' ' || translate(substr(md5((o.id + c.shift)::text), 1, 7), '0123456789', 'aeioulmnrs'), o.category, o.created_at
FROM copied c JOIN organisation o ON o.id = c.organisation_id;
INSERT INTO person (id, first_name, last_name, email, created_at) OVERRIDING SYSTEM VALUE
SELECT p.id + c.of_person, p.first_name, p.last_name, CASE WHEN p.email <> '' THEN c.k || '-' || p.email ELSE '' END, p.created_at FROM copy c CROSS JOIN person p;
INSERT INTO seat (id, kind, organisation_id, college, rank, label, during) OVERRIDING SYSTEM VALUE
SELECT s.id + c.of_seat, s.kind, s.organisation_id + c.shift, s.college, s.rank, s.label, s.during
FROM copy c JOIN seat s ON s.kind = 'structure' WHERE EXISTS (SELECT FROM copied x WHERE x.k = c.k AND x.organisation_id = s.organisation_id);
INSERT INTO mandate (id, seat_id, person_id, kind, during, term_ends_on, designation, reference) OVERRIDING SYSTEM VALUE
SELECT m.id + c.of_mandate, m.seat_id + c.of_seat, m.person_id + c.of_person, m.kind, m.during, m.term_ends_on, m.designation, m.reference
FROM copy c CROSS JOIN mandate m JOIN seat s ON s.id = m.seat_id WHERE s.kind = 'structure';
INSERT INTO structure_step (structure_id, kind, note, by_name, by_team, at)
SELECT t.structure_id + c.shift, t.kind, t.note, t.by_name, t.by_team, t.at - c.k * interval '1 day' FROM copy c CROSS JOIN structure_step t;

SET LOCAL session_replication_role = origin; -- the words, the order and the counters of a structure are made by triggers

UPDATE copied SET organisation_id = organisation_id + shift, siret = CASE WHEN siret <> '' THEN '998' || lpad((organisation_id + shift)::text, 11, '0') ELSE '' END,
       national_id = '', submitted_at = submitted_at - k * interval '1 hour', up_to_date_at = up_to_date_at - k * interval '1 minute';
ALTER TABLE copied DROP COLUMN k, DROP COLUMN shift;
INSERT INTO structure SELECT * FROM copied;
DROP TABLE copied, copy;
SELECT setval(pg_get_serial_sequence('organisation', 'id'), (SELECT max(id) FROM organisation)), setval(pg_get_serial_sequence('person', 'id'), (SELECT max(id) FROM person)),
       setval(pg_get_serial_sequence('seat', 'id'), (SELECT max(id) FROM seat)), setval(pg_get_serial_sequence('mandate', 'id'), (SELECT max(id) FROM mandate));
