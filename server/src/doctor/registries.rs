//! Each registry: reached, signed in at, and what of the configured repositories may be read.

use futures::{StreamExt as _, stream};

use super::{Check, Outcome};
use crate::{
    config::{Config, Registry, RegistryAuth},
    source::registry::{Client, Failure, Patience, Whole, base},
};

/// Configured repositories that are tried.
const TRIED: usize = 5;

/// Checks of all registries, some at the same time.
pub async fn checks(config: &Config) -> Vec<Check> {
    stream::iter(config.registries.iter().map(of_registry)).buffered(4).concat().await
}

async fn of_registry(registry: &Registry) -> Vec<Check> {
    let about = registry.source();
    if registry.links_only {
        return vec![Check::new(
            about,
            "use",
            Outcome::Ok,
            "linked to only, as `links_only` says: never asked",
        )];
    }
    let client = match Client::new(registry, Patience::default()) {
        Ok(client) => client,
        Err(failure) => return vec![Check::new(about, "reached", Outcome::Fail, failure.to_string())],
    };
    let mut checks = vec![Check::new(&about, "use", Outcome::Ok, rhythm(registry))];
    // A registry that lets anybody in at the door never asks for them there.
    if let RegistryAuth::Secret(secret) = &registry.auth {
        match client.basic().await {
            Ok(_) => checks.push(Check::new(&about, "secret", Outcome::Ok, format!("{secret} is read"))),
            Err(failure) => {
                let check = Check::new(&about, "secret", Outcome::Fail, failure.to_string());
                checks.push(check.mend(mend(registry, &failure)));
                return checks;
            }
        }
    }
    if let Some(secret) = &registry.webhook_secret {
        checks.push(match secret.read() {
            Ok(_) => Check::new(
                &about,
                "webhooks",
                Outcome::Ok,
                format!("taken at /webhooks/registry/{}", registry.host),
            ),
            Err(why) => Check::new(&about, "webhooks", Outcome::Fail, why.to_string())
                .mend("correct `webhook_secret_file` or `webhook_secret_env`; until then they are refused"),
        });
    }
    match client.ping().await {
        Ok(()) => checks.extend([
            Check::new(&about, "reached", Outcome::Ok, "speaks the OCI distribution protocol"),
            Check::new(&about, "credentials", Outcome::Ok, accepted(&registry.auth)),
        ]),
        Err(failure @ (Failure::Refused { .. } | Failure::Credentials(_) | Failure::ForeignRealm { .. })) => {
            // Some registries let nobody in at the door without a name, but show public repositories.
            let anonymous =
                registry.auth == RegistryAuth::Anonymous && matches!(failure, Failure::Refused { .. });
            let outcome = if anonymous { Outcome::Warn } else { Outcome::Fail };
            checks.push(
                Check::new(&about, "credentials", outcome, failure.to_string())
                    .mend(mend(registry, &failure)),
            );
            if !anonymous {
                return checks;
            }
        }
        Err(failure) => {
            checks.push(
                Check::new(&about, "reached", Outcome::Fail, failure.to_string())
                    .mend(mend(registry, &failure)),
            );
            return checks;
        }
    }
    for repository in registry.repositories.iter().take(TRIED) {
        checks.push(of_repository(&client, registry, repository).await);
    }
    checks
}

async fn of_repository(client: &Client, registry: &Registry, repository: &str) -> Check {
    let about = registry.source();
    match client.tags(repository).await {
        Ok(tags) => match tags.whole {
            Whole::Yes => Check::new(about, repository, Outcome::Ok, format!("{} tags", tags.tags.len())),
            Whole::No(failure) => {
                let found = format!("{} tags, and then: {failure}", tags.tags.len());
                Check::new(about, repository, Outcome::Warn, found)
                    .mend("tags are seen, but that one was deleted cannot be told")
            }
        },
        Err(failure) => {
            Check::new(about, repository, Outcome::Fail, failure.to_string()).mend(mend(registry, &failure))
        }
    }
}

