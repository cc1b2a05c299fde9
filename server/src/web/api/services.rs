//! `/api/v1/services` and `/api/v1/services/{name}`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use landfall_model::{
    Text,
    query::{List, services},
    view::{self as model, Snapshot},
    words::TransitionKind,
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    types,
    view::{self, Around, View},
};
use crate::{
    store::HistoryQuery,
    web::{Problem, history},
};

/// Kinds of changes per service.
type Changes = BTreeMap<Text, BTreeSet<TransitionKind>>;
/// Open findings per service.
type Findings<'a> = HashMap<&'a str, Vec<&'a Arc<model::Finding>>>;

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Services).await?;
    let found = services::services(&view.prepared, &view.query);
    if ask.format == Format::Csv {
        return Ok(view::table(&view, table(&view, &found.page.items), found.page.next.as_ref()));
    }
    let names = found.page.items.iter().map(|service| service.name.to_string()).collect();
    let changes = changes(ask, &view, names).await?;
    let snapshot = &view.prepared.snapshot;
    let mut findings: Findings<'_> =
        found.page.items.iter().map(|service| (&*service.name, Vec::new())).collect();
    for finding in &snapshot.findings {
        if let Some(own) = finding.service.as_deref().and_then(|name| findings.get_mut(name)) {
            own.push(finding);
        }
    }
    let items: Vec<_> = found
        .page
        .items
        .iter()
        .map(|s| {
            service(snapshot, s, findings.get(&*s.name).into_iter().flatten().copied(), changes.as_ref())
        })
        .collect();
    view::list(&view, &items, Around::of(&found.page))
}

pub(super) async fn one(ask: &Ask<'_>, name: &str) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Services).await?;
    let snapshot = &view.prepared.snapshot;
    let found = snapshot.service(name).ok_or_else(|| {
        Problem::not_found("There is no service of this name in the view that was asked for.")
    })?;
    let changes = changes(ask, &view, vec![name.to_owned()]).await?;
    let findings = snapshot.findings.iter().filter(|f| f.service.as_deref() == Some(name));
    view::one(&view.prepared, view.as_of, &service(snapshot, found, findings, changes.as_ref()))
}

/// What changed since the moment that was asked for; pages of history that are read at most.
async fn changes(ask: &Ask<'_>, view: &View, names: Vec<String>) -> Result<Option<Changes>, Problem> {
    const PAGES: usize = 10;
    let Some(since) = &view.query.since else { return Ok(None) };
    let store = ask.state.history.as_deref().ok_or_else(history::no_database)?;
    let mut changes = Changes::new();
    let until = view.query.at.as_ref().map(|moment| moment.at);
    let mut asked = HistoryQuery {
        services: names,
        since: Some(since.at),
        until,
        limit: 1_000,
        ..HistoryQuery::default()
    };
    if asked.services.is_empty() {
        return Ok(Some(changes));
    }
    for _ in 0..PAGES {
        let page = store.page(&asked).await?;
        for transition in page.items {
            if let Some(service) = transition.service {
                changes.entry(service).or_default().insert(transition.kind);
            }
        }
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    Ok(Some(changes))
}

fn service<'a>(
    snapshot: &Snapshot,
    service: &model::Service,
    findings: impl IntoIterator<Item = &'a Arc<model::Finding>>,
    changes: Option<&Changes>,
) -> types::Service {
    let environments: Vec<_> = service.environments.iter().map(|e| environment(snapshot, e)).collect();
    let stale = environments.iter().any(|environment| environment.stale);
    types::Service {
        name: Text::clone(&service.name),
        owner: service.owner.clone(),
        stage: None,
        flags: if stale { vec!["Stale"] } else { Vec::new() },
        unassigned: service.unassigned,
        findings: findings
            .into_iter()
            .map(|f| types::FindingRef {
                id: Text::clone(&f.id),
                rule: f.rule,
                severity: f.severity,
                environment: f.environment.clone(),
                since: f.since,
            })
            .collect(),
        environments,
        changed: changes.map(|all| all.get(&service.name).into_iter().flatten().copied().collect()),
    }
}

