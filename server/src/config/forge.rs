//! `[[forge]]`: where pull requests are read, and how commits are linked to.

use std::{path::PathBuf, time::Duration};

use landfall_model::words::ForgeKind;

use super::{
    problem::Problem,
    reader::{Found, Section},
    secret::{Secret, secret},
};

/// A forge, source `forge/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forge {
    pub name: String,
    /// As written; `bitbucket` is only linked to.
    pub kind: String,
    /// Its address for people, without a trailing slash.
    pub url: String,
    pub auth: ForgeAuth,
    /// It is only linked to, never asked.
    pub links_only: bool,
    /// Repositories that are looked at beside those that pull request generators name.
    pub repositories: Vec<String>,
    /// Pause between two looks.
    pub interval: Duration,
    /// Requests in a minute, at most.
    pub requests_per_minute: u32,
    /// What a comment that asks for a preview begins with.
    pub preview_command: String,
    /// Signs its certificate, beside the authorities of the machine.
    pub ca_file: Option<PathBuf>,
    /// It is spoken to without TLS.
    pub plain_http: bool,
    /// Its name may mean an address of a private network.
    pub allow_private: bool,
    /// What its webhooks are known by; without it they are refused.
    pub webhook_secret: Option<Secret>,
}

/// How a forge is signed in at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForgeAuth {
    Anonymous,
    Token(Secret),
    /// A GitHub App.
    App {
        id: u64,
        /// `None`: the one that a repository is in.
        installation: Option<u64>,
        private_key: PathBuf,
    },
}

impl Forge {
    /// The default between two looks.
    pub const INTERVAL: Duration = Duration::from_mins(1);
    /// The default of requests in a minute.
    pub const REQUESTS_PER_MINUTE: u32 = 300;
    /// The default of what a comment that asks for a preview begins with.
    pub const PREVIEW_COMMAND: &str = "/preview";

    /// Name of the source.
    pub fn source(&self) -> String {
        format!("forge/{}", self.name)
    }

    /// Silent for longer, and what it told is marked as old: three looks, at least two minutes.
    pub fn stale_after(&self) -> Duration {
        (self.interval * 3).max(Duration::from_mins(2))
    }

    /// Whose API it speaks, where it is asked.
    pub fn asked(&self) -> Option<ForgeKind> {
        ForgeKind::parse(&self.kind).filter(|_| !self.links_only)
    }

    /// One that is asked without signing in, as the defaults say.
    pub fn anonymous(name: impl Into<String>, kind: ForgeKind, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: kind.as_str().to_owned(),
            url: url.into(),
            auth: ForgeAuth::Anonymous,
            links_only: false,
            repositories: Vec::new(),
            interval: Self::INTERVAL,
            requests_per_minute: Self::REQUESTS_PER_MINUTE,
            preview_command: Self::PREVIEW_COMMAND.to_owned(),
            ca_file: None,
            plain_http: false,
            allow_private: false,
            webhook_secret: None,
        }
    }
}

pub fn forges(root: &Section<'_>) -> Vec<Forge> {
    let mut forges = Vec::<Forge>::new();
    for section in root.list("forge") {
        let name = section.required("name");
        let forge = forge(&section, name.as_ref().map_or("", |name| &name.value));
        let Some(name) = name else { continue };
        let is_name = name.value.len() <= 63
            && name.value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !is_name {
            section.problem(
                Problem::at(name.place, format!("`{}` is no name", name.value))
                    .help("use letters, digits, `-`, `_` and `.`, at most 63"),
            );
        } else if forges.iter().any(|other| other.name == name.value) {
            section.problem(Problem::at(name.place, format!("two forges are named `{}`", name.value)));
        } else {
            forges.push(forge);
        }
    }
    forges
}

fn forge(section: &Section<'_>, name: &str) -> Forge {
    let kind = section.word("kind").map_or_else(|| "github".to_owned(), |found| found.value);
    let plain_http = section.switch("plain_http");
    let url = url(section, &kind, plain_http);
    let number = |key: &str, most: i64| {
        section.number(key, 1..=most).and_then(|found| u32::try_from(found.value).ok())
    };
    Forge {
        auth: auth(section, &kind),
        links_only: section.switch("links_only") || kind == "bitbucket",
        repositories: repositories(section, &kind),
        interval: interval(section),
        requests_per_minute: number("requests_per_minute", 60_000).unwrap_or(Forge::REQUESTS_PER_MINUTE),
        preview_command: command(section),
        ca_file: section.path("ca_file").map(|found| found.value),
        plain_http,
        allow_private: section.switch("allow_private"),
        webhook_secret: secret(section, "webhook_secret_file", "webhook_secret_env"),
        ..Forge { kind, ..Forge::anonymous(name, ForgeKind::Github, url) }
    }
}

