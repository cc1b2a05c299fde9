//! Kinds as Kubernetes serves them, and which streams a configuration needs.

use landfall_model::{
    Text,
    index::{ARGOCD_KINDS, CLUSTER_KINDS},
    observe::Scope,
    words::{Kind, SourceKind},
};

use crate::config::{Cluster, Instance};

/// How an API server serves a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    pub kind: Kind,
    /// Empty for the core group.
    pub group: &'static str,
    /// Versions that can be read, the preferred first.
    pub versions: &'static [&'static str],
    pub plural: &'static str,
    pub namespaced: bool,
    /// Comes with a CustomResourceDefinition, so it may be absent.
    pub optional: bool,
    /// Only metadata is asked for.
    pub metadata_only: bool,
    /// What is picked on the server.
    pub selector: Option<&'static str>,
}

const fn builtin(kind: Kind, group: &'static str, plural: &'static str) -> Resource {
    Resource {
        kind,
        group,
        versions: &["v1"],
        plural,
        namespaced: true,
        optional: false,
        metadata_only: false,
        selector: None,
    }
}

const fn custom(
    kind: Kind,
    group: &'static str,
    versions: &'static [&'static str],
    plural: &'static str,
) -> Resource {
    Resource { versions, optional: true, ..builtin(kind, group, plural) }
}

impl Resource {
    /// The resource of a kind.
    pub const fn of(kind: Kind) -> Self {
        const ARGO: &str = "argoproj.io";
        const GATEWAY: &str = "gateway.networking.k8s.io";
        match kind {
            Kind::Application => custom(kind, ARGO, &["v1alpha1"], "applications"),
            Kind::ApplicationSet => custom(kind, ARGO, &["v1alpha1"], "applicationsets"),
            Kind::AppProject => custom(kind, ARGO, &["v1alpha1"], "appprojects"),
            Kind::Rollout => custom(kind, ARGO, &["v1alpha1"], "rollouts"),
            Kind::Deployment => builtin(kind, "apps", "deployments"),
            Kind::StatefulSet => builtin(kind, "apps", "statefulsets"),
            Kind::DaemonSet => builtin(kind, "apps", "daemonsets"),
            // Their specs repeat the Deployment's template once per revision; owner and revision are metadata.
            Kind::ReplicaSet => Self { metadata_only: true, ..builtin(kind, "apps", "replicasets") },
            Kind::CronJob => builtin(kind, "batch", "cronjobs"),
            Kind::Job => builtin(kind, "batch", "jobs"),
            Kind::Pod => builtin(kind, "", "pods"),
            Kind::Namespace => Self { namespaced: false, ..builtin(kind, "", "namespaces") },
            Kind::Service => builtin(kind, "", "services"),
            Kind::Ingress => builtin(kind, "networking.k8s.io", "ingresses"),
            Kind::HttpRoute => custom(kind, GATEWAY, &["v1", "v1beta1"], "httproutes"),
            Kind::Gateway => custom(kind, GATEWAY, &["v1", "v1beta1"], "gateways"),
            // Of registries and forges: none of the lists of kinds that are watched holds them.
            Kind::Repository => builtin(kind, "registry", "repositories"),
            Kind::Pull => builtin(kind, "forge", "pulls"),
            Kind::Branch => builtin(kind, "forge", "branches"),
            Kind::ImageUpdater => {
                custom(kind, "argocd-image-updater.argoproj.io", &["v1alpha1"], "imageupdaters")
            }
            // Argo CD's and Image Updater's own words about Applications. Events about pods are left out: in a busy
            // cluster they are most of the traffic, and a pod's own status says why it does not run.
            Kind::Event => {
                Self { selector: Some("involvedObject.kind=Application"), ..builtin(kind, "", "events") }
            }
        }
    }

    /// Path of the collection in this version, in one namespace or everywhere.
    pub fn path(&self, version: &str, namespace: Option<&str>) -> String {
        let mut path = if self.group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{}/{version}", self.group)
        };
        if let Some(namespace) = namespace.filter(|_| self.namespaced) {
            path.push_str("/namespaces/");
            path.push_str(namespace);
        }
        path.push('/');
        path.push_str(self.plural);
        path
    }

    /// `pods` or `deployments.apps`.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }
}

/// One stream that is to be kept up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub scope: Scope,
    pub source_kind: SourceKind,
    pub resource: Resource,
    /// The namespace it is restricted to.
    pub within: Option<Text>,
}

impl Plan {
    /// Field selector of its requests. A single namespace is picked by name: the object itself is in none.
    pub fn selector(&self) -> Option<String> {
        match (&self.within, self.resource.namespaced) {
            (Some(namespace), false) => Some(format!("metadata.name={namespace}")),
            _ => self.resource.selector.map(str::to_owned),
        }
    }
}

fn plans(source: &str, source_kind: SourceKind, kinds: &[Kind], namespaces: &[String]) -> Vec<Plan> {
    let source: Text = source.into();
    let everywhere = [None];
    let each: Vec<Option<Text>> = namespaces.iter().map(|name| Some(name.as_str().into())).collect();
    let within: &[Option<Text>] = if namespaces.is_empty() { &everywhere } else { &each };
    kinds
        .iter()
        .flat_map(|kind| {
            let scope = Scope { source: source.clone(), kind: *kind };
            within.iter().map(move |within| Plan {
                scope: scope.clone(),
                source_kind,
                resource: Resource::of(*kind),
                within: within.clone(),
            })
        })
        .collect()
}

/// Streams of a cluster.
pub fn cluster_plans(cluster: &Cluster) -> Vec<Plan> {
    plans(&format!("cluster/{}", cluster.name), SourceKind::Kubernetes, CLUSTER_KINDS, &cluster.namespaces)
}

/// Streams of an Argo CD instance.
pub fn instance_plans(instance: &Instance) -> Vec<Plan> {
    let source = format!("argocd/{}", instance.settings.name);
    plans(&source, SourceKind::ArgoCd, ARGOCD_KINDS, &instance.namespaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(Resource::of(Kind::Pod).path("v1", None), "/api/v1/pods");
        assert_eq!(
            Resource::of(Kind::Application).path("v1alpha1", Some("argocd")),
            "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
        );
        assert_eq!(Resource::of(Kind::Namespace).path("v1", Some("web")), "/api/v1/namespaces");
    }

    #[test]
    fn a_restricted_cluster_is_read_namespace_by_namespace() {
        let plans = plans(
            "cluster/x",
            SourceKind::Kubernetes,
            &[Kind::Pod, Kind::Namespace],
            &["a".to_owned(), "b".to_owned()],
        );
        assert_eq!(plans.len(), 4);
        assert_eq!(plans[1].within.as_deref(), Some("b"));
        assert_eq!(plans[3].selector().as_deref(), Some("metadata.name=b"));
        assert_eq!(plans[0].selector(), None);
    }
}
