-- Findings, open and closed: their times stand in the row, so the findings of any moment are one query.
-- Rows whose grace time still runs are kept too (`opened` is false), so that a restart does not start it anew.
--
-- Gaps: spans of which history is incomplete, with the reason. A page that shows such a span says so.

set local lock_timeout = '3s';

create table findings (
    id           text        primary key,
    rule         text        not null,
    severity     text        not null,
    subject_kind text        not null,
    subject_name text        not null,
    service      text,
    environment  text,
    since        timestamptz not null,
    opened_at    timestamptz not null,
    -- Null: goes on.
    until        timestamptz,
    -- It was open at some time, not only in its grace.
    opened       boolean     not null,
    -- It is open now.
    open         boolean     not null,
    body         jsonb       not null,
    seq          bigint      not null
) with (fillfactor = 85);

create index findings_seq on findings (seq);
create index findings_going_on on findings (opened_at) where until is null;
create index findings_closed on findings (until desc, id desc) where opened and until is not null;
create index findings_service on findings (service, opened_at desc);

comment on table findings is 'Rules that fired: open, closed, and in their grace time.';

create table gaps (
    id      uuid        primary key,
    from_at timestamptz not null,
    until_at timestamptz not null,
    -- How many transitions were not written, where known.
    lost    bigint      not null default 0,
    why     text        not null,
    seq     bigint      not null,
    check (from_at <= until_at)
);

create index gaps_until on gaps (until_at);

comment on table gaps is 'Spans of which history is incomplete.';
