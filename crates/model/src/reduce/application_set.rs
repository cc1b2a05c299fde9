//! Argo CD ApplicationSets. Paths after `applicationset_types.go` of argoproj/argo-cd.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::{WireCondition, conditions},
    lax::{Int, List, Must, Obj, Present, Str},
    meta::{Meta, Metadata},
    strings::Strings,
    url::safe_url,
};
use crate::{
    observe::{ApplicationSet, Body, Condition, PullRequestGenerator, Unreadable},
    text::Text,
    words::{Health, Kind},
};

/// Most generators named.
const LIMIT: usize = 100;

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
#[serde(expecting = "an object")]
struct Spec<'a> {
    #[serde(borrow, default)]
    generators: List<Obj<Generator<'a>>>,
    #[serde(borrow, default)]
    template: Obj<Template<'a>>,
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
    #[serde(borrow, default)]
    pull_request: Option<Obj<PullRequest<'a>>>,
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
}

/// Where a provider keeps its requests: `owner/repo`, `project/repo`, `project` or `organization/project/repo`.
#[derive(Debug, Default, Deserialize)]
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
}

#[derive(Debug, Default, Deserialize)]
struct Template<'a> {
    #[serde(borrow, default)]
    metadata: Obj<TemplateMetadata<'a>>,
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
        let Self { metadata, spec, status } = self;
        let status = status.unwrap_or_default().0;
        let conditions = conditions(&status.conditions, strings);
        let mut found = Found::default();
        found.walk(&spec.generators, strings);
        found.kinds.sort();
        found.kinds.dedup();
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
                labels: forge
                    .labels
                    .0
                    .iter()
                    .filter_map(Str::get)
                    .take(LIMIT)
                    .map(|one| strings.shared(one))
                    .collect(),
                requeue_after_s: request.requeue_after_seconds.0,
            });
        }
    }
}
