//! What the three APIs have in common: pages, answers that have not changed, writing.

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use landfall_model::observe::{Branch, BranchCommit, CommittedUpdate, PullCommit};
use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Failure, Listed, Listing, PAGES, decode};
use crate::source::http::{Answer, failure_of, link};

/// Cycles for which an answer is kept that nobody asked for again: details are asked for when they change.
const KEPT: u64 = 120;
/// The largest answer: a hundred pull requests are some two MiB.
pub const LARGEST: usize = 32 << 20;

/// The way to a forge, signed in as the configuration says.
pub trait Way: Send + Sync {
    /// Asks for a path below the API's root. `repository` is the one that it is about; empty: none.
    fn send(
        &self,
        repository: &str,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;

    /// Address of the API, with a slash at its end.
    fn root(&self) -> &Url;
}

impl<'a> Want<'a> {
    /// A list that stands by itself.
    pub const fn list(repository: &'a str, path: &'a str) -> Self {
        Self { repository, path, within: None }
    }
}

/// One API.
#[derive(Debug)]
pub struct Api<W> {
    pub way: W,
    known: Mutex<Known>,
}

/// Answers that may be the same the next time. Of each the reduced form is kept, not the text.
#[derive(Debug, Default)]
struct Known {
    by_path: HashMap<String, Entry>,
    cycle: u64,
}

#[derive(Debug, Clone)]
struct Entry {
    tag: HeaderValue,
    next: Option<String>,
    value: Arc<dyn Any + Send + Sync>,
    used: u64,
}

/// A page of a list.
pub struct Page<T> {
    pub items: Arc<decode::Items<T>>,
    pub next: Option<String>,
}

/// Which page of a list is read, and what is made of it.
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    pub repository: &'a str,
    pub path: &'a str,
    /// The name under which the list stands in its object.
    pub within: Option<&'static str>,
}

impl<W: Way> Api<W> {
    pub fn new(way: W) -> Self {
        Self { way, known: Mutex::default() }
    }

