//! When the demo's world began: kept beside the tables of Landfall, so that a demo that is started again goes on with the
//! same world instead of another that has the same names.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::{Connection as _, PgConnection, Row as _};

/// A world that began longer ago begins anew: to play what happened since would take too long.
const GOES_ON_FOR: SignedDuration = SignedDuration::from_hours(24 * 4);

/// When the world of this seed began in this database; that is `now` where it does so now.
pub async fn began(database_url: &str, seed: u64, now: Timestamp) -> anyhow::Result<Timestamp> {
    let mut conn = PgConnection::connect(database_url).await.context("cannot connect to the database")?;
    let oldest = now.checked_sub(GOES_ON_FOR).unwrap_or(now);
    sqlx::raw_sql(
        "create schema if not exists landfall_demo;
         create table if not exists landfall_demo.world (seed text primary key, began_at timestamptz not null)",
    )
    .execute(&mut conn)
    .await
    .context("cannot keep when the demo's world began")?;
    let row = sqlx::query(
        "insert into landfall_demo.world as w (seed, began_at) values ($1, $2)
         on conflict (seed) do update
            set began_at = case when w.began_at between $3 and $2 then w.began_at else excluded.began_at end
         returning began_at",
    )
    .bind(seed.to_string())
    .bind(now.to_sqlx())
    .bind(oldest.to_sqlx())
    .fetch_one(&mut conn)
    .await
    .context("cannot keep when the demo's world began")?;
    conn.close().await?;
    Ok(row.try_get::<Ts, _>("began_at")?.to_jiff())
}
