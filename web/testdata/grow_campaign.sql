-- Run on the demonstration or on its copies: a campaign is open, which asks the 28
-- communes about a hundred actions (or all those in course); two questions in three are
-- answered, half the answers wait for the team.
UPDATE campaign SET closed_at = now() WHERE opened_at IS NOT NULL AND closed_at IS NULL;
INSERT INTO campaign (title, opened_at, closes_at) VALUES ('Cent questions aux communes', now() - interval '3 days', now() + interval '10 days');
INSERT INTO campaign_question (campaign_id, organisation_id, action_id)
SELECT (SELECT max(id) FROM campaign), k.organisation_id, a.id
FROM commune k CROSS JOIN (SELECT id FROM roadmap_action WHERE status IN ('validated', 'in_progress') ORDER BY id LIMIT 100) a;
INSERT INTO campaign_target (campaign_id, organisation_id, mailed_at)
SELECT (SELECT max(id) FROM campaign), organisation_id, now() - interval '3 days' FROM commune;
INSERT INTO progress_report (campaign_id, action_id, organisation_id, situation, percent, done, state, at)
SELECT campaign_id, action_id, organisation_id, 'in_progress', 50, 'Permanence tenue au centre social', CASE WHEN n % 2 = 0 THEN 'sent' ELSE 'accepted' END, now() - n * interval '1 minute'
FROM (SELECT q.*, row_number() OVER (ORDER BY action_id, organisation_id) AS n FROM campaign_question q WHERE campaign_id = (SELECT max(id) FROM campaign)) q
WHERE n % 3 > 0;
