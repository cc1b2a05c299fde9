//! F21: `kill -9` of the leader at random points, over and over.

use std::time::Duration;

use crate::{
    cluster::Cluster,
    replica::{Replica, until},
    truth,
    world::Busy,
};

/// How often; `LANDFALL_KILLS` says another number.
fn times() -> u32 {
    std::env::var("LANDFALL_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes; `cargo xtask faults`"]
async fn f21_two_hundred_killed_leaders_lose_and_double_nothing() {
    killed(times()).await;
}

/// The same in short, with every run of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_killed_leaders_lose_and_double_nothing() {
    killed(3).await;
}

async fn killed(times: u32) {
    let cluster = Cluster::start().await;
    let busy = Busy::start(30, Duration::from_millis(80));
    let running = busy.world.start().await.unwrap();
    let url = truth::url(&cluster);
    let mut replicas = [Replica::start(&busy.world, &url, "1s"), Replica::start(&busy.world, &url, "1s")];
    replicas[0].until_well().await;
    let mut worst = Duration::ZERO;
    for nth in 0..times {
        let mut leader = 0;
        let took = until(&replicas[0], "somebody leads", async || {
            leader = usize::from(replicas[1].leads().await);
            replicas[leader].leads().await
        })
        .await;
        worst = worst.max(if nth == 0 { Duration::ZERO } else { took });
        // Into a first list, into a step, into a commit, or after all of them.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..900))).await;
        replicas[leader].kill();
        replicas[leader].again();
        if nth % 20 == 19 {
            println!("{} killed", nth + 1);
        }
    }
    let (world, deployed) = busy.rest().await;
    until(&replicas[0], "somebody leads", async || replicas[0].leads().await || replicas[1].leads().await)
        .await;
    for replica in &replicas {
        replica.until_well().await;
        replica.until_written().await;
    }
    truth::log_is_true(&cluster, &deployed).await;
    truth::present_is_true(&cluster, &world).await;
    println!(
        "{} leaders killed, {} deployments, longest time without a leader {worst:?}",
        times,
        deployed.len()
    );
    for replica in &mut replicas {
        replica.stop().await;
    }
    running.shutdown().await;
}
