-- Until when the tags of a repository were read that had been there before the first look. They are read over several
-- looks, so when such a tag was first seen says nothing of when it was pushed; what comes later was seen to come.
-- Null: that still goes on.

set local lock_timeout = '3s';

alter table repositories add column settled_at timestamptz;

-- Repositories of earlier versions: their first look, and some time for the rest.
update repositories set settled_at = first_seen + interval '1 hour' where listed_at > first_seen + interval '1 hour';
