//! `landfall.toml`: read, checked and turned into what the parts need.
//!
//! Every key stands in [`keys::KEYS`]; an unknown one is a mistake with its line and the nearest known key. All
//! mistakes are found in one go. Environment variables win over the file: `LANDFALL_SERVER_LISTEN` for
//! `server.listen`, `LANDFALL_CLUSTER_PROD_TOKEN_FILE` for `token_file` of the cluster `prod`.

use std::{net::SocketAddr, path::Path, path::PathBuf, sync::Arc};

use landfall_model::settings::{ClusterSettings, ForgeSettings, RegistrySettings, Settings};
use toml::de::DeTable;

mod forge;
pub mod keys;
mod mapping;
mod outside;
mod problem;
mod reader;
mod registry;
mod secret;
mod sources;
#[cfg(test)]
mod tests;
mod unknown;

pub use forge::{Forge, ForgeAuth, is_repository};
pub use outside::{Review, View, board_query};
pub use problem::{Place, Problem, Problems, nearest};
pub use reader::Variables;
pub use registry::{KubernetesSecret, PushTimes, Registry, RegistryAuth};
pub use secret::{Secret, cannot_read};
pub use sources::{Access, Cluster, Instance, Pod};

use reader::{Reader, Section, Source};

/// A configuration that was understood as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    pub server: Server,
    pub database: Database,
    pub clusters: Vec<Cluster>,
    pub instances: Vec<Instance>,
    pub registries: Vec<Registry>,
    pub forges: Vec<Forge>,
    pub review: Option<Review>,
    pub views: Vec<View>,
    pub history: History,
    pub limits: Limits,
    pub log: Log,
    /// What the model needs of all this.
    pub settings: Settings,
    /// Names of the environment variables that would change something here.
    variables: std::collections::BTreeSet<String>,
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub listen: SocketAddr,
    /// Where that was said; `None` for the default.
    pub listen_place: Option<Place>,
    /// Names it answers to, lower case.
    pub hosts: Vec<String>,
    /// Reached by https.
    pub https: bool,
    /// Where people reach it, if that was said.
    pub url: Option<String>,
    /// Key that signs the addresses of badges.
    pub badge_key: Option<Secret>,
}

impl Server {
    /// Where people reach it, without a trailing slash: as said, else by its first name, else on this machine.
    pub fn base(&self) -> Option<String> {
        let scheme = if self.https { "https" } else { "http" };
        let named = || self.hosts.first().map(|host| format!("{scheme}://{host}"));
        let here =
            || self.listen.ip().to_canonical().is_loopback().then(|| format!("http://{}", self.listen));
        self.url.clone().or_else(named).or_else(here)
    }
}

/// `[database]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// URL of the application role.
    pub url: Secret,
    /// URL of the role that owns the tables; `None` means the application's.
    pub migrate_url: Option<Secret>,
    pub connections: u32,
    /// How long the lead lasts without renewal.
    pub lease: std::time::Duration,
}

impl Database {
    /// Reads the URLs.
    pub fn settings(&self) -> Result<crate::store::DatabaseSettings, String> {
        Ok(crate::store::DatabaseSettings {
            url: self.url.read()?,
            migrate_url: self.migrate_url.as_ref().map(Secret::read).transpose()?,
            max_connections: self.connections,
        })
    }
}

/// `[history]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    pub keep_months: u16,
}

/// `[limits]`: what is read and served at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Objects per page of a list.
    pub list_page: u32,
    /// Bytes of one object.
    pub object_bytes: usize,
    /// Open connections, in all and of one client address.
    pub connections: usize,
    pub connections_per_address: usize,
    /// Open event streams, in all and of one client address.
    pub event_streams: usize,
    pub event_streams_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            list_page: 500,
            object_bytes: 8 << 20,
            connections: 10_000,
            connections_per_address: 1_024,
            event_streams: 10_000,
            event_streams_per_address: 512,
        }
    }
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub json: bool,
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { json: false, filter: "info".to_owned() }
    }
}

impl Config {
    /// Reads a file with the process's environment.
    pub fn load(file: &Path) -> Result<Self, Problems> {
        let variables: Variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let text = std::fs::read_to_string(file).map_err(|error| {
            let place = Place::Whole { path: Arc::from(file) };
            Problem::at(place, format!("cannot read it: {error}"))
                .help("give the file with --config; a commented example is deploy/landfall.example.toml")
        })?;
        Self::parse(file, &text, &variables)
    }

    /// Reads a text as if it stood in `file`, with these environment variables only.
    pub fn parse(file: &Path, text: &str, variables: &Variables) -> Result<Self, Problems> {
        let reader = Reader::new(variables);
        let config = read(&reader, file, text);
        let mut problems = reader.into_problems();
        if problems.is_empty() {
            return Ok(config);
        }
        problems.sort_by_key(|problem| match &problem.place {
            Some(Place::File { path, line, column }) => (path.to_path_buf(), *line, *column),
            Some(Place::Whole { path }) => (path.to_path_buf(), 0, 0),
            _ => (PathBuf::new(), 0, 0),
        });
        problems.dedup();
        Err(Problems(problems))
    }

