//! Which of our clusters an Application deploys to.

use crate::{observe::Destination, settings::Settings, text::Text};

/// What Argo CD calls the cluster it runs in, as server and as name.
const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";
const IN_CLUSTER_NAME: &str = "in-cluster";

/// The name of our cluster that a destination of this instance means: by the instance's rules; else its own cluster
/// for `https://kubernetes.default.svc` and `in-cluster`; else the cluster of the destination's name.
pub fn resolve_destination(settings: &Settings, instance: &str, destination: &Destination) -> Option<Text> {
    let instance = settings.instances.iter().find(|known| *known.name == *instance)?;
    let server = destination.server.as_deref().map(plain);
    let name = destination.name.as_deref().filter(|name| !name.is_empty());
    for rule in &instance.destinations {
        let by_server = rule.server.as_deref().is_some_and(|wanted| server == Some(plain(wanted)));
        let by_name = rule.name.as_deref().is_some_and(|wanted| name == Some(wanted));
        if by_server || by_name {
            return Some(Text::clone(&rule.cluster));
        }
    }
    if server == Some(IN_CLUSTER_SERVER) || name == Some(IN_CLUSTER_NAME) {
        return Some(Text::clone(&instance.cluster));
    }
    let named = settings.clusters.iter().find(|cluster| name == Some(&*cluster.name))?;
    Some(Text::clone(&named.name))
}

fn plain(server: &str) -> &str {
    server.trim_end_matches('/')
}
