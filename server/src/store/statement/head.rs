//! The order of commits, and the right to make one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

/// What the lease says at the start of a transaction.
pub struct Fence {
    pub epoch: i64,
    pub expired: bool,
    /// The database's clock.
    pub now: Timestamp,
}

/// Reads the lease and holds its row against a new holder until the transaction ends. Renewals are not held
/// up.
pub async fn fence(conn: &mut PgConnection, lease: &str) -> sqlx::Result<Option<Fence>> {
    let row = sqlx::query!(
        r#"select epoch
                , expires_at <= clock_timestamp() as "expired!"
                , clock_timestamp() as "now!"
             from lease
            where name = $1
              for key share"#,
        lease,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Fence { epoch: row.epoch, expired: row.expired, now: row.now.to_jiff() }))
}

/// Where writing stands.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub seq: i64,
    pub at: Timestamp,
    pub revision: i64,
    pub last_batch: Option<Uuid>,
    pub purged_seq: i64,
}

/// Reads the head and locks it: one commit at a time.
pub async fn lock_head(conn: &mut PgConnection) -> sqlx::Result<Head> {
    let row = sqlx::query!(r#"select seq, at, revision, last_batch, purged_seq from head for update"#)
        .fetch_one(conn)
        .await?;
    Ok(Head {
        seq: row.seq,
        at: row.at.to_jiff(),
        revision: row.revision,
        last_batch: row.last_batch,
        purged_seq: row.purged_seq,
    })
}

/// Reads the head without locking it.
pub async fn read_head(conn: &mut PgConnection) -> sqlx::Result<Head> {
    let row =
        sqlx::query!(r#"select seq, at, revision, last_batch, purged_seq from head"#).fetch_one(conn).await?;
    Ok(Head {
        seq: row.seq,
        at: row.at.to_jiff(),
        revision: row.revision,
        last_batch: row.last_batch,
        purged_seq: row.purged_seq,
    })
}

/// Moves the head on.
pub async fn move_head(
    conn: &mut PgConnection,
    seq: i64,
    at: Timestamp,
    revision: i64,
    batch: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"update head set seq = $1, at = $2, revision = $3, last_batch = $4"#,
        seq,
        at.to_sqlx(),
        revision,
        batch,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers up to where tombstones are gone.
pub async fn set_purged(conn: &mut PgConnection, seq: i64) -> sqlx::Result<()> {
    sqlx::query!(r#"update head set purged_seq = greatest(purged_seq, $1)"#, seq).execute(conn).await?;
    Ok(())
}

/// Wakes who listens once the transaction is committed.
pub async fn notify(conn: &mut PgConnection, channel: &str, payload: &str) -> sqlx::Result<()> {
    sqlx::query!(r#"select pg_notify($1, $2) as "sent!: ()""#, channel, payload).execute(conn).await?;
    Ok(())
}
