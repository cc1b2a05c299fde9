//! Statements about where tags point.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;

/// Columns of what was seen: at most one row per tag.
#[derive(Default)]
pub struct Columns {
    pub tag: Vec<String>,
    pub digest: Vec<String>,
    pub at: Vec<Ts>,
}

/// Lets each statement of this transaction be planned for the tables as they are: a plan that was made while they were
/// empty, as in the first minutes of all, reads all of them for each row.
pub async fn plan_anew(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(r#"set local plan_cache_mode = force_custom_plan"#).execute(conn).await?;
    Ok(())
}

/// Notes a look at a repository; gives its number.
pub async fn look(
    conn: &mut PgConnection,
    name: &str,
    registry: &str,
    at: Timestamp,
    error: Option<&str>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"insert into repositories as r (name, registry, first_seen, tried_at, error) values ($1, $2, $3, $3, $4)
           on conflict (name) do update
              set tried_at = greatest(r.tried_at, excluded.tried_at), error = excluded.error
           returning id"#,
        name,
        registry,
        at.to_sqlx(),
        error,
    )
    .fetch_one(conn)
    .await
}

/// Edges that are as they were.
pub async fn confirm(conn: &mut PgConnection, repository: i64, rows: &Columns) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"update tag_sightings s
              set last_seen = greatest(s.last_seen, n.at)
             from unnest($2::text[], $3::text[], $4::timestamptz[]) as n (tag, digest, at)
            where s.repository = $1 and s.tag = n.tag and s.digest = n.digest and s.ended_at is null"#,
        repository,
        &rows.tag,
        &rows.digest,
        &rows.at as _,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Ends the edges of tags that point elsewhere now. Sightings come in their order, whatever a clock says: an end is
