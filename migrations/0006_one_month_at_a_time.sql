-- Old months are taken off one at a time, by whoever calls again until nothing comes back. Taking a table off needs a
-- lock that no reader holds, and while it waits for it every later reader waits behind it. So it waits for a moment
-- only, and gives the lock back after each month: history can be read all the time. (`DETACH CONCURRENTLY` would not
-- wait at all, but cannot run inside a function, and the application's role may not run it itself.)

set local lock_timeout = '3s';

create or replace function landfall_drop_months(cutoff timestamptz) returns setof text
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '200ms'
as $$
declare
    keep_from timestamptz;
    oldest    text;
    part      record;
begin
    select max(k.month) into keep_from
      from public.keyframes k
     where k.month <= least(date_trunc('month', cutoff, 'UTC'),
                            (date_trunc('month', now(), 'UTC') at time zone 'UTC' - interval '1 month') at time zone 'UTC');
    if keep_from is null then
        return;
    end if;
    -- From the first month that goes, no view of the past is asked of any of them.
    delete from public.keyframes k where k.month < keep_from;
    for part in
        select c.relname as name, p.relname as parent, right(c.relname, 8) as month
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
          join pg_class p on p.oid = i.inhparent
          join pg_namespace n on n.oid = p.relnamespace
         where n.nspname = 'public' and p.relname in ('transitions', 'frames')
           and c.relname ~ '_y[0-9]{4}m[0-9]{2}$'
           and right(c.relname, 8) < to_char(keep_from at time zone 'UTC', '"y"YYYY"m"MM')
         order by month, c.relname
    loop
        exit when part.month > oldest;
        oldest := part.month;
        execute format('alter table public.%I detach partition public.%I', part.parent, part.name);
        execute format('drop table public.%I', part.name);
        return next part.name;
    end loop;
    if oldest is not null then
        return;
    end if;
    -- Nothing is left to take off: tidy up beside the months, where nobody needs a lock on them.
    delete from public.entities e where e.gone_at < keep_from;
    -- Of each source the newest state before `keep_from` stays: it is the state at `keep_from`.
    delete from public.source_history h
     where h.at < keep_from
       and exists (select from public.source_history n where n.name = h.name and n.at > h.at and n.at <= keep_from);
    delete from public.gaps g where g.until_at < keep_from;
end
$$;
