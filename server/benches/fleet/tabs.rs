//! Open tabs: how long a change takes from the API server to all of them.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use landfall_sandbox::Cluster;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::{clients::Connection, load::Latency};

/// Open tabs, and changes a second.
pub const TABS: usize = 200;
const CHANGES_PER_S: u32 = 20;
/// After the last change.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was seen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Seen {
    pub changes: usize,
    /// From the change in the API server to the message in each tab.
    pub message: Latency,
    /// To the new board, loaded by a tab that asks for it at each message.
    pub page: Latency,
    /// Changes that some tab was never told of.
    pub untold: usize,
    /// Messages that each tab got, on average.
    pub messages_per_tab: usize,
}

#[derive(Deserialize)]
struct Message {
    changed: Vec<String>,
    more: bool,
}

/// When each Application was changed.
type Moments = Arc<Mutex<Vec<Option<Instant>>>>;

fn lock(moments: &Moments) -> std::sync::MutexGuard<'_, Vec<Option<Instant>>> {
    moments.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the tabs and changes one Application after the other for so long.
pub async fn watch(address: SocketAddr, prod: &Cluster, apps: u32, time: Duration) -> anyhow::Result<Seen> {
    let moments: Moments = Arc::default();
    lock(&moments).resize(apps as usize, None);
    let stop = Instant::now() + Duration::from_millis(500) + time + PATIENCE;
    let mut tabs = JoinSet::new();
    for nth in 0..TABS {
        let tab = Tab::open(address).await?;
        let page = if nth == 0 { Some(Connection::open(address).await?) } else { None };
        tabs.spawn(tab.watch(Arc::clone(&moments), page, stop));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begin = Instant::now();
    let all = u32::try_from(time.as_secs()).unwrap_or(0) * CHANGES_PER_S;
    let changes = all.min(apps);
    for nth in 0..changes {
        tokio::time::sleep_until(begin + Duration::from_secs(1) * nth / CHANGES_PER_S).await;
        let app = u64::from(nth) * u64::from(apps) / u64::from(changes);
        let name = format!("service-{app:05}");
        lock(&moments)[usize::try_from(app)?] = Some(Instant::now());
        prod.modify("applications", "argocd", &name, |app| {
            let synced = app["status"]["sync"]["status"] == "Synced";
            app["status"]["sync"]["status"] = json!(if synced { "OutOfSync" } else { "Synced" });
        })
        .with_context(|| format!("the world has no {name}"))??;
    }
    let (mut message, mut page, mut untold, mut messages) = (Vec::new(), Vec::new(), 0, 0);
    while let Some(tab) = tabs.join_next().await {
        let told = tab??;
        untold += (changes as usize).saturating_sub(told.message.len());
        messages += told.messages;
        message.extend(told.message);
        page.extend(told.page);
    }
    Ok(Seen {
        changes: changes as usize,
        message: Latency::of(message),
        page: Latency::of(page),
        untold,
        messages_per_tab: messages / TABS,
    })
}

struct Tab {
    stream: TcpStream,
    text: Vec<u8>,
}

#[derive(Default)]
struct Told {
    message: Vec<Duration>,
    page: Vec<Duration>,
    messages: usize,
}

impl Tab {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let ask = format!("GET /events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        Ok(Self { stream, text: Vec::new() })
    }

    async fn watch(
        mut self,
        moments: Moments,
        mut page: Option<Connection>,
        stop: Instant,
    ) -> anyhow::Result<Told> {
        let mut told = Told::default();
        let mut open: Vec<bool> = vec![true; lock(&moments).len()];
        while let Ok(read) = timeout_at(stop, self.stream.read_buf(&mut self.text)).await {
            anyhow::ensure!(read? > 0, "an event stream ended");
            let came = Instant::now();
            let mut news = Vec::new();
            while let Some(end) = self.text.windows(2).position(|two| two == b"\n\n") {
                let text = String::from_utf8_lossy(&self.text[..end]).into_owned();
                self.text.drain(..end + 2);
                // A chunk's size stands before the event: the JSON begins at its brace.
                let Some((_, data)) = text.split_once("data: ") else { continue };
                let Ok(message) = serde_json::from_str::<Message>(data.trim_end()) else { continue };
                told.messages += 1;
                let moments = lock(&moments);
                let mut see = |app: usize| {
                    if let Some(changed) = moments.get(app).copied().flatten()
                        && std::mem::take(&mut open[app])
                    {
                        told.message.push(came - changed);
                        news.push(changed);
                    }
                };
                if message.more {
                    // "Load what you show again": everything is told by that.
                    (0..moments.len()).for_each(&mut see);
                }
                for id in &message.changed {
                    if let Some(app) = id.strip_prefix("service/service-").and_then(|n| n.parse().ok()) {
                        see(app);
                    }
                }
            }
            if let Some(page) = page.as_mut().filter(|_| !news.is_empty()) {
                anyhow::ensure!(page.get("/").await?.status == 200, "the board was refused");
                told.page.extend(news.into_iter().map(|changed| changed.elapsed()));
            }
        }
        Ok(told)
    }
}
