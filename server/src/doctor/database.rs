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
        Ok(found) => {
            let mut checks = of_found(&found);
            if !found.pending.is_empty() {
                checks.push(migrations_to_come(&found, store.may_migrate().await));
            }
            checks
        }
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
    if found.pending.is_empty() {
        checks.push(migrations(found));
    }
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
    if !found.unknown.is_empty() {
        let found = format!("{} of a newer version are applied", found.unknown.len());
        return Check::new(ABOUT, "migrations", Outcome::Warn, found)
            .mend("works; upgrade this program soon");
    }
    let schema = found.schema_version.map_or_else(String::new, |version| format!(", schema {version}"));
    Check::new(ABOUT, "migrations", Outcome::Ok, format!("up to date{schema}"))
}

/// Migrations are no fault as long as somebody may apply them.
fn migrations_to_come(found: &store::Check, may: Result<(String, bool), store::StoreError>) -> Check {
    let count = found.pending.len();
    match may {
        Ok((role, true)) => {
            Check::new(ABOUT, "migrations", Outcome::Warn, format!("{count} to be applied, as {role}"))
                .mend("`landfall serve` applies them at its start; or now: landfall migrate")
        }
        Ok((role, false)) => Check::new(
            ABOUT,
            "migrations",
            Outcome::Fail,
            format!("{count} to be applied, and {role} may not make tables"),
        )
        .mend(format!(
            "GRANT CREATE ON SCHEMA public TO \"{role}\"; or name another role: migrate_url_env in [database]"
        )),
        Err(error) => {
            let found = format!("{count} to be applied, and the role for it cannot connect: {error}");
            Check::new(ABOUT, "migrations", Outcome::Fail, found)
                .mend("correct migrate_url_env or migrate_url_file in [database]")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Pending;

    fn found() -> store::Check {
        store::Check {
            server_version: "16.2".into(),
            version_ok: true,
            is_read_only: false,
            database: "landfall".into(),
            role: "app".into(),
            schema_version: Some(7),
            pending: Vec::new(),
            unknown: Vec::new(),
            lacking: Vec::new(),
            may_change_history: false,
            clock: clock::now(),
            bytes: 5 << 20,
        }
    }

    fn bad(found: &store::Check) -> Vec<(String, Outcome, String)> {
        let bad = of_found(found).into_iter().filter(|check| check.outcome != Outcome::Ok);
        bad.map(|check| (check.what, check.outcome, check.mend.unwrap_or_default())).collect()
    }

    #[test]
    fn each_fault_of_a_database_is_one_line_with_its_mend() {
        assert_eq!(bad(&found()), []);
        for (fault, what, outcome, mend) in [
            (
                store::Check { version_ok: false, server_version: "13.4".into(), ..found() },
                "version",
                Outcome::Fail,
                "use PostgreSQL 15",
            ),
            (store::Check { is_read_only: true, ..found() }, "writes", Outcome::Fail, "primary"),
            (
                store::Check { lacking: vec!["insert on transitions".into()], ..found() },
                "privileges",
                Outcome::Fail,
                "landfall migrate",
            ),
            (store::Check { unknown: vec![99], ..found() }, "migrations", Outcome::Warn, "upgrade"),
            (
                store::Check { may_change_history: true, ..found() },
                "history",
                Outcome::Warn,
                "migrate_url_env",
            ),
            (
                store::Check { clock: clock::now() - jiff::SignedDuration::from_mins(5), ..found() },
                "clock",
                Outcome::Warn,
                "NTP",
            ),
        ] {
            let bad = bad(&fault);
            assert_eq!(bad.len(), 1, "{bad:?}");
            assert_eq!((bad[0].0.as_str(), bad[0].1), (what, outcome));
            assert!(bad[0].2.contains(mend), "{bad:?}");
        }
    }

    #[test]
    fn migrations_to_come_fail_only_where_nobody_may_apply_them() {
        let pending = vec![Pending { version: 1, description: "all".into() }];
        let found = store::Check { pending, schema_version: None, ..found() };
        assert!(of_found(&found).iter().all(|check| check.what != "migrations"), "told once");
        let said = |may| {
            let check = migrations_to_come(&found, may);
            (check.outcome, check.found, check.mend.unwrap_or_default())
        };
        let (outcome, _, mend) = said(Ok(("owner".to_owned(), true)));
        assert_eq!(outcome, Outcome::Warn);
        assert!(mend.contains("landfall migrate"), "{mend}");
        let (outcome, what, mend) = said(Ok(("app".to_owned(), false)));
        assert_eq!((outcome, what.as_str()), (Outcome::Fail, "1 to be applied, and app may not make tables"));
        assert!(mend.contains("GRANT CREATE ON SCHEMA public TO \"app\""), "{mend}");
    }
}