    /// What must be said before anything listens: a cluster, and a loopback address unless access without sign-in is
    /// asked for in so many words.
    pub fn check_serve(&self, insecure_no_auth: bool) -> Result<(), Problems> {
        let mut problems = Vec::new();
        if self.clusters.is_empty() {
            let place = Place::Whole { path: Arc::from(self.file.as_path()) };
            problems.push(
                Problem::at(place, "no cluster is configured")
                    .help("add a [[cluster]] with `name` and `kubeconfig`, or look at `landfall demo`"),
            );
        }
        if !self.server.listen.ip().to_canonical().is_loopback() && !insecure_no_auth {
            let what =
                format!("{} is not a loopback address, and there is no access control", self.server.listen);
            let problem = match &self.server.listen_place {
                Some(place) => Problem::at(place.clone(), what),
                None => Problem::new(what),
            };
            problems.push(problem.help(
                "listen on 127.0.0.1 behind a proxy that checks who asks; or pass --insecure-no-auth to show everything to everyone who can reach it",
            ));
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Variables that begin with `LANDFALL_` and mean nothing here. Not an error, since Kubernetes sets such names
    /// for a Service that is called `landfall`.
    pub fn unused_variables(&self, variables: &Variables) -> Vec<String> {
        variables
            .keys()
            .filter(|name| {
                name.starts_with("LANDFALL_") && !matches!(name.as_str(), "LANDFALL_CONFIG" | "LANDFALL_SITE")
            })
            .filter(|name| !name.starts_with("LANDFALL_SERVICE_") && !is_of_a_service(name))
            .filter(|name| !self.variables.contains(name.as_str()))
            .filter(|name| !self.points_to(name))
            .cloned()
            .collect()
    }

    /// Whether a `*_env` key names this variable.
    fn points_to(&self, name: &str) -> bool {
        let is = |secret: &Secret| matches!(secret, Secret::Variable(variable) if variable == name);
        let of_clusters = self.clusters.iter().filter_map(|one| one.access.token());
        let of_registries = self.registries.iter().filter_map(|one| match &one.auth {
            RegistryAuth::Password { password, .. } => Some(password.clone()),
            RegistryAuth::Anonymous | RegistryAuth::DockerConfig(_) | RegistryAuth::Secret(_) => None,
        });
        let of_webhooks = self.registries.iter().filter_map(|one| one.webhook_secret.clone());
        let of_forges = self.forges.iter().flat_map(|one| {
            let token = if let ForgeAuth::Token(token) = &one.auth { Some(token.clone()) } else { None };
            token.into_iter().chain(one.webhook_secret.clone())
        });
        let of_badges = self.server.badge_key.clone();
        let of_database = [Some(self.database.url.clone()), self.database.migrate_url.clone()];
        of_clusters
            .chain(of_registries)
            .chain(of_webhooks)
            .chain(of_forges)
            .chain(of_badges)
            .chain(of_database.into_iter().flatten())
            .any(|secret| is(&secret))
    }
}

/// `LANDFALL_PORT`, `LANDFALL_PORT_3000_TCP_ADDR`: what Kubernetes sets for a Service named `landfall`.
fn is_of_a_service(name: &str) -> bool {
    name.strip_prefix("LANDFALL_PORT").is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn syntax(source: &Source<'_>, error: &toml::de::Error) -> Problem {
    let place = error
        .span()
        .map_or_else(|| Place::Whole { path: Arc::clone(&source.path) }, |span| source.place(span.start));
    Problem::at(place, error.message().to_owned())
        .help("texts stand in quotes, sections in brackets; see https://toml.io/en/v1.0.0")
}

fn read(reader: &Reader<'_>, file: &Path, text: &str) -> Config {
    let source = Source { path: Arc::from(file), text };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.problem(syntax(&source, error));
    }
    let empty = DeTable::new();
    // After a mistake of syntax the rest is a guess; more messages would only be noise.
    let table = if errors.is_empty() { table.get_ref() } else { &empty };
    unknown::check(reader, &source, table, "");
    let root = Section::root(reader, &source, table);
    let config = sections(&root, reader, file);
    Config { variables: reader.looked_for(), ..config }
}

fn sections(root: &Section<'_>, reader: &Reader<'_>, file: &Path) -> Config {
    let server = root.section("server");
    let listen = server.address("listen");
    let clusters = sources::clusters(root);
    let instances = sources::instances(root, &clusters);
    let registries = registry::registries(root, &clusters);
    let forges = forge::forges(root);
    let (critical_in, rules) = mapping::rules(root, reader);
    let history = root.section("history");
    let log = root.section("log");
    let filter = log.text("filter");
    if let Some(filter) = &filter
        && let Err(error) = tracing_subscriber::EnvFilter::try_new(&filter.value)
    {
        let what = format!("`{}` is no log filter: {error}", filter.value);
        log.problem(Problem::at(filter.place.clone(), what));
    }
    let stale_after = clusters
        .iter()
        .filter_map(|one| Some((format!("cluster/{}", one.name).into(), one.stale_after?)))
        .chain(
            instances
                .iter()
                .filter_map(|one| Some((format!("argocd/{}", one.settings.name).into(), one.stale_after?))),
        )
        .chain(registries.iter().filter_map(|one| {
            Some((one.source().into(), jiff::SignedDuration::try_from(one.stale_after()).ok()?))
        }))
        .chain(forges.iter().filter_map(|one| {
            Some((one.source().into(), jiff::SignedDuration::try_from(one.stale_after()).ok()?))
        }))
        .collect();
    let settings = Settings {
        forges: forges
            .iter()
            .filter_map(|one| {
                Some(ForgeSettings {
                    name: one.name.as_str().into(),
                    kind: one.asked()?,
                    url: one.url.as_str().into(),
                    interval: one.interval.try_into().unwrap_or_default(),
                })
            })
            .collect(),
        clusters: clusters.iter().map(|one| ClusterSettings { name: one.name.as_str().into() }).collect(),
        instances: instances.iter().map(|one| one.settings.clone()).collect(),
        registries: registries
            .iter()
            .filter(|one| !one.links_only)
            .map(|one| RegistrySettings {
                host: one.host.as_str().into(),
                interval: one.interval.try_into().unwrap_or_default(),
            })
            .collect(),
        environments: mapping::environments(root),
        catalog: mapping::catalog(root, reader),
        critical_in,
        rules,
        stale_after,
        links: registries
            .iter()
            .filter_map(|one| Some((one.host.as_str().into(), one.link.as_deref()?.into())))
            .collect(),
    };
    Config {
        file: file.to_owned(),
        server: Server {
            listen: listen
                .as_ref()
                .map_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000)), |found| found.value),
            listen_place: listen.map(|found| found.place),
            hosts: hosts(root),
            https: server.switch("https"),
            url: server.url("url").map(|found| found.value),
            badge_key: secret::secret(&server, "badge_key_file", "badge_key_env"),
        },
        database: database(root),
        instances,
        registries,
        forges,
        review: outside::review(root),
        views: outside::views(root),
        history: History {
            keep_months: history
                .number("keep_months", 1..=120)
                .and_then(|found| u16::try_from(found.value).ok())
                .unwrap_or(13),
        },
        limits: limits(&root.section("limits")),
        log: Log {
            json: log.word("format").is_some_and(|found| found.value == "json"),
            filter: filter.map_or_else(|| Log::default().filter, |found| found.value),
        },
        clusters,
        settings,
        variables: std::collections::BTreeSet::new(),
    }
}

