-- The past: transitions (changes of meaning) and frames (an environment's whole view after each change).
--
-- Both only grow and are cut by month, so that retention drops tables and never deletes rows.
-- Transitions are cut by `noticed_at`, which follows the order of writing; pages list them by `at`, which is the
-- source's own time where it tells one and may be long before.
--
-- "As of T" takes the last frame of each environment before T. A *keyframe* per living environment at each month's
-- start keeps that inside one month: an environment that was quiet for a year costs no more than a busy one.

set local lock_timeout = '3s';

create table transitions (
    id          uuid        not null,
    seq         bigint      not null,
    at          timestamptz not null,
    noticed_at  timestamptz not null,
    service     text,
    environment text,
    entity      text        not null,
    kind        text        not null,
    was         jsonb       not null,
    now         jsonb       not null,
    detail      text,
    bad         boolean     not null,
    source      text        not null,
    subject     text        not null
) partition by range (noticed_at);

-- The timeline, its histogram and its counts; `include` spares them the heap.
create index transitions_at on transitions (at desc, seq desc) include (kind, bad);
-- One service's timeline.
create index transitions_service on transitions (service, at desc, seq desc);
-- One environment's or source's own timeline.
create index transitions_entity on transitions (entity, at desc, seq desc);

comment on table transitions is 'Changes of meaning, for ever or until their month is dropped. Rows never change.';

-- Makes writing a transition twice impossible. A unique key on a partitioned table must hold the partition's key,
-- which a repeat may not share; hence this small table, purged by `keep_until`.
create table transition_seen (
    id         uuid        primary key,
    keep_until timestamptz not null
);

create index transition_seen_keep_until on transition_seen (keep_until);

create table frames (
    entity   text        not null,
    at       timestamptz not null,
    seq      bigint      not null,
    -- The environment as shown; null: gone.
    view     jsonb,
    -- A copy made at the month's start.
    keyframe boolean     not null default false
) partition by range (at);

create index frames_entity on frames (entity, at desc, seq desc);

comment on table frames is 'An environment''s view after each change of meaning; keyframes repeat it at each month''s start.';

-- Every environment that ever was, so that "as of" need not search for names.
create table entities (
    id       text        primary key,
    first_at timestamptz not null,
    -- Null: lives.
    gone_at  timestamptz
);

-- Months whose keyframes are written.
create table keyframes (
    month timestamptz primary key
);

-- Partitions are made by this function of the migration's role, so that the application needs no right to create
-- tables. It makes the month of `moment` in both tables, and is silent when it is there.
create function landfall_add_month(moment timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
as $$
declare
    first_day timestamptz := date_trunc('month', moment, 'UTC');
    last_day  timestamptz := (first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC';
    suffix    text        := to_char(first_day at time zone 'UTC', '"_y"YYYY"m"MM');
    parent    text;
begin
    if moment is null or moment < '2000-01-01+00' or moment > now() + interval '100 days' then
        raise exception 'no partition for %: outside 2000 and the near future', moment using errcode = '22008';
    end if;
    if to_regclass('public.transitions' || suffix) is not null and to_regclass('public.frames' || suffix) is not null then
        return;
    end if;
    -- Two replicas may ask at once.
    perform pg_advisory_xact_lock(hashtext('landfall_add_month'));
    foreach parent in array array['transitions', 'frames'] loop
        if to_regclass('public.' || parent || suffix) is null then
            execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
                parent || suffix, parent, first_day, last_day);
        end if;
    end loop;
end
$$;

-- Drops the months that ended before `cutoff`. It keeps the newest two months whatever it is asked, and every month
-- that "as of" still needs because a later one has no keyframes. Returns the names of what it dropped.
create function landfall_drop_months(cutoff timestamptz) returns setof text
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
as $$
declare
    keep_from timestamptz;
    part      record;
begin
    select max(k.month) into keep_from
      from public.keyframes k
     where k.month <= least(date_trunc('month', cutoff, 'UTC'),
                            (date_trunc('month', now(), 'UTC') at time zone 'UTC' - interval '1 month') at time zone 'UTC');
    if keep_from is null then
        return;
    end if;
    for part in
        select c.relname as name, p.relname as parent
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
          join pg_class p on p.oid = i.inhparent
          join pg_namespace n on n.oid = p.relnamespace
         where n.nspname = 'public' and p.relname in ('transitions', 'frames')
           and c.relname ~ '_y[0-9]{4}m[0-9]{2}$'
           and right(c.relname, 8) < to_char(keep_from at time zone 'UTC', '"y"YYYY"m"MM')
         order by c.relname
    loop
        execute format('alter table public.%I detach partition public.%I', part.parent, part.name);
        execute format('drop table public.%I', part.name);
        return next part.name;
    end loop;
    delete from public.keyframes k where k.month < keep_from;
    delete from public.entities e where e.gone_at < keep_from;
    -- Of each source the newest state before `keep_from` stays: it is the state at `keep_from`.
    delete from public.source_history h
     where h.at < keep_from
       and exists (select from public.source_history n where n.name = h.name and n.at > h.at and n.at <= keep_from);
    delete from public.gaps g where g.until_at < keep_from;
end
$$;

revoke all on function landfall_add_month(timestamptz), landfall_drop_months(timestamptz) from public;
