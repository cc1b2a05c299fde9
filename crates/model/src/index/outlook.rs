//! How the images of an environment stand against what was pushed: settings, registry and pods put together.
//!
//! ```text
//!  ImageUpdater objects, annotations -> the settings in force
//!  a repository's edges and facts     -> what was pushed, what would be picked     updater::trap::judge -> Outlook
//!  pods, overrides, Events            -> what runs, what was written
//! ```

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{branch, columns::Columns, committed, images::split, joined::Joined, objects::Objects};
use crate::{
    observe::{Body, Event, ImageUpdater, ObjectName, Repository, Scope},
    phrase::Said,
    said,
    settings::{Settings, UPDATER_INTERVAL},
    text::Text,
    updater::{
        settings::{Found, Managed, Program, effective},
        trap::{self, Registry, Running, Situation, Sources, State, Updater, Verdict},
    },
    view::{Environment, ImageView, Outlook, PolicyInForce},
    words::Kind,
};

/// What the index knows beside the Application.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub objects: &'a Objects,
    pub columns: &'a Columns,
    pub settings: &'a Settings,
    /// Events of Image Updater about the Application, oldest first.
    pub events: &'a [Arc<Event>],
    /// What was asked for of each repository, as it was noticed to change; oldest first.
    pub asked: &'a [(Text, Timestamp, Text)],
}

/// A repository that is looked at.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    pub body: &'a Repository,
    /// `registry/HOST`.
    pub source: Text,
    /// Since when it is known to be as it is.
    pub noticed_at: Timestamp,
}

/// The repository of this name, with its host, where it is looked at.
pub fn repository<'a>(objects: &'a Objects, name: &str) -> Option<Known<'a>> {
    let (host, path) = name.split_once('/')?;
    let source = Text::from(format!("registry/{host}"));
    let scope = Scope { source: Text::clone(&source), kind: Kind::Repository };
    let object = ObjectName { namespace: Text::from(""), name: Text::from(path) };
    let held = objects.get(&scope, &object)?;
    let Body::Repository(body) = &held.body else { return None };
    Some(Known { body, source, noticed_at: held.noticed_at })
}

/// Tag or digest that the Application's own overrides ask for, of each repository that they name.
pub fn overrides(joined: &Joined<'_>) -> Vec<(Text, Text)> {
    let sources = &joined.application.sources;
    let images = sources.iter().flat_map(|source| &source.images);
    let named = images.filter_map(|image| {
        let (repository, what) = split(image.rsplit('=').next().unwrap_or(image));
        Some((repository, what.tag.or(what.digest)?))
    });
    named.filter(|(repository, _)| repository.contains('/')).collect()
}

/// Works out the outlook of each image that something manages. Returns why what should manage one does not.
pub fn fill(view: &mut Environment, joined: &Joined<'_>, around: Around<'_>) -> Found {
    let Some(found) = managed(joined, around) else { return Found::default() };
    let repositories: Vec<Text> = found
        .managed
        .iter()
        .flat_map(|managed| &managed.images)
        .map(|image| Text::clone(&image.repository))
        .collect();
    for repository in repositories {
        let outlook = outlook(view, joined, around, &found, &repository);
        let images = view.image.iter_mut().chain(&mut view.other_images);
        if let Some(image) = images.into_iter().find(|image| image.repository == repository) {
            image.outlook = outlook.map(Box::new);
        }
    }
    found
}

/// Who manages the Application's images; `None` where that cannot be known.
fn managed(joined: &Joined<'_>, around: Around<'_>) -> Option<Found> {
    let source = &joined.key.source;
    let namespace = &joined.key.name.namespace;
    let is_there = around.columns.is_readable(source, Kind::ImageUpdater, namespace);
    if !is_there && joined.application.updater.is_empty() {
        return None;
    }
    let program = if is_there { Program::V1 } else { Program::V0 };
    let scope = Scope { source: Text::clone(source), kind: Kind::ImageUpdater };
    let objects = around.objects.of(&scope).filter_map(|(name, held)| match &held.body {
        Body::ImageUpdater(updater) => Some((name, &**updater)),
        _ => None,
    });
    Some(effective(program, &joined.key.name, joined.application, objects))
}

