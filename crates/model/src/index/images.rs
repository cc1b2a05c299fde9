//! Images of an environment: meant, reported and running, by repository; and which one is primary.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::joined::{Joined, JoinedWorkload};
use crate::{
    image::ImageRef,
    text::Text,
    view::{ImageView, RunningImage, TagDigest},
};

/// An image string as repository, tag and digest. What does not parse is its own repository: it is still shown.
pub fn split(image: &str) -> (Text, TagDigest) {
    match ImageRef::parse(image) {
        Ok(reference) => (
            Text::from(reference.repository.as_ref()),
            TagDigest {
                tag: reference.tag.as_deref().map(Text::from),
                digest: reference.digest.as_deref().map(Text::from),
            },
        ),
        Err(_) => (Text::from(image), TagDigest { tag: None, digest: None }),
    }
}

/// Whether two references to one repository mean the same: by digest where both have one, else by tag.
pub fn same(a: &TagDigest, b: &TagDigest) -> bool {
    match (&a.digest, &b.digest) {
        (Some(a), Some(b)) => a == b,
        _ => a.tag == b.tag,
    }
}

/// The image strings that the desired state asks for, per container of a workload.
///
/// What the last successful sync applied (`syncResult.resources[].images`, manifest order, containers only) is what was
/// meant; a workload edited by hand since then differs from it. Without that, the workload's own spec is all there is.
pub fn meant<'a>(joined: &'a Joined<'_>, workload: &'a JoinedWorkload<'_>) -> Vec<(&'a Text, &'a Text)> {
    let Some(live) = workload.live else { return Vec::new() };
    let synced = joined.application.synced_images.iter().find(|(object, _)| object == workload.object);
    let plain = live.containers.iter().filter(|c| !c.sidecar).count();
    match synced {
        Some((_, images)) if images.len() == plain && plain > 0 => {
            // Sidecars (init containers that stay) are not in Argo CD's list and stand last in ours.
            let rest = live.containers.iter().filter(|c| c.sidecar).map(|c| (&c.name, &c.image));
            let synced =
                live.containers.iter().filter(|c| !c.sidecar).zip(images).map(|(c, image)| (&c.name, image));
            synced.chain(rest).collect()
        }
        _ => live.containers.iter().map(|container| (&container.name, &container.image)).collect(),
    }
}

#[derive(Default)]
struct Gathered {
    containers: Vec<Text>,
    meant: Vec<TagDigest>,
    reported: Vec<TagDigest>,
    running: BTreeMap<(Option<Text>, Option<Text>), Run>,
}

