//! Rendered pages, kept as compressed bytes: a page costs less to keep than to compress again.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tokio::sync::OnceCell;

use super::{
    AppState, Problem,
    respond::{self, Encoding},
};

/// What makes a page what it is. Everything that the rendering looks at must be in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageKey {
    /// Path and canonical query string.
    pub href: String,
    /// Language, theme, zone and whatever else the reader chose, in one text.
    pub look: String,
    /// Revision of the snapshot, and a number for what changes without it (states of sources).
    pub revision: u64,
    /// Ages are shown to the minute: minutes since 1970.
    pub minute: i64,
}

/// A page as it was rendered.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub status: StatusCode,
    pub html: String,
}

impl From<String> for Rendered {
    fn from(html: String) -> Self {
        Self { status: StatusCode::OK, html }
    }
}

/// What is kept of an answer.
#[derive(Debug)]
pub struct Made {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub tag: String,
    pub body: Bytes,
    /// `Link`.
    pub link: Option<HeaderValue>,
}

impl From<Rendered> for Made {
    fn from(Rendered { status, html }: Rendered) -> Self {
        Self {
            status,
            content_type: "text/html; charset=utf-8",
            tag: respond::tag_of([html.as_bytes()]),
            body: html.into(),
            link: None,
        }
    }
}

/// It as it is sent: the body is packed.
#[derive(Debug, Clone)]
struct Stored(Arc<Made>, Encoding);

type Key = (PageKey, Encoding);

/// The least recently used go first when there are too many bytes.
pub struct PageCache {
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Arc<Key>, Entry>,
    by_use: BTreeMap<u64, Arc<Key>>,
    uses: u64,
    bytes: usize,
}

struct Entry {
    cell: Arc<OnceCell<Stored>>,
    used: u64,
    /// Zero while it is being rendered.
    bytes: usize,
}

/// What an entry costs beside its body.
const OVERHEAD: usize = 512;

impl PageCache {
    pub fn new(limit: usize) -> Self {
        Self { limit, entries: Mutex::default() }
    }

    /// Bytes and pages that are kept.
    pub fn size(&self) -> (usize, usize) {
        let entries = self.entries();
        (entries.bytes, entries.by_key.len())
    }

    /// Lets go of what can no longer be asked for: pages of an earlier `minute`.
    pub fn tidy(&self, minute: i64) {
        let mut entries = self.entries();
        let entries = &mut *entries;
        entries.by_key.retain(|key, entry| {
            // What is being rendered stays.
            let keep = key.0.minute >= minute || entry.bytes == 0;
            if !keep {
                entries.by_use.remove(&entry.used);
                entries.bytes -= entry.bytes;
            }
            keep
        });
        entries.by_key.shrink_to(64);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cell(&self, key: &Arc<Key>) -> Arc<OnceCell<Stored>> {
        let mut entries = self.entries();
        let entries = &mut *entries;
        entries.uses += 1;
        let used = entries.uses;
        let entry = entries.by_key.entry(Arc::clone(key)).or_insert_with(|| Entry {
            cell: Arc::default(),
            used,
            bytes: 0,
        });
        entries.by_use.remove(&entry.used);
        entry.used = used;
        entries.by_use.insert(used, Arc::clone(key));
        Arc::clone(&entry.cell)
    }

    /// Counts a page that was rendered, and lets go what is too much.
    fn settle(&self, key: &Arc<Key>, cell: &Arc<OnceCell<Stored>>) {
        let mut entries = self.entries();
        let entries = &mut *entries;
        let Some(stored) = cell.get() else {
            // It failed: nothing to keep. Another request may be trying again with the same cell.
            if Arc::strong_count(cell) <= 2
                && let Some(entry) = entries.by_key.remove(key)
            {
                entries.by_use.remove(&entry.used);
            }
            return;
        };
        if let Some(entry) = entries.by_key.get_mut(key).filter(|entry| entry.bytes == 0) {
            entry.bytes = stored.0.body.len() + key.0.href.len() + key.0.look.len() + OVERHEAD;
            entries.bytes += entry.bytes;
        }
        while entries.bytes > self.limit {
            let Some((_, oldest)) = entries.by_use.pop_first() else { break };
            if let Some(entry) = entries.by_key.remove(&oldest) {
                entries.bytes -= entry.bytes;
            }
        }
    }
}

/// The page under this key, rendered once however many ask for it at the same time. An error is not kept.
pub async fn cached_page<F, M>(
    state: &AppState,
    headers: &HeaderMap,
    key: PageKey,
    render: impl FnOnce() -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<M, Problem>>,
    M: Into<Made>,
{
    let encoding = Encoding::of(headers);
    let key = Arc::new((key, encoding));
    let cell = state.cache.cell(&key);
    let mut hit = true;
    let result: Result<Stored, Problem> = cell
        .get_or_try_init(|| async {
            hit = false;
            let mut made: Made = render().await?.into();
            let (encoding, body) = encoding.pack(made.body);
            made.body = body;
            Ok(Stored(Arc::new(made), encoding))
        })
        .await
        .cloned();
    if !hit {
        state.cache.settle(&key, &cell);
    }
    state.metrics.page(hit);
    let Stored(made, encoding) = result?;
    if made.status == StatusCode::OK && respond::has(headers, &made.tag) {
        return Ok(respond::tagged(StatusCode::NOT_MODIFIED, &made.tag, axum::body::Body::empty()));
    }
    let mut response = respond::packed(&made.tag, made.content_type, encoding, made.body.clone());
    *response.status_mut() = made.status;
    if let Some(link) = &made.link {
        response.headers_mut().insert(header::LINK, link.clone());
    }
    Ok(response)
}
