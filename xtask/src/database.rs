//! The database that a command works on: the one of `DATABASE_URL`, or a private one.

use std::env;

use anyhow::{Result, bail};

use crate::postgres::{Postgres, Purpose};

/// Dropping it stops a private one.
#[derive(Debug)]
pub enum Database {
    /// Somebody else's, left as it is.
    Given(String),
    /// Ours.
    Private(Postgres, String),
}

impl Database {
    /// `DATABASE_URL` if set, else a private cluster of this kind with an empty database `name`, or with
    /// what the last run left there.
    pub fn open(kind: &str, purpose: Purpose, reset: bool, name: &str) -> Result<Self> {
        if let Some(url) = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
            if reset {
                bail!(
                    "--reset empties the private database only\nhelp: unset DATABASE_URL, or empty yours yourself"
                );
            }
            return Ok(Self::Given(url));
        }
        let postgres = Postgres::start(kind, purpose, reset)?;
        postgres.create_database(name)?;
        let url = postgres.url(name);
        Ok(Self::Private(postgres, url))
    }

    /// To connect to it.
    pub fn url(&self) -> &str {
        match self {
            Self::Given(url) | Self::Private(_, url) => url,
        }
    }

    /// The private cluster, if it is one.
    pub fn private(&self) -> Option<&Postgres> {
        match self {
            Self::Given(_) => None,
            Self::Private(postgres, _) => Some(postgres),
        }
    }

    /// For people: which one it is, without a password.
    pub fn describe(&self) -> String {
        match self {
            Self::Given(_) => "DATABASE_URL".to_owned(),
            Self::Private(postgres, _) => format!("private, in {}", postgres.folder().display()),
        }
    }
}
