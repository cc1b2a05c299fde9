//! What was seen at registries, found again: by digest, tag or commit; one image in full; a repository's tags at a moment.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as Ts;
use landfall_model::{observe::Repository, query::Needle};
use sqlx::Connection as _;

use super::{
    KeptLayer, Sighting, Store, StoreError, layers,
    statement::{find, sighting},
    text::read,
};
use crate::source::registry::{Label, Platform};

/// Sightings that are looked at for each way in which one can fit.
const MOST: u32 = 2_000;
/// Tags of one image that are told.
const TAGS: i64 = 20;

/// How a sighting fits what was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Digest,
    Tag,
    /// The tag holds the commit.
    Commit,
    /// The image says that it was built from the commit.
    Revision,
}

impl How {
    /// Its spelling in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Tag => "tag",
            Self::Commit => "commit",
            Self::Revision => "revision",
        }
    }
}

/// A sighting that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// With the registry's host.
    pub repository: String,
    pub sighting: Sighting,
    pub how: How,
    /// Commit that the image was built from, by its label.
    pub revision: Option<String>,
    /// Digests of its platforms, where it is an index.
    pub platforms: Vec<String>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundPage {
    /// The newest first.
    pub items: Vec<Found>,
    pub total: u64,
    /// So many fit that some were not looked at.
    pub is_partial: bool,
}

/// What one image is, and where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDetails {
    pub digest: String,
    pub media_type: Option<String>,
    /// Under which tags it was seen, the newest first, at most 20.
    pub tags: Vec<SeenAs>,
    /// Of an index one a platform; none where nothing of it was read.
    pub parts: Vec<Part>,
}

/// A tag under which an image was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAs {
    pub tag: String,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// One platform of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Of its manifest.
    pub digest: String,
    /// `os/arch` or `os/arch/variant`.
    pub platform: Option<String>,
    pub config: Option<String>,
    /// As its configuration has it; may be no time at all.
    pub created: Option<String>,
    pub labels: Vec<Label>,
    /// As they travel.
    pub bytes: Option<u64>,
    /// From the bottom up; `None`: not read.
    pub layers: Option<Vec<KeptLayer>>,
    /// What of it could not be read.
    pub error: Option<String>,
}

/// The tag of a repository that was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    pub tag: String,
    pub digest: String,
    /// When it was pushed: seen to come, or by the registry's own word. `None`: it was there before the first look.
    pub at: Option<Timestamp>,
}

/// The least text that begins so, and one above all that do.
fn range(beginning: &str) -> (String, String) {
    (beginning.to_owned(), format!("{beginning}\u{10ffff}"))
}

impl Store {
    /// Sightings that fit, as known at `at`: the newest first, `limit` of them after `offset`.
    pub async fn find_sightings(
        &self,
        needle: &Needle,
        at: Timestamp,
        offset: u32,
        limit: u32,
    ) -> Result<FoundPage, StoreError> {
        let beginnings = find::Beginnings {
            digest: needle.digest.as_deref().map(range),
            tag: needle.tag.as_deref().map(range),
            commit: needle.commit.as_deref().map(range),
            shortened: needle.shortened(),
            repository: needle.repository.clone(),
        };
        let mut conn = self.reader().await?;
        let (most, offset) = (i64::from(MOST), i64::from(offset));
        let find = find::find(&mut conn, &beginnings, at, most, offset, i64::from(limit));
        let rows = self.measure("find_sightings", find).await?;
        let total = rows.first().map_or(0, |row| u64::try_from(row.total).unwrap_or(0));
        let items = rows.into_iter().map(|row| found(row, at)).collect();
        Ok(FoundPage { items, total, is_partial: total >= u64::from(MOST) })
    }

