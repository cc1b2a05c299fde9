//! `/api/v1/images` and `/api/v1/images/{repository}`.

use jiff::Timestamp;
use landfall_model::{
    Text,
    query::{
        List,
        images::{self, Repository as Found, Runs, Use},
    },
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    schema::api_type,
    types::TagDigest,
    view::{self, Around},
};
use crate::{store::Sightings, web::Problem};

/// Edges of one repository that are told at most.
const SIGHTINGS: u32 = 1_000;

api_type! {
    /// A repository of images: who uses it, and what of it runs where.
    ImageRepository {
        /// Registry and path, as images name it.
        repository: Text,
        /// Services that use it.
        services: Vec<Text>,
        /// Pods that run it.
        pods: u32,
        /// What runs of it, most pods first.
        running: Vec<RunningAnywhere>,
        /// Each environment that uses it.
        uses: Vec<RepositoryUse>,
        /// When what runs changed last, anywhere.
        since: Option<Timestamp>,
        /// Which tag pointed at which digest, the newest 1,000; null in the list, and where nobody looks at the registry.
        sightings: Option<Vec<TagSighting>>,
    }
}

api_type! {
    /// A tag pointed at a digest, from when to when.
    TagSighting {
        /// The tag.
        tag: Text,
        /// `sha256:…`.
        digest: Text,
        /// When the image was built, by its own word.
        created: Option<Timestamp>,
        /// When it was first seen so.
        first_seen: Timestamp,
        /// When it was last seen so.
        last_seen: Timestamp,
        /// When it was seen not to be so any more.
        ended_at: Option<Timestamp>,
        /// `poll`, `webhook` or `vendor`.
        seen_by: Text,
        /// When the tag was pushed, by the registry's own word, which is not checked.
        pushed_at: Option<Timestamp>,
    }
}

api_type! {
    /// A tag with its digest that runs somewhere.
    RunningAnywhere {
        /// Tag of the pods' own spec.
        tag: Option<Text>,
        /// Digest that the runtime reports.
        digest: Option<Text>,
        /// How many pods.
        pods: u32,
        /// How many of them are ready.
        ready: u32,
        /// Where.
        environments: Vec<RunningThere>,
    }
}

api_type! {
    /// An environment that runs it.
    RunningThere {
        /// Service.
        service: Text,
        /// `production`, `staging`, a preview's name.
        environment: Text,
        /// Stable id of the environment.
        id: Text,
        /// How many pods.
        pods: u32,
    }
}

api_type! {
    /// One environment's use of a repository.
    RepositoryUse {
        /// Service.
        service: Text,
        /// `production`, `staging`, a preview's name.
        environment: Text,
        /// Stable id of the environment.
        id: Text,
        /// Whether the environment is a preview.
        preview: bool,
        /// Whether it is the environment's primary image.
        primary: bool,
        /// Containers that use it.
        containers: Vec<Text>,
        /// What the desired state asks for.
        meant: Vec<TagDigest>,
        /// Whether something runs that is not meant.
        differs: bool,
        /// When the present running set began.
        since: Option<Timestamp>,
        /// False: at least since then.
        since_exact: bool,
    }
}

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Images).await?;
    let page = images::images(&view.prepared, &view.query);
    if ask.format == Format::Csv {
        return Ok(view::table(&view, table(&page.items), page.next.as_ref()));
    }
    let items: Vec<_> = page.items.iter().map(|found| repository(found)).collect();
    view::list(&view, &items, Around::of(&page))
}

pub(super) async fn one(ask: &Ask<'_>, name: &str) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Images).await?;
    let found = images::repository(&view.prepared, name).ok_or_else(|| {
        Problem::not_found("No image of this repository is in the view that was asked for.")
    })?;
    let mut repository = repository(found);
    if let Some(history) = ask.state.history.as_deref() {
        let found = history.sightings(name, SIGHTINGS).await?;
        repository.sightings = found.map(|found| sightings(found.as_of(view.as_of)));
    }
    view::one(&view.prepared, view.as_of, &repository)
}

fn repository(found: &Found) -> ImageRepository {
    ImageRepository {
        repository: Text::clone(&found.name),
        services: found.services().into_iter().map(|service| Text::clone(&service.name)).collect(),
        pods: found.pods(),
        running: found.running().iter().map(|runs| running(found, runs)).collect(),
        uses: found.uses.iter().map(use_of).collect(),
        since: found.since(),
        sightings: None,
    }
}

fn sightings(found: Sightings) -> Vec<TagSighting> {
    let edges = found.edges.into_iter();
    edges
        .map(|edge| TagSighting {
            tag: edge.tag.into(),
            digest: edge.digest.into(),
            created: edge.created,
            first_seen: edge.first_seen,
            last_seen: edge.last_seen,
            ended_at: edge.ended_at,
            seen_by: edge.seen_by.into(),
            pushed_at: edge.pushed_at,
        })
        .collect()
}

fn running(found: &Found, runs: &Runs) -> RunningAnywhere {
    let there = |(at, pods): &(usize, u32)| {
        let one = &found.uses[*at];
        RunningThere {
            service: Text::clone(&one.service.name),
            environment: Text::clone(&one.environment.name),
            id: Text::clone(&one.environment.id),
            pods: *pods,
        }
    };
    RunningAnywhere {
        tag: runs.tag.clone(),
        digest: runs.digest.clone(),
        pods: runs.pods,
        ready: runs.ready,
        environments: runs.uses.iter().map(there).collect(),
    }
}

fn use_of(one: &Use) -> RepositoryUse {
    let image = one.image();
    let tag_digest =
        |m: &landfall_model::view::TagDigest| TagDigest { tag: m.tag.clone(), digest: m.digest.clone() };
    RepositoryUse {
        service: Text::clone(&one.service.name),
        environment: Text::clone(&one.environment.name),
        id: Text::clone(&one.environment.id),
        preview: one.environment.preview,
        primary: one.is_primary(),
        containers: image.containers.clone(),
        meant: image.meant.iter().map(tag_digest).collect(),
        differs: one.differs(),
        since: image.since,
        since_exact: image.since_exact,
    }
}

/// A line per tag and environment; one without pods where nothing runs yet.
fn table(found: &[&Found]) -> Table {
    let mut table =
        Table::new(&["repository", "service", "environment", "tag", "digest", "pods", "differs", "since"]);
    for repository in found {
        for one in &repository.uses {
            let image = one.image();
            let mut row = |tag: Option<&Text>, digest: Option<&Text>, pods: u32| {
                table.row([
                    cell(&repository.name),
                    cell(&one.service.name),
                    cell(&one.environment.name),
                    maybe(tag),
                    maybe(digest),
                    cell(pods),
                    cell(one.differs()),
                    maybe(image.since),
                ]);
            };
            for running in &image.running {
                row(running.tag.as_ref(), running.digest.as_ref(), running.pods);
            }
            if image.running.is_empty() {
                row(None, None, 0);
            }
        }
    }
    table
}