fn limits(section: &Section<'_>) -> Limits {
    let defaults = Limits::default();
    let count = |key: &str, bounds, default: usize| {
        let found = section.number(key, bounds).and_then(|found| usize::try_from(found.value).ok());
        found.unwrap_or(default)
    };
    Limits {
        list_page: section
            .number("list_page", 10..=5_000)
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(defaults.list_page),
        object_bytes: section
            .number("object_mib", 1..=64)
            .and_then(|found| usize::try_from(found.value).ok())
            .map_or(defaults.object_bytes, |mib| mib << 20),
        connections: count("connections", 10..=100_000, defaults.connections),
        connections_per_address: count(
            "connections_per_address",
            10..=100_000,
            defaults.connections_per_address,
        ),
        event_streams: count("event_streams", 1..=100_000, defaults.event_streams),
        event_streams_per_address: count(
            "event_streams_per_address",
            1..=100_000,
            defaults.event_streams_per_address,
        ),
    }
}

fn database(root: &Section<'_>) -> Database {
    let section = root.section("database");
    let url = secret::secret(&section, "url_file", "url_env");
    Database {
        url: url.unwrap_or_else(|| Secret::Variable("DATABASE_URL".to_owned())),
        migrate_url: secret::secret(&section, "migrate_url_file", "migrate_url_env"),
        connections: section
            .number("connections", 2..=200)
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(8),
        lease: lease(&section),
    }
}

fn hosts(root: &Section<'_>) -> Vec<String> {
    let found = root.section("server").texts("hosts");
    found
        .map(|found| found.value.into_iter().map(|host| host.value.to_lowercase()).collect())
        .unwrap_or_default()
}

/// Between one second, which a busy database can still keep, and five minutes.
fn lease(section: &Section<'_>) -> std::time::Duration {
    const DEFAULT: std::time::Duration = std::time::Duration::from_secs(15);
    let Some(found) = section.duration("lease") else { return DEFAULT };
    match std::time::Duration::try_from(found.value) {
        Ok(ttl) if (1..=300).contains(&ttl.as_secs()) => ttl,
        _ => {
            section.problem(Problem::at(found.place, "`lease` must be between 1s and 5m"));
            DEFAULT
        }
    }
}