fn rhythm(registry: &Registry) -> String {
    let at = registry.server.as_ref().map(|server| format!(" at {server}")).unwrap_or_default();
    format!(
        "asked{at} every {} s, at most {} requests in a minute",
        registry.interval.as_secs(),
        registry.requests_per_minute
    )
}

fn accepted(auth: &RegistryAuth) -> String {
    match auth {
        RegistryAuth::Anonymous => "none are needed at the door".to_owned(),
        RegistryAuth::DockerConfig(path) => format!("those of {} are accepted", path.display()),
        RegistryAuth::Password { username, .. } => format!("{username} is accepted"),
        RegistryAuth::Secret(secret) => format!("those of the Secret {secret} are accepted"),
    }
}

/// What to do about a failure.
fn mend(registry: &Registry, failure: &Failure) -> String {
    match failure {
        Failure::Refused { status: 401, .. } => match &registry.auth {
            RegistryAuth::Anonymous => {
                "give `auth`: `docker_config`, or `username` with `password_file`".to_owned()
            }
            RegistryAuth::DockerConfig(path) => {
                format!(
                    "sign in anew: docker login {}, and give the entry of {}",
                    registry.host,
                    path.display()
                )
            }
            RegistryAuth::Secret(secret) => {
                format!("replace what the Secret {secret} holds for {}", registry.host)
            }
            RegistryAuth::Password { username, password } => {
                format!("is the password of {username} in {password} the present one?")
            }
        },
        Failure::Refused { .. } => "give that account the right to pull".to_owned(),
        Failure::NotFound(_) => {
            "is the name right, and may this account see it? many registries hide what one may not read"
                .to_owned()
        }
        Failure::ForeignRealm { realm, .. } => {
            let host =
                realm.split_once("://").map_or(realm.as_str(), |(_, host)| host).trim_end_matches(":443");
            format!("if that host may have the credentials: auth_hosts = [{host:?}] in this [[registry]]")
        }
        Failure::Private(_) => {
            "if it is meant to be there: allow_private = true in this [[registry]]".to_owned()
        }
        Failure::Credentials(_) if matches!(registry.auth, RegistryAuth::Secret(_)) => {
            "let Landfall get this one Secret: a Role with resourceNames, see docs/registries.md".to_owned()
        }
        Failure::Credentials(_) => {
            "correct the path, make the file readable, or give another way to sign in".to_owned()
        }
        Failure::Silent { .. } => "a firewall may swallow the packets".to_owned(),
        Failure::Connection(why) => connection(registry, why),
        Failure::Blocked { .. } => "wait until then".to_owned(),
        Failure::Status { .. } | Failure::Broken(_) | Failure::TooLarge(_) => {
            format!("is it a registry? try: curl -i {}/v2/", base(registry))
        }
    }
}

fn connection(registry: &Registry, why: &str) -> String {
    let says = |part: &str| why.contains(part);
    if says("UnknownIssuer") || says("BadSignature") {
        return match &registry.ca_file {
            None => "give the authority that signed its certificate: `ca_file`".to_owned(),
            Some(file) => format!("another authority signed it: replace `ca_file`, {}", file.display()),
        };
    }
    if says("NotValidForName") || says("not valid for") {
        return "name it as its certificate does, or add this name to that".to_owned();
    }
    if says("expired") || says("not valid yet") {
        return "renew its certificate, or set this machine's clock right".to_owned();
    }
    if says("corrupt message") || says("InvalidContentType") {
        return "that port does not speak TLS: plain_http = true if it is meant so".to_owned();
    }
    if says("refused") {
        return format!("nothing listens at {}: are host and port right?", base(registry));
    }
    if says("dns") || says("lookup") {
        return "this machine does not know that name: correct `host`, or `server`, or its DNS".to_owned();
    }
    "is a firewall or a proxy in between? registries are reached directly".to_owned()
}
