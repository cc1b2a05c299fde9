-- The present: what each source last said, reduced; and how the sources are doing.
--
-- One row per object. A start loads all of it into the index, so a restart shows the last known view at once, and
-- what changed while nobody looked is noticed against it. Followers ask for `seq > last`, hence the index on it.
--
-- A gone object keeps its row without a body (a tombstone) for a day, so that followers learn of it.

set local lock_timeout = '3s';

create table observations (
    -- `cluster/NAME` or `argocd/NAME`.
    source           text        not null,
    kind             text        not null,
    -- Empty for cluster-wide kinds.
    namespace        text        not null,
    name             text        not null,
    uid              text        not null,
    -- Orders what one API server said; the epoch grows when its store was replaced.
    version_epoch    bigint      not null,
    version_resource bigint      not null,
    -- When this body was first seen.
    noticed_at       timestamptz not null,
    -- Null: the object is gone.
    body             jsonb,
    seq              bigint      not null,
    -- When the row was last written, by the database's clock: tells when a tombstone may go.
    written_at       timestamptz not null default now(),
    primary key (source, kind, namespace, name)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

create index observations_seq on observations (seq);
create index observations_gone on observations (written_at) where body is null;

comment on table observations is 'What each source last said about each object; no body = gone.';

create table sources (
    name         text        primary key,
    -- As last said, columns included.
    view         jsonb       not null,
    -- Moves on without a change of state; `view` does not.
    last_success timestamptz,
    seq          bigint      not null
);

comment on table sources is 'How each source is doing now.';

-- Which sources were silent at a moment of the past: a past view marks what rested on them.
create table source_history (
    name text        not null,
    at   timestamptz not null,
    seq  bigint      not null,
    view jsonb       not null,
    primary key (name, at, seq)
);

comment on table source_history is 'Every change of a source''s state.';
