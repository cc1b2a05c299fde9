//! F19: a leader that is paused, and wakes up late.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
    measured,
    replica::{Replica, until},
    truth,
    world::Busy,
};

/// How long it sleeps: much longer than the lease lasts.
const PAUSE: Duration = Duration::from_secs(60);
const TAKEOVER: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes; `cargo xtask faults`"]
async fn f19_a_paused_leader_wakes_up_fenced() {
    let cluster = Cluster::start().await;
    let busy = Busy::start(30, Duration::from_millis(50));
    let running = busy.world.start().await.unwrap();
    let url = truth::url(&cluster);
    let mut first = Replica::start(&busy.world, &url, "15s");
    until(&first, "the first leads", async || first.leads().await).await;
    first.until_well().await;
    let mut second = Replica::start(&busy.world, &url, "15s");
    second.until_well().await;
    assert!(!second.leads().await);

    let begun = Instant::now();
    first.signal(Signal::STOP);
    let takeover = until(&second, "the second takes over", async || second.leads().await).await;
    tokio::time::sleep_until(begun + PAUSE).await;
    first.signal(Signal::CONT);
    until(&first, "the first follows", async || first.metric("landfall_leader").await == Some(0.0)).await;
    assert!(second.leads().await, "a late waker takes nothing back");
    tokio::time::sleep(Duration::from_secs(5)).await;

    let (world, deployed) = busy.rest().await;
    second.until_well().await;
    second.until_written().await;
    truth::log_is_true(&cluster, &deployed).await;
    truth::present_is_true(&cluster, &world).await;
    truth::same_view(&first, &second).await;
    let log = truth::Log::read(&cluster, &deployed).await;
    measured("F19", &format!("paused for {PAUSE:?}, takeover after {takeover:.1?} (lease 15 s); {log}"));
    assert!(takeover <= TAKEOVER, "takeover after {takeover:?}");
    first.stop().await;
    second.stop().await;
    running.shutdown().await;
}
