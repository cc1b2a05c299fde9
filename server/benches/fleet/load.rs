//! Viewers: at a fixed rate (what people feel), and as fast as answers come (what the server can do).

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};

use super::clients::Connection;

/// Viewers at once.
pub const VIEWERS: u32 = 200;
/// Requests a second of all of them: each looks at a page once a second.
const RATE: u32 = 200;

/// Times of answers in milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Latency {
    pub count: usize,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Latency {
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "an index within a list"
            )]
            let nth = ((all.len() as f64 * share).ceil() as usize).clamp(1, all.len().max(1)) - 1;
            all.get(nth).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
        };
        Self { count: all.len(), p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

/// What one kind of page did under load.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Load {
    /// At a fixed rate, counted from when each request was due.
    pub fixed: Latency,
    /// As fast as answers came, from 200 connections at once.
    pub full: Latency,
    pub full_per_s: f64,
    /// Answers that were not 200, or broken connections.
    pub failed: u64,
}

/// Both loads, `time` long each. `path` gives what the nth viewer looks at.
pub async fn load(address: SocketAddr, path: impl Fn(u32) -> String, time: Duration) -> anyhow::Result<Load> {
    let mut connections = Vec::new();
    for viewer in 0..VIEWERS {
        connections.push((Connection::open(address).await?, path(viewer)));
    }
    let begin = Instant::now() + Duration::from_millis(20);
    let mut viewers = JoinSet::new();
    for (nth, (mut connection, path)) in (0..).zip(connections) {
        viewers.spawn(async move {
            let (mut times, mut failed) = (Vec::new(), 0_u64);
            for round in 0.. {
                let due = begin + Duration::from_secs(1) * (round * VIEWERS + nth) / RATE;
                if due > begin + time {
                    break;
                }
                tokio::time::sleep_until(due).await;
                match connection.get(&path).await {
                    Ok(answer) if answer.status == 200 => times.push(due.elapsed()),
                    _ => failed += 1,
                }
            }
            (connection, path, times, failed)
        });
    }
    let (mut fixed, mut failed, mut connections) = (Vec::new(), 0, Vec::new());
    while let Some(viewer) = viewers.join_next().await {
        let (connection, path, times, broken) = viewer?;
        fixed.extend(times);
        failed += broken;
        connections.push((connection, path));
    }

    let stop = Arc::new(AtomicBool::new(false));
    let mut viewers = JoinSet::new();
    let begin = Instant::now();
    for (mut connection, path) in connections {
        let stop = Arc::clone(&stop);
        viewers.spawn(async move {
            let (mut times, mut failed) = (Vec::new(), 0_u64);
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                match connection.get(&path).await {
                    Ok(answer) if answer.status == 200 => times.push(asked.elapsed()),
                    _ => {
                        failed += 1;
                        break;
                    }
                }
            }
            (times, failed)
        });
    }
    tokio::time::sleep(time.min(Duration::from_secs(3))).await;
    stop.store(true, Ordering::Relaxed);
    let mut full = Vec::new();
    while let Some(viewer) = viewers.join_next().await {
        let (times, broken) = viewer?;
        full.extend(times);
        failed += broken;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
    let full_per_s = full.len() as f64 / begin.elapsed().as_secs_f64();
    Ok(Load { fixed: Latency::of(fixed), full: Latency::of(full), full_per_s, failed })
}
