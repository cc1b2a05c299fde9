//! `/api/v1/images` and `/api/v1/images/{repository}`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_app::data::InForce;
use landfall_model::{
    Text,
    query::{
        List,
        images::{self, Repository as Found, Runs, Use},
        pairs,
    },
    updater::{Alternative, Pick, Strategy},
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    schema::api_type,
    types::TagDigest,
    view::{self, Around},
};
use crate::{
    source::registry::Label,
    store::{ImageDetails, KeptLayer, Part, Sightings},
    web::{Problem, history::History, policies::in_force},
};

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
        /// What Image Updater would pick, a policy each; null in the list.
        would_pick: Option<Vec<WouldPick>>,
        /// Two of its images beside each other; null without `from` and `to`.
        compared: Option<ComparedImages>,
    }
}

api_type! {
    /// A policy in force, and what it picks.
    WouldPick {
        /// Ids of the environments that it holds for.
        environments: Vec<Text>,
        /// `semver`, `newest-build`, `alphabetical` or `digest`.
        strategy: Text,
        /// Version constraint, or the tag that is followed; empty: none.
        constraint: Text,
        /// As it is set; empty: every tag.
        allow_tags: Text,
        /// Patterns of tags that are left out.
        ignore_tags: Vec<Text>,
        /// The object that manages the image; null: annotations alone.
        managed_by: Option<Text>,
        /// The pick; null where nothing passes, or the tags are not known.
        pick: Option<TagDigest>,
        /// Tags that pass, ascending: the last is the pick.
        order: Vec<Text>,
        /// Tags that are left out, at most 200.
        dropped: Vec<DroppedTag>,
        /// How many tags were looked at.
        looked_at: u32,
        /// How many there are.
        tags: u32,
        /// What each strategy would pick of the same tags.
        policies: Vec<OtherPolicy>,
    }
}

api_type! {
    /// A tag that a rule leaves out.
    DroppedTag {
        /// The tag.
        tag: Text,
        /// `allow-tags`, `ignore-tags`, `digest`, `platform`, `created`, `semver`, `constraint` or `prerelease`.
        rule: Text,
        /// In words.
        why: Text,
    }
}

api_type! {
    /// What a strategy would pick.
    OtherPolicy {
        /// `semver`, `newest-build`, `alphabetical` or `digest`.
        strategy: Text,
        /// The tag that is followed, with `digest`.
        follows: Option<Text>,
        /// Whether it is the one in force.
        in_force: bool,
        /// The pick; null: nothing.
        pick: Option<TagDigest>,
        /// Whether that was pushed last; null: not known.
        expected: Option<bool>,
        /// Whether it is another image than that of the policy in force.
        changes: bool,
        /// Tags of its order whose time of push is known.
        compared: Option<u32>,
        /// How many of those stand behind one that was pushed later.
        misplaced: Option<u32>,
    }
}

api_type! {
    /// Two images beside each other.
    ComparedImages {
        /// The one.
        from: Option<OneImage>,
        /// The other.
        to: Option<OneImage>,
        /// Whether their configurations are the same; null where that is not known.
        built_alike: Option<bool>,
    }
}

api_type! {
    /// One image in full.
    OneImage {
        /// Of the index, where it is one.
        digest: Text,
        /// Under which it was seen, the newest first, at most 20.
        tags: Vec<Text>,
        /// Its platforms; none where nothing of it was read.
        platforms: Vec<ImagePlatform>,
    }
}

api_type! {
    /// One platform of an image.
    ImagePlatform {
        /// Of its manifest.
        digest: Text,
        /// `os/arch` or `os/arch/variant`.
        platform: Option<Text>,
        /// Digest of its configuration.
        config: Option<Text>,
        /// As its configuration has it.
        created: Option<Text>,
        /// Bytes, as they travel.
        bytes: Option<u64>,
        /// Its layers from the bottom up; `null`: not read.
        layers: Option<Vec<ImageLayer>>,
        /// Labels that begin with `org.opencontainers.image.` or `org.label-schema.`.
        labels: Vec<ImageLabel>,
    }
}

api_type! {
    /// A layer of an image.
    ImageLayer {
        /// The first sixteen digits of its digest.
        digest: Text,
        /// Bytes, as it travels.
        bytes: u64,
    }
}

