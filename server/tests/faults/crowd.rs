//! F7, F17, F18: very many changes, readers that stop reading, everybody at once.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use landfall_sandbox::{Big, Churn, Clock, World};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    cluster::Cluster,
    measured,
    replica::{Replica, until},
    truth,
};

/// An open event stream from one of several loopback addresses: an address has 512 of them at most.
async fn tab(address: SocketAddr, nth: u8, receive: Option<u32>) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = receive {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind((Ipv4Addr::new(127, 0, 0, 1 + nth % 4), 0).into())?;
    let mut stream = socket.connect(address).await?;
    let ask = format!("GET /events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    Ok(stream)
}

/// Reads until the stream said something.
async fn hear(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut text = String::new();
    let mut some = [0; 4096];
    while !text.contains("\n\n") {
        match stream.read(&mut some).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => text.push_str(&String::from_utf8_lossy(&some[..n])),
        }
    }
    Ok(text)
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

struct Setting {
    cluster: Cluster,
    world: World,
    running: landfall_sandbox::Running,
    replica: Replica,
}

async fn setting(apps: u32) -> Setting {
    let cluster = Cluster::start().await;
    let world = World::big(Big { apps, pods: apps * 5, ..Big::default() }, Clock::real());
    let running = world.start().await.unwrap();
    let replica = Replica::start(&world, &truth::url(&cluster), "5s");
    until(&replica, "it leads", async || replica.leads().await).await;
    replica.until_well().await;
    replica.until_written().await;
    Setting { cluster, world, running, replica }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute and more; `cargo xtask faults`"]
async fn f7_two_hundred_changes_a_second_reach_the_tabs() {
    let mut all = setting(1_000).await;
    let mut listener = tab(all.replica.address, 0, None).await.unwrap();
    hear(&mut listener).await.unwrap();
    // What a busy fleet holds is more than what a resting one does: measured once it is warm.
    all.world.churn(Churn { refreshes_per_s: 55, changes_per_s: 200 });
    tokio::time::sleep(Duration::from_secs(15)).await;
    let memory = all.replica.memory();
    let prod = all.world.cluster("prod");
    let mut waits = Vec::new();
    for nth in 0..30 {
        // Not hit by the churn: its name is in no other message.
        let name = format!("marker-{nth}");
        let app = prod.get("applications", "argocd", "service-00001").unwrap();
        let text = app.to_string().replace("service-00001", &name);
        let mut app: serde_json::Value = serde_json::from_str(&text).unwrap();
        app["metadata"]["uid"] = format!("00000000-0000-4000-8000-{nth:012}").into();
        let begun = Instant::now();
        prod.apply(app).unwrap();
        let heard = async {
            loop {
                let message = hear(&mut listener).await.unwrap();
                // "Load what you show again" tells of everything.
                if message.contains(&name) || message.contains("\"more\":true") {
                    return begun.elapsed();
                }
            }
        };
        waits.push(timeout(Duration::from_secs(30), heard).await.expect("told"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    waits.sort_unstable();
    let after = all.replica.memory();
    measured(
        "F7",
        &format!(
            "200 changes a second for 45 s: change to message at worst {:.1?} of 30; memory {} -> {}",
            waits[29],
            mib(memory),
            mib(after)
        ),
    );
    assert!(waits[29] <= Duration::from_secs(2), "{waits:?}");
    assert!(after <= memory + memory / 5, "memory grew from {memory} to {after}");
    all.world.churn(Churn::default());
    all.replica.until_written().await;
    truth::log_is_true(&all.cluster, &[]).await;
    all.replica.stop().await;
    all.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute and more; `cargo xtask faults`"]
async fn f17_readers_that_stop_reading_hold_nothing_back() {
    let mut all = setting(200).await;
    let mut reader = tab(all.replica.address, 0, None).await.unwrap();
    hear(&mut reader).await.unwrap();
    let before = all.replica.memory();
    let mut stalled = Vec::new();
    for nth in 0..500_u32 {
        stalled.push(tab(all.replica.address, u8::try_from(nth % 4).unwrap(), Some(4_096)).await.unwrap());
    }
    all.world.churn(Churn { refreshes_per_s: 0, changes_per_s: 200 });
    let (end, mut messages) = (Instant::now() + Duration::from_secs(30), 0);
    while Instant::now() < end {
        timeout(Duration::from_secs(3), hear(&mut reader))
            .await
            .expect("the reader who reads is told")
            .unwrap();
        messages += 1;
    }
    all.world.churn(Churn::default());
    let during = all.replica.memory();
    drop(stalled);
    drop(reader);
    until(&all.replica, "the places are free again", async || {
        // A closed tab is noticed at the next word to it, at the latest with the next sign of life.
        all.replica.metric("landfall_event_streams").await == Some(0.0)
    })
    .await;
    let after = all.replica.memory();
    let (before_is, during_is, after_is) = (mib(before), mib(during), mib(after));
    measured(
        "F17",
        &format!(
            "500 readers stalled for 30 s, the one who reads got {messages} messages; memory {before_is} -> \
             {during_is} -> {after_is}"
        ),
    );
    assert!(during <= before + (48 << 20), "memory grew from {before} to {during}");
    all.replica.stop().await;
    all.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute and more; `cargo xtask faults`"]
async fn f18_a_thousand_tabs_come_back_after_a_kill() {
    let mut all = setting(200).await;
    let address = all.replica.address;
    let begin = Arc::new(tokio::sync::Notify::new());
    let mut tabs = JoinSet::new();
    for nth in 0..1_000_u32 {
        let begin = Arc::clone(&begin);
        let mut stream = tab(address, u8::try_from(nth % 4).unwrap(), None).await.unwrap();
        tabs.spawn(async move {
            let told = hear(&mut stream).await.unwrap();
            let retry: u64 = told
                .lines()
                .find_map(|line| line.trim().strip_prefix("retry: ")?.parse().ok())
                .expect("how long to wait before coming back");
            // Until it is cut off.
            while hear(&mut stream).await.is_ok() {}
            begin.notified().await;
            let begun = Instant::now();
            loop {
                tokio::time::sleep(Duration::from_millis(retry)).await;
                if let Ok(mut stream) = tab(address, u8::try_from(nth % 4).unwrap(), None).await
                    && let Ok(Ok(text)) = timeout(Duration::from_secs(5), hear(&mut stream)).await
                    && text.contains("200 OK")
                {
                    return (begun.elapsed(), stream);
                }
            }
        });
    }
    until(&all.replica, "all tabs are open", async || {
        all.replica.metric("landfall_event_streams").await == Some(1_000.0)
    })
    .await;
    all.world.reset_counters();
    all.replica.kill();
    all.replica.again();
    tokio::time::sleep(Duration::from_millis(200)).await;
    begin.notify_waiters();
    let mut pages = Vec::new();
    let mut back = Vec::new();
    let end = Instant::now() + Duration::from_secs(60);
    while back.len() < 1_000 {
        assert!(Instant::now() < end, "{} are back; log:\n{}", back.len(), all.replica.tail());
        tokio::select! {
            one = tabs.join_next() => back.push(one.unwrap().unwrap()),
            () = tokio::time::sleep(Duration::from_millis(25)) => {
                let asked = Instant::now();
                if all.replica.get("/").await.is_some_and(|(status, _)| status == 200) {
                    pages.push(asked.elapsed());
                }
            }
        }
    }
    let last = back.iter().map(|(time, _)| *time).max().unwrap();
    pages.sort_unstable();
    let p99 = pages[(pages.len() * 99 / 100).min(pages.len() - 1)];
    until(&all.replica, "it leads again", async || all.replica.leads().await).await;
    all.replica.until_well().await;
    let counters = all.world.counters();
    let most = counters.requests.iter().map(|row| counters.lists("", &row.resource)).max().unwrap_or(0);
    measured(
        "F18",
        &format!(
            "1,000 tabs back after {last:.1?}; {} pages meanwhile, p99 {p99:.0?}; {most} LIST per kind",
            pages.len()
        ),
    );
    assert!(last <= Duration::from_secs(15), "{last:?}");
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
    assert!(most <= 1, "{most} LISTs of a kind");
    drop(back);
    all.replica.stop().await;
    all.running.shutdown().await;
}