/// after the last time that the edge was seen.
pub async fn end_moved(
    conn: &mut PgConnection,
    repository: i64,
    rows: &Columns,
    seq: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"update tag_sightings s
              set ended_at = greatest(n.at, s.last_seen + interval '1 microsecond'), seq = $5
             from unnest($2::text[], $3::text[], $4::timestamptz[]) as n (tag, digest, at)
            where s.repository = $1 and s.tag = n.tag and s.digest <> n.digest and s.ended_at is null"#,
        repository,
        &rows.tag,
        &rows.digest,
        &rows.at as _,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Begins the edges of tags that have none open, after those that they had.
pub async fn begin(
    conn: &mut PgConnection,
    repository: i64,
    rows: &Columns,
    seen_by: &str,
    seq: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into tag_sightings (repository, tag, digest, first_seen, last_seen, seen_by, seq)
           select $1, n.tag, n.digest, first.at, first.at, $5, $6
             from unnest($2::text[], $3::text[], $4::timestamptz[]) as n (tag, digest, at)
            cross join lateral (
                  select greatest(n.at, max(p.ended_at)) as at from tag_sightings p
                   where p.repository = $1 and p.tag = n.tag and p.ended_at is not null
                  ) as first
            where not exists (
                  select from tag_sightings s where s.repository = $1 and s.tag = n.tag and s.ended_at is null
                  )"#,
        repository,
        &rows.tag,
        &rows.digest,
        &rows.at as _,
        seen_by,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// When tags were pushed, by the registry's own word: beside the open edges to these very digests that have none yet.
pub async fn pushed(conn: &mut PgConnection, repository: &str, rows: &Columns) -> sqlx::Result<()> {
    sqlx::query!(
        r#"update tag_sightings s set pushed_at = n.at
             from unnest($2::text[], $3::text[], $4::timestamptz[]) as n (tag, digest, at), repositories r
            where r.name = $1 and s.repository = r.id and s.tag = n.tag and s.digest = n.digest
              and s.ended_at is null and s.pushed_at is null"#,
        repository,
        &rows.tag,
        &rows.digest,
        &rows.at as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Tags with an open edge that a whole list does not hold. `except` is never worked out pair by pair, however long the list
/// and whatever the planner believes of it.
pub async fn unlisted(
    conn: &mut PgConnection,
    repository: i64,
    listed: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select o.tag as "tag!" from tag_sightings o where o.repository = $1 and o.ended_at is null
           except
           select l.tag from unnest($2::text[]) as l (tag)"#,
        repository,
        listed,
    )
    .fetch_all(conn)
    .await
}

/// Ends the edges of tags that are gone.
pub async fn end_gone(
    conn: &mut PgConnection,
    repository: i64,
    tags: &[String],
    at: Timestamp,
    seq: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"update tag_sightings s
              set ended_at = greatest($3, s.last_seen + interval '1 microsecond'), seq = $4
             from unnest($2::text[]) as n (tag)
            where s.repository = $1 and s.tag = n.tag and s.ended_at is null"#,
        repository,
        tags,
        at.to_sqlx() as _,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Remembers that a whole list was read.
pub async fn listed(conn: &mut PgConnection, repository: i64, tags: i64, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        r#"update repositories set listed_at = greatest(listed_at, $3), tags = $2 where id = $1"#,
        repository,
        tags,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of these tags that have no open edge.
pub async fn unseen(conn: &mut PgConnection, repository: &str, tags: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select l.tag as "tag!" from unnest($2::text[]) as l (tag)
           except
           select s.tag from tag_sightings s join repositories r on r.id = s.repository
            where r.name = $1 and s.ended_at is null"#,
        repository,
        tags,
    )
    .fetch_all(conn)
    .await
}

/// Tags that are there and once pointed elsewhere, or were gone.
pub async fn restless(conn: &mut PgConnection, repository: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select distinct s.tag from tag_sightings s join repositories r on r.id = s.repository
            where r.name = $1 and s.ended_at is not null"#,
        repository,
    )
    .fetch_all(conn)
    .await
}

/// An edge.
pub struct Row {
    pub tag: String,
    pub digest: String,
    pub first_seen: Ts,
    pub last_seen: Ts,
    pub ended_at: Option<Ts>,
    pub seen_by: String,
    pub pushed_at: Option<Ts>,
    pub created_at: Option<Ts>,
}

/// How the looks at a repository went.
pub struct LooksRow {
    pub tried_at: Ts,
    pub listed_at: Option<Ts>,
    pub tags: i64,
    pub error: Option<String>,
}

/// How the looks at a repository went; none where it is not looked at.
pub async fn looks(conn: &mut PgConnection, repository: &str) -> sqlx::Result<Option<LooksRow>> {
    sqlx::query_as!(
        LooksRow,
        r#"select tried_at as "tried_at: Ts", listed_at as "listed_at: Ts", tags, error
             from repositories where name = $1"#,
        repository,
    )
    .fetch_optional(conn)
    .await
}

/// Edges of a repository, the newest first.
pub async fn of(conn: &mut PgConnection, repository: &str, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select s.tag, s.digest, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts"
                , s.ended_at as "ended_at: Ts", s.seen_by, s.pushed_at as "pushed_at: Ts"
                  -- An index has no date of its own: that of its newest platform, as Image Updater reads it.
                , coalesce(d.created_at, (select max(c.created_at) from digest_children i
                                            join digests c on c.digest = i.child where i.parent = s.digest))
                    as "created_at: Ts"
             from tag_sightings s
             join repositories r on r.id = s.repository
             left join digests d on d.digest = s.digest
            where r.name = $1
            order by s.first_seen desc, s.tag
            limit $2"#,
        repository,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// Notes that what was there before the first look has been read, once.
pub async fn settled(conn: &mut PgConnection, name: &str, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        r#"update repositories set settled_at = $2 where name = $1 and settled_at is null"#,
        name,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of a repository as a whole.
pub struct RepositoryRow {
    pub id: i64,
    pub tags: i64,
    pub settled_at: Option<Ts>,
}

/// What is known of a repository as a whole.
pub async fn repository(conn: &mut PgConnection, name: &str) -> sqlx::Result<Option<RepositoryRow>> {
    sqlx::query_as!(
        RepositoryRow,
        r#"select id, tags, settled_at as "settled_at: Ts" from repositories where name = $1"#,
        name,
    )
    .fetch_optional(conn)
    .await
}

/// Open edges of a repository, all of them, by tag.
pub async fn open(conn: &mut PgConnection, repository: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select s.tag, s.digest, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts"
                , s.ended_at as "ended_at: Ts", s.seen_by, s.pushed_at as "pushed_at: Ts"
                , coalesce(d.created_at, (select max(c.created_at) from digest_children i
                                            join digests c on c.digest = i.child where i.parent = s.digest))
                    as "created_at: Ts"
             from tag_sightings s left join digests d on d.digest = s.digest
            where s.repository = $1 and s.ended_at is null
            order by s.tag"#,
        repository,
    )
    .fetch_all(conn)
    .await
}

/// Edges of a repository that have ended, the last first.
pub async fn ended(conn: &mut PgConnection, repository: i64, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select s.tag, s.digest, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts"
                , s.ended_at as "ended_at: Ts", s.seen_by, s.pushed_at as "pushed_at: Ts"
                , null::timestamptz as "created_at: Ts"
             from tag_sightings s
            where s.repository = $1 and s.ended_at is not null
            order by s.ended_at desc, s.tag
            limit $2"#,
        repository,
        limit,
    )
    .fetch_all(conn)
    .await
}
