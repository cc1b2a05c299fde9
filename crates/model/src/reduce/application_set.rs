//! Argo CD ApplicationSets. Paths after `applicationset_types.go` of argoproj/argo-cd.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::{WireCondition, conditions},
    lax::{Flag, Int, List, Must, Obj, Present, Str},
    meta::{Meta, Metadata},
    source::WireSource,
    strings::Strings,
    url::safe_url,
};
use crate::{
    observe::{ApplicationSet, Body, Condition, PullFilter, PullRequestGenerator, Unreadable},
    text::Text,
    words::{Health, Kind},
};

/// Most generators named.
const LIMIT: usize = 100;
/// Most labels and filters of one generator.
const LINES: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow)]
    spec: Must<Spec<'a>>,
    #[serde(borrow, default)]
    status: Option<Must<Status<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Spec<'a> {
    #[serde(borrow, default)]
    generators: List<Obj<Generator<'a>>>,
    #[serde(borrow, default)]
    template: Obj<Template<'a>>,
    #[serde(default)]
    go_template: Flag,
    #[serde(borrow, default)]
    sync_policy: Obj<SetPolicy<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SetPolicy<'a> {
    #[serde(borrow, default)]
    applications_sync: Str<'a>,
}

/// One generator: exactly one of these is set. `matrix` and `merge` hold further ones.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generator<'a> {
    #[serde(default)]
    list: Present,
    #[serde(default)]
    clusters: Present,
    #[serde(default)]
    git: Present,
    #[serde(default)]
    scm_provider: Present,
    #[serde(default)]
    cluster_decision_resource: Present,
    #[serde(default)]
    plugin: Present,
    /// Boxed: generators nest, and each level stands on the stack.
    #[serde(borrow, default)]
    pull_request: Option<Obj<Box<PullRequest<'a>>>>,
    #[serde(borrow, default)]
    matrix: Option<Obj<Nested<'a>>>,
    #[serde(borrow, default)]
    merge: Option<Obj<Nested<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Nested<'a> {
    #[serde(borrow, default)]
    generators: List<Obj<Generator<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullRequest<'a> {
    #[serde(borrow, default)]
    github: Option<Obj<Forge<'a>>>,
    #[serde(borrow, default)]
    gitlab: Option<Obj<Forge<'a>>>,
    #[serde(borrow, default)]
    gitea: Option<Obj<Forge<'a>>>,
    #[serde(borrow, default)]
    bitbucket_server: Option<Obj<Forge<'a>>>,
    #[serde(borrow, default)]
    bitbucket: Option<Obj<Forge<'a>>>,
    #[serde(borrow, default)]
    azuredevops: Option<Obj<Forge<'a>>>,
    #[serde(default)]
    requeue_after_seconds: Int,
    #[serde(borrow, default)]
    filters: List<Obj<Filter<'a>>>,
    #[serde(borrow, default)]
    template: Obj<OwnTemplate<'a>>,
}

/// The template of a generator, as far as it names Applications.
#[derive(Debug, Default, Deserialize)]
struct OwnTemplate<'a> {
    #[serde(borrow, default)]
    metadata: Obj<TemplateMetadata<'a>>,
}

#[expect(clippy::struct_field_names, reason = "as Argo CD names them")]
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter<'a> {
    #[serde(borrow, default)]
    branch_match: Str<'a>,
    #[serde(borrow, default)]
    target_branch_match: Str<'a>,
    #[serde(borrow, default)]
    title_match: Str<'a>,
}

/// Where a provider keeps its requests: `owner/repo`, `project/repo`, `project` or `organization/project/repo`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Forge<'a> {
    #[serde(borrow, default)]
    organization: Str<'a>,
    #[serde(borrow, default)]
    owner: Str<'a>,
    #[serde(borrow, default)]
    project: Str<'a>,
    #[serde(borrow, default)]
    repo: Str<'a>,
    #[serde(borrow, default)]
    api: Str<'a>,
    #[serde(borrow, default)]
    labels: List<Str<'a>>,
    #[serde(borrow, default)]
    pull_request_state: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Template<'a> {
    #[serde(borrow, default)]
    metadata: Obj<TemplateMetadata<'a>>,
    #[serde(borrow, default)]
    spec: Obj<TemplateSpec<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TemplateSpec<'a> {
    #[serde(borrow, default)]
    destination: Obj<TemplateDestination<'a>>,
    #[serde(borrow, default)]
    source: Option<Obj<WireSource<'a>>>,
    #[serde(borrow, default)]
    sources: List<Obj<WireSource<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct TemplateDestination<'a> {
    #[serde(borrow, default)]
    namespace: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct TemplateMetadata<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Status<'a> {
    #[serde(borrow, default)]
    conditions: List<Obj<WireCondition<'a>>>,
    #[serde(borrow, default)]
    health: Obj<SetHealth<'a>>,
    #[serde(default)]
    resources: List<Present>,
    #[serde(default)]
    resources_count: Int,
}