#[derive(Default)]
struct Run {
    pods: u32,
    ready: u32,
    since: Option<Timestamp>,
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// All images of an environment, the primary one first where there is one.
pub fn images(
    joined: &Joined<'_>,
    service: &str,
    configured: Option<&str>,
) -> (Option<ImageView>, Vec<ImageView>) {
    let mut by_repository: BTreeMap<Text, Gathered> = BTreeMap::new();
    for workload in &joined.workloads {
        for (container, image) in meant(joined, workload) {
            let (repository, what) = split(image);
            let gathered = by_repository.entry(repository).or_default();
            push_new(&mut gathered.containers, Text::clone(container));
            push_new(&mut gathered.meant, what);
        }
        for pod in workload.living_pods() {
            // A pod counts once for an image, however many of its containers (a migration sidecar, say) run it.
            let mut of_pod: BTreeMap<(Text, TagDigest), (bool, Option<Timestamp>)> = BTreeMap::new();
            for container in &pod.pod.containers {
                let Some(digest) = &container.digest else { continue };
                let (repository, what) = split(&container.image);
                let gathered = by_repository.entry(Text::clone(&repository)).or_default();
                push_new(&mut gathered.containers, Text::clone(&container.name));
                let image = TagDigest { tag: what.tag, digest: Some(Text::clone(digest)) };
                let seen = of_pod.entry((repository, image)).or_insert((true, None));
                seen.0 &= container.ready;
                // Not the ReplicaSet's birth: a rollback takes an old one into use again.
                seen.1 = earliest(seen.1, container.started.or(pod.pod.created));
            }
            for ((repository, image), (ready, since)) in of_pod {
                let gathered = by_repository.entry(repository).or_default();
                let run = gathered.running.entry((image.tag, image.digest)).or_default();
                run.pods += 1;
                run.ready += u32::from(ready);
                run.since = earliest(run.since, since);
            }
        }
    }
    for image in &joined.application.reported_images {
        let (repository, what) = split(image);
        if let Some(gathered) = by_repository.get_mut(&repository) {
            push_new(&mut gathered.reported, what);
        }
    }
    let primary = primary(joined, service, configured, &by_repository);
    let mut first = None;
    let mut others = Vec::new();
    for (repository, gathered) in by_repository {
        let chosen_by = primary.as_ref().filter(|(r, _)| *r == repository).map(|(_, by)| *by);
        let view = view(repository, gathered, chosen_by.unwrap_or(""));
        if chosen_by.is_some() {
            first = Some(view);
        } else {
            others.push(view);
        }
    }
    (first, others)
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn view(repository: Text, gathered: Gathered, chosen_by: &str) -> ImageView {
    let meant = gathered.meant;
    let mut running: Vec<(RunningImage, Option<Timestamp>)> = gathered
        .running
        .into_iter()
        .map(|((tag, digest), run)| {
            (RunningImage { tag, digest, pods: run.pods, ready: run.ready }, run.since)
        })
        .collect();
    // Most pods first; at a tie the one that is meant, so that the middle of a rollout is well defined.
    running.sort_by(|(a, _), (b, _)| {
        let wanted = |image: &RunningImage| meant.iter().any(|m| same(m, &tag_digest(image)));
        b.pods
            .cmp(&a.pods)
            .then(wanted(b).cmp(&wanted(a)))
            .then(a.tag.cmp(&b.tag))
            .then(a.digest.cmp(&b.digest))
    });
    ImageView {
        repository,
        containers: gathered.containers,
        meant,
        reported: gathered.reported,
        since: running.first().and_then(|(_, since)| *since),
        since_exact: false,
        running: running.into_iter().map(|(image, _)| image).collect(),
        chosen_by: Text::from(chosen_by),
        outlook: None,
    }
}

/// What runs, as a reference.
pub fn tag_digest(image: &RunningImage) -> TagDigest {
    TagDigest { tag: image.tag.clone(), digest: image.digest.clone() }
}

/// The rule of the primary image: configured; else the container named like the service; else the repository that ends
/// in its name; else the one that an override manages; else the first container. Init containers never.
fn primary(
    joined: &Joined<'_>,
    service: &str,
    configured: Option<&str>,
    known: &BTreeMap<Text, Gathered>,
) -> Option<(Text, &'static str)> {
    let containers =
        || joined.workloads.iter().flat_map(|w| meant(joined, w)).map(|(name, image)| (name, split(image).0));
    let named =
        |wanted: &str| containers().find(|(name, _)| &***name == wanted).map(|(_, repository)| repository);
    if let Some(repository) = configured.and_then(named) {
        return Some((repository, "configured"));
    }
    if let Some(repository) = named(service) {
        return Some((repository, "container"));
    }
    let ends = |repository: &Text| repository.rsplit('/').next() == Some(service);
    if let Some((_, repository)) = containers().find(|(_, repository)| ends(repository)) {
        return Some((repository, "repository"));
    }
    let overridden: Vec<Text> = joined
        .application
        .sources
        .iter()
        .flat_map(|source| &source.images)
        .map(|image| split(image.rsplit('=').next().unwrap_or(image)).0)
        .collect();
    if let Some((_, repository)) = containers().find(|(_, repository)| overridden.contains(repository)) {
        return Some((repository, "override"));
    }
    containers().next().map(|(_, repository)| (repository, "first")).or_else(|| {
        // Nothing is meant (the workload is gone), but pods still run something.
        known.keys().next().map(|repository| (Text::clone(repository), "first"))
    })
}