api_type! {
    /// A label of an image.
    ImageLabel {
        /// Its name.
        name: Text,
        /// Its value.
        value: Text,
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
    let view = view::view_without(ask, List::Images, &["from", "to"]).await?;
    let found_there = images::repository(&view.prepared, name).ok_or_else(|| {
        Problem::not_found("No image of this repository is in the view that was asked for.")
    })?;
    let mut repository = repository(found_there);
    if let Some(history) = ask.state.history.as_deref() {
        let found = history.sightings(name, SIGHTINGS).await?;
        repository.sightings = found.map(|found| sightings(found.as_of(view.as_of)));
        let at = view.query.at.as_ref().map(|_| view.as_of);
        let policies = in_force(ask.state, found_there, at).await;
        repository.would_pick = Some(policies.iter().map(|one| would_pick(found_there, one)).collect());
        repository.compared = compared(ask, history, name, view.as_of).await?;
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
        would_pick: None,
        compared: None,
    }
}

/// Tags that are left out, of one policy.
const DROPPED: usize = 200;

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn picked(pick: &Pick) -> TagDigest {
    TagDigest { tag: Some(pick.tag.as_str().into()), digest: pick.digest.as_deref().map(Text::from) }
}

fn would_pick(found: &Found, one: &InForce) -> WouldPick {
    let settings = &one.policy.image;
    let explained = one.explained.as_ref();
    let order = explained.map_or(&[][..], |it| it.order.as_slice());
    let first = order.first().map(|it| TagDigest {
        tag: Some(it.tag.as_str().into()),
        digest: it.digest.as_deref().map(Text::from),
    });
    let dropped = explained.into_iter().flat_map(|it| &it.left_out).take(DROPPED);
    let other = |it: &Alternative| OtherPolicy {
        strategy: it.strategy.as_str().into(),
        follows: it.follows.as_deref().map(Text::from),
        in_force: it.in_force,
        pick: it.pick.as_ref().ok().map(picked),
        expected: it.is_expected,
        changes: it.changes,
        compared: it.lint.as_ref().map(|lint| count(lint.compared)),
        misplaced: it.lint.as_ref().map(|lint| count(lint.misplaced)),
    };
    WouldPick {
        environments: one.uses.iter().map(|at| Text::clone(&found.uses[*at].environment.id)).collect(),
        strategy: Strategy::from_name(&settings.strategy.value).0.as_str().into(),
        constraint: Text::clone(&settings.constraint),
        allow_tags: Text::clone(&settings.allow_tags.value),
        ignore_tags: settings.ignore_tags.value.clone(),
        managed_by: one.policy.object.as_ref().map(|object| object.to_string().into()),
        pick: first,
        order: order.iter().rev().map(|it| it.tag.as_str().into()).collect(),
        dropped: dropped
            .map(|it| DroppedTag {
                tag: it.tag.as_str().into(),
                rule: it.rule.as_str().into(),
                why: it.why.said().text,
            })
            .collect(),
        looked_at: count(one.looked_at),
        tags: count(one.tags),
        policies: explained.into_iter().flat_map(|it| &it.policies).map(other).collect(),
    }
}

/// Two images beside each other, where both are asked for.
async fn compared(
    ask: &Ask<'_>,
    history: &dyn History,
    repository: &str,
    at: Timestamp,
) -> Result<Option<ComparedImages>, Problem> {
    let asked = pairs(ask.query);
    let word = |key: &str| {
        let found = asked.iter().find(|(known, _)| known == key).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    };
    let (Some(from), Some(to)) = (word("from"), word("to")) else { return Ok(None) };
    let (from, to) = (history.image(repository, from, at).await?, history.image(repository, to, at).await?);
    let configs = |image: &ImageDetails| -> Option<BTreeSet<String>> {
        let configs: Option<BTreeSet<String>> = image.parts.iter().map(|part| part.config.clone()).collect();
        configs.filter(|configs| !configs.is_empty())
    };
    let built_alike = from.as_ref().zip(to.as_ref()).and_then(|(from, to)| {
        if from.digest == to.digest { Some(true) } else { Some(configs(from)? == configs(to)?) }
    });
    Ok(Some(ComparedImages { from: from.map(one_image), to: to.map(one_image), built_alike }))
}

fn one_image(image: ImageDetails) -> OneImage {
    let label = |label: Label| ImageLabel { name: label.name.into(), value: label.value.into() };
    let layer = |layer: KeptLayer| ImageLayer { digest: layer.digest.into(), bytes: layer.bytes };
    let platform = |part: Part| ImagePlatform {
        digest: part.digest.into(),
        platform: part.platform.map(Text::from),
        config: part.config.map(Text::from),
        created: part.created.map(Text::from),
        bytes: part.bytes,
        layers: part.layers.map(|all| all.into_iter().map(layer).collect()),
        labels: part.labels.into_iter().map(label).collect(),
    };
    OneImage {
        digest: image.digest.into(),
        tags: image.tags.into_iter().map(|seen| seen.tag.into()).collect(),
        platforms: image.parts.into_iter().map(platform).collect(),
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
