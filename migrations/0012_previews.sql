-- Previews in time: what each pull request looked like (frames, under `pull/ID`, so that they go with the months), which
-- pull requests there were, and how long each step took. A preview is deleted when its pull request is closed; its page
-- stays, and what is usual is reckoned from those before.

set local lock_timeout = '3s';

create table pulls (
    -- `REPOSITORY#NUMBER`, with the forge's name before it where it is not the first; the id of an environment whose
    -- pull request is not known.
    id         text        primary key,
    repository text,
    number     bigint,
    first_at   timestamptz not null,
    -- Null: somebody tells of it.
    gone_at    timestamptz
);

create index pulls_address on pulls (repository, number);

comment on table pulls is 'Every pull request that was shown, so that its page is found when it is gone.';

create table preview_steps (
    -- That of its transition: a step that is told twice is kept once.
    id          uuid        primary key,
    pull        text        not null,
    repository  text,
    service     text,
    environment text,
    commit      text,
    step        text        not null,
    at          timestamptz not null,
    -- Since the step before, or the push that began the round; null: not known.
    took_ms     bigint,
    -- Of `healthy`: since the label, or the push that began the round.
    in_all_ms   bigint,
    -- False: done by then at the latest.
    exact       boolean     not null,
    -- It did not go on there.
    stuck       boolean     not null
);

create index preview_steps_at on preview_steps (at);

comment on table preview_steps is 'How long the steps of previews took, and where they got stuck: what is usual.';

create or replace function landfall_grant_app(app text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('grant usage on schema public to %I', app);
    execute format('grant select, insert on public.transitions, public.frames, public.source_history, public.gaps to %I', app);
    execute format('grant select, insert, update, delete on public.observations, public.sources, public.transition_seen to %I', app);
    execute format('grant select, insert, update, delete on public.findings to %I', app);
    execute format('grant select, insert, update on public.lease, public.head, public.entities to %I', app);
    execute format('grant select, insert on public.keyframes to %I', app);
    execute format('grant select, insert, update on public.repositories, public.tag_sightings, public.digests to %I', app);
    execute format('grant select, insert on public.digest_children to %I', app);
    execute format('grant select, insert, update, delete on public.pulls to %I', app);
    execute format('grant select, insert, delete on public.preview_steps to %I', app);
    execute format('grant select on public._sqlx_migrations to %I', app);
    execute format('grant execute on function public.landfall_add_month(timestamptz) to %I', app);
    execute format('grant execute on function public.landfall_drop_months(timestamptz) to %I', app);
end
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'landfall_app')
        and to_regclass('public._sqlx_migrations') is not null then
        perform public.landfall_grant_app('landfall_app');
    end if;
end
$$;