    /// An image of `repository` by tag or by the beginning of a digest (`sha256:` and six digits or more), as known at
    /// `at`; `None` where it was never seen.
    pub async fn image(
        &self,
        repository: &str,
        image: &str,
        at: Timestamp,
    ) -> Result<Option<ImageDetails>, StoreError> {
        let mut conn = self.reader().await?;
        let known = self.measure("repository", sighting::repository(&mut conn, repository)).await?;
        let Some(known) = known else { return Ok(None) };
        let digest = if image.starts_with("sha256:") {
            let Some(beginning) = Needle::read(image).and_then(|it| it.digest) else { return Ok(None) };
            let (low, high) = range(&beginning);
            self.measure("digest_by_beginning", find::of_digest(&mut conn, known.id, &low, &high, at)).await?
        } else {
            self.measure("digest_of_tag", find::of_tag(&mut conn, known.id, image, at)).await?
        };
        let Some(digest) = digest else { return Ok(None) };
        let tags = find::tags_of(&mut conn, known.id, &digest, at, TAGS);
        let tags = self.measure("tags_of_digest", tags).await?;
        let rows = self.measure("parts_of_digest", find::parts(&mut conn, &digest)).await?;
        let media_type = rows.iter().find(|row| row.digest == digest).map(|row| row.media_type.clone());
        let parts = rows.into_iter().filter(|row| !row.is_index).map(part).collect::<Result<_, _>>()?;
        let tags = tags.into_iter().map(|row| SeenAs {
            tag: row.tag,
            first_seen: row.first_seen.to_jiff(),
            last_seen: row.last_seen.to_jiff().min(at),
            ended_at: row.ended_at.map(Ts::to_jiff).filter(|ended| *ended <= at),
        });
        Ok(Some(ImageDetails { digest, media_type, tags: tags.collect(), parts }))
    }

    /// Of each repository the tag that was seen last, as known at `at`, by the repository's name.
    pub async fn newest_tags(
        &self,
        repositories: &[String],
        at: Timestamp,
    ) -> Result<BTreeMap<String, Newest>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = self.measure("newest_tags", find::newest(&mut conn, repositories, at)).await?;
        let newest = |row: find::NewestRow| {
            let seen = row.came.then(|| row.first_seen.to_jiff());
            let at = seen.or_else(|| row.pushed_at.map(Ts::to_jiff));
            (row.repository, Newest { tag: row.tag, digest: row.digest, at })
        };
        Ok(rows.into_iter().map(newest).collect())
    }

    /// Where the tags of `repository` pointed at `at`: those of `wanted` (tags or digests), then the newest, `limit` in
    /// all, each with what is behind it. `None` where it was never looked at.
    pub async fn tags_at(
        &self,
        repository: &str,
        at: Timestamp,
        wanted: &[String],
        limit: u32,
    ) -> Result<Option<Repository>, StoreError> {
        let mut conn = self.reader().await?;
        let mut tx = self
            .measure("begin_read", conn.begin_with("begin isolation level repeatable read read only"))
            .await?;
        let known = self.measure("repository", sighting::repository(&mut tx, repository)).await?;
        let Some(known) = known else { return Ok(None) };
        let rows = find::at(&mut tx, known.id, at, wanted, i64::from(limit));
        let rows = self.measure("tags_at", rows).await?;
        let assembled = self.assembled(&mut tx, known, rows).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(Some(assembled))
    }
}

fn found(row: find::FoundRow, at: Timestamp) -> Found {
    Found {
        repository: row.repository,
        sighting: Sighting {
            tag: row.tag,
            digest: row.digest,
            first_seen: row.first_seen.to_jiff(),
            last_seen: row.last_seen.to_jiff().min(at),
            ended_at: row.ended_at.map(Ts::to_jiff).filter(|ended| *ended <= at),
            seen_by: row.seen_by,
            pushed_at: row.pushed_at.map(Ts::to_jiff),
            created: row.created_at.map(Ts::to_jiff),
        },
        how: match row.how {
            0 => How::Digest,
            1 => How::Tag,
            2 => How::Commit,
            _ => How::Revision,
        },
        revision: row.revision,
        platforms: row.platforms,
    }
}

fn part(row: find::PartRow) -> Result<Part, StoreError> {
    let platform = row.platform.as_deref().and_then(|text| serde_json::from_str::<Platform>(text).ok());
    Ok(Part {
        digest: row.digest,
        platform: platform.map(|it| it.to_string()),
        config: row.config,
        created: row.created,
        labels: read("labels of an image", &row.labels)?,
        bytes: row.bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        layers: row.layers.map(|all| layers::read(&all)),
        error: row.error,
    })
}
