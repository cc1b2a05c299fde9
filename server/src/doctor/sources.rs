//! Each cluster and each Argo CD instance: reached, which version, which clock, what may be read.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use jiff::Timestamp;

use super::{Check, Outcome, permission, reach::way_to_reach};
use crate::{
    clock,
    config::{Cluster, Config, Instance},
    watch::{
        Failure, Pace, Server, ServerVersion,
        resource::{self, Resource},
    },
};
use landfall_model::words::Kind;

/// The first minor version of Kubernetes 1 that serves CronJobs as `batch/v1`.
const OLDEST_MINOR: u32 = 21;
/// Clocks that differ by more make ages wrong.
pub const SKEW_S: i64 = 10;

/// Checks of all sources; clusters are asked at the same time.
pub async fn checks(config: &Config) -> Vec<Check> {
    let each = config.clusters.iter().map(|cluster| of_cluster(config, cluster));
    stream::iter(each).buffered(4).concat().await
}

async fn of_cluster(config: &Config, cluster: &Cluster) -> Vec<Check> {
    let about = format!("cluster/{}", cluster.name);
    let pace = Arc::new(Pace::default());
    let server = Server::new(cluster, &config.limits, &pace);
    let (version, headers) = match server.version().await {
        Ok(answer) => answer,
        Err(failure) => {
            let check = Check::new(&about, "reached", Outcome::Fail, failure.to_string());
            let mut checks = vec![check.mend(way_to_reach(cluster, &failure))];
            checks.extend(instances_of(config, cluster).map(not_checked));
            return checks;
        }
    };
    let mut checks = vec![reached(&about, &version)];
    if server.is_unverified() {
        checks.push(
            Check::new(
                &about,
                "certificate",
                Outcome::Warn,
                "not verified: anybody could answer in its place",
            )
            .mend("give the authority in the kubeconfig, and take `insecure-skip-tls-verify` out of it"),
        );
    }
    checks.extend(clock_skew(&about, headers.get("date").and_then(|date| date.to_str().ok())));
    // The version is told to everyone; what may be read only to whom the server knows.
    if let Err(failure) = permission::may_ask(&server).await {
        checks.push(
            Check::new(&about, "credentials", Outcome::Fail, failure.to_string())
                .mend(way_to_reach(cluster, &failure)),
        );
        checks.extend(instances_of(config, cluster).map(not_checked));
        return checks;
    }
    checks.push(Check::new(&about, "credentials", Outcome::Ok, "accepted"));
    checks.extend(permission::checks(&server, &about, &resource::cluster_plans(cluster)).await);
    for instance in instances_of(config, cluster) {
        checks.extend(of_instance(&server, instance).await);
    }
    checks
}

fn instances_of<'a>(config: &'a Config, cluster: &'a Cluster) -> impl Iterator<Item = &'a Instance> {
    config.instances.iter().filter(|instance| *instance.settings.cluster == *cluster.name)
}

/// An instance in a cluster that cannot be asked: said, so that nobody takes silence for health.
fn not_checked(instance: &Instance) -> Check {
    let about = format!("argocd/{}", instance.settings.name);
    let found = format!("not checked: cluster/{} is not reached", instance.settings.cluster);
    Check::new(about, "installed", Outcome::Warn, found)
}

/// The server answers; whether it is new enough to serve every kind.
fn reached(about: &str, version: &ServerVersion) -> Check {
    let found = format!("Kubernetes {}", version.git_version);
    if version.is_older_than(OLDEST_MINOR) {
        Check::new(about, "reached", Outcome::Fail, format!("{found}: too old")).mend(format!(
            "Kubernetes 1.{OLDEST_MINOR} or newer serves all that is read (CronJobs as batch/v1)"
        ))
    } else {
        Check::new(about, "reached", Outcome::Ok, found)
    }
}

/// Compares the server's `Date` with our clock.
fn clock_skew(about: &str, date: Option<&str>) -> Option<Check> {
    let theirs: Timestamp = jiff::fmt::rfc2822::parse(date?).ok()?.timestamp();
    let skew = clock::now().as_second() - theirs.as_second();
    Some(if skew.abs() > SKEW_S {
        let found = format!("ours is {} s {}", skew.abs(), if skew > 0 { "ahead" } else { "behind" });
        Check::new(about, "clock", Outcome::Warn, found)
            .mend("let both follow an NTP server: ages are wrong until then")
    } else {
        Check::new(about, "clock", Outcome::Ok, format!("within {SKEW_S} s of ours"))
    })
}

async fn of_instance(server: &Server, instance: &Instance) -> Vec<Check> {
    let about = format!("argocd/{}", instance.settings.name);
    let applications = Resource::of(Kind::Application);
    let mut checks = Vec::new();
    match server.find(&applications).await {
        Ok(version) => {
            checks.push(Check::new(&about, "installed", Outcome::Ok, "applications.argoproj.io"));
            let namespaces: Vec<Option<&str>> = if instance.namespaces.is_empty() {
                vec![None]
            } else {
                instance.namespaces.iter().map(|name| Some(name.as_str())).collect()
            };
            for namespace in namespaces {
                checks.push(count(server, &about, &applications.path(version, namespace), namespace).await);
            }
        }
        Err(Failure::Absent) => {
            let found = format!("cluster/{} has no applications.argoproj.io", instance.settings.cluster);
            checks.push(
                Check::new(&about, "installed", Outcome::Fail, found)
                    .mend("is `cluster` the one in which Argo CD runs? Applications live there"),
            );
        }
        Err(failure) => checks.push(Check::new(&about, "installed", Outcome::Fail, failure.to_string())),
    }
    checks.extend(permission::checks(server, &about, &resource::instance_plans(instance)).await);
    checks
}

/// How many Applications there are, by a list of one.
async fn count(server: &Server, about: &str, path: &str, namespace: Option<&str>) -> Check {
    #[derive(serde::Deserialize)]
    struct List {
        metadata: Meta,
        items: Option<Vec<serde::de::IgnoredAny>>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta {
        remaining_item_count: Option<usize>,
    }
    let place = namespace.map_or_else(|| "every namespace".to_owned(), |name| format!("namespace {name}"));
    match server.get_json::<List>(&format!("{path}?limit=1")).await {
        Ok((list, _)) => {
            let here = list.items.map_or(0, |items| items.len());
            match here + list.metadata.remaining_item_count.unwrap_or(0) {
                0 => Check::new(about, "Applications", Outcome::Warn, format!("none in {place}"))
                    .mend("name the namespaces with Applications in `namespaces`, or [] for all"),
                n => Check::new(about, "Applications", Outcome::Ok, format!("{n} in {place}")),
            }
        }
        // The line on the permission says how to mend it.
        Err(failure) => Check::new(about, "Applications", Outcome::Fail, format!("{place}: {failure}")),
    }
}
