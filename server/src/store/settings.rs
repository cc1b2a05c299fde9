//! Where the database is.

use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::StoreError;

/// What `[database]` of the configuration says.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host/database?sslmode=verify-full`, of the application's role.
    pub url: SecretString,
    /// The same for the role that owns the tables; `None`: the application's role owns them.
    pub migrate_url: Option<SecretString>,
    /// Most connections for reading. Two for writing, one for the lease and one to listen come on top.
    pub max_connections: u32,
}

impl DatabaseSettings {
    /// Settings with one role and eight connections for reading.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: SecretString::from(url.into()), migrate_url: None, max_connections: 8 }
    }

    pub(super) fn options(&self) -> Result<PgConnectOptions, StoreError> {
        parse(&self.url)
    }

    pub(super) fn migrate_options(&self) -> Result<PgConnectOptions, StoreError> {
        parse(self.migrate_url.as_ref().unwrap_or(&self.url))
    }
}

/// The parser's own error may quote the URL with its password, so it is not passed on.
fn parse(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    let text = url.expose_secret();
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err(StoreError::Settings("the database URL must start with postgres://".into()));
    }
    PgConnectOptions::from_str(text).map_err(|_| {
        StoreError::Settings(
            "the database URL cannot be read; expected postgres://user:password@host:port/database".into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::DatabaseSettings;

    #[test]
    fn a_broken_url_is_refused_without_its_password() {
        for url in ["mysql://a:hunter2@b/c", "postgres://a:hunter2@b:notaport/c", "hunter2"] {
            let error = DatabaseSettings::new(url).options().expect_err(url).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(!format!("{:?}", DatabaseSettings::new("postgres://a:hunter2@b/c")).contains("hunter2"));
    }
}
