//! An empty database for each world, and what is asked of it from outside.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};

/// A database of its own, until [`Database::drop_it`].
#[derive(Debug)]
pub struct Database {
    admin: PgConnectOptions,
    name: String,
    /// For the server's configuration.
    pub url: String,
}

impl Database {
    /// Makes an empty one on the server that `url` names.
    pub async fn make(url: &str) -> anyhow::Result<Self> {
        let admin: PgConnectOptions = url.parse()?;
        let name = format!("landfall_bench_{:08x}", fastrand::u32(..));
        let mut conn = PgConnection::connect_with(&admin).await?;
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut conn).await?;
        conn.close().await?;
        let (base, options) = url.split_once('?').map_or((url, ""), |(base, options)| (base, options));
        let server = base.rsplit_once('/').map_or(base, |(server, _)| server);
        let url = format!("{server}/{name}{}{options}", if options.is_empty() { "" } else { "?" });
        Ok(Self { admin, name, url })
    }

    async fn connect(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect_with(&self.admin.clone().database(&self.name)).await?)
    }

    /// Transitions by kind.
    pub async fn transitions(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let mut conn = self.connect().await?;
        let rows: Vec<(String, i64)> = sqlx::query_as("select kind, count(*) from transitions group by kind")
            .fetch_all(&mut conn)
            .await?;
        conn.close().await?;
        Ok(rows.into_iter().collect())
    }

    /// Its size in bytes.
    pub async fn size(&self) -> anyhow::Result<i64> {
        let mut conn = self.connect().await?;
        let size =
            sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(&mut conn).await?;
        conn.close().await?;
        Ok(size)
    }

    /// Removes it.
    pub async fn drop_it(self) -> anyhow::Result<()> {
        let mut conn = PgConnection::connect_with(&self.admin).await?;
        sqlx::query(AssertSqlSafe(format!("drop database {} with (force)", self.name)))
            .execute(&mut conn)
            .await?;
        conn.close().await?;
        Ok(())
    }
}