fn outlook(
    view: &Environment,
    joined: &Joined<'_>,
    around: Around<'_>,
    found: &Found,
    repository: &Text,
) -> Option<Outlook> {
    let by = |managed: &&Managed| managed.images.iter().any(|image| image.repository == *repository);
    let managed = found.managed.iter().find(by)?;
    let settings = managed.images.iter().find(|image| image.repository == *repository)?;
    let policy = Some(Arc::new(PolicyInForce {
        object: managed.object.clone(),
        name_pattern: managed.name_pattern.clone(),
        from_annotations: managed.from_annotations,
        also: found.managed.iter().filter(by).skip(1).filter_map(|it| it.object.clone()).collect(),
        write_back: managed.write_back.clone(),
        image: settings.clone(),
    }));
    let image = view.image.iter().chain(&view.other_images).find(|image| image.repository == *repository)?;
    let host = repository.split_once('/').map_or("", |(host, _)| host);
    let registry = around.settings.registries.iter().find(|registry| *registry.host == *host);
    let Some((known, registry)) = self::repository(around.objects, repository).zip(registry) else {
        return Some(unknown(policy));
    };
    let sightings = known.body.sightings(&Text::from(host), repository, known.noticed_at);
    let pushes = pushes(known.body);
    let interval = interval(&joined.key.source, around.settings);
    let updater = managed.object.as_ref().and_then(|name| updater(joined, around, name));
    let running = running(image);
    let asked = overrides(joined).into_iter().find(|(of, _)| of == repository).map(|(_, what)| what);
    let meant = asked.or_else(|| image.meant.first().and_then(|it| it.tag.clone().or(it.digest.clone())));
    let noticed = around.asked.iter().filter(|(of, ..)| of == repository);
    let committed =
        committed::updates_by(around.objects, around.settings, &joined.key.name, view, &managed.write_back);
    let writes = trap::writes(
        around.events.iter().chain(&committed).map(|event| &**event),
        repository,
        noticed.map(|(_, at, to)| (*at, Text::clone(to))),
    );
    let trouble = trouble(view);
    let cluster = joined.cluster.as_ref().unwrap_or(&joined.key.source);
    let built_from = branch::source(known.body);
    let situation = Situation {
        // A view knows no clock: what has still time is told by `settles_at`.
        now: Timestamp::MAX,
        settings: Some(settings),
        tried: &[],
        live: settings.is_live(joined.application),
        reported: &joined.application.reported_images,
        own_platforms: &[],
        sightings: &sightings,
        facts: &known.body.facts,
        pushes: &pushes,
        head: built_from
            .and_then(|address| branch::head(around.objects, around.settings, known.body, address))
            .map(|tag| &**tag),
        running: &running,
        meant: meant.as_deref(),
        updater: Updater { last_checked: None, ..Updater::of(updater, interval, None) },
        registry: Registry {
            poll: registry.interval,
            beginning: Some(known.body.settled_at.unwrap_or(Timestamp::MAX)),
            listed: Some(known.noticed_at),
            error: known.body.error.clone(),
        },
        writes: &writes,
        sync: joined.application.sync,
        operation: joined.application.operation.as_ref(),
        trouble: trouble.as_deref(),
        sources: Sources { registry: &known.source, argocd: &joined.key.source, cluster },
    };
    // What was first seen now was pushed since the last look: of the longer of one look at the registry and two of the
    // updater, one look may be over. A look of the updater is left in any case.
    let poll = situation.registry.poll;
    let patience = interval.max(poll.max(interval.saturating_mul(2)).saturating_sub(poll));
    Some(Outlook {
        built_from: built_from.cloned(),
        ..from(trap::judge(&situation), policy, image, patience)
    })
}

