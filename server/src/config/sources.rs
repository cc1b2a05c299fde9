//! `[[cluster]]` and `[[argocd]]`: where the truth is read.

use std::path::PathBuf;

use jiff::SignedDuration;
use landfall_model::settings::{DestinationRule, InstanceSettings, UPDATER_INTERVAL};

use super::{
    problem::{Problem, nearest},
    reader::{Found, Section},
    secret::{Secret, secret},
};

/// A cluster, source `cluster/NAME`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    pub name: String,
    pub access: Access,
    /// Read these only; empty reads all at once.
    pub namespaces: Vec<String>,
    pub stale_after: Option<SignedDuration>,
}

/// How an API server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Kubeconfig {
        path: PathBuf,
        context: Option<String>,
        /// Commands that it may run to sign in.
        exec: Vec<String>,
    },
    /// The pod's own service account.
    InCluster(Pod),
    Server {
        url: String,
        token: Option<Secret>,
        ca_file: Option<PathBuf>,
    },
}

/// What Kubernetes gives a pod to reach its API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// `None`: this process runs in no pod.
    pub url: Option<String>,
    /// Folder with `token` and `ca.crt`; both are replaced while the pod runs.
    pub account: PathBuf,
}

impl Access {
    /// The bearer token that Landfall itself reads and sends.
    pub fn token(&self) -> Option<Secret> {
        match self {
            Self::Server { token, .. } => token.clone(),
            Self::InCluster(pod) => Some(Secret::File(pod.account.join("token"))),
            Self::Kubeconfig { .. } => None,
        }
    }
}

/// An Argo CD, source `argocd/NAME`.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    pub settings: InstanceSettings,
    /// Namespaces with its Applications; empty means every namespace.
    pub namespaces: Vec<String>,
    pub stale_after: Option<SignedDuration>,
}

pub fn clusters(root: &Section<'_>) -> Vec<Cluster> {
    let mut clusters = Vec::<Cluster>::new();
    for section in root.list("cluster") {
        let name = source_name(&section);
        let access = access(&section);
        let namespaces = names(&section, "namespaces");
        let stale_after = section.duration("stale_after").map(|found| found.value);
        let (Some(name), Some(access)) = (name, access) else { continue };
        if clusters.iter().any(|other| other.name == name.value) {
            root.problem(Problem::at(name.place, format!("two clusters are named `{}`", name.value)));
            continue;
        }
        clusters.push(Cluster { name: name.value, access, namespaces, stale_after });
    }
    clusters
}

fn access(section: &Section<'_>) -> Option<Access> {
    let kubeconfig = section.path("kubeconfig");
    let context = section.text("context");
    let exec = section.texts("exec");
    let in_cluster = section.switch("in_cluster");
    let server = section.url("server");
    let token = secret(section, "token_file", "token_env");
    let ca_file = section.path("ca_file");
    let insecure_http = section.switch("insecure_http");

    let ways = usize::from(section.given("kubeconfig"))
        + usize::from(in_cluster)
        + usize::from(section.given("server"));
    if ways != 1 {
        let what = if ways == 0 {
            "how is this cluster reached?"
        } else {
            "more than one way to reach this cluster"
        };
        section.problem(
            Problem::at(section.place(), what)
                .help("give one of: `kubeconfig` (and `context`), `in_cluster = true`, or `server` with `token_file` and `ca_file`"),
        );
        return None;
    }
    if !section.given("kubeconfig")
        && let Some(context) = &context
    {
        section.problem(Problem::at(context.place.clone(), "`context` needs `kubeconfig`"));
    }
    if !section.given("kubeconfig")
        && let Some(exec) = &exec
    {
        section.problem(Problem::at(exec.place.clone(), "`exec` needs `kubeconfig`"));
    }
    if let Some(path) = kubeconfig {
        let exec = exec.into_iter().flat_map(|found| found.value).map(|command| command.value);
        let context = context.map(|found| found.value);
        return Some(Access::Kubeconfig { path: path.value, context, exec: exec.collect() });
    }
    if in_cluster {
        return Some(Access::InCluster(pod(section)));
    }
    let server = server?;
    if !insecure_http && is_plain_and_far(&server.value) {
        section.problem(
            Problem::at(server.place, "a plain http API server that is not on this machine")
                .help("use https; or set `insecure_http = true` if nobody can read that network"),
        );
        return None;
    }
    Some(Access::Server { url: server.value, token, ca_file: ca_file.map(|found| found.value) })
}

