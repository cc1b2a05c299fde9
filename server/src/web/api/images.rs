//! `/api/v1/images` and `/api/v1/images/{repository}`.

mod types;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use landfall_app::data::InForce;
use landfall_model::{
    Text,
    query::{
        List,
        images::{self, NO_POLICY, Repository as Found, Runs, Use},
        pairs,
    },
    updater::{Alternative, Pick, Strategy},
    words::Standing,
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    types::TagDigest,
    view::{self, Around},
};
use crate::{
    source::registry::Label,
    store::{ImageDetails, KeptLayer, Newest, Part, Sightings},
    web::{Problem, history::History, policies::in_force},
};

pub(super) use types::*;

/// Edges of one repository that are told at most.
const SIGHTINGS: u32 = 1_000;

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Images).await?;
    let page = images::images(&view.prepared, &view.query);
    if ask.format == Format::Csv {
        return Ok(view::table(&view, table(&page.items, view.as_of), page.next.as_ref()));
    }
    let names: Vec<String> = page.items.iter().map(|found| found.name.to_string()).collect();
    let mut newest = match ask.state.history.as_deref() {
        Some(history) => history.newest_tags(&names, view.as_of).await?,
        None => BTreeMap::new(),
    };
    let items: Vec<_> =
        page.items.iter().map(|found| repository(found, newest.remove(&*found.name), view.as_of)).collect();
    view::list(&view, &items, Around::of(&page))
}

pub(super) async fn one(ask: &Ask<'_>, name: &str) -> Result<Reply, Problem> {
    let view = view::view_without(ask, List::Images, &["from", "to"]).await?;
    let found_there = images::repository(&view.prepared, name).ok_or_else(|| {
        Problem::not_found("No image of this repository is in the view that was asked for.")
    })?;
    let mut repository = repository(found_there, None, view.as_of);
    if let Some(history) = ask.state.history.as_deref() {
        let newest = history.newest_tags(&[name.to_owned()], view.as_of).await?;
        repository.newest = newest.into_values().next().map(newest_tag);
        let found = history.sightings(name, SIGHTINGS).await?;
        repository.sightings = found.map(|found| sightings(found.as_of(view.as_of)));
        let at = view.query.at.as_ref().map(|_| view.as_of);
        let policies = in_force(ask.state, found_there, at).await;
        repository.would_pick = Some(policies.iter().map(|one| would_pick(found_there, one)).collect());
        repository.compared = compared(ask, history, name, view.as_of).await?;
    }
    view::one(&view.prepared, view.as_of, &repository)
}

fn newest_tag(newest: Newest) -> NewestTag {
    NewestTag { tag: newest.tag.into(), digest: newest.digest.into(), at: newest.at }
}

fn repository(found: &Found, newest: Option<Newest>, now: Timestamp) -> ImageRepository {
    ImageRepository {
        repository: Text::clone(&found.name),
        services: found.services().into_iter().map(|service| Text::clone(&service.name)).collect(),
        pods: found.pods(),
        running: found.running().iter().map(|runs| running(found, runs)).collect(),
        uses: found.uses.iter().map(|one| use_of(one, now)).collect(),
        newest: newest.map(newest_tag),
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

fn use_of(one: &Use, now: Timestamp) -> RepositoryUse {
    let image = one.image();
    let outlook = image.outlook.as_deref();
    let expected = outlook.and_then(|outlook| outlook.expected.as_ref());
    let would_pick = outlook.and_then(|outlook| outlook.would_pick.as_ref());
    let standing = one.standing(now);
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
        state: standing.as_str().into(),
        why: outlook.filter(|_| standing < Standing::AsMeant).map(|outlook| outlook.summary_at(now).text),
        strategy: Some(one.policy()).filter(|policy| *policy != NO_POLICY).map(Text::from),
        expected: expected
            .map(|it| TagDigest { tag: Some(Text::clone(&it.tag)), digest: Some(Text::clone(&it.digest)) }),
        expected_at: expected.and_then(|it| it.at),
        would_pick: would_pick.map(picked),
        since: image.since,
        since_exact: image.since_exact,
    }
}

/// A line per tag and environment; one without pods where nothing runs yet.
fn table(found: &[&Found], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        "repository",
        "service",
        "environment",
        "tag",
        "digest",
        "pods",
        "differs",
        "since",
        "state",
        "strategy",
        "expected",
    ]);
    for repository in found {
        for one in &repository.uses {
            let image = one.image();
            let outlook = image.outlook.as_ref();
            let expected = outlook.and_then(|outlook| outlook.expected.as_ref()).map(|it| &it.tag);
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
                    cell(one.standing(now).as_str()),
                    cell(one.policy()),
                    maybe(expected),
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
