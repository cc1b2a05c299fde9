//! One cycle: every repository once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use futures::{StreamExt as _, stream};
use landfall_model::image::SeenBy;
use tokio::time::Instant;

use super::{
    Fenced, Polling,
    tag::may_move,
    wanted::{Use, Wanted},
};
use crate::{
    clock,
    config::Registry,
    hook::{Asks, Wish},
    source::{
        registry::{Client, Described, Failure, Raw, Whole},
        report::{End, Reporter},
    },
    store::{Look, Looked, Matters, StoreError},
};

/// Requests to one registry at a time.
const PARALLEL: usize = 4;
/// Tags never seen that one repository keeps in mind within a cycle; the others wait for the next.
const KEPT: usize = 500;
/// Tags and digests of one repository that are looked at before the next one's.
const TURN: usize = 20;
/// Platforms of an index that are read.
const PLATFORMS: usize = 16;
/// Manifests that are kept between the look at a tag and the reading of its digest.
const MANIFESTS: usize = 64;

/// Why a cycle goes no further.
enum Stop {
    Fenced,
    /// The registry is in trouble, or wants to be left alone.
    Host(Failure),
    /// The database is away: what would be seen could not be kept.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Fenced) { Self::Fenced } else { Self::Store(error) }
    }
}

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Tag,
    Repository,
    Host,
}

impl Reach {
    const fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Blocked { .. } | Failure::Credentials(_) => Self::Host,
            Failure::Refused { .. } => Self::Repository,
            _ if failure.is_of_host() => Self::Host,
            _ => Self::Tag,
        }
    }
}

/// One cycle.
pub struct Cycle<'a> {
    polling: &'a Polling,
    client: &'a Client,
    registry: &'a Registry,
    reporter: &'a mut Reporter,
    told: &'a mut HashMap<String, u64>,
    wanted: &'a Wanted,
    /// What the registry said was pushed: looked at before anything else, whatever the cycle is at.
    asks: &'a Asks,
    seen_by: SeenBy,
    /// Repositories in which something began that the registry may tell the time of.
    begun: BTreeSet<&'a str>,
    /// Where tags were seen to point in this cycle.
    pointed: BTreeMap<&'a str, BTreeMap<String, String>>,
    /// Those of them that are not written yet.
    fresh: BTreeMap<&'a str, BTreeMap<String, String>>,
    /// Repositories that failed in this cycle: they are asked no further.
    failed: BTreeMap<&'a str, Failure>,
    /// Those of which some tag failed: the others are looked at.
    flawed: BTreeMap<&'a str, Failure>,
    /// Those whose list holds more than this cycle can look at.
    behind: BTreeSet<&'a str>,
    /// Manifests that came with the answer to where a tag points, by digest.
    manifests: BTreeMap<String, Raw>,
}

impl<'a> Cycle<'a> {
    pub fn new(
        polling: &'a Polling,
        client: &'a Client,
        registry: &'a Registry,
        reporter: &'a mut Reporter,
        told: &'a mut HashMap<String, u64>,
        wanted: &'a Wanted,
        asks: &'a Asks,
    ) -> Self {
        Self {
            polling,
            client,
            registry,
            reporter,
            told,
            wanted,
            asks,
            seen_by: SeenBy::Poll,
            begun: BTreeSet::new(),
            pointed: BTreeMap::new(),
            fresh: BTreeMap::new(),
            failed: BTreeMap::new(),
            flawed: BTreeMap::new(),
            behind: BTreeSet::new(),
            manifests: BTreeMap::new(),
        }
    }

    /// Runs it, and reports how it ended.
    pub async fn run(mut self) -> Result<(), Fenced> {
        let ended = self.all().await;
        let mut end = End {
            repositories: self.wanted.len() as u64,
            objects: self.wanted.len() as u64,
            unreadable: self.failed.len() as u64,
            refused: self.failed.values().filter(|f| matches!(f, Failure::Refused { .. })).count() as u64,
            first: self.failed.values().chain(self.flawed.values()).next().map(Failure::said),
            broke_off: None,
        };
        match ended {
            Ok(()) => {}
            Err(Stop::Fenced) => return Err(Fenced),
            Err(Stop::Host(failure)) => {
                tracing::debug!(registry = self.registry.host, %failure, "the look at it broke off");
                end.broke_off = Some(failure);
            }
            // The registry is well; pages say elsewhere that nothing is kept.
            Err(Stop::Store(error)) => {
                tracing::warn!(registry = self.registry.host, %error, "what it says cannot be kept");
            }
        }
        self.reporter.ended(&end, self.client.budget()).await;
        Ok(())
    }

