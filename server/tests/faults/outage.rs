//! F8, F9, F11: the database is away, read-only, or slow; pages go on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    cluster::Cluster,
    measured,
    replica::{Replica, until},
    truth,
    world::Busy,
};

/// One viewer who looks at live pages all the time, and how long each look took. Every answer must be a 200.
struct Viewer {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Vec<Duration>>,
}

const PAGES: [&str; 4] = ["/", "/findings", "/sources", "/api/v1/services"];

impl Viewer {
    fn start(replica: &Arc<Replica>) -> Self {
        let (stop, replica) = (Arc::new(AtomicBool::new(false)), Arc::clone(replica));
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut times = Vec::new();
            for nth in 0_usize.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (page, asked) = (PAGES[nth % PAGES.len()], Instant::now());
                let answer = replica.get(page).await;
                times.push(asked.elapsed());
                assert_eq!(answer.map(|(status, _)| status), Some(200), "{page}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            times
        });
        Self { stop, task }
    }

    /// Times in ascending order.
    async fn times(self) -> Vec<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        let mut times = self.task.await.unwrap();
        times.sort_unstable();
        times
    }
}

fn p99(times: &[Duration]) -> Duration {
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

struct Setting {
    cluster: Cluster,
    busy: Busy,
    running: landfall_sandbox::Running,
    replica: Arc<Replica>,
}

async fn setting() -> Setting {
    let cluster = Cluster::start().await;
    let busy = Busy::start(50, Duration::from_millis(50));
    let running = busy.world.start().await.unwrap();
    let replica = Arc::new(Replica::start(&busy.world, &truth::url(&cluster), "3s"));
    until(&replica, "it leads", async || replica.leads().await).await;
    replica.until_well().await;
    Setting { cluster, busy, running, replica }
}

impl Setting {
    /// Nothing is lost or doubled, and all ends.
    async fn end(self) {
        let (world, deployed) = self.busy.rest().await;
        self.replica.until_well().await;
        self.replica.until_written().await;
        truth::log_is_true(&self.cluster, &deployed).await;
        truth::present_is_true(&self.cluster, &world).await;
        drop(self.replica);
        self.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f8_pages_live_on_while_the_database_is_away() {
    let all = setting().await;
    let viewer = Viewer::start(&all.replica);
    all.cluster.down();
    tokio::time::sleep(Duration::from_secs(25)).await;
    let waiting = all.replica.metric("landfall_writer_queue").await.unwrap();
    assert!(waiting > 0.0, "what cannot be written waits");
    all.cluster.up();
    let caught_up = until(&all.replica, "what waited is written", async || {
        all.replica.metric("landfall_writer_queue").await.is_some_and(|queue| queue < 10.0)
    })
    .await;
    let times = viewer.times().await;
    measured(
        "F8",
        &format!(
            "away for 25 s: {waiting} rows waited, written {caught_up:.1?} after; {} looks at pages, all 200, p99 {:.0?}",
            times.len(),
            p99(&times)
        ),
    );
    assert!(caught_up <= Duration::from_secs(60), "{caught_up:?}");
    assert_eq!(all.replica.metric("landfall_writer_dropped").await, Some(0.0));
    all.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f9_writes_resume_after_the_database_was_read_only() {
    let all = setting().await;
    let viewer = Viewer::start(&all.replica);
    let mut admin = PgConnection::connect_with(&all.cluster.options()).await.unwrap();
    admin.execute("alter system set default_transaction_read_only = on").await.unwrap();
    admin.execute("select pg_reload_conf()").await.unwrap();
    tokio::time::sleep(Duration::from_secs(12)).await;
    let waiting = all.replica.metric("landfall_writer_queue").await.unwrap();
    assert!(waiting > 0.0, "nothing can be written");
    admin.execute("set default_transaction_read_only = off").await.unwrap();
    admin.execute("alter system reset default_transaction_read_only").await.unwrap();
    admin.execute("select pg_reload_conf()").await.unwrap();
    let resumed = until(&all.replica, "writes resume", async || {
        all.replica.metric("landfall_writer_queue").await.is_some_and(|queue| queue < 10.0)
    })
    .await;
    admin.close().await.unwrap();
    let times = viewer.times().await;
    measured(
        "F9",
        &format!("{waiting} rows waited, writes resumed after {resumed:.1?}; pages p99 {:.0?}", p99(&times)),
    );
    assert!(resumed <= Duration::from_secs(15), "{resumed:?}");
    all.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute and more; `cargo xtask faults`"]
async fn f11_live_pages_need_no_database_that_answers() {
    let all = setting().await;
    let viewer = Viewer::start(&all.replica);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = viewer.times().await;
    // Every statement on these tables now waits until its time is over; every connection of the pool is used up.
    let mut holder = PgConnection::connect_with(&all.cluster.options()).await.unwrap();
    holder
        .execute("begin; lock table transitions, frames, observations, findings, sources, gaps in access exclusive mode")
        .await
        .unwrap();
    let viewer = Viewer::start(&all.replica);
    let history: Vec<_> = (0..20)
        .map(|_| {
            let replica = Arc::clone(&all.replica);
            tokio::spawn(async move { replica.get("/api/v1/history").await.map(|(status, _)| status) })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let during = viewer.times().await;
    for asked in history {
        // It says so in time, instead of waiting for ever.
        assert_eq!(asked.await.unwrap(), Some(503));
    }
    holder.execute("rollback").await.unwrap();
    holder.close().await.unwrap();
    measured(
        "F11",
        &format!(
            "p99 of live pages {:.0?} before, {:.0?} while the database hung",
            p99(&before),
            p99(&during)
        ),
    );
    // The board asks history for its counts now and then, and waits for them no longer than a moment.
    assert!(p99(&during) <= p99(&before).max(Duration::from_millis(20)) * 2 + Duration::from_millis(450));
    let median = |times: &[Duration]| times[times.len() / 2];
    assert!(median(&during) <= median(&before) * 2 + Duration::from_millis(10));
    all.end().await;
}
