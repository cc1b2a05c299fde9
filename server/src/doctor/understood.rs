//! What was understood of the configuration, and whether its secrets can be read.

use std::fmt::Write as _;

use secrecy::ExposeSecret as _;

use super::{Check, Outcome};
use crate::{
    clock,
    config::{Access, Config, Secret, Variables},
};

const ABOUT: &str = "configuration";

/// Configuration, addresses, secrets.
pub fn checks(config: &Config, variables: &Variables) -> Vec<Check> {
    let mut checks = vec![Check::new(ABOUT, "file", Outcome::Ok, config.file.display().to_string())];
    checks.push(listen(config));
    checks.push(if config.clusters.is_empty() {
        Check::new(ABOUT, "clusters", Outcome::Fail, "none")
            .mend("add a [[cluster]] with `name` and `kubeconfig`: without one there is nothing to show")
    } else {
        Check::new(ABOUT, "clusters", Outcome::Ok, names(config.clusters.iter().map(|one| one.name.as_str())))
    });
    checks.push(if config.instances.is_empty() {
        Check::new(ABOUT, "Argo CD", Outcome::Warn, "none")
            .mend("add an [[argocd]] with `name` and `cluster`: sync and health come from it")
    } else {
        let instances = config.instances.iter().map(|one| &*one.settings.name);
        Check::new(ABOUT, "Argo CD", Outcome::Ok, names(instances))
    });
    checks.push(mapping(config));
    checks.extend(config.server.badge_key.as_ref().map(badge_key));
    if !config.views.is_empty() {
        let views = names(config.views.iter().map(|view| view.name.as_str()));
        checks.push(Check::new(ABOUT, "views", Outcome::Ok, views));
    }
    if let Some(review) = &config.review {
        let last = review.last_before(clock::now()).map(|at| at.to_string()).unwrap_or_default();
        checks.push(Check::new(
            ABOUT,
            "review",
            Outcome::Ok,
            format!("{}, the last was {last}", review.written),
        ));
    }
    for cluster in &config.clusters {
        // In a pod the file is looked at when the server is asked.
        if let Access::Server { token: Some(token), .. } = &cluster.access {
            checks.push(token_check(&format!("cluster/{}", cluster.name), token));
        }
    }
    let unused = config.unused_variables(variables);
    if !unused.is_empty() {
        checks.push(
            Check::new(ABOUT, "variables", Outcome::Warn, format!("mean nothing: {}", unused.join(", "))).mend(
                "LANDFALL_SECTION_KEY, with the section's name between them where it can stand several times",
            ),
        );
    }
    checks
}

fn listen(config: &Config) -> Check {
    let listen = config.server.listen;
    if listen.ip().to_canonical().is_loopback() {
        Check::new(ABOUT, "listen", Outcome::Ok, format!("{listen} (loopback)"))
    } else {
        Check::new(
            ABOUT,
            "listen",
            Outcome::Warn,
            format!("{listen}: `serve` refuses it without --insecure-no-auth"),
        )
        .mend("listen on 127.0.0.1 behind a proxy that checks who asks")
    }
}

/// Whether the key of badges can be read: without it every badge is grey.
fn badge_key(key: &Secret) -> Check {
    match key.read() {
        Ok(_) => Check::new(ABOUT, "badges", Outcome::Ok, format!("signed by the key in {key}")),
        Err(why) => Check::new(ABOUT, "badges", Outcome::Fail, why)
            .mend("correct `badge_key_file` or `badge_key_env`; until then every badge says unknown"),
    }
}

fn mapping(config: &Config) -> Check {
    let settings = &config.settings;
    let mut found = String::new();
    match settings.environments.len() {
        0 => found.push_str("environments by label, namespace, name"),
        n => {
            let _ = write!(found, "{n} environment rules");
        }
    }
    match settings.catalog.len() {
        0 => found.push_str("; services are discovered"),
        n => {
            let _ = write!(found, "; {n} services in the catalogue");
        }
    }
    Check::new(ABOUT, "mapping", Outcome::Ok, found)
}

/// Whether a token can be read and is not out of date.
fn token_check(source: &str, token: &Secret) -> Check {
    let what = format!("token of {source}");
    let text = match token.read() {
        Ok(text) => text,
        Err(why) => {
            let mend = match token {
                Secret::File(_) => "put the token into that file, or change `token_file`",
                Secret::Variable(_) => "set it in the environment of this process, or use `token_file`",
            };
            return Check::new(ABOUT, what, Outcome::Fail, why).mend(mend);
        }
    };
    let Some(expires) = expiry(text.expose_secret()) else {
        return Check::new(ABOUT, what, Outcome::Ok, "can be read; it does not say when it ends");
    };
    if expires <= clock::now() {
        Check::new(ABOUT, what, Outcome::Fail, format!("ended at {expires}"))
            .mend("make a new one: kubectl create token landfall --namespace landfall, or mount a projected service account token")
    } else {
        Check::new(ABOUT, what, Outcome::Ok, format!("can be read; ends at {expires}"))
    }
}

/// `exp` of a JSON web token, unverified: only to say that it is out of date.
fn expiry(token: &str) -> Option<jiff::Timestamp> {
    use base64::Engine as _;
    let payload = token.split('.').nth(1)?;
    let bytes =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    jiff::Timestamp::from_second(claims.get("exp")?.as_i64()?).ok()
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token() {
        // {"exp":1795536000}
        let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTU1MzYwMDB9.x";
        assert_eq!(expiry(token).map(jiff::Timestamp::as_second), Some(1_795_536_000));
        assert_eq!(expiry("opaque"), None);
        assert_eq!(expiry("a.b.c"), None);
    }
}
