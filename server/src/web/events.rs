//! `GET /events`: one stream per tab that says which revision is the newest and what changed since the last word.
//!
//! ```text
//! id: 4712
//! event: revision
//! data: {"revision":4712,"changed":["service/control-panel"],"more":false}
//! ```
//!
//! A stream holds no queue: it remembers the revision it last told, and when it may write again it gathers what
//! happened since then from a ring of recent steps. A slow reader gets fewer, bigger messages; one that missed more
//! than the ring holds gets `"more":true`: *load what you show again*.

use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::Stream;
use landfall_model::Text;
use serde::Serialize;
use tokio::sync::watch;

use super::{
    AppState, Problem,
    listen::{OfIp, PerIp},
    respond,
};

/// One change of meaning, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionEvent {
    /// The snapshot's revision after the change.
    pub revision: u64,
    /// `service/NAME`, `source/NAME`.
    pub changed: Vec<Text>,
}

/// Steps that a returning tab can catch up on, and ids that one message holds.
const STEPS: usize = 1_024;
const IDS: usize = 500;

/// Recent steps, and the word that there is a new one.
pub struct Events {
    ring: Mutex<Ring>,
    newest: watch::Sender<u64>,
    open: Arc<PerIp>,
    total: Arc<PerIp>,
}

#[derive(Default)]
struct Ring {
    steps: VecDeque<RevisionEvent>,
    /// Revision before the oldest step: a tab that has this one or a later one can catch up.
    from: u64,
}

/// What a stream says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    pub revision: u64,
    pub changed: Vec<Text>,
    /// More changed than is listed: load again what is shown.
    pub more: bool,
}

impl Events {
    /// Starts at the revision that is shown at present.
    pub fn new(revision: u64) -> Arc<Self> {
        let (newest, _) = watch::channel(revision);
        let ring = Mutex::new(Ring { steps: VecDeque::new(), from: revision });
        Arc::new(Self { ring, newest, open: Arc::default(), total: Arc::default() })
    }

    /// Tells all streams. Call it after the snapshot with this revision was published, so that who asks at once sees it.
    pub fn publish(&self, event: RevisionEvent) {
        let revision = event.revision;
        {
            let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            if event.revision <= self.newest() {
                // A new leader may count anew: nobody can catch up across that.
                ring.steps.clear();
                ring.from = event.revision;
            }
            ring.steps.push_back(event);
            while ring.steps.len() > STEPS {
                if let Some(oldest) = ring.steps.pop_front() {
                    ring.from = oldest.revision;
                }
            }
        }
        self.newest.send_replace(revision);
    }

    /// The newest revision.
    pub fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    /// What happened after `seen`; `None` if nothing did.
    pub fn since(&self, seen: u64) -> Option<Message> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = self.newest();
        if seen == revision {
            return None;
        }
        if seen < ring.from || seen > revision {
            return Some(Message { revision, changed: Vec::new(), more: true });
        }
        // The newest stand last, and mostly one of them is news.
        let news = ring.steps.iter().rev().take_while(|step| step.revision > seen);
        let changed: BTreeSet<&Text> = news.flat_map(|step| &step.changed).collect();
        let more = changed.len() > IDS;
        Some(Message { revision, changed: changed.into_iter().take(IDS).cloned().collect(), more })
    }
}

/// The handler.
pub async fn events(
    State(state): State<AppState>,
    connect: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let ip =
        connect.map_or(std::net::Ipv4Addr::LOCALHOST.into(), |axum::Extension(ConnectInfo(peer))| peer.ip());
    let events = &state.events;
    let places = (
        events.open.enter(ip.to_canonical(), state.settings.streams_per_ip),
        events.total.enter(std::net::Ipv4Addr::UNSPECIFIED.into(), state.settings.streams),
    );
    let (Some(mine), Some(place)) = places else {
        let problem = Problem::too_many("Too many open tabs listen from here; close one.", 30);
        return respond::problem(&state, &uri, &headers, &problem);
    };
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let stream = stream(&state, resumed, [mine, place]);
    let keep_alive = KeepAlive::new().interval(state.settings.keep_alive);
    let mut response = Sse::new(stream).keep_alive(keep_alive).into_response();
    // Proxies that gather bytes would hold the news back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

struct Open {
    state: AppState,
    newest: watch::Receiver<u64>,
    seen: u64,
    /// The first message is still to be sent.
    first: bool,
    _places: [OfIp; 2],
    _counted: super::metrics::Counted,
}

fn stream(
    state: &AppState,
    resumed: Option<u64>,
    places: [OfIp; 2],
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let open = Open {
        newest: state.events.newest.subscribe(),
        seen: resumed.unwrap_or_else(|| state.events.newest()),
        first: true,
        _places: places,
        _counted: state.metrics.stream(),
        state: state.clone(),
    };
    futures::stream::unfold(open, |mut open| async move {
        if std::mem::take(&mut open.first) {
            // A restart lets all tabs come back: not all in the same second.
            let retry = Duration::from_millis(fastrand::u64(1_000..5_000));
            let message = open.state.events.since(open.seen).unwrap_or_else(|| Message {
                revision: open.seen,
                changed: Vec::new(),
                more: false,
            });
            open.seen = message.revision;
            return Some((Ok(event(&message).retry(retry)), open));
        }
        let shutdown = open.state.shutdown.clone();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return None,
                changed = open.newest.changed() => changed.ok()?,
            }
            if let Some(message) = open.state.events.since(open.seen) {
                open.seen = message.revision;
                return Some((Ok(event(&message)), open));
            }
        }
    })
}

fn event(message: &Message) -> Event {
    let data = serde_json::to_string(message).unwrap_or_default();
    Event::default().event("revision").id(message.revision.to_string()).data(data)
}
