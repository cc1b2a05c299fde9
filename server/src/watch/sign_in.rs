//! Commands by which a kubeconfig signs in (`aws`, `gke-gcloud-auth-plugin`, `kubelogin`).
//!
//! A kubeconfig can name any program, so one runs only if the configuration lists it. It gets no terminal, is ended
//! when it takes too long, and what it prints goes nowhere but into the request's credentials.

use std::{path::Path, process::Stdio, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig};
use landfall_model::said;
use secrecy::SecretString;
use serde::Deserialize;

use super::server::Failure;

/// Whether a command is the way this user signs in: everything else in the kubeconfig comes before it.
pub fn is_needed(user: &AuthInfo) -> bool {
    user.exec.is_some()
        && user.auth_provider.is_none()
        && user.token.is_none()
        && user.token_file.is_none()
        && (user.username.is_none() || user.password.is_none())
}

/// Runs the command and puts what it says in its place. Returns when that ends, if it says so.
pub async fn run(
    kubeconfig: &Path,
    user: &mut AuthInfo,
    allowed: &[String],
    wait: Duration,
) -> Result<Option<Timestamp>, Failure> {
    let Some(exec) = user.exec.take() else { return Ok(None) };
    let name = exec.command.clone().unwrap_or_default();
    // kube has made a path with a separator absolute already, as kubectl does: from the kubeconfig's folder.
    let is_it = |allowed: &String| match kubeconfig.parent() {
        Some(folder) if allowed.contains('/') => folder.join(allowed) == Path::new(&name),
        _ => *allowed == name,
    };
    if !allowed.iter().any(is_it) {
        return Err(Failure::NotAllowed(name));
    }
    let said = ask(&name, &exec, wait).await?;
    let Some(status) = said.status else {
        return Err(said_nothing(&name));
    };
    match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => {
            user.client_certificate_data = Some(STANDARD.encode(certificate));
            user.client_key_data = Some(SecretString::from(STANDARD.encode(key)));
        }
        (None, None) if status.token.is_none() => return Err(said_nothing(&name)),
        (None, None) => {}
        _ => {
            return Err(Failure::Credentials(said!(
                "command-said-half",
                "`{command}` said half of a certificate with its key",
                command = name,
            )));
        }
    }
    user.token = status.token.map(SecretString::from);
    match status.expiration_timestamp {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(at) => Ok(Some(at)),
            Err(_) => Err(Failure::Credentials(said!(
                "command-said-no-time",
                "`{command}` said an expirationTimestamp that is no time",
                command = name,
            ))),
        },
    }
}

fn said_nothing(name: &str) -> Failure {
    Failure::Credentials(said!("command-said-nothing", "`{command}` said no credentials", command = name))
}

fn cannot_run(name: &str, error: &std::io::Error) -> Failure {
    let why = error.to_string();
    Failure::Credentials(said!(
        "command-not-run",
        "`{command}` cannot be run: {why}",
        command = name,
        why = why,
    ))
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

async fn ask(name: &str, exec: &ExecConfig, wait: Duration) -> Result<ExecCredential, Failure> {
    let mut command = tokio::process::Command::new(name);
    command.args(exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    let mut spec = serde_json::json!({ "interactive": false });
    if let Some(cluster) = exec.cluster.as_ref().filter(|_| exec.provide_cluster_info) {
        spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    let api_version = exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1");
    let info = serde_json::json!({ "apiVersion": api_version, "kind": "ExecCredential", "spec": spec });
    command.env("KUBERNETES_EXEC_INFO", info.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().map_err(|error| cannot_run(name, &error))?;
    let output = match tokio::time::timeout(wait, child.wait_with_output()).await {
        Err(_) => {
            return Err(Failure::Credentials(said!(
                "command-too-slow",
                "`{command}` did not end within {seconds} s",
                command = name,
                seconds = wait.as_secs(),
            )));
        }
        Ok(Err(error)) => return Err(cannot_run(name, &error)),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        // What it printed may be half a credential: it is not repeated, not even in the log.
        return Err(Failure::Credentials(said!(
            "command-failed",
            "`{command}` ended with {status}: run it by hand to see why",
            command = name,
            status = output.status.to_string(),
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(|_| {
        Failure::Credentials(said!(
            "command-said-other",
            "`{command}` said what is no ExecCredential (JSON)",
            command = name,
        ))
    })
}
