//! `--explain-mapping`: each Application with its service and environment, and the words why.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use landfall_model::{
    mapping::Mapper,
    observe::{ApplicationSet, Body, ObjectName, Observation},
    words::Kind,
};
use serde::Serialize;

use super::print::plain;
use crate::{
    config::Config,
    watch::{self, Pace, Server, resource},
};

/// What `--json` prints.
#[derive(Debug, Serialize)]
pub struct Explained {
    pub applications: Vec<Row>,
    pub unassigned: Vec<Row>,
    /// What could not be listed, and why.
    pub failures: Vec<Unlisted>,
}

/// One Application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `instance:namespace/name`
    pub application: String,
    pub service: String,
    pub environment: String,
    /// `null` if the destination is none of the configured clusters.
    pub cluster: Option<String>,
    pub preview: bool,
    pub why: String,
}

/// An instance that could not be listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unlisted {
    pub source: String,
    pub kind: &'static str,
    pub why: String,
}

/// Lists Applications and ApplicationSets once and maps them.
pub async fn explain(config: &Config) -> Explained {
    let mut explained = Explained { applications: Vec::new(), unassigned: Vec::new(), failures: Vec::new() };
    let mapper = match Mapper::new(&config.settings) {
        Ok(mapper) => mapper,
        Err(error) => {
            let source = config.file.display().to_string();
            explained.failures.push(Unlisted { source, kind: "pattern", why: error.to_string() });
            return explained;
        }
    };
    let pace = Arc::new(Pace::default());
    for cluster in &config.clusters {
        let server = Arc::new(Server::new(cluster, &config.limits, &pace));
        for instance in &config.instances {
            if *instance.settings.cluster == *cluster.name {
                of_instance(config, &server, instance, &mapper, &mut explained).await;
            }
        }
    }
    let order =
        |row: &Row| (row.service.clone(), mapper.environment_rank(&row.environment), row.application.clone());
    explained.applications.sort_by_cached_key(order);
    explained.unassigned.sort_by_cached_key(order);
    explained
}

async fn of_instance(
    config: &Config,
    server: &Arc<Server>,
    instance: &crate::config::Instance,
    mapper: &Mapper,
    explained: &mut Explained,
) {
    let plans: Vec<_> = resource::instance_plans(instance)
        .into_iter()
        .filter(|plan| matches!(plan.scope.kind, Kind::Application | Kind::ApplicationSet))
        .collect();
    let mut observations = Vec::new();
    for (plan, result) in watch::collect_once(config, server, &plans).await {
        match result {
            Ok(items) => observations.extend(items),
            Err(failure) => explained.failures.push(Unlisted {
                source: plan.scope.source.to_string(),
                kind: plan.scope.kind.as_str(),
                why: failure.to_string(),
            }),
        }
    }
    let sets = sets_of(&observations);
    let name = &*instance.settings.name;
    for observation in &observations {
        let (row, assigned) = match &observation.body {
            Body::Application(app) => {
                let cluster = mapper.resolve_destination(name, &app.destination);
                let set = app.owner_set.as_ref().map(|set| ObjectName {
                    namespace: observation.name.namespace.clone(),
                    name: set.clone(),
                });
                let set = set.and_then(|set| sets.get(&set).copied());
                let place = mapper.map(name, &observation.name, app, cluster.as_deref(), set);
                let row = Row {
                    application: format!("{name}:{}", observation.name),
                    service: place.service.to_string(),
                    environment: place.environment.to_string(),
                    cluster: cluster.map(|cluster| cluster.to_string()),
                    preview: place.preview,
                    why: place.mapped_by.to_string(),
                };
                (row, place.assigned)
            }
            Body::Unreadable(broken) if observation.scope.kind == Kind::Application => {
                let row = Row {
                    application: format!("{name}:{}", observation.name),
                    service: observation.name.name.to_string(),
                    environment: "-".to_owned(),
                    cluster: None,
                    preview: false,
                    why: format!("unreadable: {} {}", broken.field, broken.why),
                };
                (row, false)
            }
            _ => continue,
        };
        if assigned { explained.applications.push(row) } else { explained.unassigned.push(row) }
    }
}

fn sets_of(observations: &[Observation]) -> BTreeMap<&ObjectName, &ApplicationSet> {
    let sets = observations.iter().filter_map(|observation| match &observation.body {
        Body::ApplicationSet(set) => Some((&observation.name, &**set)),
        _ => None,
    });
    sets.collect()
}

/// The table for people.
pub fn table(explained: &Explained, paint: bool) -> String {
    let mut out = String::new();
    let bold = |text: &str| if paint { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() };
    let all = || explained.applications.iter().chain(&explained.unassigned);
    let width = |of: fn(&Row) -> &str, least: usize| {
        all().map(|row| of(row).chars().count()).max().unwrap_or(0).clamp(least, 48)
    };
    let (a, s, e) = (
        width(|row| &row.application, "APPLICATION".len()),
        width(|row| &row.service, "SERVICE".len()),
        width(|row| &row.environment, "ENVIRONMENT".len()),
    );
    let head = format!("{:<a$}  {:<s$}  {:<e$}  WHY", "APPLICATION", "SERVICE", "ENVIRONMENT");
    let mut rows = |title: Option<&str>, rows: &[Row]| {
        if let Some(title) = title {
            let _ = writeln!(out, "\n{}", bold(title));
        }
        for row in rows {
            let cluster =
                if row.cluster.is_none() { "; its destination is no configured cluster" } else { "" };
            let _ = writeln!(
                out,
                "{:<a$}  {:<s$}  {:<e$}  {}{cluster}",
                plain(&row.application),
                plain(&row.service),
                plain(&row.environment),
                plain(&row.why),
            );
        }
    };
    if all().next().is_some() {
        rows(Some(&head), &explained.applications);
    }
    if !explained.unassigned.is_empty() {
        rows(Some("Unassigned: no rule placed them"), &explained.unassigned);
    }
    for failure in &explained.failures {
        let _ = writeln!(
            out,
            "\n✗ {} {} could not be listed: {}",
            failure.source,
            failure.kind,
            plain(&failure.why)
        );
    }
    let _ = writeln!(
        out,
        "\n{} Applications, {} unassigned",
        explained.applications.len() + explained.unassigned.len(),
        explained.unassigned.len()
    );
    out.trim_start_matches('\n').to_owned()
}
