-- Which tag pointed at which digest, from when to when: nobody else keeps it. A registry tells where a tag points now; a
-- tag that moved to an older image, and so made "newest build" keep the wrong one, is seen only by who remembers.
--
-- `tag_sightings` holds edges. One that is open (`ended_at` null) was so when last looked; a tag that moved ends its edge
-- and begins another, a tag that is gone from a whole list ends its edge. `last_seen` is not in any index: it moves with
-- every look, and such an update stays within its page.
--
-- `digests` holds what is behind a digest. It never changes, so it is asked for once and kept for ever.

set local lock_timeout = '3s';

create table repositories (
    id          bigint      generated always as identity primary key,
    -- With the registry's host: `registry.example:5000/hosting/web`.
    name        text        not null unique,
    registry    text        not null,
    first_seen  timestamptz not null,
    -- The last look, and the last whole list; every open edge was in that list or asked for since.
    tried_at    timestamptz not null,
    listed_at   timestamptz,
    tags        bigint      not null default 0,
    -- Why the last look failed.
    error       text
) with (fillfactor = 70);

comment on table repositories is 'Repositories whose tags are looked at.';

create table tag_sightings (
    repository  bigint      not null references repositories (id),
    tag         text        not null,
    digest      text        not null,
    first_seen  timestamptz not null,
    last_seen   timestamptz not null,
    -- When it was seen not to be so any more.
    ended_at    timestamptz,
    -- poll, webhook or vendor.
    seen_by     text        not null,
    -- When the registry itself says that it was pushed; its word, which may mean the manifest and not the tag.
    pushed_at   timestamptz,
    seq         bigint      not null,
    primary key (repository, tag, first_seen),
    check (first_seen <= last_seen),
    check (ended_at is null or ended_at > last_seen)
) with (fillfactor = 80);

comment on table tag_sightings is 'Edges: a tag pointed at a digest from first_seen, at least until last_seen.';

-- At most one edge of a tag is open.
create unique index tag_sightings_open on tag_sightings (repository, tag) where ended_at is null;
-- Tags that moved or went: few, and looked at again each time.
create index tag_sightings_ended on tag_sightings (repository, tag) where ended_at is not null;
-- Search by the beginning of a digest or of a tag, now and in the past.
create index tag_sightings_by_digest on tag_sightings (digest text_pattern_ops);
create index tag_sightings_by_tag on tag_sightings (tag text_pattern_ops);
-- What followers have not read yet.
create index tag_sightings_by_seq on tag_sightings (seq);

create table digests (
    digest       text        primary key,
    media_type   text        not null,
    -- Of an image: its configuration, and what it runs on. Of an index: null.
    config       text,
    platform     jsonb,
    created_at   timestamptz,
    -- As it is written, where it is no time.
    created_text text,
    -- By allow-list; others may hold anything.
    labels       jsonb       not null,
    bytes        bigint,
    -- What of it could not be read; it is tried again hours later.
    error        text,
    described_at timestamptz not null
);

comment on table digests is 'What is behind a digest; immutable, so asked for once.';

create index digests_by_config on digests (config) where config is not null;

create table digest_children (
    parent   text not null references digests (digest),
    child    text not null,
    platform jsonb,
    primary key (parent, child)
);

comment on table digest_children is 'Platforms of an index: an image is the same as another where their sets meet.';

create index digest_children_by_child on digest_children (child);

-- The application adds sightings and ends them; it removes none.
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
