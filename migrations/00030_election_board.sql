-- The public pages of a ballot box change when a head of its chain is published, and
-- when an incident is written. Never with a ballot: ballot_index and board_record tell
-- nothing, or a page would say when each vote came.

-- +goose Up
CREATE TRIGGER head_publication_public AFTER INSERT OR UPDATE OR DELETE ON head_publication EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER election_incident_public AFTER INSERT OR UPDATE OR DELETE ON election_incident EXECUTE FUNCTION tell_public_change();
CREATE INDEX head_publication_last ON head_publication (box_id, height);
