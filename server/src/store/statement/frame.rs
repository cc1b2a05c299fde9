//! Statements about environments' views in time.

use futures::stream::BoxStream;
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;

/// Columns of frames, oldest first.
#[derive(Default)]
pub struct Columns {
    pub entity: Vec<String>,
    pub at: Vec<Ts>,
    pub seq: Vec<i64>,
    pub view: Vec<Option<String>>,
}

/// Appends frames.
pub async fn append(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into frames (entity, at, seq, view)
           select f.entity, f.at, f.seq, f.view::jsonb
             from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::text[]) as f (entity, at, seq, view)"#,
        &rows.entity,
        &rows.at as _,
        &rows.seq,
        &rows.view as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Appends frames that lie before everything known of their environment; returns how many did.
pub async fn prepend(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into frames (entity, at, seq, view)
           select f.entity, f.at, f.seq, f.view::jsonb
             from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::text[]) as f (entity, at, seq, view)
             left join entities e on e.id = f.entity
            where e.id is null or f.at < e.first_at"#,
        &rows.entity,
        &rows.at as _,
        &rows.seq,
        &rows.view as _,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Keeps the list of environments: each with its first and its last frame of a batch.
pub async fn note_entities(
    conn: &mut PgConnection,
    entity: &[String],
    first: &[Ts],
    gone: &[Option<Ts>],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into entities as e (id, first_at, gone_at)
           select n.id, n.first_at, n.gone_at
             from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as n (id, first_at, gone_at)
           on conflict (id) do update
              set first_at = least(e.first_at, excluded.first_at), gone_at = excluded.gone_at"#,
        entity,
        first as _,
        gone as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The same for frames of the past: an environment that is known keeps what is known of its end.
pub async fn note_past_entities(
    conn: &mut PgConnection,
    entity: &[String],
    first: &[Ts],
    gone: &[Option<Ts>],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into entities as e (id, first_at, gone_at)
           select n.id, n.first_at, n.gone_at
             from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as n (id, first_at, gone_at)
           on conflict (id) do update set first_at = least(e.first_at, excluded.first_at)"#,
        entity,
        first as _,
        gone as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Newest month that has keyframes, at or before `at`.
pub async fn keyed_month(conn: &mut PgConnection, at: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let month = sqlx::query_scalar!(r#"select max(month) from keyframes where month <= $1"#, at.to_sqlx())
        .fetch_one(conn)
        .await?;
    Ok(month.map(Ts::to_jiff))
}

/// Copies the last frame of each living environment to the month's start, where it has none there. `from` is
/// the start of the newest keyed month before it.
pub async fn write_keyframes(
    conn: &mut PgConnection,
    month: Timestamp,
    from: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into frames (entity, at, seq, view, keyframe)
           select e.id, $1, last.seq, last.view, true
             from entities e
            cross join lateral (
                  select f.seq, f.view
                    from frames f
                   where f.entity = e.id and f.at >= $2 and f.at < $1
                   order by f.at desc, f.seq desc
                   limit 1
                  ) as last
            where last.view is not null
              and not exists (select from frames k where k.entity = e.id and k.at = $1 and k.keyframe)"#,
        month.to_sqlx(),
        from.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Remembers that a month has its keyframes.
pub async fn note_month(conn: &mut PgConnection, month: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(r#"insert into keyframes (month) values ($1) on conflict do nothing"#, month.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

/// The last view of each environment at `at`, looking no further back than `from`; one after the
/// other, sorted by id.
pub fn as_of(conn: &mut PgConnection, at: Timestamp, from: Timestamp) -> BoxStream<'_, sqlx::Result<String>> {
    sqlx::query_scalar!(
        r#"select last.view::text as "view!"
             from entities e
            cross join lateral (
                  select f.view
                    from frames f
                   where f.entity = e.id and f.at >= $2 and f.at <= $1
                   order by f.at desc, f.seq desc
                   limit 1
                  ) as last
            where e.first_at <= $1 and (e.gone_at is null or e.gone_at >= $2) and last.view is not null
            order by e.id"#,
        at.to_sqlx(),
        from.to_sqlx(),
    )
    .fetch(conn)
}

/// The first moment that "as of" can answer.
pub async fn earliest(conn: &mut PgConnection) -> sqlx::Result<Option<Timestamp>> {
    // Months exist before anything is known of them.
    let at = sqlx::query_scalar!(
        r#"select greatest(min(e.first_at), (select min(month) from keyframes)) from entities e
            having min(e.first_at) is not null"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(at.flatten().map(Ts::to_jiff))
}
