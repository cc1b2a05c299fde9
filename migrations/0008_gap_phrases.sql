-- The parts of a gap's reason, so that the mark of a view of the past can tell it in the reader's language, as its line in
-- the timeline does. `why` stays the English sentence. Null: told by a version before.

set local lock_timeout = '3s';

alter table gaps add column phrase jsonb;
