//! Indexes that are made beside the migrations, concurrently: on tables that have rows, so that nobody who writes waits.
//! Without them the answers are the same, and slower.

use sqlx::PgConnection;

/// Of these only one process makes indexes at a time; another goes on without.
const LOCK: i64 = 0x6c66_696e_6465_7801;

/// Name and statement of each.
const INDEXES: [(&str, &str); 4] = [
    // Search by the beginning of the commit that an image's label names.
    (
        "digests_by_revision",
        r#"create index concurrently if not exists digests_by_revision on digests
           ((jsonb_path_query_first(labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}')
            text_pattern_ops)"#,
    ),
    // Search by the first part of a tag that can be a commit (`main-1a2b3c4`): six hexadecimal digits or more, a letter
    // among them, so that no date is taken for one; `g` may stand before, as `git describe` writes it.
    (
        "tag_sightings_by_commit",
        r"create index concurrently if not exists tag_sightings_by_commit on tag_sightings
          ((substring(tag from '(?:^|[^0-9A-Za-z])g?((?=[0-9]*[a-f])[0-9a-f]{6,64})(?:[^0-9A-Za-z]|$)')) text_pattern_ops)",
    ),
    // The tags of a repository that were seen last, of however many there are.
    (
        "tag_sightings_by_first_seen",
        r"create index concurrently if not exists tag_sightings_by_first_seen on tag_sightings (repository, first_seen)",
    ),
    // Search by the beginning of the digest of one platform, as pods report it.
    (
        "digest_children_by_beginning",
        r"create index concurrently if not exists digest_children_by_beginning on digest_children (child text_pattern_ops)",
    ),
];

/// Makes those that are missing. One whose making was broken off is made anew.
pub async fn make(conn: &mut PgConnection) -> sqlx::Result<()> {
    // Who waits for a lock would hold up the one that makes them: it waits for every transaction to end.
    let mine: bool =
        sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut *conn).await?;
    if !mine {
        return Ok(());
    }
    let mut made = Ok(());
    for (name, statement) in INDEXES {
        made = one(conn, name, statement).await;
        if made.is_err() {
            break;
        }
    }
    sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(conn).await?;
    made
}

async fn one(conn: &mut PgConnection, name: &str, statement: &'static str) -> sqlx::Result<()> {
    let broken: bool = sqlx::query_scalar(
        "select exists (select from pg_index i where i.indexrelid = to_regclass($1) and not i.indisvalid)",
    )
    .bind(name)
    .fetch_one(&mut *conn)
    .await?;
    if broken {
        // constant SQL: the name is one of those in this file.
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop index concurrently if exists {name}")))
            .execute(&mut *conn)
            .await?;
    }
    sqlx::raw_sql(statement).execute(conn).await?;
    Ok(())
}
