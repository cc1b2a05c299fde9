//! A repository as rules need it: where its tags point and pointed, and what is behind, of a large one the part that
//! matters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Ts;
use landfall_model::{
    Text,
    image::{ImageFacts, PlatformFacts, SeenBy},
    observe::{Edge, Repository},
    phrase::Said,
    updater::{Policy, Tag, pick},
};
use sqlx::{Connection as _, PgConnection};

use super::{
    Epoch, Store, StoreError,
    statement::{digest, sighting},
    text::to_micros,
};
use crate::source::registry::Platform;

/// Tags up to which all of a repository are given.
const WHOLE: usize = 200;
/// Of a larger one: those that were seen last, those that a policy ranks last, those whose image was never read.
const NEWEST: usize = 80;
const RANKED: usize = 40;
const UNREAD: usize = 5;
/// Edges that have ended, the last ones.
const ENDED: i64 = 100;

/// What of a large repository is wanted in any case.
#[derive(Debug, Clone, Default)]
pub struct Matters {
    /// Policies in force.
    pub policies: Vec<Policy>,
    /// Tags and digests that run or are meant to.
    pub in_use: BTreeSet<String>,
}

impl Store {
    /// Notes that what was there before the first look at `repository` has been read; only the first time counts.
    pub async fn settle(&self, epoch: &Epoch, repository: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        let admitted = self.admit(&mut tx, epoch).await?;
        let at = to_micros(at).min(admitted.clock);
        self.measure("settle_repository", sighting::settled(&mut tx, repository, at)).await?;
        self.measure("commit", tx.commit()).await
    }

    /// What is known of `repository`; `None` where it was never looked at.
    pub async fn repository(
        &self,
        repository: &str,
        matters: &Matters,
        error: Option<Said>,
    ) -> Result<Option<Repository>, StoreError> {
        let mut conn = self.reader().await?;
        let mut tx = self
            .measure("begin_read", conn.begin_with("begin isolation level repeatable read read only"))
            .await?;
        let known = self.measure("repository", sighting::repository(&mut tx, repository)).await?;
        let Some(known) = known else { return Ok(None) };
        let open = self.measure("open_sightings", sighting::open(&mut tx, known.id)).await?;
        let ended = self.measure("ended_sightings", sighting::ended(&mut tx, known.id, ENDED)).await?;
        let mut rows = if open.len() <= WHOLE { open } else { part(open, matters) };
        rows.extend(ended);
        let assembled = self.assembled(&mut tx, known, rows).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(Some(Repository { error, ..assembled }))
    }

    /// A repository from edges of it, with what is behind them.
    pub(super) async fn assembled(
        &self,
        tx: &mut PgConnection,
        known: sighting::RepositoryRow,
        rows: Vec<sighting::Row>,
    ) -> Result<Repository, StoreError> {
        let facts = self.facts(tx, &rows).await?;
        let mut edges: Vec<Edge> = rows.into_iter().map(edge).collect();
        edges.sort_by(|a, b| a.tag.cmp(&b.tag).then(a.first_seen.cmp(&b.first_seen)));
        Ok(Repository {
            tags: u64::try_from(known.tags).unwrap_or(0),
            settled_at: known.settled_at.map(Ts::to_jiff),
            edges,
            facts,
            error: None,
        })
    }

    async fn facts(
        &self,
        tx: &mut PgConnection,
        rows: &[sighting::Row],
    ) -> Result<BTreeMap<Text, ImageFacts>, StoreError> {
        let digests: BTreeSet<&String> = rows.iter().map(|row| &row.digest).collect();
        let digests: Vec<String> = digests.into_iter().cloned().collect();
        let read = self.measure("facts_of_digests", digest::facts(tx, &digests)).await?;
        let mut facts: BTreeMap<Text, ImageFacts> = BTreeMap::new();
        for row in read {
            // Of an index that was read and whose platform was not, nothing can be said yet.
            let Some(manifest) = row.manifest else { continue };
            let broken = row.error.is_some();
            let platform =
                row.platform.as_deref().and_then(|text| serde_json::from_str::<Platform>(text).ok());
            let one = facts.entry(Text::from(row.digest)).or_default();
            one.revision = one.revision.take().or_else(|| row.revision.map(Text::from));
            one.source = one.source.take().or_else(|| row.source.map(Text::from));
            one.platforms.push(PlatformFacts {
                platform: platform.map_or_else(|| Text::from(""), |it| Text::from(it.to_string())),
                manifest: Text::from(manifest),
                config: Text::from(row.config.unwrap_or_default()),
                // What cannot be read has no date for anybody else either.
                created: row.created.filter(|_| !broken).map(Text::from),
            });
        }
        Ok(facts)
    }
}

/// The part of a large repository that can matter.
fn part(open: Vec<sighting::Row>, matters: &Matters) -> Vec<sighting::Row> {
    let tag = |row: &sighting::Row| Tag {
        tag: row.tag.clone(),
        digest: Some(row.digest.clone()),
        created: row.created_at.map(|at| at.to_jiff().to_string()),
        platforms: Vec::new(),
    };
    let tags: Vec<Tag> = open.iter().map(tag).collect();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for policy in &matters.policies {
        // Which platforms fit is looked at later, of those that are kept.
        let policy = Policy { platforms: Vec::new(), ..policy.clone() };
        if let Ok(choice) = pick(&policy, &tags) {
            kept.extend(choice.order.into_iter().rev().take(RANKED));
        }
    }
    let mut by_time: Vec<&sighting::Row> = open.iter().collect();
    by_time.sort_by_key(|row| std::cmp::Reverse((row.first_seen.to_jiff(), row.tag.clone())));
    kept.extend(by_time.iter().take(NEWEST).map(|row| row.tag.clone()));
    let unread = by_time.iter().filter(|row| row.created_at.is_none());
    kept.extend(unread.take(UNREAD).map(|row| row.tag.clone()));
    let in_use =
        |row: &sighting::Row| matters.in_use.contains(&row.tag) || matters.in_use.contains(&row.digest);
    open.into_iter().filter(|row| kept.contains(&row.tag) || in_use(row)).collect()
}

fn edge(row: sighting::Row) -> Edge {
    Edge {
        tag: Text::from(row.tag),
        digest: Text::from(row.digest),
        first_seen: row.first_seen.to_jiff(),
        ended_at: row.ended_at.map(Ts::to_jiff),
        seen_by: if row.seen_by == "webhook" { SeenBy::Webhook } else { SeenBy::Poll },
        pushed_at: row.pushed_at.map(Ts::to_jiff),
    }
}