    /// One page. Unchanged ones are not sent again.
    pub async fn page<T>(&self, want: Want<'_>) -> Result<Page<T>, Failure>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let known = self.lock().by_path.get(want.path).cloned();
        let mut headers = HeaderMap::new();
        headers.extend(known.as_ref().map(|entry| (IF_NONE_MATCH, entry.tag.clone())));
        let answer = self.way.send(want.repository, Method::GET, want.path, headers, Bytes::new()).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            let items = known.as_ref().and_then(|entry| Arc::clone(&entry.value).downcast().ok());
            let (Some(entry), Some(items)) = (known, items) else {
                return Err(Failure::Broken("\"not changed\", of what was not asked so".into()));
            };
            self.keep(want.path, entry.clone());
            return Ok(Page { items, next: entry.next });
        }
        if !answer.status.is_success() {
            return Err(failure_of(answer.status.as_u16(), &answer.body));
        }
        let items = Arc::new(decode::list::<T>(&answer.body, want.within)?);
        let next = self.next(&answer.headers, want.path);
        if let Some(tag) = answer.headers.get(ETAG) {
            let value: Arc<dyn Any + Send + Sync> = Arc::clone(&items) as _;
            self.keep(want.path, Entry { tag: tag.clone(), next: next.clone(), value, used: 0 });
        }
        Ok(Page { items, next })
    }

    /// All pages, each given to `take` as it comes. Fails with what ended it; what was taken stays taken.
    pub async fn pages<T>(
        &self,
        want: Want<'_>,
        mut take: impl FnMut(&decode::Items<T>) + Send,
    ) -> Result<(), Failure>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let mut path = want.path.to_owned();
        for _ in 0..PAGES {
            let page = self.page::<T>(Want { path: &path, ..want }).await?;
            take(&page.items);
            match page.next {
                Some(next) if next == path => break,
                Some(next) => path = next,
                None => return Ok(()),
            }
        }
        Err(Failure::Broken(format!("its list does not end after {PAGES} pages")))
    }

    /// All pages of a list; what of it cannot be read is left out.
    pub async fn all<T>(&self, want: Want<'_>) -> Result<Vec<T>, Failure>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let mut all = Vec::new();
        self.pages::<T>(want, |items| all.extend(items.iter().flatten().cloned())).await?;
        Ok(all)
    }

    /// The first page of a list; what of it cannot be read is left out.
    pub async fn first<T>(&self, want: Want<'_>) -> Result<Vec<T>, Failure>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        Ok(self.page::<T>(want).await?.items.iter().flatten().cloned().collect())
    }

    /// A list of pull requests: all pages or one. Fails where not even the first came.
    pub async fn pulls<T>(
        &self,
        want: Want<'_>,
        whole: bool,
        read: fn(&T) -> Listing,
    ) -> Result<Listed, Failure>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let mut listed = Listed::default();
        let mut take = |items: &decode::Items<T>| {
            for item in items {
                match item {
                    Ok(pull) => listed.pulls.push(read(pull)),
                    Err(broken) => listed.broken.push(broken.clone()),
                }
            }
        };
        let ended = if whole {
            self.pages(want, &mut take).await
        } else {
            self.page(want).await.map(|page| take(&page.items))
        };
        match ended {
            Err(failure) if listed.pulls.is_empty() && listed.broken.is_empty() => Err(failure),
            Err(failure) => Ok(Listed { cut: Some(failure), ..listed }),
            Ok(()) => Ok(listed),
        }
    }

    /// The first page of a list that not everybody may read, or not every forge has.
    pub async fn maybe<T>(&self, want: Want<'_>) -> Result<Option<Vec<T>>, Failure>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        match self.first(want).await {
            Ok(found) => Ok(Some(found)),
            Err(Failure::NotFound(_) | Failure::Refused { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The newest commits of a branch; `None`: there is no such branch. `read` gives a commit with its whole message.
    pub async fn branch<T>(
        &self,
        want: Want<'_>,
        read: fn(&T) -> (PullCommit, String),
    ) -> Result<Option<Branch>, Failure>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let one = |(commit, message): (PullCommit, String)| BranchCommit {
            update: CommittedUpdate::read(&message),
            sha: commit.sha,
            title: commit.title,
            author: commit.author,
            at: commit.at,
        };
        match self.first::<T>(want).await {
            Ok(commits) => {
                let commits = commits.iter().take(Branch::COMMITS).map(|commit| one(read(commit)));
                Ok(Some(Branch { commits: commits.collect() }))
            }
            Err(Failure::NotFound(_)) => Ok(None),
            // A repository without any commit.
            Err(Failure::Refused { status: 409, .. }) => Ok(Some(Branch::default())),
            Err(failure) => Err(failure),
        }
    }

    /// One object; `None` for 404.
    pub async fn one<T: DeserializeOwned>(&self, repository: &str, path: &str) -> Result<Option<T>, Failure> {
        let answer = self.way.send(repository, Method::GET, path, HeaderMap::new(), Bytes::new()).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => decode::one(&answer.body).map(Some),
            status => Err(failure_of(status.as_u16(), &answer.body)),
        }
    }

    /// Writes an object, and reads what came of it; `None` for 404.
    pub async fn write<T: DeserializeOwned>(
        &self,
        repository: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Option<T>, Failure> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = Bytes::from(body.to_string());
        let answer = self.way.send(repository, method, path, headers, body).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_success() => decode::one(&answer.body).map(Some),
            status => Err(failure_of(status.as_u16(), &answer.body)),
        }
    }

    /// Writes a comment of an issue as GitHub takes it, and Gitea too: a new one, or in place of `id`; gives its id.
    pub async fn issue_comment(
        &self,
        path: &str,
        number: u64,
        id: Option<u64>,
        body: &str,
    ) -> Result<Option<u64>, Failure> {
        #[derive(Deserialize)]
        struct Written {
            id: u64,
        }
        let (method, to) = match id {
            Some(id) => (Method::PATCH, format!("repos/{path}/issues/comments/{id}")),
            None => (Method::POST, format!("repos/{path}/issues/{number}/comments")),
        };
        let written = self.write::<Written>(path, method, &to, &json!({"body": body})).await?;
        Ok(written.map(|comment| comment.id))
    }

    /// A cycle ends: what was not asked for in many is forgotten.
    pub fn settle(&self) {
        let mut known = self.lock();
        known.cycle += 1;
        let oldest = known.cycle.saturating_sub(KEPT);
        known.by_path.retain(|_, entry| entry.used >= oldest);
    }

    fn keep(&self, path: &str, entry: Entry) {
        let mut known = self.lock();
        let used = known.cycle;
        known.by_path.insert(path.to_owned(), Entry { used, ..entry });
    }

    /// The next page as a path below the root.
    fn next(&self, headers: &HeaderMap, path: &str) -> Option<String> {
        let root = self.way.root();
        let asked = root.join(path).ok()?;
        let next = link::next(headers, &asked, root.path())?;
        Some(next.as_str().strip_prefix(root.as_str())?.to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
