//! The last known view, shown before anything else: what each environment was last seen as, read in a moment. The
//! objects behind it take longer, and the sources longer still.

use std::{collections::BTreeMap, sync::Arc};

use landfall_model::{
    Text,
    index::{Stored, finding_order},
    mapping::Mapper,
    view::{Environment, Pull, Service, Snapshot, SourceView},
    words::SourceState,
};

/// The view that the last run left. Every source is `starting`: all of it is marked as old until they answer. Owners
/// and repositories are not stored; they follow with the objects.
pub fn remembered(stored: Stored, mapper: &Mapper) -> Snapshot {
    let mut by_service: BTreeMap<Text, Vec<Arc<Environment>>> = BTreeMap::new();
    let mut columns: Vec<Text> = Vec::new();
    for environment in stored.environments {
        if !environment.preview && !columns.contains(&environment.name) {
            columns.push(Text::clone(&environment.name));
        }
        by_service.entry(Text::clone(&environment.service)).or_default().push(Arc::new(environment));
    }
    columns.sort();
    columns.sort_by_key(|name| mapper.environment_rank(name));
    let service = |(name, mut environments): (Text, Vec<Arc<Environment>>)| {
        environments.sort_by_cached_key(|e| {
            (e.preview, columns.iter().position(|column| *column == e.name), Text::clone(&e.name))
        });
        Arc::new(Service { name, owner: None, repository: None, environments, unassigned: false })
    };
    let services = by_service.into_iter().map(service).collect();
    let mut pulls: Vec<_> = stored.pulls.into_iter().map(Arc::new).collect();
    pulls.sort_by(|a, b| Pull::order(a, b));
    let open = stored.findings.into_iter().filter(|row| row.open);
    let mut findings: Vec<_> = open.map(|row| Arc::new(row.finding)).collect();
    findings.sort_by(|a, b| finding_order(a, b));
    let sources = stored.sources.into_iter().map(starting).collect();
    Snapshot {
        revision: stored.revision,
        as_of: None,
        services,
        findings,
        sources,
        environment_order: columns,
        unassigned: 0,
        generators: Arc::default(),
        pulls,
    }
}

fn starting(mut source: SourceView) -> (Text, Arc<SourceView>) {
    source.state = SourceState::Starting;
    for column in &mut source.columns {
        column.state = SourceState::Starting;
    }
    (Text::clone(&source.name), Arc::new(source))
}
