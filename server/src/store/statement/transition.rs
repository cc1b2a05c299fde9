//! Writing changes of meaning.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;
use uuid::Uuid;

/// Columns of transitions.
#[derive(Default)]
pub struct Columns {
    pub id: Vec<Uuid>,
    pub seq: Vec<i64>,
    pub at: Vec<Ts>,
    pub noticed_at: Vec<Ts>,
    pub service: Vec<Option<String>>,
    pub environment: Vec<Option<String>>,
    pub entity: Vec<String>,
    pub kind: Vec<String>,
    pub was: Vec<String>,
    pub now: Vec<String>,
    pub detail: Vec<Option<String>>,
    /// JSON text.
    pub phrase: Vec<Option<String>>,
    pub bad: Vec<bool>,
    pub source: Vec<String>,
    pub subject: Vec<String>,
    pub keep_until: Vec<Ts>,
}

/// Appends transitions that were not told before; returns how many were new.
pub async fn append(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"with told as (
               select *
                 from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[]
                           , $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bool[], $13::text[]
                           , $14::text[], $15::timestamptz[], $16::text[])
                   as t (id, seq, at, noticed_at, service, environment, entity, kind, was, now, detail, bad, source
                       , subject, keep_until, phrase)
           ), fresh as (
               insert into transition_seen (id, keep_until)
               select id, keep_until from told
               on conflict (id) do nothing
               returning id
           )
           insert into transitions
             (id, seq, at, noticed_at, service, environment, entity, kind, was, now, detail, bad, source, subject, phrase)
           select distinct on (t.id)
                  t.id, t.seq, t.at, t.noticed_at, t.service, t.environment, t.entity, t.kind, t.was::jsonb, t.now::jsonb
                , t.detail, t.bad, t.source, t.subject, t.phrase::jsonb
             from told t
             join fresh using (id)
            order by t.id, t.seq"#,
        &rows.id,
        &rows.seq,
        &rows.at as _,
        &rows.noticed_at as _,
        &rows.service as _,
        &rows.environment as _,
        &rows.entity,
        &rows.kind,
        &rows.was,
        &rows.now,
        &rows.detail as _,
        &rows.bad,
        &rows.source,
        &rows.subject,
        &rows.keep_until as _,
        &rows.phrase as _,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Records a span of which history is incomplete.
pub async fn append_gap(
    conn: &mut PgConnection,
    id: Uuid,
    from: Timestamp,
    until: Timestamp,
    lost: i64,
    (why, phrase): (&str, Option<&str>),
    seq: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into gaps (id, from_at, until_at, lost, why, phrase, seq) values ($1, $2, $3, $4, $5, $6::text::jsonb, $7)
           on conflict (id) do nothing"#,
        id,
        from.to_sqlx(),
        until.to_sqlx(),
        lost,
        why,
        phrase,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}
