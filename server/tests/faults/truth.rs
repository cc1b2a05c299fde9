//! What must hold of the log and of the present after any fault.

use std::collections::{BTreeMap, HashMap};

use landfall_sandbox::World;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::{
    cluster::Cluster,
    replica::{Replica, until},
    world::Deployment,
};

/// The cluster's database, as `[database] url_file` names it.
pub fn url(cluster: &Cluster) -> String {
    url_of(&cluster.options())
}

fn url_of(options: &PgConnectOptions) -> String {
    let socket = options.get_socket().expect("a socket").display().to_string().replace('/', "%2F");
    let database = options.get_database().unwrap_or("postgres");
    format!("postgres://landfall@localhost:5432/{database}?host={socket}")
}

/// What the log holds, beside what was deployed.
#[derive(Debug)]
pub struct Log {
    /// All transitions.
    pub transitions: i64,
    /// Deployments of the book.
    pub expected: usize,
    /// Those of them that are in the log exactly once.
    pub found: usize,
    /// Those that are not in the log.
    pub lost: Vec<Deployment>,
    /// Deployments, changes and ids that are in it more than once.
    pub doubled: Vec<String>,
    /// Changes that do not begin where the one before them ended.
    pub broken: Vec<String>,
    /// Gaps without their line, or lines without their gap.
    pub unpaired_gaps: i64,
    /// What is known of the first that is wrong, for who looks for the mistake.
    details: String,
}

impl Log {
    pub async fn read(cluster: &Cluster, deployed: &[Deployment]) -> Self {
        let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
        let mut log = Self {
            transitions: sqlx::query_scalar("select count(*) from transitions").fetch_one(&mut conn).await.unwrap(),
            expected: deployed.len(),
            found: 0,
            lost: Vec::new(),
            doubled: doubled(&mut conn).await,
            broken: broken(&mut conn).await,
            unpaired_gaps: sqlx::query_scalar(
                "select count(*) from gaps g full join (select * from transitions where kind = 'gap') t using (id)
                  where g.id is null or t.id is null or g.from_at <> t.at",
            )
            .fetch_one(&mut conn)
            .await
            .unwrap(),
            details: String::new(),
        };
        let told: Vec<(String, Value)> =
            sqlx::query_as("select subject, now from transitions where kind = 'revision'")
                .fetch_all(&mut conn)
                .await
                .unwrap();
        let mut count: HashMap<(&str, &str), usize> = HashMap::new();
        for (subject, commit) in &told {
            // An Application's name and the number in its history end the subject.
            let words = subject.rsplit('/').next().unwrap_or_default();
            *count.entry((words, commit.as_str().unwrap_or_default())).or_default() += 1;
        }
        for one @ (app, number, commit) in deployed {
            match count.get(&(format!("{app} history {number}").as_str(), commit.as_str())) {
                None => log.lost.push(one.clone()),
                Some(1) => log.found += 1,
                Some(n) => log.doubled.push(format!("{app} history {number}: {n} times")),
            }
        }
        if let Some((app, ..)) = log.lost.first() {
            log.details = known_of(&mut conn, app).await;
        }
        conn.close().await.unwrap();
        log
    }

    /// Everything that was deployed is in it once; nothing is twice; each change begins where the last one ended.
    pub fn assert_true(&self) {
        let Self { lost, doubled, broken, .. } = self;
        assert!(
            lost.is_empty() && doubled.is_empty() && broken.is_empty() && self.unpaired_gaps == 0,
            "{self}\nlost: {lost:?}\ndoubled: {doubled:?}\nbroken: {broken:?}\n{}",
            self.details
        );
    }
}

impl std::fmt::Display for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} transitions; deployments: {} expected, {} found, {} lost; {} doubled, {} chains broken",
            self.transitions,
            self.expected,
            self.found,
            self.lost.len(),
            self.doubled.len(),
            self.broken.len()
        )
    }
}

/// [`Log::read`] and [`Log::assert_true`].
pub async fn log_is_true(cluster: &Cluster, deployed: &[Deployment]) {
    Log::read(cluster, deployed).await.assert_true();
}

/// Changes told twice, ids that occur twice. What goes to and fro may rightly come twice within a second; told twice, it
/// would break its chain.
async fn doubled(conn: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', entity, kind, subject, at, now) from transitions
          where kind not in ('sync', 'health', 'image')
          group by entity, kind, subject, at, now having count(*) > 1
         union all
         select concat_ws(' ', 'id', id) from transitions group by id having count(*) > 1",
    )
    .fetch_all(conn)
    .await
    .unwrap()
}

async fn broken(conn: &mut PgConnection) -> Vec<String> {
    let chain: Vec<(String, String, String, Value, Value)> = sqlx::query_as(
        "select entity, kind, subject, was, now from transitions
          where kind in ('sync', 'health', 'image') order by seq",
    )
    .fetch_all(conn)
    .await
    .unwrap();
    let mut last: HashMap<(String, String, String), Value> = HashMap::new();
    let mut broken = Vec::new();
    for (entity, kind, subject, was, now) in chain {
        let key = (entity, kind, subject);
        if let Some(before) = last.get(&key)
            && *before != was
        {
            broken.push(format!("{key:?} was {before}, then goes on from {was}"));
        }
        last.insert(key, now);
    }
    broken
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

/// Two replicas show the same in the end.
pub async fn same_view(one: &Replica, two: &Replica) {
    until(two, "both show the same", async || {
        let list = async |replica: &Replica| replica.json("/api/v1/services?limit=1000").await;
        match (list(one).await, list(two).await) {
            (Some(a), Some(b)) => states(&a) == states(&b) && !states(&a).is_empty(),
            _ => false,
        }
    })
    .await;
}

/// Name, state and revision of every environment.
fn states(list: &Value) -> Vec<String> {
    let services = list["items"].as_array().into_iter().flatten();
    services
        .flat_map(|service| {
            let environments = service["environments"].as_array().into_iter().flatten();
            environments
                .map(|e| format!("{} {} {} {}", service["name"], e["sync"], e["health"], e["revision"]))
        })
        .collect()
}