    /// Looks at what was asked for and at nothing else. False where that could not be done: it is still asked for.
    pub async fn run_asked(mut self) -> Result<bool, Fenced> {
        let ended = self.asked().await;
        self.reporter.goes_on(self.client.budget()).await;
        match ended {
            Ok(()) => Ok(true),
            Err(Stop::Fenced) => Err(Fenced),
            // How the registry is doing is for the regular look to say.
            Err(Stop::Host(failure)) => {
                tracing::info!(registry = self.registry.host, %failure, "what was pushed cannot be looked at yet");
                Ok(false)
            }
            Err(Stop::Store(error)) => {
                tracing::warn!(registry = self.registry.host, %error, "what was pushed cannot be kept yet");
                Ok(false)
            }
        }
    }

    /// Looks at what was asked for. After a failure the rest is still asked for.
    async fn asked(&mut self) -> Result<(), Stop> {
        let mut waiting = self.asks.take().into_iter();
        while let Some(((host, path), wish)) = waiting.next() {
            // A webhook does not decide what is looked at.
            let Some((path, _)) = self.wanted.get_key_value(&path) else {
                self.polling.hooks.asked("unknown");
                continue;
            };
            let looked = self.at(path, &wish).await;
            self.seen_by = SeenBy::Poll;
            if let Err(stop) = looked {
                for ((host, path), wish) in std::iter::once(((host, path.clone()), wish)).chain(waiting) {
                    self.asks.add(&host, &path, wish.late());
                }
                return Err(stop);
            }
            self.polling.hooks.asked("looked");
        }
        Ok(())
    }

    /// What one repository was said to have got: the tags that were named first.
    async fn at(&mut self, path: &'a str, wish: &Wish) -> Result<(), Stop> {
        if !wish.tags.is_empty() {
            // Only of these, and only soon after the word came, is it known that they were pushed just now.
            self.seen_by = if wish.late { SeenBy::Poll } else { SeenBy::Webhook };
            self.point(path, wish.tags.iter().cloned()).await?;
            self.record(path, None).await?;
            self.seen_by = SeenBy::Poll;
        }
        if wish.list
            && let Some(mut unseen) = self.list(path).await?
        {
            let turn: Vec<String> = unseen.drain(..unseen.len().min(TURN)).collect();
            self.point(path, turn).await?;
            self.record(path, None).await?;
        }
        if !self.failed.contains_key(path) {
            let limit = u32::try_from(TURN).unwrap_or(u32::MAX);
            let undescribed = self.polling.store.undescribed(&self.name(path), limit).await?;
            self.describe(path, undescribed).await?;
            self.times(path).await?;
        }
        self.tell(path).await
    }

    async fn all(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        if self.wanted.is_empty() {
            self.client.ping().await.map_err(Stop::Host)?;
            self.reporter.answered();
            return Ok(());
        }
        for (path, of) in self.wanted {
            self.asked().await?;
            self.in_use(path, of).await?;
        }
        let mut unseen = Vec::new();
        for path in self.wanted.keys() {
            self.asked().await?;
            if let Some(tags) = self.list(path).await? {
                unseen.push((path.as_str(), tags));
            }
        }
        // The rest takes what time is left, and some in any case: a busy fleet must come to its end as well.
        let half = self.registry.interval / 2;
        let until = (began + self.registry.interval).max(Instant::now() + half);
        self.rest(unseen, until).await
    }

    /// Where the tags that are in use point, and what is behind what runs.
    async fn in_use(&mut self, path: &'a str, of: &Use) -> Result<(), Stop> {
        if !of.tags.is_empty() {
            self.point(path, of.tags.iter().cloned()).await?;
            self.record(path, None).await?;
        }
        let digests: Vec<String> = of.digests.iter().cloned().collect();
        if !digests.is_empty() && !self.failed.contains_key(path) {
            let unknown = self.polling.store.unknown_digests(&digests).await?;
            self.describe(path, unknown).await?;
        }
        Ok(())
    }

