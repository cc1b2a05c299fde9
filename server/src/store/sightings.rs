//! Where tags point: edges with a beginning and an end.
//!
//! All that decides what is written stands in the database, nothing in memory: whatever was killed between two looks, the
//! next look goes on from what was written, and sees the same edges.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use landfall_model::image::SeenBy;
use sqlx::Connection as _;

use super::{
    Epoch, Store, StoreError,
    commit::count,
    layers,
    statement::{ROWS, digest, sighting},
    text::{clean, json, to_micros},
};
use crate::source::registry::{Described, PushTime};

/// What one look at a repository showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// With the registry's host.
    pub repository: String,
    pub registry: String,
    /// When it was, by one's own clock.
    pub at: Timestamp,
    /// Every tag, where the list was read to its end: what it does not hold is gone.
    pub listed: Option<Vec<String>>,
    /// Where tags point, by tag.
    pub pointed: BTreeMap<String, String>,
    /// Why not all of it could be seen.
    pub error: Option<String>,
    pub seen_by: SeenBy,
}

/// What a look changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Edges that are as before.
    pub confirmed: u64,
    pub begun: u64,
    /// Moved or gone.
    pub ended: u64,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub tag: String,
    pub digest: String,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// When it was seen not to be so any more.
    pub ended_at: Option<Timestamp>,
    /// `poll`, `webhook` or `vendor`.
    pub seen_by: String,
    /// The registry's own word.
    pub pushed_at: Option<Timestamp>,
    /// When the image was built, by its own configuration; of an index that of its newest platform.
    pub created: Option<Timestamp>,
}

/// How the looks at a repository went, and its edges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sightings {
    pub tried_at: Timestamp,
    /// When its list was last read to the end.
    pub listed_at: Option<Timestamp>,
    /// Tags of that list.
    pub tags: u64,
    /// Why the last look failed.
    pub error: Option<String>,
    /// The newest first.
    pub edges: Vec<Sighting>,
}

impl Sightings {
    /// The edges as they were known at a moment.
    #[must_use]
    pub fn as_of(mut self, at: Timestamp) -> Self {
        self.edges.retain(|edge| edge.first_seen <= at);
        for edge in &mut self.edges {
            edge.last_seen = edge.last_seen.min(at);
            edge.ended_at = edge.ended_at.filter(|ended| *ended <= at);
        }
        self
    }
}

impl Store {
    /// Writes what a look showed, all of it or nothing, under the leader's epoch.
    pub async fn record_look(&self, epoch: &Epoch, look: &Look) -> Result<Looked, StoreError> {
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        let admitted = self.admit(&mut tx, epoch).await?;
        // A clock that is ahead does not see the future.
        let at = to_micros(look.at).min(admitted.clock);
        let seq = admitted.head.seq + 1;
        let error = look.error.as_deref().map(clean);
        let repository = clean(&look.repository);
        let noted = sighting::look(&mut tx, &repository, &look.registry, at, error.as_deref());
        let id = self.measure("look_at_repository", noted).await?;
        self.measure("plan_anew", sighting::plan_anew(&mut tx)).await?;
        let mut looked = Looked::default();
        let seen_by = match look.seen_by {
            SeenBy::Poll => "poll",
            SeenBy::Webhook => "webhook",
        };
        let pointed: Vec<_> = look.pointed.iter().collect();
        for chunk in pointed.chunks(ROWS) {
            let columns = sighting::Columns {
                tag: chunk.iter().map(|(tag, _)| clean(tag).into_owned()).collect(),
                digest: chunk.iter().map(|(_, digest)| clean(digest).into_owned()).collect(),
                at: vec![at.to_sqlx(); chunk.len()],
            };
            looked.confirmed +=
                self.measure("confirm_sightings", sighting::confirm(&mut tx, id, &columns)).await?;
            looked.ended +=
                self.measure("end_sightings", sighting::end_moved(&mut tx, id, &columns, seq)).await?;
            looked.begun +=
                self.measure("begin_sightings", sighting::begin(&mut tx, id, &columns, seen_by, seq)).await?;
        }
        if let Some(listed) = &look.listed {
            let gone = self.measure("unlisted_tags", sighting::unlisted(&mut tx, id, listed)).await?;
            for chunk in gone.chunks(ROWS) {
                let end = sighting::end_gone(&mut tx, id, chunk, at, seq);
                looked.ended += self.measure("end_gone", end).await?;
            }
            self.measure("note_list", sighting::listed(&mut tx, id, count(listed.len()), at)).await?;
        }
        if looked.begun > 0 || looked.ended > 0 {
            // The batch under way, if its answer was lost, must still be recognised.
            let batch = admitted.head.last_batch.unwrap_or_default();
            self.finish(&mut tx, seq, admitted.head.at, admitted.head.revision, batch).await?;
        }
        self.measure("commit", tx.commit()).await?;
        Ok(looked)
    }

    /// Keeps beside open edges of `repository` when the registry says that the tag was pushed, under the leader's epoch.
    /// What was told before stays.
    pub async fn record_push_times(
        &self,
        epoch: &Epoch,
        repository: &str,
        times: &[PushTime],
    ) -> Result<(), StoreError> {
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        self.admit(&mut tx, epoch).await?;
        // A page may name a tag twice; the first is the newest.
        let mut seen = BTreeMap::new();
        for one in times {
            seen.entry(one.tag.as_str()).or_insert(one);
        }
        let columns = sighting::Columns {
            tag: seen.keys().map(|tag| clean(tag).into_owned()).collect(),
            digest: seen.values().map(|one| clean(&one.digest).into_owned()).collect(),
            at: seen.values().map(|one| to_micros(one.at).to_sqlx()).collect(),
        };
        self.measure("keep_push_times", sighting::pushed(&mut tx, &clean(repository), &columns)).await?;
        self.measure("commit", tx.commit()).await
    }

