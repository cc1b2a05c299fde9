//! What can go wrong with the database, sorted by what can be done about it.

use std::borrow::Cow;

use sqlx::migrate::MigrateError;

/// An error of the store. None of them holds the connection URL.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another replica holds the lease: this one must stop writing.
    #[error("another replica leads; this one may no longer write")]
    Fenced,
    /// The lease ran out but nobody took it; writing goes on when it is renewed.
    #[error("the lease ran out and is not renewed yet")]
    LeaseExpired,
    /// The server is a standby, or was told to refuse writes.
    #[error("the database is read-only")]
    ReadOnly(#[source] sqlx::Error),
    /// No space left, or another limit of the server.
    #[error("the database has no space or resources left")]
    Full(#[source] sqlx::Error),
    /// Not reachable, or no free connection in time.
    #[error("the database cannot be reached: {0}")]
    Unavailable(Cow<'static, str>),
    /// A statement took longer than it may.
    #[error("the database took too long")]
    TooSlow(#[source] sqlx::Error),
    /// The database refuses these values and would refuse them again.
    #[error("the database refuses a value: {0}")]
    Refused(#[source] sqlx::Error),
    /// Tables or columns are not there: migrations are missing.
    #[error("the database is not migrated: {0}")]
    NotMigrated(#[source] sqlx::Error),
    /// The role lacks a permission.
    #[error("the database role lacks a permission: {0}")]
    Forbidden(#[source] sqlx::Error),
    #[error("the database: {0}")]
    Database(#[source] sqlx::Error),
    #[error("a migration failed: {0}")]
    Migration(#[from] MigrateError),
    /// A stored value does not read as what it should be.
    #[error("a stored {what} cannot be read: {why}")]
    Unreadable { what: &'static str, why: String },
    #[error(transparent)]
    BadCursor(#[from] super::BadCursor),
    #[error("{0}")]
    Settings(Cow<'static, str>),
}

impl StoreError {
    /// Whether trying the very same again can help without anybody doing something about the values.
    pub const fn is_transient(&self) -> bool {
        !matches!(
            self,
            Self::Fenced
                | Self::Refused(_)
                | Self::Unreadable { .. }
                | Self::Settings(_)
                | Self::BadCursor(_)
        )
    }

    /// Whether the connection it came from is of no more use: a standby stays one for as long as it is open.
    pub const fn spoils_connection(&self) -> bool {
        matches!(self, Self::ReadOnly(_) | Self::Unavailable(_))
    }

    /// Whether the database answers but takes no writes.
    pub const fn is_read_only(&self) -> bool {
        matches!(self, Self::ReadOnly(_) | Self::Full(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some("25006") => Self::ReadOnly(error),
                // Out of disk, memory, or locks. Too many connections is a matter of waiting.
                Some("53100" | "53200" | "53400" | "58030") => Self::Full(error),
                Some("53300") => Self::Unavailable("too many connections".into()),
                Some("57014" | "55P03" | "25P03" | "40P01" | "40001") => Self::TooSlow(error),
                Some(code) if code.starts_with("57P") || code.starts_with("08") => {
                    Self::Unavailable(database.message().to_owned().into())
                }
                Some("42P01" | "42703" | "42883" | "3F000") => Self::NotMigrated(error),
                Some("42501") => Self::Forbidden(error),
                Some(code) if code.starts_with("28") => {
                    Self::Unavailable(database.message().to_owned().into())
                }
                Some("3D000") => Self::Unavailable(database.message().to_owned().into()),
                Some(code) if code.starts_with("22") || code.starts_with("23") || code.starts_with("54") => {
                    Self::Refused(error)
                }
                _ => Self::Database(error),
            },
            sqlx::Error::PoolTimedOut => Self::Unavailable("no free connection within 2 s".into()),
            sqlx::Error::Io(io) => Self::Unavailable(io.to_string().into()),
            sqlx::Error::Tls(why) => Self::Unavailable(why.to_string().into()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unavailable("closed".into()),
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Unreadable { what: "column", why: format!("{index}: {source}") }
            }
            _ => Self::Database(error),
        }
    }
}
