//! Statements about sources.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;

/// Writes how sources are now: one row per name.
pub async fn put(
    conn: &mut PgConnection,
    name: &[String],
    view: &[String],
    last_success: &[Option<Ts>],
    seq: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into sources as s (name, view, last_success, seq)
           select n.name, n.view::jsonb, n.last_success, $4
             from unnest($1::text[], $2::text[], $3::timestamptz[]) as n (name, view, last_success)
           on conflict (name) do update
              set view = excluded.view
                , last_success = greatest(s.last_success, excluded.last_success)
                , seq = excluded.seq"#,
        name,
        view,
        last_success as _,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Appends to the past of sources.
pub async fn append_history(
    conn: &mut PgConnection,
    name: &[String],
    at: &[Ts],
    view: &[String],
    seq: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into source_history (name, at, seq, view)
           select n.name, n.at, $4, n.view::jsonb
             from unnest($1::text[], $2::timestamptz[], $3::text[]) as n (name, at, view)
           on conflict do nothing"#,
        name,
        at as _,
        view,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves on when sources last proved to be alive; returns how many moved.
pub async fn touch(conn: &mut PgConnection, name: &[String], at: &[Ts], seq: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"update sources s
              set last_success = n.at, seq = $3
             from unnest($1::text[], $2::timestamptz[]) as n (name, at)
            where s.name = n.name and (s.last_success is null or s.last_success < n.at)"#,
        name,
        at as _,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// A stored source: JSON text of its view, and when it last proved to be alive.
pub struct Row {
    pub view: String,
    pub last_success: Option<Ts>,
}

/// Sources that changed after `seq`.
pub async fn since(conn: &mut PgConnection, seq: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select view::text as "view!", last_success from sources where seq > $1 order by seq, name"#,
        seq
    )
    .fetch_all(conn)
    .await
}

/// Each source as it was at `at`.
pub async fn as_of(conn: &mut PgConnection, at: Timestamp) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select last.view::text as "view!"
             from (select distinct name from source_history) s
            cross join lateral (
                  select h.view from source_history h
                   where h.name = s.name and h.at <= $1
                   order by h.at desc, h.seq desc
                   limit 1
                  ) as last
            order by s.name"#,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}