/// Its address for people. Where somebody wrote the API's instead, it is made of that.
fn url(section: &Section<'_>, kind: &str, plain_http: bool) -> String {
    let default = match kind {
        "gitlab" => "https://gitlab.com",
        "gitea" => "https://gitea.com",
        "bitbucket" => "https://bitbucket.org",
        _ => "https://github.com",
    };
    let Some(Found { value, place }) = section.url("url") else { return default.to_owned() };
    let mut url = value.trim_end_matches('/');
    for api in ["/api/v3", "/api/v4", "/api/v1", "/api/graphql"] {
        url = url.strip_suffix(api).unwrap_or(url).trim_end_matches('/');
    }
    let url = url.replacen("://api.github.com", "://github.com", 1);
    let asked = ForgeKind::parse(kind).is_some() && !section.switch("links_only");
    if asked && url.starts_with("http://") && !plain_http {
        section.problem(
            Problem::at(place, "`url` is asked without TLS")
                .help("credentials would travel in clear; if that is meant so: plain_http = true"),
        );
    }
    url
}

fn auth(section: &Section<'_>, kind: &str) -> ForgeAuth {
    let token = secret(section, "token_file", "token_env");
    let number = |key: &str| section.number(key, 1..=i64::MAX).map(|found| found.value.unsigned_abs());
    let (id, installation) = (number("app_id"), number("installation_id"));
    let private_key = section.path("private_key_file");
    let app =
        section.given("app_id") || section.given("installation_id") || section.given("private_key_file");
    if app && kind != "github" {
        let what = format!("`app_id` and its keys are for GitHub Apps, and this is {kind}");
        section.problem(Problem::at(section.place(), what).help("give `token_file` or `token_env`"));
    }
    if app && token.is_some() {
        section.problem(
            Problem::at(section.place(), "both a token and an App")
                .help("give either `token_file` (or `token_env`), or `app_id` with `private_key_file`"),
        );
    }
    match (id, private_key, token) {
        (Some(id), Some(key), None) => ForgeAuth::App { id, installation, private_key: key.value },
        (_, _, Some(token)) => ForgeAuth::Token(token),
        _ if app => {
            let problem = Problem::at(section.place(), "an App needs both `app_id` and `private_key_file`");
            section.problem(problem.help("GitHub shows the one and gives the other on the App's page"));
            ForgeAuth::Anonymous
        }
        _ => ForgeAuth::Anonymous,
    }
}

/// Paths as the forge has them: two parts, at GitLab two or more.
fn repositories(section: &Section<'_>, kind: &str) -> Vec<String> {
    let mut repositories = Vec::new();
    for Found { value, place } in section.texts("repositories").into_iter().flat_map(|found| found.value) {
        if !is_repository(&value, kind == "gitlab") {
            section.problem(
                Problem::at(place, format!("`{value}` is no repository"))
                    .help("write its path on the forge: \"accounts/control-panel\""),
            );
        } else if !repositories.contains(&value) {
            repositories.push(value);
        }
    }
    repositories
}

/// Whether a text can be a repository's path: parts of letters, digits, `-`, `_` and `.`.
pub fn is_repository(path: &str, deep: bool) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_part = |part: &&str| {
        (1..=100).contains(&part.len())
            && !matches!(*part, "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let fits = if deep { (2..=20).contains(&parts.len()) } else { parts.len() == 2 };
    fits && path.len() <= 250 && parts.iter().all(is_part)
}

/// Between ten seconds and a day.
fn interval(section: &Section<'_>) -> Duration {
    let Some(found) = section.duration("interval") else { return Forge::INTERVAL };
    match Duration::try_from(found.value) {
        Ok(interval) if (10..=86_400).contains(&interval.as_secs()) => interval,
        _ => {
            section.problem(Problem::at(found.place, "`interval` must be between 10s and 24h"));
            Forge::INTERVAL
        }
    }
}

fn command(section: &Section<'_>) -> String {
    let Some(found) = section.text("preview_command") else { return Forge::PREVIEW_COMMAND.to_owned() };
    let command = found.value.trim().to_owned();
    if (1..=100).contains(&command.chars().count()) && !command.contains(char::is_whitespace) {
        return command;
    }
    let what = "`preview_command` is one word of at most 100 characters, such as \"/preview\"";
    section.problem(Problem::at(found.place, what));
    Forge::PREVIEW_COMMAND.to_owned()
}
