-- The parts of a transition's sentence: which one it is, and the figures and names in it, so that pages can tell it in
-- the reader's language. `detail` stays the English sentence. Null: words of others, or told by a version before.

set local lock_timeout = '3s';

alter table transitions add column phrase jsonb;
