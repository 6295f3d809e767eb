-- Run on the demonstration, by its owner: published meetings as they are, a hundred
-- times over, in the years before its first one. What a copy holds has the number of
-- what it was copied from, plus a million per copy.
CREATE TEMP TABLE model AS
SELECT m.*, row_number() OVER (ORDER BY m.starts_at, m.id) AS n FROM meeting m WHERE m.state = 'published';
CREATE TEMP TABLE copy AS
SELECT k, k * 1000000 AS shift, m.id AS of, m.id + k * 1000000 AS id, m.starts_at - interval '2 years' - k * interval '50 days' AS starts_at
FROM model m CROSS JOIN generate_series(1, 110) k;
SET session_replication_role = replica; -- no trigger, no foreign key: the copies are whole

INSERT INTO meeting (id, body, starts_at, ends_at, place, theme, state, chair_present, state_present, kind, announced, sequence, changed_at, convened_at, opened_at, closed_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT c.id, m.body, c.starts_at, c.starts_at + (m.ends_at - m.starts_at), m.place, m.theme, m.state, m.chair_present, m.state_present, m.kind, true, m.sequence,
       c.starts_at - interval '20 days', c.starts_at - interval '12 days', c.starts_at, c.starts_at + (m.ends_at - m.starts_at), c.starts_at - interval '60 days'
FROM copy c JOIN model m ON m.id = c.of;

INSERT INTO agenda_item (id, meeting_id, parent_id, position, title, text, kind, minutes, rapporteur, origin, created_at)
OVERRIDING SYSTEM VALUE
SELECT i.id + c.shift, c.id, i.parent_id + c.shift, i.position, i.title, i.text, i.kind, i.minutes, i.rapporteur, CASE WHEN i.origin_id IS NULL THEN i.origin ELSE '' END, c.starts_at - interval '30 days'
FROM copy c JOIN agenda_item i ON i.meeting_id = c.of;

INSERT INTO meeting_guest (id, meeting_id, role, person_id, name, organisation, email, on_the_spot, created_at)
OVERRIDING SYSTEM VALUE
SELECT g.id + c.shift, c.id, g.role, g.person_id, g.name, g.organisation, g.email, g.on_the_spot, c.starts_at FROM copy c JOIN meeting_guest g ON g.meeting_id = c.of;

INSERT INTO convocation (id, meeting_id, kind, seat_id, guest_id, person_id, organisation_id, name, seat_label, group_position, group_name, organisation_name, college, chairs, email,
                         alternate_person_id, alternate_name, opened_at, answer, answer_note, answered_at, answered_by, created_at)
OVERRIDING SYSTEM VALUE
SELECT r.id + c.shift, c.id, r.kind, r.seat_id, r.guest_id + c.shift, r.person_id, r.organisation_id, r.name, r.seat_label, r.group_position, r.group_name, r.organisation_name, r.college, r.chairs, r.email,
       r.alternate_person_id, r.alternate_name, r.opened_at, r.answer, r.answer_note, r.answered_at, r.answered_by, c.starts_at - interval '12 days'
FROM copy c JOIN convocation r ON r.meeting_id = c.of WHERE r.proxy_to_id IS NULL;

INSERT INTO sending (id, meeting_id, kind, message, sent_by, created_at)
OVERRIDING SYSTEM VALUE
SELECT s.id + c.shift, c.id, s.kind, s.message, s.sent_by, c.starts_at - interval '12 days' FROM copy c JOIN sending s ON s.meeting_id = c.of;

INSERT INTO sending_to (sending_id, convocation_id)
SELECT t.sending_id + c.shift, t.convocation_id + c.shift FROM copy c JOIN sending s ON s.meeting_id = c.of JOIN sending_to t ON t.sending_id = s.id;

INSERT INTO attendance (convocation_id, meeting_id, status, source, marked_by, marked_at)
SELECT a.convocation_id + c.shift, c.id, a.status, a.source, a.marked_by, c.starts_at FROM copy c JOIN attendance a ON a.meeting_id = c.of WHERE a.proxy_to_id IS NULL;

INSERT INTO item_note (item_id, meeting_id, text, updated_by)
SELECT n.item_id + c.shift, c.id, n.text, n.updated_by FROM copy c JOIN item_note n ON n.meeting_id = c.of;

INSERT INTO decision (id, kind, meeting_id, item_id, body, year, number, title, text, outcome, method, votes_for, votes_against, abstentions, follow_up, follow_up_note, followed_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT d.id + c.shift, d.kind, c.id, d.item_id + c.shift, d.body, extract(year FROM c.starts_at), d.number + 1000 * (c.k + 200 * (d.year % 10)), d.title, d.text, d.outcome, d.method,
       d.votes_for, d.votes_against, d.abstentions, CASE WHEN d.follow_up IN ('open', 'in_progress') AND c.k > 5 THEN 'done' ELSE d.follow_up END, d.follow_up_note, d.followed_at, c.starts_at
FROM copy c JOIN decision d ON d.meeting_id = c.of WHERE d.superseded_by IS NULL;

INSERT INTO position_taken (id, kind, meeting_id, item_id, body, year, number, title, text, addressee, sent_on, answer, answered_on, closed_on, created_at)
OVERRIDING SYSTEM VALUE
SELECT d.id + c.shift, d.kind, c.id, d.item_id + c.shift, d.body, extract(year FROM c.starts_at), d.number + 1000 * (c.k + 200 * (d.year % 10)), d.title, d.text, d.addressee, d.sent_on, d.answer, d.answered_on,
       CASE WHEN d.answered_on IS NULL AND c.k > 5 THEN c.starts_at::date + 300 ELSE d.closed_on END, c.starts_at
FROM copy c JOIN position_taken d ON d.meeting_id = c.of;

INSERT INTO asked_action (id, meeting_id, item_id, what, owner, owner_person_id, due_on, state, note, settled_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT a.id + c.shift, c.id, a.item_id + c.shift, a.what, a.owner, a.owner_person_id, c.starts_at::date + 60, 'done', a.note, coalesce(a.settled_at, c.starts_at + interval '50 days'), c.starts_at
FROM copy c JOIN asked_action a ON a.meeting_id = c.of;

INSERT INTO minutes (meeting_id, state, text, expert, reviewed_at, review_until, validated_at, validated_by, published_at, updated_at)
SELECT c.id, x.state, x.text, x.expert, c.starts_at + interval '7 days', c.starts_at::date + 17, c.starts_at + interval '19 days', x.validated_by, c.starts_at + interval '21 days', c.starts_at + interval '21 days'
FROM copy c JOIN minutes x ON x.meeting_id = c.of;

INSERT INTO minutes_revision (meeting_id, number, text, author, saved_at)
SELECT c.id, x.number, x.text, x.author, c.starts_at + interval '6 days' FROM copy c JOIN minutes_revision x ON x.meeting_id = c.of;

INSERT INTO minutes_publication (meeting_id, number, text, sha256, reason, published_by, published_at)
SELECT c.id, x.number, x.text, x.sha256, x.reason, x.published_by, c.starts_at + interval '21 days' FROM copy c JOIN minutes_publication x ON x.meeting_id = c.of;

INSERT INTO agenda_proposal (body, person_id, proposer, title, text, state, reason, created_at, decided_at)
SELECT p.body, p.person_id, p.proposer, p.title, p.text, 'refused', 'Déjà traité.', p.created_at - k * interval '20 days', p.created_at - k * interval '19 days'
FROM agenda_proposal p CROSS JOIN generate_series(1, 400) k;

SET session_replication_role = origin;
DROP TABLE copy, model;
