//! How the database is: for `doctor`, `migrate --check` and the page of sources.

use jiff::Timestamp;
use sqlx::{Connection as _, PgConnection};

use super::{MIGRATOR, Store, StoreError, statement::check};

/// The oldest PostgreSQL that Landfall is tested with.
const OLDEST_VERSION: i32 = 150_000;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `15.9`.
    pub server_version: String,
    /// The server is PostgreSQL 15 or newer.
    pub version_ok: bool,
    /// A standby, or told to refuse writes.
    pub is_read_only: bool,
    pub database: String,
    /// Role that the server connects as.
    pub role: String,
    /// Number of the newest migration that is applied; `None` on an empty database.
    pub schema_version: Option<i64>,
    /// Migrations to be applied.
    pub pending: Vec<Pending>,
    /// Applied migrations that this version does not know: a newer version was here. They are additive for
    /// the version before, so this one works.
    pub unknown: Vec<i64>,
    /// Privileges that the role lacks, such as `insert on transitions`. Empty is good.
    pub lacking: Vec<String>,
    /// The role may alter or remove recorded history. Works, but a role of its own is safer.
    pub may_change_history: bool,
    /// The database's clock, to be compared with one's own.
    pub clock: Timestamp,
    pub bytes: u64,
}

/// A migration that is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub version: i64,
    pub description: String,
}

impl Check {
    /// Whether the server can work with it as it is.
    pub fn is_ok(&self) -> bool {
        self.version_ok && !self.is_read_only && self.pending.is_empty() && self.lacking.is_empty()
    }
}

impl Store {
    /// Looks at the database; needs no migration to be applied.
    pub async fn check(&self) -> Result<Check, StoreError> {
        let mut conn = self.reader().await?;
        let server = self.measure("check_server", check::server(&mut conn)).await?;
        let applied = if server.migrated {
            self.measure("applied_migrations", check::applied(&mut conn)).await?
        } else {
            Vec::new()
        };
        let pending: Vec<_> = MIGRATOR
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .map(|migration| Pending {
                version: migration.version,
                description: migration.description.to_string(),
            })
            .collect();
        // Tables that are still to be made are no lack of privileges.
        let lacking = if pending.is_empty() {
            self.measure("lacking_privileges", check::lacking(&mut conn)).await?
        } else {
            Vec::new()
        };
        Ok(Check {
            version_ok: server.version_num >= OLDEST_VERSION,
            server_version: server.version,
            is_read_only: server.in_recovery || server.read_only,
            database: server.database,
            role: server.role,
            schema_version: applied.last().copied(),
            unknown: applied.into_iter().filter(|version| !MIGRATOR.version_exists(*version)).collect(),
            pending,
            lacking,
            may_change_history: self
                .measure("may_change_history", check::may_change_history(&mut conn))
                .await?,
            clock: server.clock,
            bytes: server.bytes.cast_unsigned(),
        })
    }

    /// Whether the role that migrates may make tables. Its name comes with the answer.
    pub async fn may_migrate(&self) -> Result<(String, bool), StoreError> {
        let mut conn = PgConnection::connect_with(&self.inner.migrate).await?;
        let asked = self.measure("may_migrate", check::may_migrate(&mut conn)).await?;
        conn.close().await?;
        Ok(asked)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<Timestamp, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("clock", super::statement::partition::clock(&mut conn)).await
    }
}

impl std::fmt::Display for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04} {}", self.version, self.description)
    }
}
