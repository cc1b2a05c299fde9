//! A configuration of Landfall for a world.

use std::fmt::Write;

use crate::story::{INTERVAL_S, SERVICES, repository};
use crate::world::ClusterEndpoint;

/// The configuration for the clusters of a world and its registry. Without endpoints, before the world is served, it has no
/// clusters, and links to the registry only.
pub(crate) fn landfall_toml(
    endpoints: &[ClusterEndpoint],
    registry: Option<&str>,
    forge: Option<&str>,
    story: bool,
) -> String {
    let mut out = String::from(
        "# Landfall on the sandbox.\n[server]\nlisten = \"127.0.0.1:3000\"\n\n[database]\nurl_env = \"DATABASE_URL\"\n",
    );
    let mut line = |text: &str| {
        let _infallible = writeln!(out, "{text}");
    };
    for endpoint in endpoints {
        line("\n[[cluster]]");
        line(&format!("name = \"{}\"", endpoint.name));
        line(&format!("server = \"{}\"", endpoint.url));
    }
    if !story {
        for endpoint in endpoints {
            line("\n[[argocd]]");
            line(&format!("name = \"{0}\"\ncluster = \"{0}\"\nnamespaces = []", endpoint.name));
            line("[[argocd.destination]]");
            line(&format!("server = \"https://kubernetes.default.svc\"\ncluster = \"{}\"", endpoint.name));
        }
        return out;
    }
    let updater = format!("updater_interval = \"{INTERVAL_S}s\"");
    line("\n[[argocd]]\nname = \"main\"\ncluster = \"prod\"\nnamespaces = [\"argocd\"]");
    line(&updater);
    line("url = \"https://argocd.hosting.example\"");
    line("[[argocd.destination]]\nserver = \"https://kubernetes.default.svc\"\ncluster = \"prod\"");
    line("[[argocd.destination]]\nserver = \"https://ssl.k8s.hosting.example:6443\"\ncluster = \"ssl\"");
    line("[[argocd.destination]]\nname = \"stg\"\ncluster = \"stg\"");
    line("\n[[argocd]]\nname = \"stage\"\ncluster = \"stg\"\nnamespaces = [\"argocd\"]");
    line(&updater);
    line("url = \"https://argocd.stg.hosting.example\"");
    line("[[argocd.destination]]\nserver = \"https://kubernetes.default.svc\"\ncluster = \"stg\"");
    line("\n[[environment]]\nname = \"production\"\ncluster = \"{prod,ssl}\"\norder = 1");
    line("\n[[environment]]\nname = \"preview\"\nnamespace = \"*-pr-*\"\norder = 3\npreview = true");
    line("\n[[environment]]\nname = \"staging\"\ncluster = \"stg\"\norder = 2");
    line("\n[[registry]]\nhost = \"registry.hosting.example\"");
    line("link = \"https://registry.hosting.example/ui/{repository}?tag={tag}\"");
    match registry {
        Some(host) => {
            line(&format!("server = \"http://{host}\"\nplain_http = true\nallow_private = true"));
            line("interval = \"15s\"\nrequests_per_minute = 6000");
        }
        None => line("links_only = true"),
    }
    if let Some(url) = forge {
        line(&format!("\n[[forge]]\nname = \"hub\"\nkind = \"github\"\nurl = \"{url}\""));
        let repositories: Vec<String> =
            SERVICES.iter().map(|one| format!("\"{}\"", repository(one))).collect();
        // Its generators say nothing of where they look, so they could mean any forge.
        line(&format!("repositories = [{}]", repositories.join(", ")));
        line("plain_http = true\nallow_private = true\ninterval = \"10s\"\nrequests_per_minute = 3000");
    }
    line(
        "\n[[forge]]\nname = \"git\"\nkind = \"gitea\"\nurl = \"https://git.hosting.example\"\nlinks_only = true",
    );
    line("\n[[view]]\nname = \"production, not as meant\"");
    line("query = \"env=production&state=drifted&state=degraded&state=missing\"");
    line("\n[review]\nat = \"Fri 15:00\"\ntimezone = \"Asia/Tokyo\"");
    out
}