#[derive(Debug, Default, Deserialize)]
struct SetHealth<'a> {
    #[serde(borrow, default)]
    status: Str<'a>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let Self { metadata, spec: Must(spec), status } = self;
        let status = status.unwrap_or_default().0;
        let conditions = conditions(&status.conditions, strings);
        let mut found = Found::default();
        found.walk(&spec.generators, strings);
        found.kinds.sort();
        found.kinds.dedup();
        let template = &spec.template.0.spec.0;
        let sources = template.source.iter().chain(&template.sources.0).take(LINES);
        let template_sources = sources.map(|source| source.0.template(strings)).collect();
        let listed = u32::try_from(status.resources.0.len()).ok();
        Ok(Some(Body::ApplicationSet(Arc::new(ApplicationSet {
            created: metadata.creation_timestamp.0,
            deleting_since: metadata.deletion_timestamp.0,
            health: Some(match status.health.0.status.get() {
                Some(health) => Health::parse(health).unwrap_or(Health::Unknown),
                None => health_of(&conditions),
            }),
            conditions,
            children: status.resources_count.count().or(listed),
            generators: found.kinds,
            pull_requests: found.pull_requests,
            template_name: strings.maybe(&spec.template.0.metadata.0.name.0),
            template_namespace: strings.maybe(&template.destination.0.namespace.0),
            template_sources,
            go_template: spec.go_template.is_true(),
            applications_sync: strings.maybe(&spec.sync_policy.0.applications_sync.0),
        }))))
    }
}

/// Argo CD's own rules for an ApplicationSet's health, which it writes down only since v3.4.
fn health_of(conditions: &[Condition]) -> Health {
    let holds =
        |kind: &str| conditions.iter().any(|c| &*c.kind == kind && c.status.as_deref() == Some("True"));
    if holds("ErrorOccurred") {
        Health::Degraded
    } else if holds("RolloutProgressing") {
        Health::Progressing
    } else if holds("ResourcesUpToDate") {
        Health::Healthy
    } else {
        Health::Unknown
    }
}

#[derive(Default)]
struct Found {
    kinds: Vec<Text>,
    pull_requests: Vec<PullRequestGenerator>,
}

impl Found {
    /// The JSON reader's own limit on depth bounds the recursion.
    fn walk(&mut self, generators: &List<Obj<Generator<'_>>>, strings: &mut Strings<'_>) {
        for generator in generators.0.iter().map(|generator| &generator.0) {
            let kinds = [
                ("list", generator.list.0),
                ("clusters", generator.clusters.0),
                ("git", generator.git.0),
                ("scmProvider", generator.scm_provider.0),
                ("clusterDecisionResource", generator.cluster_decision_resource.0),
                ("plugin", generator.plugin.0),
                ("pullRequest", generator.pull_request.is_some()),
                ("matrix", generator.matrix.is_some()),
                ("merge", generator.merge.is_some()),
            ];
            for (kind, _) in kinds.iter().filter(|(_, set)| *set) {
                if self.kinds.len() < LIMIT {
                    self.kinds.push(strings.shared(kind));
                }
            }
            if let Some(Obj(request)) = &generator.pull_request {
                self.pull_request(request, strings);
            }
            for nested in [&generator.matrix, &generator.merge].into_iter().flatten() {
                self.walk(&nested.0.generators, strings);
            }
        }
    }

    fn pull_request(&mut self, request: &PullRequest<'_>, strings: &mut Strings<'_>) {
        let providers = [
            ("github", &request.github),
            ("gitlab", &request.gitlab),
            ("gitea", &request.gitea),
            ("bitbucketServer", &request.bitbucket_server),
            ("bitbucket", &request.bitbucket),
            ("azuredevops", &request.azuredevops),
        ];
        for (provider, forge) in providers {
            let Some(Obj(forge)) = forge else { continue };
            if self.pull_requests.len() == LIMIT {
                return;
            }
            let parts = [&forge.organization, &forge.owner, &forge.project, &forge.repo];
            let repository: Vec<&str> = parts.into_iter().filter_map(Str::get).collect();
            self.pull_requests.push(PullRequestGenerator {
                provider: strings.shared(provider),
                repository: strings.shared(&repository.join("/")),
                api: safe_url(&forge.api.0).map(|url| strings.shared(url)),
                requeue_after_s: request.requeue_after_seconds.0,
                labels: forge.labels.0.iter().take(LINES).filter_map(|it| strings.maybe(&it.0)).collect(),
                filters: request.filters.0.iter().take(LINES).map(|it| filter(&it.0, strings)).collect(),
                state: strings.maybe(&forge.pull_request_state.0),
                template_name: strings.maybe(&request.template.0.metadata.0.name.0),
            });
        }
    }
}

fn filter(filter: &Filter<'_>, strings: &mut Strings<'_>) -> PullFilter {
    PullFilter {
        branch: strings.maybe(&filter.branch_match.0),
        target_branch: strings.maybe(&filter.target_branch_match.0),
        title: strings.maybe(&filter.title_match.0),
    }
}