    /// Reads the list of a repository, and looks at the tags that may have moved. Gives those never seen, the likely
    /// newest first.
    async fn list(&mut self, path: &'a str) -> Result<Option<VecDeque<String>>, Stop> {
        if self.failed.contains_key(path) {
            return Ok(None);
        }
        let list = match self.client.tags(path).await {
            Ok(list) => list,
            Err(failure) => {
                self.fail(path, failure)?;
                self.record(path, None).await?;
                self.tell(path).await?;
                return Ok(None);
            }
        };
        self.reporter.answered();
        let name = self.name(path);
        let store = &self.polling.store;
        let restless: BTreeSet<String> = store.restless_tags(&name).await?.into_iter().collect();
        let tags: Vec<String> = list.tags.iter().cloned().collect();
        let unseen: BTreeSet<String> = store.unseen_tags(&name, &tags).await?.into_iter().collect();
        let known = self.pointed.get(path);
        let look_again: Vec<String> = tags
            .iter()
            .filter(|tag| !unseen.contains(*tag) && (may_move(tag) || restless.contains(*tag)))
            .filter(|tag| known.is_none_or(|known| !known.contains_key(*tag)))
            .cloned()
            .collect();
        self.point(path, look_again).await?;
        let mut whole = None;
        match list.whole {
            Whole::Yes => {
                // A list may be behind: what was seen to point somewhere in this cycle is there.
                let seen = self.pointed.get(path).into_iter().flat_map(BTreeMap::keys).cloned();
                whole = Some(list.tags.into_iter().chain(seen).collect::<BTreeSet<_>>());
            }
            Whole::No(failure) => self.fail(path, failure)?,
        }
        let is_whole = whole.is_some();
        self.record(path, whole).await?;
        if is_whole && unseen.is_empty() {
            self.settle(path).await?;
        }
        self.times(path).await?;
        self.tell(path).await?;
        self.reporter.goes_on(self.client.budget()).await;
        if unseen.len() > KEPT || !is_whole {
            self.behind.insert(path);
        }
        let seen = self.pointed.get(path);
        let unseen = unseen.into_iter().rev().filter(|tag| seen.is_none_or(|seen| !seen.contains_key(tag)));
        Ok(Some(unseen.take(KEPT).collect()))
    }

