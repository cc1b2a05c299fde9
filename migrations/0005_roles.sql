-- What the application may do. It owns nothing and cannot create, alter or drop a table; transitions and frames it
-- can add and read, never change or delete. `landfall_app` is a group role: grant it to the user that the server
-- connects as, or give that user this very name.
--
-- Where the migrating user may not create roles, the group is left out, and everything works for the owner alone:
-- the case of a private database with one user. Grants can be made later by `landfall_grant_app`.

set local lock_timeout = '3s';

create function landfall_grant_app(app text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('grant usage on schema public to %I', app);
    execute format('grant select, insert on public.transitions, public.frames, public.source_history, public.gaps to %I', app);
    execute format('grant select, insert, update, delete on public.observations, public.sources, public.transition_seen to %I', app);
    execute format('grant select, insert, update, delete on public.findings to %I', app);
    execute format('grant select, insert, update on public.lease, public.head, public.entities to %I', app);
    execute format('grant select, insert on public.keyframes to %I', app);
    execute format('grant select on public._sqlx_migrations to %I', app);
    execute format('grant execute on function public.landfall_add_month(timestamptz) to %I', app);
    execute format('grant execute on function public.landfall_drop_months(timestamptz) to %I', app);
end
$$;

revoke all on function landfall_grant_app(text) from public;

do $$
begin
    if not exists (select from pg_roles where rolname = 'landfall_app') then
        begin
            create role landfall_app nologin;
        exception
            when insufficient_privilege then
                raise notice 'role landfall_app is missing and cannot be created by %', current_user;
            -- Another database of the same server was migrated at the same moment.
            when duplicate_object or unique_violation then null;
        end;
    end if;
    if exists (select from pg_roles where rolname = 'landfall_app')
        and to_regclass('public._sqlx_migrations') is not null then
        perform public.landfall_grant_app('landfall_app');
    end if;
end
$$;
