-- Run on the demonstration, by its owner: its actions a hundred times over (some 3,000)
-- with their communes, partners, steps, indicators, readings and some 30,000 budget
-- lines, and 100,000 accepted reports.
CREATE TEMP TABLE copy AS SELECT k, k * (SELECT max(id) + 1 FROM roadmap_action) AS shift, k * (SELECT max(number) + 1 FROM roadmap_action) AS of_number
FROM generate_series(1, 99) k;
SET LOCAL session_replication_role = replica; -- no trigger, no foreign key: the copies are whole
INSERT INTO roadmap_action (id, number, axis_id, title, objective, pilot_id, body, audience, starts_on, ends_on, priority, status, status_reason,
    status_since, confidence, percent, all_communes, validated_on, validation, last_news_at) OVERRIDING SYSTEM VALUE
SELECT a.id + c.shift, a.number + c.of_number, a.axis_id, left(a.title, 180) || ' ' || translate(substr(md5((a.id + c.shift)::text), 1, 7), '0123456789', 'aeioulmnrs'),
       a.objective, a.pilot_id, a.body, a.audience, a.starts_on, a.ends_on, a.priority, a.status, a.status_reason, a.status_since, a.confidence,
       a.percent, a.all_communes, a.validated_on, a.validation, a.last_news_at
FROM copy c CROSS JOIN roadmap_action a;
INSERT INTO action_commune SELECT x.action_id + c.shift, x.organisation_id FROM copy c CROSS JOIN action_commune x;
INSERT INTO action_partner SELECT x.action_id + c.shift, x.organisation_id, x.part FROM copy c CROSS JOIN action_partner x;
INSERT INTO action_decision SELECT x.action_id + c.shift, x.decision_id FROM copy c CROSS JOIN action_decision x WHERE c.k < 10;
INSERT INTO action_step (action_id, position, title, milestone, due_on, done_on)
SELECT x.action_id + c.shift, x.position, x.title, x.milestone, x.due_on, x.done_on FROM copy c CROSS JOIN action_step x;
CREATE TEMP TABLE model AS SELECT i.*, c.k, c.shift, i.id + c.k * (SELECT max(id) + 1 FROM action_indicator) AS new_id FROM copy c CROSS JOIN action_indicator i;
INSERT INTO action_indicator (id, action_id, position, name, unit, direction, by_commune, method, baseline, baseline_on) OVERRIDING SYSTEM VALUE
SELECT new_id, action_id + shift, position, name, unit, direction, by_commune, method, baseline, baseline_on FROM model;
INSERT INTO indicator_target SELECT m.new_id, t.year, t.value FROM model m JOIN indicator_target t ON t.indicator_id = m.id;
INSERT INTO indicator_reading (indicator_id, on_day, value, source)
SELECT m.new_id, r.on_day, r.value, r.source FROM model m JOIN indicator_reading r ON r.indicator_id = m.id;
-- As many lines again of the other nature, and those of the years to come, make 30,000.
INSERT INTO budget_line (action_id, year, funder_id, funder, nature, planned_cents, obtained_cents, spent_cents, note)
SELECT x.action_id + c.shift, x.year + y, x.funder_id, x.funder, n, x.planned_cents, x.obtained_cents, x.spent_cents, x.note
FROM copy c CROSS JOIN budget_line x CROSS JOIN generate_series(0, 1) y CROSS JOIN unnest(ARRAY['investment', 'running']) n
ON CONFLICT DO NOTHING;
DELETE FROM budget_line WHERE id NOT IN (SELECT id FROM budget_line ORDER BY id LIMIT 30000);
INSERT INTO progress_report (action_id, organisation_id, situation, percent, done, next_step, state, at)
SELECT a.id, k.organisation_id, 'in_progress', 10 * (n % 10)::int,
       (ARRAY['Permanence ouverte au centre social', 'Atelier tenu à la médiathèque', 'Ordinateurs remis aux familles'])[1 + n % 3] || ' ' || md5(n::text),
       'Préparer la suite ' || substr(md5('s' || n), 1, 6), 'accepted', now() - n * interval '5 minutes'
FROM generate_series(1, 100000) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r, count(*) OVER () AS total FROM roadmap_action WHERE validated_on IS NOT NULL) a ON a.r = 1 + n % a.total
JOIN (SELECT organisation_id, row_number() OVER (ORDER BY organisation_id) AS r FROM commune) k ON k.r = 1 + (n / 7) % 28;
SET LOCAL session_replication_role = origin;
UPDATE budget_line SET year = year; -- their triggers place and sum them
DROP TABLE copy, model;
SELECT setval(pg_get_serial_sequence('roadmap_action', 'id'), (SELECT max(id) FROM roadmap_action)),
       setval(pg_get_serial_sequence('action_indicator', 'id'), (SELECT max(id) FROM action_indicator));