    /// Tags never seen and digests never read: a few of each repository in turn, the fewest first, so that what was
    /// pushed just now does not wait behind the past of others.
    async fn rest(
        &mut self,
        mut unseen: Vec<(&'a str, VecDeque<String>)>,
        until: Instant,
    ) -> Result<(), Stop> {
        unseen.sort_by_key(|(_, tags)| tags.len());
        let mut queue: VecDeque<_> = unseen.into();
        while let Some((path, mut tags)) = queue.pop_front() {
            self.asked().await?;
            if Instant::now() >= until || self.failed.contains_key(path) {
                continue;
            }
            let turn: Vec<String> = tags.drain(..tags.len().min(TURN)).collect();
            let is_new = !turn.is_empty();
            if is_new {
                self.point(path, turn).await?;
                self.record(path, None).await?;
            }
            let limit = u32::try_from(TURN).unwrap_or(u32::MAX);
            let undescribed = self.polling.store.undescribed(&self.name(path), limit).await?;
            let more = undescribed.len() == TURN;
            let is_news = is_new || !undescribed.is_empty();
            self.describe(path, undescribed).await?;
            // Once for all of them: one answer tells of a hundred.
            if tags.is_empty() {
                self.times(path).await?;
            }
            if is_new && tags.is_empty() && !self.behind.contains(path) && !self.failed.contains_key(path) {
                self.settle(path).await?;
            }
            if is_news {
                self.tell(path).await?;
            }
            self.reporter.goes_on(self.client.budget()).await;
            if more || !tags.is_empty() {
                queue.push_back((path, tags));
            }
        }
        Ok(())
    }

    /// Asks where tags point. What was seen before a failure counts.
    async fn point(&mut self, path: &'a str, tags: impl IntoIterator<Item = String>) -> Result<(), Stop> {
        let client = self.client;
        let ask = |tag: String| async move {
            let pointed = client.point(path, &tag).await;
            (tag, pointed)
        };
        let mut answers = stream::iter(tags).map(ask).buffer_unordered(PARALLEL);
        let mut failure = None;
        while let Some((tag, answer)) = answers.next().await {
            match answer {
                Ok(Some(pointed)) => {
                    self.reporter.answered();
                    if let Some(manifest) = pointed.manifest
                        && self.manifests.len() < MANIFESTS
                    {
                        self.manifests.insert(pointed.digest.clone(), manifest);
                    }
                    self.fresh.entry(path).or_default().insert(tag.clone(), pointed.digest.clone());
                    self.pointed.entry(path).or_default().insert(tag, pointed.digest);
                }
                // Gone since the list was made, or never there: the next whole list says so.
                Ok(None) => self.reporter.answered(),
                Err(found) => match Reach::of(&found) {
                    Reach::Tag => {
                        self.flawed.entry(path).or_insert(found);
                    }
                    Reach::Repository | Reach::Host => {
                        failure = Some(found);
                        break;
                    }
                },
            }
        }
        drop(answers);
        match failure {
            Some(failure) => {
                let stop = self.fail(path, failure);
                if stop.is_err() {
                    // The host is in trouble; what it told before that is kept.
                    self.record(path, None).await?;
                }
                stop
            }
            None => Ok(()),
        }
    }

    /// Reads what is behind digests.
    async fn describe(&mut self, path: &'a str, digests: Vec<String>) -> Result<(), Stop> {
        let mut read = Vec::new();
        let mut failure = None;
        for digest in digests {
            let raw = self.manifests.remove(&digest);
            match self.with_platforms(path, &digest, raw).await? {
                Ok(all) => {
                    self.reporter.answered();
                    read.extend(all);
                }
                Err(found) => {
                    failure = Some(found);
                    break;
                }
            }
        }
        // What was read before a failure counts.
        self.polling.store.record_digests(&self.polling.epoch, &read).await?;
        failure.map_or(Ok(()), |failure| self.fail(path, failure))
    }

    /// A digest and those of its platforms that are not known; itself last, so that its platforms are there where it is.
    async fn with_platforms(
        &self,
        path: &str,
        digest: &str,
        raw: Option<Raw>,
    ) -> Result<Result<Vec<Described>, Failure>, Stop> {
        let top = match self.client.describe(path, digest, raw, None).await {
            Ok(top) => top,
            Err(failure) => return Ok(Err(failure)),
        };
        let mut all = Vec::new();
        let children: BTreeMap<_, _> = top
            .children
            .iter()
            .take(PLATFORMS)
            .map(|child| (child.digest.clone(), child.platform.clone()))
            .collect();
        if !children.is_empty() {
            let digests: Vec<String> = children.keys().cloned().collect();
            for unknown in self.polling.store.unknown_digests(&digests).await? {
                let platform = children.get(&unknown).cloned().flatten();
                match self.client.describe(path, &unknown, None, platform).await {
                    Ok(child) => all.push(child),
                    Err(failure) => return Ok(Err(failure)),
                }
            }
        }
        all.push(top);
        Ok(Ok(all))
    }

    /// All that was there before the first look has been read.
    async fn settle(&self, path: &str) -> Result<(), Stop> {
        Ok(self.polling.store.settle(&self.polling.epoch, &self.name(path), clock::now()).await?)
    }

    /// Tells the engine what is known of a repository, if it is news.
    async fn tell(&mut self, path: &'a str) -> Result<(), Stop> {
        let of = self.wanted.get(path);
        let in_use = of.map(|of| of.tags.union(&of.digests).cloned().collect()).unwrap_or_default();
        let policies = of.map(|of| of.policies.iter().map(|it| it.policy(&[])).collect()).unwrap_or_default();
        let error = self.failed.get(path).map(Failure::said);
        let matters = Matters { policies, in_use };
        let known = self.polling.store.repository(&self.name(path), &matters, error).await?;
        let Some(body) = known else { return Ok(()) };
        let Ok(text) = serde_json::to_string(&body) else { return Ok(()) };
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.told.insert(path.to_owned(), hash) != Some(hash) {
            self.reporter.repository(path, body).await;
        }
        Ok(())
    }

    /// Notes a failure of a repository. One of the host ends the cycle.
    fn fail(&mut self, path: &'a str, failure: Failure) -> Result<(), Stop> {
        if Reach::of(&failure) == Reach::Host {
            return Err(Stop::Host(failure));
        }
        self.failed.entry(path).or_insert(failure);
        Ok(())
    }

    async fn record(&mut self, path: &'a str, listed: Option<BTreeSet<String>>) -> Result<Looked, Stop> {
        let look = Look {
            repository: self.name(path),
            registry: self.registry.host.clone(),
            at: clock::now(),
            listed: listed.map(|tags| tags.into_iter().collect()),
            pointed: self.fresh.remove(path).unwrap_or_default(),
            error: self.failed.get(path).or_else(|| self.flawed.get(path)).map(ToString::to_string),
            seen_by: self.seen_by,
        };
        let looked = self.polling.store.record_look(&self.polling.epoch, &look).await?;
        if looked.begun > 0 && self.registry.push_times.is_some() {
            self.begun.insert(path);
        }
        Ok(looked)
    }

    /// Asks when the tags were pushed that were new. Whether that can be had changes nothing about the look.
    async fn times(&mut self, path: &'a str) -> Result<(), Stop> {
        if !self.begun.remove(path) || self.failed.contains_key(path) {
            return Ok(());
        }
        match self.client.push_times(path).await {
            Ok(times) => {
                let (store, name) = (&self.polling.store, self.name(path));
                store.record_push_times(&self.polling.epoch, &name, &times).await?;
            }
            Err(failure) => {
                tracing::debug!(registry = self.registry.host, path, %failure, "it does not tell push times");
            }
        }
        Ok(())
    }

    fn name(&self, path: &str) -> String {
        format!("{}/{path}", self.registry.host)
    }
}
