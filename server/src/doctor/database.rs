//! The database: reached, its version, its migrations, what the role may do.

use super::{Check, Outcome};
use crate::{
    clock,
    config::Database,
    store::{self, Store},
};

const ABOUT: &str = "database";
const HOW: &str =
    "set DATABASE_URL=postgres://user@host/database, or name another variable or file in [database]";

/// Checks of the database.
pub async fn checks(database: &Database) -> Vec<Check> {
    let settings = match database.settings() {
        Ok(settings) => settings,
        Err(why) => return vec![Check::new(ABOUT, "URL", Outcome::Fail, why).mend(HOW)],
    };
    let store = match Store::connect(&settings) {
        Ok(store) => store,
        Err(error) => return vec![Check::new(ABOUT, "URL", Outcome::Fail, error.to_string()).mend(HOW)],
    };
    let checks = match store.check().await {
        Ok(found) => of_found(&found),
        Err(error) => vec![
            Check::new(ABOUT, "reached", Outcome::Fail, error.to_string())
                .mend("is it up, and do role, password and database exist? try psql with the same URL"),
        ],
    };
    store.close().await;
    checks
}

fn of_found(found: &store::Check) -> Vec<Check> {
    let place = format!("{} as {}, {} MiB", found.database, found.role, found.bytes >> 20);
    let mut checks = vec![Check::new(ABOUT, "reached", Outcome::Ok, place)];
    checks.push(version(found));
    checks.push(migrations(found));
    if found.is_read_only {
        checks.push(
            Check::new(
                ABOUT,
                "writes",
                Outcome::Fail,
                "refused: a standby, or `default_transaction_read_only`",
            )
            .mend("point the URL at the primary"),
        );
    }
    if !found.lacking.is_empty() {
        checks.push(
            Check::new(ABOUT, "privileges", Outcome::Fail, format!("missing: {}", found.lacking.join(", ")))
                .mend("run `landfall migrate` as the role that owns the tables: it grants them"),
        );
    }
    if found.may_change_history {
        checks.push(
            Check::new(ABOUT, "history", Outcome::Warn, "this role may alter or remove it")
                .mend("let a role of its own own the tables: migrate_url_env in [database]"),
        );
    }
    let skew = clock::now().as_second() - found.clock.as_second();
    checks.push(if skew.abs() > super::sources::SKEW_S {
        Check::new(ABOUT, "clock", Outcome::Warn, format!("{} s off ours", skew.abs()))
            .mend("let both follow an NTP server")
    } else {
        Check::new(ABOUT, "clock", Outcome::Ok, format!("within {} s of ours", super::sources::SKEW_S))
    });
    checks
}

fn version(found: &store::Check) -> Check {
    let version = format!("PostgreSQL {}", found.server_version);
    if found.version_ok {
        Check::new(ABOUT, "version", Outcome::Ok, version)
    } else {
        Check::new(ABOUT, "version", Outcome::Fail, version).mend("use PostgreSQL 15 or newer")
    }
}

fn migrations(found: &store::Check) -> Check {
    if !found.pending.is_empty() {
        let found = format!("{} to be applied", found.pending.len());
        return Check::new(ABOUT, "migrations", Outcome::Fail, found).mend("run: landfall migrate");
    }
    if !found.unknown.is_empty() {
        let found = format!("{} of a newer version are applied", found.unknown.len());
        return Check::new(ABOUT, "migrations", Outcome::Warn, found)
            .mend("works; upgrade this program soon");
    }
    let schema = found.schema_version.map_or_else(String::new, |version| format!(", schema {version}"));
    Check::new(ABOUT, "migrations", Outcome::Ok, format!("up to date{schema}"))
}
