-- What the lists, the search and the home pages read when there are many meetings.

-- +goose Up
-- What is going on is a handful among all that was.
CREATE INDEX meeting_open ON meeting (starts_at, id) WHERE state IN ('draft', 'convened', 'in_progress', 'held');
CREATE INDEX meeting_public_ends ON meeting (ends_at) WHERE announced;
CREATE INDEX minutes_open ON minutes (state) WHERE state <> 'published';
CREATE INDEX correction_waiting ON correction (meeting_id) WHERE state = 'waiting';
CREATE INDEX agenda_proposal_open ON agenda_proposal (state, created_at) WHERE state IN ('waiting', 'deferred');
CREATE INDEX position_open ON position_taken (sent_on) WHERE answered_on IS NULL AND closed_on IS NULL;

-- Answers are counted fifty meetings at a time.
CREATE INDEX convocation_answers ON convocation (meeting_id) INCLUDE (answer);
CREATE INDEX convocation_alternate ON convocation (alternate_person_id, meeting_id) WHERE alternate_person_id IS NOT NULL;

-- The words that are searched.
DROP INDEX meeting_theme_search;
CREATE INDEX meeting_search ON meeting USING gin (fold(theme || ' ' || place) gin_trgm_ops) WHERE announced;
CREATE INDEX agenda_item_search ON agenda_item USING gin (fold(title) gin_trgm_ops) WHERE origin <> 'standing' AND moved_to_id IS NULL;
CREATE INDEX position_search ON position_taken USING gin (fold(title || ' ' || text) gin_trgm_ops);

-- +goose Down
DROP INDEX convocation_answers, position_search, agenda_item_search, meeting_search, convocation_alternate, position_open,
    agenda_proposal_open, correction_waiting, minutes_open, meeting_public_ends, meeting_open;
CREATE INDEX meeting_theme_search ON meeting USING gin (fold(theme) gin_trgm_ops);
