//! Each forge: reached, signed in at, how much may be asked, and which of the configured repositories may be read.

use futures::{StreamExt as _, stream};
use landfall_model::words::ForgeKind;

use super::{Check, Outcome};
use crate::{
    config::{Config, Forge as Configured, ForgeAuth},
    source::forge::{Failure, Forge, Gitea, Github, Gitlab, Patience},
};

/// Configured repositories that are tried.
const TRIED: usize = 5;

/// Checks of all forges, some at the same time.
pub async fn checks(config: &Config) -> Vec<Check> {
    stream::iter(config.forges.iter().map(of_forge)).buffered(4).concat().await
}

async fn of_forge(forge: &Configured) -> Vec<Check> {
    let about = forge.source();
    let patience = Patience::default();
    match forge.asked() {
        None => {
            let why = if forge.links_only { "as `links_only` says" } else { "this kind is not asked" };
            vec![Check::new(about, "use", Outcome::Ok, format!("linked to only, {why}"))]
        }
        Some(ForgeKind::Github) => of_client(forge, Github::new(forge, patience)).await,
        Some(ForgeKind::Gitlab) => of_client(forge, Gitlab::new(forge, patience)).await,
        Some(ForgeKind::Gitea) => of_client(forge, Gitea::new(forge, patience)).await,
    }
}

async fn of_client<F: Forge>(forge: &Configured, client: Result<F, Failure>) -> Vec<Check> {
    let about = forge.source();
    let client = match client {
        Ok(client) => client,
        Err(failure) => return vec![Check::new(about, "reached", Outcome::Fail, failure.to_string())],
    };
    let rhythm = format!(
        "{} asked every {} s, at most {} requests in a minute",
        forge.url,
        forge.interval.as_secs(),
        forge.requests_per_minute
    );
    let mut checks = vec![Check::new(&about, "use", Outcome::Ok, rhythm)];
    if let Some(secret) = &forge.webhook_secret {
        checks.push(match secret.read() {
            Ok(_) => Check::new(&about, "webhooks", Outcome::Ok, format!("taken at /webhooks/{about}")),
            Err(why) => Check::new(&about, "webhooks", Outcome::Fail, why.to_string())
                .mend("correct `webhook_secret_file` or `webhook_secret_env`; until then they are refused"),
        });
    }
    match client.who().await {
        Ok(me) if me.is_empty() => checks.push(
            Check::new(&about, "credentials", Outcome::Warn, "none: only what everybody may see, and seldom")
                .mend("give `token_file`, or `app_id` with `private_key_file`"),
        ),
        Ok(me) => checks.push(Check::new(&about, "credentials", Outcome::Ok, format!("{me} is accepted"))),
        Err(failure) => {
            let what = match failure {
                Failure::Refused { .. } | Failure::Credentials(_) => "credentials",
                _ => "reached",
            };
            let check = Check::new(&about, what, Outcome::Fail, failure.to_string());
            checks.push(check.mend(mend(forge, &failure)));
            return checks;
        }
    }
    for repository in forge.repositories.iter().take(TRIED) {
        checks.push(match client.open(repository).await {
            Ok(listed) if listed.cut.is_none() => {
                let found = format!("{} open pull requests", listed.pulls.len() + listed.broken.len());
                Check::new(&about, repository, Outcome::Ok, found)
            }
            Ok(listed) => {
                let why = listed.cut.map(|failure| failure.to_string()).unwrap_or_default();
                let found = format!("{} open pull requests, and then: {why}", listed.pulls.len());
                Check::new(&about, repository, Outcome::Warn, found)
            }
            Err(failure) => {
                Check::new(&about, repository, Outcome::Fail, failure.to_string()).mend(mend(forge, &failure))
            }
        });
    }
    let budget = client.budget().view();
    if let (Some(limit), Some(left)) = (budget.limit, budget.remaining) {
        let outcome = if client.budget().is_low() { Outcome::Warn } else { Outcome::Ok };
        checks.push(Check::new(&about, "budget", outcome, format!("{left} of {limit} requests are left")));
    }
    checks
}

/// What to do about a failure.
fn mend(forge: &Configured, failure: &Failure) -> String {
    match failure {
        Failure::Refused { status: 401, .. } => match &forge.auth {
            ForgeAuth::Anonymous => "give `token_file`, or `app_id` with `private_key_file`".to_owned(),
            ForgeAuth::Token(token) => format!("is the token in {token} the present one, and not expired?"),
            ForgeAuth::App { id, private_key, .. } => {
                format!(
                    "is {} a key of the App {id}, and is this machine's clock right?",
                    private_key.display()
                )
            }
        },
        Failure::Refused { .. } => {
            "give the token or App the right to read pull requests, issues, actions and metadata".to_owned()
        }
        Failure::NotFound(_) => match &forge.auth {
            ForgeAuth::App { .. } => {
                "is the App installed there, and does it see this repository?".to_owned()
            }
            _ => "is the name right, and may this token see it? forges hide what one may not read".to_owned(),
        },
        Failure::Private(_) => {
            "if it is meant to be there: allow_private = true in this [[forge]]".to_owned()
        }
        Failure::Credentials(_) => "correct the path, or make the file readable".to_owned(),
        Failure::Silent { .. } => "a firewall may swallow the packets".to_owned(),
        Failure::Blocked { .. } => "wait until then".to_owned(),
        Failure::Connection(why) if why.contains("UnknownIssuer") => {
            "give the authority that signed its certificate: `ca_file`".to_owned()
        }
        Failure::Connection(_) => {
            format!(
                "does {} lead to it? is a firewall or a proxy in between? forges are reached directly",
                forge.url
            )
        }
        _ => format!("is {} a {}?", forge.url, forge.kind),
    }
}
