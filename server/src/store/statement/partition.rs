//! Statements about months and their leftovers.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// Key of the advisory lock that lets one replica at a time tidy up: "landfall" in ASCII.
const TIDY_LOCK: i64 = 0x6c61_6e64_6661_6c6c;

/// Makes the partitions of the moment's month where they are missing.
pub async fn add_month(conn: &mut PgConnection, moment: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(r#"select landfall_add_month($1) as "done!: ()""#, moment.to_sqlx()).execute(conn).await?;
    Ok(())
}

/// Drops the oldest month before `cutoff`; returns the names of the dropped tables, none where there is none.
pub async fn drop_months(conn: &mut PgConnection, cutoff: Timestamp) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(r#"select landfall_drop_months($1) as "name!""#, cutoff.to_sqlx())
        .fetch_all(conn)
        .await
}

/// Becomes the one who tidies up until the transaction ends; false where another is at it.
pub async fn lock_tidying(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "locked!""#, TIDY_LOCK)
        .fetch_one(conn)
        .await
}

/// Forgets transitions' ids that can no longer be told again.
pub async fn purge_seen(conn: &mut PgConnection, now: Timestamp) -> sqlx::Result<u64> {
    let done = sqlx::query!(r#"delete from transition_seen where keep_until < $1"#, now.to_sqlx())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// The database's clock.
pub async fn clock(conn: &mut PgConnection) -> sqlx::Result<Timestamp> {
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(conn).await?;
    Ok(now.to_jiff())
}

/// Lets this transaction's statements take longer than a page may wait.
pub async fn allow_time(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query_scalar!(r#"select set_config('statement_timeout', '120s', true)"#).fetch_one(conn).await?;
    Ok(())
}