    /// Keeps what is behind digests, under the leader's epoch. Indexes come after their platforms.
    pub async fn record_digests(&self, epoch: &Epoch, all: &[Described]) -> Result<(), StoreError> {
        if all.is_empty() {
            return Ok(());
        }
        let mut conn = self.writer().await?;
        let mut tx = conn.begin().await?;
        self.admit(&mut tx, epoch).await?;
        let columns = columns(all)?;
        self.measure("keep_digests", digest::keep(&mut tx, &columns)).await?;
        self.measure("keep_children", digest::keep_children(&mut tx, &columns)).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(())
    }

    /// Those of these tags of `repository` for which no edge is open: new ones.
    pub async fn unseen_tags(&self, repository: &str, tags: &[String]) -> Result<Vec<String>, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("unseen_tags", sighting::unseen(&mut conn, repository, tags)).await
    }

    /// Tags of `repository` that have moved, or were gone, before.
    pub async fn restless_tags(&self, repository: &str) -> Result<Vec<String>, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("restless_tags", sighting::restless(&mut conn, repository)).await
    }

    /// Those of these digests that are not known.
    pub async fn unknown_digests(&self, digests: &[String]) -> Result<Vec<String>, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("unknown_digests", digest::unknown(&mut conn, digests)).await
    }

    /// Digests that tags of `repository` point at and that are not known, at most `limit`.
    pub async fn undescribed(&self, repository: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("undescribed", digest::undescribed(&mut conn, repository, i64::from(limit))).await
    }

    /// How the looks at `repository` went, with its newest edges, at most `limit`; `None` where it is not looked at.
    pub async fn looks(&self, repository: &str, limit: u32) -> Result<Option<Sightings>, StoreError> {
        let mut conn = self.reader().await?;
        let Some(looks) = self.measure("looks", sighting::looks(&mut conn, repository)).await? else {
            return Ok(None);
        };
        let rows = self.measure("sightings", sighting::of(&mut conn, repository, i64::from(limit))).await?;
        let listed_at = looks.listed_at.map(Ts::to_jiff);
        let mut edges: Vec<Sighting> = rows.into_iter().map(Sighting::from).collect();
        for edge in edges.iter_mut().filter(|edge| edge.ended_at.is_none()) {
            // A tag that never moves is not asked for with each look; the list says that it is there.
            edge.last_seen = edge.last_seen.max(listed_at.unwrap_or(edge.last_seen));
        }
        Ok(Some(Sightings {
            tried_at: looks.tried_at.to_jiff(),
            listed_at,
            tags: u64::try_from(looks.tags).unwrap_or(0),
            error: looks.error,
            edges,
        }))
    }

    /// Edges of `repository`, the newest first, at most `limit`.
    pub async fn sightings(&self, repository: &str, limit: u32) -> Result<Vec<Sighting>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = self.measure("sightings", sighting::of(&mut conn, repository, i64::from(limit))).await?;
        Ok(rows.into_iter().map(Sighting::from).collect())
    }
}

impl From<sighting::Row> for Sighting {
    fn from(row: sighting::Row) -> Self {
        Self {
            tag: row.tag,
            digest: row.digest,
            first_seen: row.first_seen.to_jiff(),
            last_seen: row.last_seen.to_jiff(),
            ended_at: row.ended_at.map(Ts::to_jiff),
            seen_by: row.seen_by,
            pushed_at: row.pushed_at.map(Ts::to_jiff),
            created: row.created_at.map(Ts::to_jiff),
        }
    }
}

/// At most one row per digest: the last is the one that knows its children.
fn columns(all: &[Described]) -> Result<digest::Columns, StoreError> {
    let unique: BTreeMap<&str, &Described> = all.iter().map(|one| (one.digest.as_str(), one)).collect();
    let owned = |text: &Option<String>| text.as_deref().map(|text| clean(text).into_owned());
    let mut columns = digest::Columns::default();
    for one in unique.into_values() {
        columns.digest.push(one.digest.clone());
        columns.media_type.push(clean(&one.media_type).into_owned());
        columns.config.push(one.config.clone());
        columns.platform.push(one.platform.as_ref().map(json).transpose()?);
        columns.created_at.push(one.created.map(|at| to_micros(at).to_sqlx()));
        columns.created_text.push(owned(&one.created_text));
        columns.labels.push(json(&one.labels)?);
        columns.bytes.push(one.size.and_then(|size| i64::try_from(size).ok()));
        columns.layers.push(one.layers.as_deref().map(layers::write));
        columns.error.push(owned(&one.error));
        for child in &one.children {
            columns.parent.push(one.digest.clone());
            columns.child.push(child.digest.clone());
            columns.child_platform.push(child.platform.as_ref().map(json).transpose()?);
        }
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_of_a_moment_nothing_later_is_known() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let edge = |first, last, ended: Option<i64>| Sighting {
            tag: "main".into(),
            digest: format!("sha256:{first}"),
            first_seen: at(first),
            last_seen: at(last),
            ended_at: ended.map(at),
            seen_by: "poll".into(),
            pushed_at: None,
            created: None,
        };
        let edges = vec![edge(300, 400, None), edge(100, 290, Some(300))];
        let all =
            Sightings { tried_at: at(400), listed_at: None, tags: 1, error: None, edges: edges.clone() };
        assert_eq!(all.clone().as_of(at(400)).edges, edges);
        assert_eq!(all.clone().as_of(at(200)).edges, [edge(100, 200, None)], "it had not moved then");
        assert_eq!(all.as_of(at(50)).edges, []);
    }
}
