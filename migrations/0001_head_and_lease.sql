-- Who may write, and how far the writing has come.
--
-- `lease` names the one replica that collects and writes. Its `epoch` grows each time the lease changes hands and
-- is checked inside every write transaction, so that a leader which was paused and wakes up late cannot write
-- beside its successor.
--
-- `head` is one row that every write transaction updates. The row lock puts commits in one order, so that reading
-- "everything with seq > n" never misses a row that was numbered earlier and committed later.

set local lock_timeout = '3s';

create table lease (
    name        text        primary key,
    holder      text        not null,
    epoch       bigint      not null,
    acquired_at timestamptz not null,
    expires_at  timestamptz not null,
    -- Given back on purpose: a candidate need not wait.
    released    boolean     not null default false
) with (fillfactor = 50);

comment on table lease is 'Who collects and writes. epoch grows at each change of hands and is checked in every write.';

create table head (
    only_row    boolean     primary key default true check (only_row),
    -- Number of the newest row of any kind.
    seq         bigint      not null default 0,
    -- Time of the newest commit; no later commit carries an earlier one.
    at          timestamptz not null default '1970-01-01 00:00:00+00',
    -- Revision of the newest view.
    revision    bigint      not null default 0,
    -- Id of the newest batch: a commit whose answer was lost is recognised when it is tried again.
    last_batch  uuid,
    -- Tombstones up to this number are purged: who follows from further back must load everything anew.
    purged_seq  bigint      not null default 0
) with (fillfactor = 50);

comment on table head is 'One row: number, time and revision of the newest commit. Its row lock orders commits.';

insert into head default values;
