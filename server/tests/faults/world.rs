//! A fleet in which something happens all the time, with a book of what did.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use landfall_sandbox::{Big, Clock, Cluster, World};
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

/// A deployment of one Application is not followed by another sooner: Argo CD's times are whole seconds, and it
/// remembers ten.
const BETWEEN_DEPLOYMENTS: Duration = Duration::from_secs(3);

/// A deployment: Application, number in its history, commit.
pub type Deployment = (String, i64, String);

/// A world that is changed until stopped.
pub struct Busy {
    pub world: World,
    book: Arc<Mutex<Vec<Deployment>>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Busy {
    /// `apps` Applications with two pods each. Something happens every `every`.
    pub fn start(apps: u32, every: Duration) -> Self {
        Self::seeded(apps, every, 7)
    }

    /// The same with another order of what happens.
    pub fn seeded(apps: u32, every: Duration, seed: u64) -> Self {
        let size = Big { apps, pods: apps * 2, ..Big::default() };
        let world = World::big(size, Clock::real());
        let (book, stop) = (Arc::default(), CancellationToken::new());
        let random = fastrand::Rng::with_seed(seed);
        let rhythm = Rhythm { apps, every, random };
        let task = tokio::spawn(happen(world.cluster("prod"), rhythm, Arc::clone(&book), stop.clone()));
        Self { world, book, stop, task }
    }

    /// Lets it rest; gives everything that was deployed.
    pub async fn rest(self) -> (World, Vec<Deployment>) {
        self.stop.cancel();
        self.task.await.unwrap();
        let book = self.book.lock().unwrap().clone();
        (self.world, book)
    }
}

struct Rhythm {
    apps: u32,
    every: Duration,
    random: fastrand::Rng,
}

async fn happen(prod: Cluster, rhythm: Rhythm, book: Arc<Mutex<Vec<Deployment>>>, stop: CancellationToken) {
    let Rhythm { apps, every, mut random } = rhythm;
    let mut last: HashMap<u32, Instant> = HashMap::new();
    while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
        let app = random.u32(0..apps);
        let name = format!("service-{app:05}");
        match random.u8(0..10) {
            0..5 if last.get(&app).is_none_or(|at| at.elapsed() > BETWEEN_DEPLOYMENTS) => {
                last.insert(app, Instant::now());
                let commit = format!("{:032x}{:08x}", random.u128(..), app);
                let mut number = 0;
                prod.modify("applications", "argocd", &name, |app| number = deploy(app, &commit))
                    .unwrap()
                    .unwrap();
                book.lock().unwrap().push((name, number, commit));
            }
            0..8 => {
                prod.modify("applications", "argocd", &name, |app| {
                    let synced = app["status"]["sync"]["status"] == "Synced";
                    app["status"]["sync"]["status"] = json!(if synced { "OutOfSync" } else { "Synced" });
                })
                .unwrap()
                .unwrap();
            }
            _ => {
                prod.modify("applications", "argocd", &name, |app| {
                    let well = app["status"]["health"]["status"] == "Healthy";
                    app["status"]["health"]["status"] = json!(if well { "Degraded" } else { "Healthy" });
                    app["status"]["health"]["lastTransitionTime"] = json!(now());
                })
                .unwrap()
                .unwrap();
            }
        }
    }
}

/// As Argo CD notes it: the newest ten.
fn deploy(app: &mut Value, commit: &str) -> i64 {
    app["status"]["sync"]["revision"] = json!(commit);
    let history = app["status"]["history"].as_array_mut().unwrap();
    let mut entry = history.last().unwrap().clone();
    let number = entry["id"].as_i64().unwrap() + 1;
    entry["id"] = json!(number);
    entry["revision"] = json!(commit);
    entry["deployedAt"] = json!(now());
    entry["deployStartedAt"] = json!(now());
    history.push(entry);
    if history.len() > 10 {
        history.remove(0);
    }
    number
}

/// Whole seconds, as Kubernetes writes them.
fn now() -> String {
    let now = landfall::clock::now();
    now.checked_sub(SignedDuration::from_nanos(i64::from(now.subsec_nanosecond())))
        .unwrap_or(Timestamp::MIN)
        .to_string()
}
