//! The migrations: fit for a database that is in use.

use std::{collections::BTreeMap, fs, path::PathBuf};

use landfall::store::MIGRATOR;
use sqlx::PgPool;

use crate::world::{rows, with_store};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations")
}

/// Files by their number.
fn files(folder: PathBuf) -> BTreeMap<i64, (String, String)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some((number, _)) = name.split_once('_')
            && entry.path().extension().is_some_and(|end| end == "sql")
        {
            let text = fs::read_to_string(entry.path()).unwrap();
            let number = number.parse().unwrap_or_else(|_| panic!("{name}: no number"));
            let known = files.insert(number, (name, text));
            assert!(known.is_none(), "two migrations have the number {number}");
        }
    }
    files
}

/// What is wrong with a migration, in words.
fn faults(name: &str, text: &str, known_tables: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("-- ") {
        faults.push(format!("{name}: begins with a comment that says why"));
    }
    let code: String = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    let first = code.split(';').find(|statement| !statement.trim().is_empty()).unwrap_or_default();
    if !first.trim().starts_with("set local lock_timeout") {
        faults.push(format!("{name}: first sets lock_timeout for its transaction"));
    }
    for statement in code.split(';').map(str::trim) {
        let words: Vec<_> = statement.split_whitespace().collect();
        if let ["alter", "table", rest @ ..] = words.as_slice() {
            let table = rest
                .iter()
                .find(|word| !["if", "exists", "only"].contains(word))
                .copied()
                .unwrap_or_default();
            if !known_tables.iter().any(|known| known == table) {
                continue;
            }
            let adds = statement.contains("add column") && statement.contains("not null");
            if adds && !statement.contains("default") {
                faults.push(format!(
                    "{name}: adds a NOT NULL column without DEFAULT to {table}, which has rows"
                ));
            }
            if statement.contains("set not null")
                || statement.contains("drop column")
                || statement.contains("rename")
            {
                faults.push(format!("{name}: breaks the version before, which still runs, on {table}"));
            }
        }
        if words.starts_with(&["create", "index"]) || words.starts_with(&["create", "unique", "index"]) {
            let table = words
                .iter()
                .position(|word| *word == "on")
                .and_then(|at| words.get(at + 1))
                .copied()
                .unwrap_or_default();
            if known_tables.iter().any(|known| known == table.split('(').next().unwrap_or_default()) {
                faults.push(format!("{name}: builds an index on {table}, which has rows, under a lock"));
            }
        }
    }
    faults
}

/// Tables that a migration makes.
fn tables(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("create table "))
        .filter_map(|rest| rest.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_migration_keeps_the_rules() {
    let mut known = Vec::new();
    let mut faulty = Vec::new();
    let files = files(folder());
    assert_eq!(
        files.keys().copied().collect::<Vec<_>>(),
        (1..).take(files.len()).collect::<Vec<_>>(),
        "no gap"
    );
    for (name, text) in files.values() {
        faulty.extend(faults(name, text, &known));
        known.extend(tables(text));
    }
    assert_eq!(faulty, [] as [String; 0]);
    assert_eq!(MIGRATOR.iter().count(), files.len(), "the program holds them all: build anew");
}

#[test]
fn the_rules_find_what_they_are_for() {
    let known = ["frames".to_owned()];
    let head = "-- Why.\nset local lock_timeout = '3s';\n";
    for (text, fault) in [
        ("set local lock_timeout = '3s';", "comment"),
        ("-- Why.\ncreate table x ();", "lock_timeout"),
        ("alter table frames add column x int not null;", "DEFAULT"),
        ("alter table only frames drop column x;", "version before"),
        ("create index x on frames (y);", "index"),
    ] {
        let text = if text.starts_with("alter") || text.starts_with("create") {
            format!("{head}{text}")
        } else {
            text.into()
        };
        let found = faults("x.sql", &text, &known);
        assert!(found.len() == 1 && found[0].contains(fault), "{text}: {found:?}");
    }
    let fine = format!(
        "{head}alter table frames add column x int not null default 0;\ncreate index y on fresh (z);"
    );
    assert_eq!(faults("x.sql", &fine, &known), [] as [String; 0]);
}

/// Each migration is applied to a database that the ones before have been filled on.
#[sqlx::test(migrations = false)]
async fn migrations_apply_to_a_filled_database(pool: PgPool) {
    let data = files(folder().join("testdata"));
    assert!(
        data.keys().all(|number| MIGRATOR.version_exists(*number)),
        "data for a migration that is not there"
    );
    let mut filled = 0;
    for migration in MIGRATOR.iter() {
        MIGRATOR.run_to(migration.version, &pool).await.unwrap();
        if let Some((name, text)) = data.get(&migration.version) {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text.as_str()))
                .execute(&pool)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            filled += 1;
        }
    }
    assert_eq!(filled, data.len());
    assert_eq!(rows(&pool, "select count(*) from transitions").await, 3);
    // And what was there before still reads.
    with_store(pool, async |store| {
        let (stored, seq) = store.load().await.unwrap();
        assert_eq!((stored.observations.len(), stored.environments.len(), stored.findings.len()), (1, 1, 1));
        assert_eq!((stored.sources.len(), seq, stored.revision), (1, 4, 9));
        let check = store.check().await.unwrap();
        assert!(check.is_ok(), "{check:?}");
        store.migrate().await.expect("nothing to do");
    })
    .await;
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_told_from_a_broken_one(pool: PgPool) {
    with_store(pool, async |store| {
        let check = store.check().await.unwrap();
        assert_eq!(check.schema_version, None);
        assert_eq!(check.pending.len(), MIGRATOR.iter().count());
        assert!(!check.is_ok());
        let error = store.load().await.expect_err("no tables");
        assert!(matches!(error, landfall::store::StoreError::NotMigrated(_)), "{error:?}");
        store.migrate().await.unwrap();
        assert!(store.check().await.unwrap().is_ok());
    })
    .await;
}
