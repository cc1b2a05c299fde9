//! F19: a leader that is paused, and wakes up late.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
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
    // Both show the same in the end.
    until(&first, "the follower caught up", async || {
        let list = async |replica: &Replica| replica.json("/api/v1/services?limit=1000").await;
        match (list(&first).await, list(&second).await) {
            (Some(a), Some(b)) => states(&a) == states(&b) && !states(&a).is_empty(),
            _ => false,
        }
    })
    .await;
    println!("takeover after {takeover:?}, {} deployments", deployed.len());
    assert!(takeover <= TAKEOVER, "takeover after {takeover:?}");
    first.stop().await;
    second.stop().await;
    running.shutdown().await;
}

/// Name, state and revision of every environment.
fn states(list: &serde_json::Value) -> Vec<String> {
    let services = list["items"].as_array().into_iter().flatten();
    services
        .flat_map(|service| {
            let environments = service["environments"].as_array().into_iter().flatten();
            environments
                .map(|e| format!("{} {} {} {}", service["name"], e["sync"], e["health"], e["revision"]))
        })
        .collect()
}