/// The variables and files that Kubernetes gives every pod.
fn pod(section: &Section<'_>) -> Pod {
    let told = |name: &str| section.environment(name).filter(|value| !value.is_empty());
    let url = told("KUBERNETES_SERVICE_HOST").zip(told("KUBERNETES_SERVICE_PORT")).map(|(host, port)| {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        format!("https://{host}:{port}")
    });
    Pod { url, account: PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount") }
}

/// Plain `http` to anything but loopback.
fn is_plain_and_far(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return true };
    if url.scheme() != "http" {
        return false;
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host != "localhost" && !host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

pub fn instances(root: &Section<'_>, clusters: &[Cluster]) -> Vec<Instance> {
    let mut instances = Vec::<Instance>::new();
    for section in root.list("argocd") {
        let name = source_name(&section);
        let cluster = section.required("cluster");
        let namespaces = if section.given("namespaces") {
            names(&section, "namespaces")
        } else {
            vec!["argocd".to_owned()]
        };
        let namespace = section.text("namespace").map(|found| found.value);
        let url = section.url("url").map(|found| found.value.as_str().into());
        let stale_after = section.duration("stale_after").map(|found| found.value);
        let updater_interval = updater_interval(&section);
        let destinations = destinations(&section, clusters);
        if let Some(cluster) = &cluster {
            known_cluster(&section, cluster, clusters);
        }
        let (Some(name), Some(cluster)) = (name, cluster) else { continue };
        if instances.iter().any(|other| *other.settings.name == *name.value) {
            root.problem(Problem::at(
                name.place,
                format!("two Argo CD instances are named `{}`", name.value),
            ));
            continue;
        }
        let namespace =
            namespace.or_else(|| namespaces.first().cloned()).unwrap_or_else(|| "argocd".to_owned());
        let settings = InstanceSettings {
            name: name.value.into(),
            cluster: cluster.value.into(),
            url,
            namespace: namespace.into(),
            destinations,
            updater_interval,
        };
        instances.push(Instance { settings, namespaces, stale_after });
    }
    instances
}

fn updater_interval(section: &Section<'_>) -> SignedDuration {
    let Some(found) = section.duration("updater_interval") else { return UPDATER_INTERVAL };
    if (1..=86_400).contains(&found.value.as_secs()) {
        return found.value;
    }
    section.problem(Problem::at(found.place, "`updater_interval` must be between 1s and 24h"));
    UPDATER_INTERVAL
}

fn destinations(section: &Section<'_>, clusters: &[Cluster]) -> Vec<DestinationRule> {
    let mut rules = Vec::new();
    for destination in section.list("destination") {
        let server = destination.url("server");
        let name = destination.text("name");
        let cluster = destination.required("cluster");
        if server.is_none() == name.is_none() && !(destination.given("server") && server.is_none()) {
            destination.problem(
                Problem::at(destination.place(), "a destination has either a `server` or a `name`")
                    .help("write it as the Applications' `spec.destination` does"),
            );
            continue;
        }
        let Some(cluster) = cluster else { continue };
        known_cluster(section, &cluster, clusters);
        rules.push(DestinationRule {
            server: server.map(|found| found.value.into()),
            name: name.map(|found| found.value.into()),
            cluster: cluster.value.into(),
        });
    }
    rules
}

fn known_cluster(section: &Section<'_>, cluster: &Found<String>, clusters: &[Cluster]) {
    if clusters.iter().any(|known| known.name == cluster.value) {
        return;
    }
    let known = clusters.iter().map(|known| known.name.as_str());
    let help = match nearest(&cluster.value, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the [[cluster]] sections are: {}", known.collect::<Vec<_>>().join(", ")),
    };
    let what = format!("there is no cluster `{}`", cluster.value);
    section.problem(Problem::at(cluster.place.clone(), what).help(help));
}

/// A name that becomes part of a source's name, of URLs and of variables.
fn source_name(section: &Section<'_>) -> Option<Found<String>> {
    let name = section.required("name")?;
    if name.value.len() <= 63
        && name.value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    {
        return Some(name);
    }
    section.problem(
        Problem::at(name.place, format!("`{}` is no name", name.value))
            .help("use letters, digits, `-`, `_` and `.`, at most 63"),
    );
    None
}

fn names(section: &Section<'_>, key: &str) -> Vec<String> {
    let mut names = Vec::new();
    for name in section.texts(key).into_iter().flat_map(|found| found.value) {
        if name.value.contains(['*', '?', '/', ' ']) {
            section.problem(
                Problem::at(name.place, format!("`{}` is no namespace", name.value))
                    .help("patterns cannot be watched: name each one, or use [] for all"),
            );
        } else if !names.contains(&name.value) {
            names.push(name.value);
        }
    }
    names
}
