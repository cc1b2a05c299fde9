//! Statements about pull requests in time, and how long their previews took.

use futures::stream::BoxStream;
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;
use uuid::Uuid;

/// Columns of pull requests: each with its first and its last frame of a batch.
#[derive(Default)]
pub struct Columns {
    pub id: Vec<String>,
    pub repository: Vec<Option<String>>,
    pub number: Vec<Option<i64>>,
    pub first: Vec<Ts>,
    pub gone: Vec<Option<Ts>>,
}

/// Keeps the list of pull requests. What is gone says no more where it was.
pub async fn note(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into pulls as p (id, repository, number, first_at, gone_at)
           select n.id, n.repository, n.number, n.first_at, n.gone_at
             from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
               as n (id, repository, number, first_at, gone_at)
           on conflict (id) do update
              set repository = coalesce(excluded.repository, p.repository)
                , number = coalesce(excluded.number, p.number)
                , first_at = least(p.first_at, excluded.first_at)
                , gone_at = excluded.gone_at"#,
        &rows.id,
        &rows.repository as _,
        &rows.number as _,
        &rows.first as _,
        &rows.gone as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Copies the last frame of each living one to the month's start, where it has none there. `from` is the start of the
/// newest keyed month before it.
pub async fn write_keyframes(
    conn: &mut PgConnection,
    month: Timestamp,
    from: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into frames (entity, at, seq, view, keyframe)
           select 'pull/' || p.id, $1, last.seq, last.view, true
             from pulls p
            cross join lateral (
                  select f.seq, f.view
                    from frames f
                   where f.entity = 'pull/' || p.id and f.at >= $2 and f.at < $1
                   order by f.at desc, f.seq desc
                   limit 1
                  ) as last
            where last.view is not null and p.gone_at is null
              and not exists (select from frames k where k.entity = 'pull/' || p.id and k.at = $1 and k.keyframe)"#,
        month.to_sqlx(),
        from.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// The last view of each at `at`, looking no further back than `from`; sorted by id.
pub fn as_of(conn: &mut PgConnection, at: Timestamp, from: Timestamp) -> BoxStream<'_, sqlx::Result<String>> {
    sqlx::query_scalar!(
        r#"select last.view::text as "view!"
             from pulls p
            cross join lateral (
                  select f.view
                    from frames f
                   where f.entity = 'pull/' || p.id and f.at >= $2 and f.at <= $1
                   order by f.at desc, f.seq desc
                   limit 1
                  ) as last
            where p.first_at <= $1 and (p.gone_at is null or p.gone_at >= $2) and last.view is not null
            order by p.id"#,
        at.to_sqlx(),
        from.to_sqlx(),
    )
    .fetch(conn)
}

/// The last frame of one, by its address; of several forges the one that is told of, else the newest.
pub struct Last {
    pub at: Ts,
    pub gone_at: Option<Ts>,
    pub view: String,
}

/// What a pull request looked like last, at or before `at`.
pub async fn last(
    conn: &mut PgConnection,
    repository: &str,
    number: i64,
    at: Timestamp,
) -> sqlx::Result<Option<Last>> {
    sqlx::query_as!(
        Last,
        r#"select last.at as "at!: Ts", p.gone_at as "gone_at: Ts", last.view::text as "view!"
             from pulls p
            cross join lateral (
                  select f.at, f.view
                    from frames f
                   where f.entity = 'pull/' || p.id and f.at <= $3 and f.view is not null
                   order by f.at desc, f.seq desc
                   limit 1
                  ) as last
            where p.repository = $1 and p.number = $2
            order by p.gone_at is null desc, last.at desc, p.id
            limit 1"#,
        repository,
        number,
        at.to_sqlx(),
    )
    .fetch_optional(conn)
    .await
}

/// Columns of steps.
#[derive(Default)]
pub struct StepColumns {
    pub id: Vec<Uuid>,
    pub pull: Vec<String>,
    pub repository: Vec<Option<String>>,
    pub service: Vec<Option<String>>,
    pub environment: Vec<Option<String>>,
    pub commit: Vec<Option<String>>,
    pub step: Vec<String>,
    pub at: Vec<Ts>,
    pub took_ms: Vec<Option<i64>>,
    pub in_all_ms: Vec<Option<i64>>,
    pub exact: Vec<bool>,
    pub stuck: Vec<bool>,
}

/// Appends steps that were not told before.
pub async fn append_steps(conn: &mut PgConnection, rows: &StepColumns) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into preview_steps
             (id, pull, repository, service, environment, commit, step, at, took_ms, in_all_ms, exact, stuck)
           select distinct on (s.id) s.*
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]
                       , $8::timestamptz[], $9::bigint[], $10::bigint[], $11::bool[], $12::bool[])
               as s (id, pull, repository, service, environment, commit, step, at, took_ms, in_all_ms, exact, stuck)
            order by s.id
           on conflict (id) do nothing"#,
        &rows.id,
        &rows.pull,
        &rows.repository as _,
        &rows.service as _,
        &rows.environment as _,
        &rows.commit as _,
        &rows.step,
        &rows.at as _,
        &rows.took_ms as _,
        &rows.in_all_ms as _,
        &rows.exact,
        &rows.stuck,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// How long a step usually takes.
