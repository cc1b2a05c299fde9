//! The kinds of object that the world knows, as Kubernetes names them.

/// One kind of object and how the API server serves it.
#[derive(Debug)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// API version inside the group.
    pub version: &'static str,
    /// Kind as objects name it: `Deployment`.
    pub kind: &'static str,
    /// Resource as paths name it: `deployments`. Unique in this table.
    pub plural: &'static str,
    /// Singular name in discovery.
    pub singular: &'static str,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Whether a CustomResourceDefinition brings it, so that it can be absent.
    pub crd: bool,
    /// Short names in discovery.
    pub short: &'static [&'static str],
    /// What the server adds to a bookmark's object, since Go writes its empty structs.
    pub bookmark_extra: &'static str,
}

impl Kind {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `pods` or `deployments.apps`, as error messages say it.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// The first bytes of every stored object of this kind; the rest of its keys follows.
    pub(crate) fn prefix(&self) -> String {
        if self.crd {
            format!("{{\"apiVersion\":\"{}\",\"kind\":\"{}\",", self.api_version(), self.kind)
        } else {
            format!("{{\"kind\":\"{}\",\"apiVersion\":\"{}\",", self.kind, self.api_version())
        }
    }
}

/// A kind's place in [`KINDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct KindId(pub usize);

impl KindId {
    pub fn kind(self) -> &'static Kind {
        &KINDS[self.0]
    }
}

const WORKLOAD: &str =
    r#","spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}}},"status":{}"#;

const fn core(kind: &'static str, plural: &'static str, singular: &'static str, extra: &'static str) -> Kind {
    builtin("", kind, plural, singular, extra)
}

const fn builtin(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    bookmark_extra: &'static str,
) -> Kind {
    Kind {
        group,
        version: "v1",
        kind,
        plural,
        singular,
        namespaced: true,
        crd: false,
        short: &[],
        bookmark_extra,
    }
}

const fn custom(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
) -> Kind {
    Kind { group, version, kind, plural, singular, namespaced: true, crd: true, short, bookmark_extra: "" }
}

const ARGO: &str = "argoproj.io";
const GATEWAY: &str = "gateway.networking.k8s.io";

/// Every kind of the world, in the order of discovery.
pub static KINDS: &[Kind] = &[
    Kind {
        namespaced: false,
        short: &["ns"],
        ..core("Namespace", "namespaces", "namespace", r#","spec":{},"status":{}"#)
    },
    Kind { short: &["po"], ..core("Pod", "pods", "pod", r#","spec":{"containers":null},"status":{}"#) },
    Kind {
        short: &["svc"],
        ..core("Service", "services", "service", r#","spec":{},"status":{"loadBalancer":{}}"#)
    },
    Kind {
        short: &["ev"],
        ..core(
            "Event",
            "events",
            "event",
            concat!(
                r#","involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"#,
                r#""reportingComponent":"","reportingInstance":"""#
            ),
        )
    },
    Kind { short: &["deploy"], ..builtin("apps", "Deployment", "deployments", "deployment", WORKLOAD) },
    Kind { short: &["sts"], ..builtin("apps", "StatefulSet", "statefulsets", "statefulset", WORKLOAD) },
    Kind { short: &["ds"], ..builtin("apps", "DaemonSet", "daemonsets", "daemonset", WORKLOAD) },
    Kind { short: &["rs"], ..builtin("apps", "ReplicaSet", "replicasets", "replicaset", WORKLOAD) },
    builtin("batch", "Job", "jobs", "job", WORKLOAD),
    Kind {
        short: &["cj"],
        ..builtin("batch", "CronJob", "cronjobs", "cronjob", r#","spec":{"schedule":""},"status":{}"#)
    },
    Kind {
        short: &["ing"],
        ..builtin(
            "networking.k8s.io",
            "Ingress",
            "ingresses",
            "ingress",
            r#","spec":{},"status":{"loadBalancer":{}}"#,
        )
    },
    custom(ARGO, "v1alpha1", "Application", "applications", "application", &["app", "apps"]),
    custom(ARGO, "v1alpha1", "ApplicationSet", "applicationsets", "applicationset", &["appset", "appsets"]),
    custom(ARGO, "v1alpha1", "AppProject", "appprojects", "appproject", &["appproj", "appprojs"]),
    custom(ARGO, "v1alpha1", "Rollout", "rollouts", "rollout", &["ro"]),
    custom(
        "argocd-image-updater.argoproj.io",
        "v1alpha1",
        "ImageUpdater",
        "imageupdaters",
        "imageupdater",
        &[],
    ),
    custom(GATEWAY, "v1", "Gateway", "gateways", "gateway", &["gtw"]),
    custom(GATEWAY, "v1", "HTTPRoute", "httproutes", "httproute", &[]),
];

/// The kind behind a path's group, version and resource.
pub(crate) fn by_path(group: &str, version: &str, plural: &str) -> Option<KindId> {
    KINDS
        .iter()
        .position(|kind| kind.group == group && kind.version == version && kind.plural == plural)
        .map(KindId)
}

/// The kind behind a resource's plural name: `pods`, `applications` (also `applications.argoproj.io`).
pub(crate) fn by_plural(plural: &str) -> Option<KindId> {
    let plain = plural.split('.').next().unwrap_or(plural);
    KINDS.iter().position(|kind| kind.plural == plain).map(KindId)
}

/// The kind that an object says it is of.
pub(crate) fn by_type(api_version: &str, name: &str) -> Option<KindId> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    KINDS
        .iter()
        .position(|kind| kind.group == group && kind.version == version && kind.kind == name)
        .map(KindId)
}