fn environment(snapshot: &Snapshot, e: &model::Environment) -> types::Environment {
    types::Environment {
        name: Text::clone(&e.name),
        id: Text::clone(&e.id),
        preview: e.preview,
        cluster: e.cluster.clone(),
        namespace: e.namespace.clone(),
        instance: Text::clone(&e.instance),
        application: Text::clone(&e.application),
        project: Text::clone(&e.project),
        state: e.state,
        why: e.why.clone(),
        sync: e.sync,
        health: e.health,
        operation: e.operation.as_ref().map(|o| types::Operation {
            phase: o.phase,
            message: o.message.clone(),
            started_at: o.started_at,
            finished_at: o.finished_at,
            retries: o.retries,
            initiated_by: o.initiated_by.clone(),
        }),
        revision: e.deployed.first().cloned(),
        revisions: e.deployed.clone(),
        auto_sync: e.auto_sync,
        workloads: e.workloads.iter().map(workload).collect(),
        image: e.image.as_ref().map(image),
        other_images: e.other_images.iter().map(image).collect(),
        urls: e.urls.clone(),
        since: e.since,
        since_exact: e.since_exact,
        as_of: snapshot.confirmed_at(e),
        stale: snapshot.is_stale(e),
        sources: e.sources.clone(),
    }
}

fn workload(workload: &model::WorkloadView) -> types::Workload {
    let troubles = workload.troubles.iter().map(|t| types::Trouble {
        reason: Text::clone(&t.reason),
        container: t.container.clone(),
        message: t.message.clone(),
        pods: t.pods,
        since: t.since,
    });
    types::Workload {
        kind: workload.kind,
        namespace: Text::clone(&workload.namespace),
        name: Text::clone(&workload.name),
        desired: workload.desired,
        ready: workload.ready,
        missing: workload.missing,
        troubles: troubles.collect(),
    }
}

fn image(image: &model::ImageView) -> types::Image {
    let tag = |t: &model::TagDigest| types::TagDigest { tag: t.tag.clone(), digest: t.digest.clone() };
    let running = image.running.iter().map(|r| types::Running {
        tag: r.tag.clone(),
        digest: r.digest.clone(),
        pods: r.pods,
        ready: r.ready,
    });
    types::Image {
        repository: Text::clone(&image.repository),
        meant: image.meant.first().map(tag),
        meant_all: image.meant.iter().map(tag).collect(),
        reported: image.reported.first().map(tag),
        running: running.collect(),
        since: image.since,
        since_exact: image.since_exact,
    }
}

/// One line per environment; a service that is nowhere has one line as well.
fn table(view: &View, services: &[std::sync::Arc<model::Service>]) -> Table {
    let mut table = Table::new(&[
        "service",
        "owner",
        "environment",
        "preview",
        "state",
        "stale",
        "since",
        "since_exact",
        "repository",
        "tag",
        "digest",
        "ready",
        "desired",
        "sync",
        "health",
        "revision",
        "cluster",
        "namespace",
        "instance",
        "application",
    ]);
    for service in services {
        let head = [cell(&service.name), maybe(service.owner.as_ref())];
        if service.environments.is_empty() {
            table.row(head.clone().into_iter().chain(std::iter::repeat_n(None, 18)));
        }
        for e in &service.environments {
            let running = e.image.as_ref().and_then(|image| image.running.first());
            let (ready, desired) = e.replicas();
            let cells = [
                cell(&e.name),
                cell(e.preview),
                cell(e.state),
                cell(view.prepared.snapshot.is_stale(e)),
                maybe(e.since),
                cell(e.since_exact),
                maybe(e.image.as_ref().map(|image| &image.repository)),
                maybe(running.and_then(|r| r.tag.as_ref())),
                maybe(running.and_then(|r| r.digest.as_ref())),
                cell(ready),
                cell(desired),
                maybe(e.sync),
                maybe(e.health),
                maybe(e.deployed.first()),
                maybe(e.cluster.as_ref()),
                maybe(e.namespace.as_ref()),
                cell(&e.instance),
                cell(&e.application),
            ];
            table.row(head.clone().into_iter().chain(cells));
        }
    }
    table
}
