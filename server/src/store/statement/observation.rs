//! Statements about what sources said.

use futures::stream::BoxStream;
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;

/// Columns of new or different objects.
#[derive(Default)]
pub struct PutColumns {
    pub source: Vec<String>,
    pub kind: Vec<String>,
    pub namespace: Vec<String>,
    pub name: Vec<String>,
    pub uid: Vec<String>,
    pub epoch: Vec<i64>,
    pub resource: Vec<i64>,
    pub noticed_at: Vec<Ts>,
    pub body: Vec<String>,
}

/// Writes what objects are now.
pub async fn put(conn: &mut PgConnection, rows: &PutColumns, seq: i64) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into observations
             (source, kind, namespace, name, uid, version_epoch, version_resource, noticed_at, body, seq, written_at)
           select o.source, o.kind, o.namespace, o.name, o.uid, o.epoch, o.resource, o.noticed_at, o.body::jsonb, $10
                , clock_timestamp()
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]
                       , $8::timestamptz[], $9::text[])
               as o (source, kind, namespace, name, uid, epoch, resource, noticed_at, body)
           on conflict (source, kind, namespace, name) do update
              set uid = excluded.uid
                , version_epoch = excluded.version_epoch
                , version_resource = excluded.version_resource
                , noticed_at = excluded.noticed_at
                , body = excluded.body
                , seq = excluded.seq
                , written_at = excluded.written_at"#,
        &rows.source,
        &rows.kind,
        &rows.namespace,
        &rows.name,
        &rows.uid,
        &rows.epoch,
        &rows.resource,
        &rows.noticed_at as _,
        &rows.body,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keys of objects.
#[derive(Default)]
pub struct KeyColumns {
    pub source: Vec<String>,
    pub kind: Vec<String>,
    pub namespace: Vec<String>,
    pub name: Vec<String>,
}

/// Turns objects into tombstones.
pub async fn bury(conn: &mut PgConnection, keys: &KeyColumns, seq: i64) -> sqlx::Result<()> {
    sqlx::query!(
        r#"update observations as o
              set body = null, seq = $5, written_at = clock_timestamp()
             from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as k (source, kind, namespace, name)
            where o.source = k.source and o.kind = k.kind and o.namespace = k.namespace and o.name = k.name
              and o.body is not null"#,
        &keys.source,
        &keys.kind,
        &keys.namespace,
        &keys.name,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A stored object.
pub struct Row {
    pub source: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub version_epoch: i64,
    pub version_resource: i64,
    pub noticed_at: Ts,
    /// JSON text; `None` is a tombstone.
    pub body: Option<String>,
}

/// All living objects, one after the other, in the order of their writing.
pub fn all(conn: &mut PgConnection) -> BoxStream<'_, sqlx::Result<Row>> {
    sqlx::query_as!(
        Row,
        r#"select source, kind, namespace, name, uid, version_epoch, version_resource, noticed_at, body::text as body
             from observations
            where body is not null"#
    )
    .fetch(conn)
}

/// What changed after `seq`, tombstones included, in the order of writing.
pub fn since(conn: &mut PgConnection, seq: i64) -> BoxStream<'_, sqlx::Result<Row>> {
    sqlx::query_as!(
        Row,
        r#"select source, kind, namespace, name, uid, version_epoch, version_resource, noticed_at, body::text as body
             from observations
            where seq > $1
            order by seq"#,
        seq
    )
    .fetch(conn)
}

/// Removes tombstones written before `before`; returns the highest number among them.
pub async fn purge(conn: &mut PgConnection, before: Timestamp) -> sqlx::Result<(u64, Option<i64>)> {
    let row = sqlx::query!(
        r#"with gone as (delete from observations where body is null and written_at < $1 returning seq)
           select count(*) as "count!", max(seq) as seq from gone"#,
        before.to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok((row.count.cast_unsigned(), row.seq))
}