fn from(
    verdict: Verdict,
    policy: Option<Arc<PolicyInForce>>,
    image: &ImageView,
    patience: SignedDuration,
) -> Outlook {
    let wrong = !matches!(verdict.state, State::Fine);
    // It can be wrong no longer than what is wrong runs.
    let since = verdict.since.max(image.since).filter(|_| wrong);
    let pushed = verdict.expected.as_ref().and_then(|expected| expected.at);
    Outlook {
        state: verdict.state,
        cause: verdict.cause,
        summary: verdict.summary,
        proof: if wrong { verdict.proof } else { Vec::new() },
        way_out: verdict.way_out,
        expected: verdict.expected,
        would_pick: verdict.would_pick,
        since,
        settles_at: since.max(pushed).filter(|_| wrong).and_then(|at| at.checked_add(patience).ok()),
        policy,
        built_from: None,
    }
}

/// The registry is not looked at, or was not yet.
fn unknown(policy: Option<Arc<PolicyInForce>>) -> Outlook {
    Outlook {
        state: State::Unknown,
        cause: None,
        summary: said!("outlook-unknown", "The tags of its repository are not known"),
        proof: Vec::new(),
        way_out: None,
        expected: None,
        would_pick: None,
        since: None,
        settles_at: None,
        policy,
        built_from: None,
    }
}

/// What vendors say of pushes.
fn pushes(repository: &Repository) -> Vec<trap::Push> {
    let told = repository.open().filter_map(|edge| {
        Some(trap::Push {
            tag: Text::clone(&edge.tag),
            digest: Text::clone(&edge.digest),
            at: edge.pushed_at?,
            by: trap::OrderSource::Vendor,
        })
    });
    told.collect()
}

/// How often the Image Updater of this Argo CD looks.
pub fn interval(source: &Text, settings: &Settings) -> SignedDuration {
    let name = source.strip_prefix("argocd/").unwrap_or(source);
    let instance = settings.instances.iter().find(|instance| *instance.name == *name);
    instance.map_or(UPDATER_INTERVAL, |instance| instance.updater_interval)
}

fn updater<'a>(joined: &Joined<'_>, around: Around<'a>, name: &ObjectName) -> Option<&'a ImageUpdater> {
    let scope = Scope { source: Text::clone(&joined.key.source), kind: Kind::ImageUpdater };
    match &around.objects.get(&scope, name)?.body {
        Body::ImageUpdater(updater) => Some(updater),
        _ => None,
    }
}

fn running(image: &ImageView) -> Vec<Running> {
    let known = image
        .running
        .iter()
        .filter_map(|it| Some(Running { tag: it.tag.clone(), digest: Text::clone(it.digest.as_ref()?) }));
    known.collect()
}

/// What holds the pods up, in the words of the cluster.
fn trouble(view: &Environment) -> Option<String> {
    let trouble = view.workloads.iter().flat_map(|workload| &workload.troubles).next()?;
    Some(match &trouble.message {
        Some(message) => format!("{}: {message}", trouble.reason),
        None => trouble.reason.to_string(),
    })
}

/// Why the Application is not taken in although somebody meant it to be: it has settings of its own, and nothing reads
/// them.
pub fn passed_over(joined: &Joined<'_>, found: &Found) -> Option<Vec<(Text, Said)>> {
    let listed = joined.application.updater.iter().any(|(key, _)| **key == *"image-list");
    if !listed || !found.managed.is_empty() {
        return None;
    }
    let tried = found.tried.iter().map(|tried| {
        let object = tried.object.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = match &tried.name_pattern {
            Some(pattern) => format!("{object} {pattern}"),
            None => object,
        };
        (Text::from(name.trim()), tried.why.clone())
    });
    Some(tried.collect())
}