pub struct Usual {
    pub step: String,
    pub count: i64,
    pub median_ms: f64,
    pub p90_ms: f64,
}

/// What was usual between two moments: of one repository, or of all.
pub async fn usual(
    conn: &mut PgConnection,
    repository: Option<&str>,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<Vec<Usual>> {
    sqlx::query_as!(
        Usual,
        r#"select step, count(*) as "count!"
                , percentile_cont(0.5) within group (order by took_ms) as "median_ms!"
                , percentile_cont(0.9) within group (order by took_ms) as "p90_ms!"
             from preview_steps
            where at >= $2 and at <= $3 and not stuck and took_ms is not null and ($1::text is null or repository = $1)
            group by step"#,
        repository,
        since.to_sqlx(),
        until.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}

/// Previews of one week.
pub struct Week {
    pub monday: Ts,
    pub made: i64,
    pub ready: i64,
    pub median_ready_ms: Option<f64>,
    pub stuck_created: i64,
    pub stuck_pushed: i64,
    pub stuck_picked: i64,
    pub stuck_synced: i64,
    pub stuck_healthy: i64,
    pub leftovers: i64,
}

/// Week by week, the newest first.
pub async fn weeks(conn: &mut PgConnection, since: Timestamp, until: Timestamp) -> sqlx::Result<Vec<Week>> {
    sqlx::query_as!(
        Week,
        r#"with steps as (
               select date_trunc('week', at, 'UTC') as week, *
                 from preview_steps
                where at >= $1 and at <= $2
           ), left_over as (
               select date_trunc('week', opened_at, 'UTC') as week, count(*) as leftovers
                 from findings
                where rule = 'preview-leftover' and opened and opened_at >= $1 and opened_at <= $2
                group by 1
           ), figures as (
               select week
                    , count(*) filter (where step = 'created' and not stuck) as made
                    , count(*) filter (where step = 'healthy' and not stuck) as ready
                    , percentile_cont(0.5) within group (order by in_all_ms)
                        filter (where step = 'healthy' and in_all_ms is not null) as median_ready_ms
                    , count(*) filter (where stuck and step = 'created') as stuck_created
                    , count(*) filter (where stuck and step = 'pushed') as stuck_pushed
                    , count(*) filter (where stuck and step = 'picked') as stuck_picked
                    , count(*) filter (where stuck and step = 'synced') as stuck_synced
                    , count(*) filter (where stuck and step = 'healthy') as stuck_healthy
                 from steps
                group by week
           )
           select coalesce(f.week, l.week) as "monday!: Ts"
                , coalesce(f.made, 0) as "made!", coalesce(f.ready, 0) as "ready!"
                , f.median_ready_ms
                , coalesce(f.stuck_created, 0) as "stuck_created!", coalesce(f.stuck_pushed, 0) as "stuck_pushed!"
                , coalesce(f.stuck_picked, 0) as "stuck_picked!", coalesce(f.stuck_synced, 0) as "stuck_synced!"
                , coalesce(f.stuck_healthy, 0) as "stuck_healthy!", coalesce(l.leftovers, 0) as "leftovers!"
             from figures f
             full join left_over l using (week)
            order by 1 desc"#,
        since.to_sqlx(),
        until.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}

/// Forgets what is gone and was done before a moment.
pub async fn purge(conn: &mut PgConnection, before: Timestamp) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"with forgotten as (delete from pulls where gone_at < $1 returning 1)
              , old as (delete from preview_steps where at < $1 returning 1)
           select (select count(*) from forgotten) + (select count(*) from old) as "count!""#,
        before.to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(done.count).unwrap_or_default())
}
