//! What must hold of the log and of the present after any fault.

use std::collections::{BTreeMap, HashMap};

use landfall_sandbox::World;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::{cluster::Cluster, replica::Replica, world::Deployment};

/// The cluster's database, as `[database] url_file` names it.
pub fn url(cluster: &Cluster) -> String {
    url_of(&cluster.options())
}

fn url_of(options: &PgConnectOptions) -> String {
    let socket = options.get_socket().expect("a socket").display().to_string().replace('/', "%2F");
    let database = options.get_database().unwrap_or("postgres");
    format!("postgres://landfall@localhost:5432/{database}?host={socket}")
}

/// Everything that was deployed is in the log once; nothing is twice; each change begins where the last one ended.
pub async fn log_is_true(cluster: &Cluster, deployed: &[Deployment]) {
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    let doubled: i64 = sqlx::query_scalar(
        "select count(*) from (select from transitions group by entity, kind, subject, at, now having count(*) > 1) d",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(doubled, 0, "changes that are told twice");
    let ids: i64 = sqlx::query_scalar("select count(*) - count(distinct id) from transitions")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(ids, 0, "ids that occur twice");

    let told: Vec<(String, String, Value)> =
        sqlx::query_as("select entity, subject, now from transitions where kind = 'revision'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let mut count: HashMap<(String, String), usize> = HashMap::new();
    for (_, subject, commit) in &told {
        *count.entry((subject.clone(), commit.as_str().unwrap_or_default().to_owned())).or_default() += 1;
    }
    let lost: Vec<_> = deployed
        .iter()
        .filter(|(app, number, commit)| {
            let named = |subject: &str| subject.ends_with(&format!("{app} history {number}"));
            !count.iter().any(|((subject, told), n)| named(subject) && told == commit && *n == 1)
        })
        .collect();
    if let Some((app, ..)) = lost.first() {
        println!("what is known of {app}:\n{}", known_of(&mut conn, app).await);
    }
    assert!(
        lost.is_empty(),
        "{} of {} deployments are lost or doubled: {lost:?}",
        lost.len(),
        deployed.len()
    );

    let chain: Vec<(String, String, String, Value, Value)> = sqlx::query_as(
        "select entity, kind, subject, was, now from transitions
          where kind in ('sync', 'health', 'image') order by seq",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let mut last: HashMap<(String, String, String), Value> = HashMap::new();
    for (entity, kind, subject, was, now) in chain {
        let key = (entity, kind, subject);
        if let Some(before) = last.get(&key) {
            assert_eq!(*before, was, "{key:?} does not go on where it ended");
        }
        last.insert(key, now);
    }
    conn.close().await.unwrap();
}

/// Deployments and frames of an Application in the order of writing, for who looks for a mistake.
async fn known_of(conn: &mut PgConnection, app: &str) -> String {
    let rows: Vec<String> = sqlx::query_scalar(
        "select line from (
           select seq, concat_ws(' ', seq, 'revision', at, 'noticed', noticed_at, subject, left(now::text, 12)) as line
             from transitions where kind = 'revision' and entity like '%/' || $1
           union all
           select seq, concat_ws(' ', seq, 'frame', at, 'deployed', view->>'deployed_at', view->>'revision')
             from frames where entity like '%/' || $1
         ) both_of order by seq",
    )
    .bind(app)
    .fetch_all(conn)
    .await
    .unwrap();
    rows.join("\n")
}

/// The living objects by their keys.
async fn present(options: &PgConnectOptions) -> BTreeMap<String, Value> {
    let mut conn = PgConnection::connect_with(options).await.unwrap();
    let rows: Vec<(String, Value)> = sqlx::query_as(
        "select concat_ws(' ', source, kind, namespace, name), body from observations
          where body is not null and kind <> 'Event'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    rows.into_iter().collect()
}

/// What is stored equals what a server stores that sees this resting world for the first time.
pub async fn present_is_true(cluster: &Cluster, world: &World) {
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    sqlx::query("create database fresh").execute(&mut conn).await.unwrap();
    let options = cluster.options().database("fresh");
    let mut fresh = Replica::start(world, &url_of(&options), "2s");
    fresh.until_well().await;
    fresh.until_written().await;
    fresh.stop().await;
    let (is, meant) = (present(&cluster.options()).await, present(&options).await);
    sqlx::query("drop database fresh with (force)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    for (key, body) in &meant {
        assert_eq!(is.get(key), Some(body), "{key}");
    }
    let more: Vec<_> = is.keys().filter(|key| !meant.contains_key(*key)).collect();
    assert!(more.is_empty(), "objects that the world does not have: {more:?}");
    assert!(!meant.is_empty());
}
