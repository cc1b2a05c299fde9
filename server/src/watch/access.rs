//! From the way a cluster is reached to a client's configuration: kubeconfig, the pod's own account, or URL with token
//! and authority. Everything is read anew each time, so that a replaced file counts.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use kube::{
    Config as ClientConfig,
    config::{AuthInfo, KubeConfigOptions, Kubeconfig},
};
use landfall_model::said;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::{
    server::{Failure, chain},
    sign_in,
};
use crate::config::{Access, Pod, cannot_read};

/// What a client is made from.
#[derive(Debug)]
pub struct Credentials {
    pub config: ClientConfig,
    /// When what a command said must be asked for again.
    pub until: Option<Timestamp>,
}

/// Reads all that `access` points to. A command that signs in must end within `wait`.
pub async fn credentials(access: &Access, wait: Duration) -> Result<Credentials, Failure> {
    match access {
        Access::InCluster(pod) => in_cluster(pod),
        Access::Server { url, ca_file, .. } => at(url, ca_file.as_deref()),
        Access::Kubeconfig { path, context, exec } => kubeconfig(path, context.as_deref(), exec, wait).await,
    }
}

fn in_cluster(pod: &Pod) -> Result<Credentials, Failure> {
    let Some(url) = &pod.url else {
        return Err(Failure::Credentials(said!(
            "in-no-pod",
            "this process runs in no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set",
        )));
    };
    at(url, Some(&pod.account.join("ca.crt")))
}

/// The token is not part of it: it is read more often than a client is made.
fn at(url: &str, ca_file: Option<&Path>) -> Result<Credentials, Failure> {
    let uri = url.parse().map_err(|error| Failure::Credentials(format!("{url}: {error}").into()))?;
    let mut config = ClientConfig::new(uri);
    if let Some(ca_file) = ca_file {
        config.root_cert = Some(certificates(ca_file)?);
        // kube reads this file again about once a minute.
        config.root_cert_file = Some(ca_file.to_owned());
    }
    Ok(Credentials { config, until: None })
}

/// Certificates of a PEM file; at least one.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let file = path.display().to_string();
    let pem = std::fs::read(path).map_err(|error| Failure::Credentials(cannot_read(&file, &error)))?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate =
            certificate.map_err(|error| Failure::Credentials(format!("{file}: {error}").into()))?;
        found.push(certificate.to_vec());
    }
    if found.is_empty() {
        let why = said!("no-certificate", "{file}: holds no certificate (PEM)", file = file);
        return Err(Failure::Credentials(why));
    }
    Ok(found)
}

async fn kubeconfig(
    path: &Path,
    context: Option<&str>,
    allowed: &[String],
    wait: Duration,
) -> Result<Credentials, Failure> {
    let name = path.display().to_string();
    let say = |error: kube::config::KubeconfigError| {
        let why = chain(&error);
        // Some of these name the file, some do not.
        Failure::Credentials(if why.contains(&name) { why } else { format!("{name}: {why}") }.into())
    };
    // Its own words for this quote the path twice.
    std::fs::File::open(path).map_err(|error| Failure::Credentials(cannot_read(&name, &error)))?;
    let file = Kubeconfig::read_from(path).map_err(say)?;
    let contexts: Vec<String> = file.contexts.iter().map(|one| one.name.clone()).collect();
    if let Some(context) = context
        && !contexts.iter().any(|one| one == context)
    {
        let there = if contexts.is_empty() { said!("none", "none") } else { contexts.join(", ").into() };
        return Err(Failure::Credentials(said!(
            "no-context",
            "{file}: there is no context `{context}`; there is: {there}",
            file = name,
            context = context,
            there = there,
        )));
    }
    let proxied = has_proxy(&file, context);
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let mut config = ClientConfig::from_custom_kubeconfig(file, &options).await.map_err(say)?;
    // kube takes HTTPS_PROXY for every cluster, whatever NO_PROXY says: API servers are reached directly.
    config.proxy_url = None;
    if proxied {
        return Err(Failure::Credentials(said!(
            "no-proxy-url",
            "{file}: `proxy-url` is not supported: API servers are reached directly",
            file = name,
        )));
    }
    if config.cluster_url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Failure::Credentials(said!(
            "user-in-url",
            "{file}: the server's URL holds a user name: sign in as a `user` of the kubeconfig",
            file = name,
        )));
    }
    legacy_plugin(&name, &config.auth_info)?;
    let until = if sign_in::is_needed(&config.auth_info) {
        sign_in::run(path, &mut config.auth_info, allowed, wait).await?
    } else {
        // Of several ways the one that needs no command wins; the others must not run behind our back.
        config.auth_info.exec = None;
        None
    };
    Ok(Credentials { config, until })
}

/// Whether the cluster of this context, or of the current one, is behind a proxy.
fn has_proxy(file: &Kubeconfig, context: Option<&str>) -> bool {
    let context = context.or(file.current_context.as_deref());
    let chosen = file.contexts.iter().find(|one| Some(one.name.as_str()) == context);
    let cluster = chosen.and_then(|one| Some(one.context.as_ref()?.cluster.as_str()));
    let cluster = file.clusters.iter().find(|one| Some(one.name.as_str()) == cluster);
    let url = cluster.and_then(|one| one.cluster.as_ref()?.proxy_url.as_deref());
    url.is_some_and(|url| !url.is_empty())
}

/// The older kind of plugins could name commands too. Kubernetes removed all but `oidc`.
fn legacy_plugin(name: &str, user: &AuthInfo) -> Result<(), Failure> {
    match &user.auth_provider {
        Some(provider) if provider.name != "oidc" => Err(Failure::Credentials(said!(
            "old-auth-provider",
            "{file}: signs in by the `{provider}` auth provider, which Kubernetes has removed: make the kubeconfig anew",
            file = name,
            provider = provider.name,
        ))),
        _ => Ok(()),
    }
}
