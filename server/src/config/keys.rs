//! Every key of `landfall.toml`, in one table: what is not here is refused, and the documentation and the
//! commented example are checked against it.

/// What a key's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Texts,
    Switch,
    Number,
    /// `30s`, `10m`, `1h 30m`.
    Duration,
    /// `127.0.0.1:3000`.
    Address,
    /// `http` or `https`.
    Url,
    /// A path; `~` is the home folder, a relative one counts from the configuration's folder.
    Path,
    /// Name of an environment variable.
    Variable,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Shape {
    /// How documentation and messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "list of texts",
            Self::Switch => "true or false",
            Self::Number => "number",
            Self::Duration => "duration",
            Self::Address => "address and port",
            Self::Url => "URL",
            Self::Path => "path",
            Self::Variable => "name of an environment variable",
            Self::Word(_) => "word",
        }
    }
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Sections and key joined by dots: `cluster.token_file`. `*` stands for any name.
    pub path: &'static str,
    pub shape: Shape,
    /// As written in TOML; empty where there is none.
    pub default: &'static str,
    pub what: &'static str,
}

const fn key(path: &'static str, shape: Shape, default: &'static str, what: &'static str) -> Key {
    Key { path, shape, default, what }
}

/// Sections that may stand several times (`[[cluster]]`), with the key that names one.
pub const LISTS: &[(&str, Option<&str>)] = &[
    ("cluster", Some("name")),
    ("argocd", Some("name")),
    ("argocd.destination", None),
    ("environment", Some("name")),
    ("catalog.service", Some("name")),
    ("registry", Some("host")),
    ("forge", Some("name")),
    ("view", Some("name")),
];

/// Sections that the documentation names and this version has no keys for.
pub const LATER: &[(&str, &str)] = &[
    (
        "auth",
        "access control is not part of this version: listen on a loopback address behind a proxy that checks who asks",
    ),
    ("vm", "VMs are not part of this version"),
];

/// The table.
pub const KEYS: &[Key] = &[
    key(
        "server.listen",
        Shape::Address,
        "\"127.0.0.1:3000\"",
        "where the pages are served; any address that is not loopback also needs `--insecure-no-auth`",
    ),
    key(
        "server.hosts",
        Shape::Texts,
        "[]",
        "names that people reach it by; on loopback others are refused, so that no foreign page can read it through a name of its own",
    ),
    key(
        "server.https",
        Shape::Switch,
        "false",
        "people reach it by https, through a proxy: browsers are then told to insist on it",
    ),
    key(
        "server.url",
        Shape::Url,
        "",
        "where people reach it, for what is shown elsewhere and leads here: badges, link previews; without it the first of `hosts`, else the address on this machine",
    ),
    key(
        "server.badge_key_file",
        Shape::Path,
        "",
        "file with the key that signs the addresses of badges; read again when it is replaced, a second line may hold the key before; without one badges need no proof",
    ),
    key("server.badge_key_env", Shape::Variable, "", "variable with that key"),
    key(
        "database.url_env",
        Shape::Variable,
        "\"DATABASE_URL\"",
        "variable that holds the connection URL of the application role",
    ),
    key("database.url_file", Shape::Path, "", "file that holds it; wins over `url_env`"),
    key(
        "database.migrate_url_env",
        Shape::Variable,
        "",
        "variable with the URL of the role that owns the tables, for `landfall migrate`; without it the application's is used",
    ),
    key("database.migrate_url_file", Shape::Path, "", "file that holds it"),
    key(
        "database.connections",
        Shape::Number,
        "8",
        "most connections for reading; four more are used to write, to lead and to listen",
    ),
    key(
        "database.lease",
        Shape::Duration,
        "\"15s\"",
        "how long a leader that says nothing keeps the lead; another replica takes over after that",
    ),
    key("cluster.name", Shape::Text, "", "name; the source is called `cluster/NAME`"),
    key("cluster.kubeconfig", Shape::Path, "", "kubeconfig file"),
    key("cluster.context", Shape::Text, "", "context in it; without it the current one"),
    key(
        "cluster.exec",
        Shape::Texts,
        "[]",
        "commands that the kubeconfig may run to sign in, as it names them (`aws`, `gke-gcloud-auth-plugin`, `kubelogin`); one that is not listed is refused",
    ),
    key(
        "cluster.in_cluster",
        Shape::Switch,
        "false",
        "use the service account of the pod that Landfall runs in",
    ),
    key(
        "cluster.server",
        Shape::Url,
        "",
        "URL of the API server, with `token_file` or `token_env`, and `ca_file`",
    ),
    key("cluster.token_file", Shape::Path, "", "file with the bearer token; read again when it is replaced"),
    key("cluster.token_env", Shape::Variable, "", "variable with the bearer token"),
    key(
        "cluster.ca_file",
        Shape::Path,
        "",
        "PEM file with the authority that signed the server's certificate; read again when it is replaced",
    ),
    key(
        "cluster.insecure_http",
        Shape::Switch,
        "false",
        "allow a plain `http` URL that is not loopback: the token travels in clear",
    ),
    key("cluster.namespaces", Shape::Texts, "[]", "read these namespaces only; `[]` reads all at once"),
    key(
        "cluster.stale_after",
        Shape::Duration,
        "\"2m\"",
        "how long the source may be silent before its values are marked",
    ),
    key("argocd.name", Shape::Text, "", "name; the source is called `argocd/NAME`"),
    key("argocd.cluster", Shape::Text, "", "cluster in which its Applications live"),
    key(
        "argocd.namespaces",
        Shape::Texts,
        "[\"argocd\"]",
        "namespaces with Applications; `[]` means every namespace",
    ),
    key(
        "argocd.namespace",
        Shape::Text,
        "",
        "namespace of the control plane; without it the first of `namespaces`, else `argocd`",
    ),
    key("argocd.url", Shape::Url, "", "external URL, for links"),
    key(
        "argocd.stale_after",
        Shape::Duration,
        "\"2m\"",
        "how long the source may be silent before its values are marked",
    ),
    key(
        "argocd.updater_interval",
        Shape::Duration,
        "\"2m\"",
        "pause between two looks of its Image Updater (its `--interval`), 1s to 24h: what was pushed may take two of them",
    ),
    key("argocd.destination.server", Shape::Url, "", "destination's server as Applications write it"),
    key("argocd.destination.name", Shape::Text, "", "destination's name as Applications write it"),
    key("argocd.destination.cluster", Shape::Text, "", "which `[[cluster]]` that is"),
    key("environment.name", Shape::Text, "", "environment's name; the first rule that fits wins"),
    key("environment.cluster", Shape::Text, "", "pattern of the cluster's name"),
    key("environment.namespace", Shape::Text, "", "pattern of the destination namespace"),
    key("environment.label", Shape::Text, "", "`key=pattern` of a label of the Application"),
    key("environment.application", Shape::Text, "", "pattern of the Application's name"),
    key("environment.order", Shape::Number, "", "place among the columns, ascending"),
    key(
        "environment.preview",
        Shape::Switch,
        "false",
        "what fits is a pull request's preview and gets no column of its own",
    ),
    key(
        "catalog.file",
        Shape::Path,
        "",
        "TOML file with one `[[service]]` per service, keys as in `[[catalog.service]]`",
    ),
    key("catalog.service.name", Shape::Text, "", "service's name"),
    key("catalog.service.owner", Shape::Text, "", "team that owns it"),
    key(
        "catalog.service.applications",
        Shape::Texts,
        "[NAME, \"NAME-*\"]",
        "patterns of its Applications: `name` or `instance:namespace/name`",
    ),
    key("catalog.service.container", Shape::Text, "", "container whose image is the service's"),
    key("catalog.service.repository", Shape::Text, "", "source repository, for links"),
    key("registry.host", Shape::Text, "", "registry's host, as images name it"),
    key(
        "registry.server",
        Shape::Url,
        "",
        "where it is asked, if not at `host`: a mirror, a port-forward, a name inside; scheme, host and port",
    ),
    key(
        "registry.link",
        Shape::Url,
        "",
        "page of an image: `{repository}`, `{tag}` and `{digest}` are filled in",
    ),
    key(
        "registry.links_only",
        Shape::Switch,
        "false",
        "make links to it only: it is never asked, and its images have no tag history",
    ),
    key(
        "registry.repositories",
        Shape::Texts,
        "[]",
        "repositories to look at beside those that images name, as paths without the host",
    ),
    key("registry.interval", Shape::Duration, "\"2m\"", "pause between two looks, 10s to 24h"),
    key(
        "registry.requests_per_minute",
        Shape::Number,
        "300",
        "requests in a minute at most, signing in included, 1 to 60000",
    ),
    key(
        "registry.ca_file",
        Shape::Path,
        "",
        "PEM file with the authority that signed its certificate, trusted beside the machine's; read again when it is replaced",
    ),
    key(
        "registry.plain_http",
        Shape::Switch,
        "false",
        "speak to it without TLS: credentials travel in clear",
    ),
    key(
        "registry.allow_private",
        Shape::Switch,
        "false",
        "its name, and what it redirects to, may be an address of a private network, of this machine or link-local",
    ),
    key(
        "registry.auth_hosts",
        Shape::Texts,
        "[]",
        "hosts beside its own that hand out its tokens and so get its credentials; those of docker.io and registry.gitlab.com are known",
    ),
    key(
        "registry.push_times",
        Shape::Word(super::PushTimes::WORDS),
        "",
        "ask it when tags were pushed, by its own interface of this kind; kept beside what was seen",
    ),
    key(
        "registry.webhook_secret_file",
        Shape::Path,
        "",
        "file with the secret that its webhooks prove themselves by; several lines are several secrets; without one they are refused",
    ),
    key("registry.webhook_secret_env", Shape::Variable, "", "variable with that secret"),
    key("registry.auth.anonymous", Shape::Switch, "", "ask without credentials"),
    key("registry.auth.docker_config", Shape::Path, "", "Docker's `config.json` with the credentials"),
    key(
        "registry.auth.secret",
        Shape::Text,
        "",
        "Kubernetes Secret of type `kubernetes.io/dockerconfigjson` as `cluster/namespace/name`, read through that `[[cluster]]`",
    ),
    key("registry.auth.username", Shape::Text, "", "user name, with `password_file` or `password_env`"),
    key("registry.auth.password_file", Shape::Path, "", "file with the password"),
    key("registry.auth.password_env", Shape::Variable, "", "variable with the password"),
    key("forge.name", Shape::Text, "", "name; the source is called `forge/NAME`"),
    key(
        "forge.kind",
        Shape::Word(&["github", "gitlab", "gitea", "bitbucket"]),
        "\"github\"",
        "whose API it speaks, and how links to commits are written; `gitea` is Forgejo as well, `bitbucket` is only linked to",
    ),
    key(
        "forge.url",
        Shape::Url,
        "\"https://github.com\"",
        "its address for people, for an own installation; where its API is follows from it",
    ),
    key("forge.token_file", Shape::Path, "", "file with an access token; read again when it is replaced"),
    key("forge.token_env", Shape::Variable, "", "variable with an access token"),
    key("forge.app_id", Shape::Number, "", "id of a GitHub App to sign in as, with `private_key_file`"),
    key("forge.private_key_file", Shape::Path, "", "PEM file with the App's private key"),
    key(
        "forge.installation_id",
        Shape::Number,
        "",
        "installation of the App; without it that of each repository is asked for",
    ),
    key(
        "forge.links_only",
        Shape::Switch,
        "false",
        "make links to it only: it is never asked, and nothing is known of pull requests",
    ),
    key(
        "forge.repositories",
        Shape::Texts,
        "[]",
        "repositories to look at beside those that pull request generators name, as paths on the forge",
    ),
    key("forge.interval", Shape::Duration, "\"1m\"", "pause between two looks, 10s to 24h"),
    key(
        "forge.requests_per_minute",
        Shape::Number,
        "300",
        "requests in a minute at most, 1 to 60000; what the forge itself allows in an hour is kept to as well",
    ),
    key(
        "forge.preview_command",
        Shape::Text,
        "\"/preview\"",
        "what a comment that asks for a preview begins with",
    ),
    key(
        "forge.ca_file",
        Shape::Path,
        "",
        "PEM file with the authority that signed its certificate, trusted beside the machine's; read again when it is replaced",
    ),
    key("forge.plain_http", Shape::Switch, "false", "speak to it without TLS: credentials travel in clear"),
    key(
        "forge.allow_private",
        Shape::Switch,
        "false",
        "its name, and what it redirects to, may be an address of a private network, of this machine or link-local",
    ),
    key(
        "forge.webhook_secret_file",
        Shape::Path,
        "",
        "file with the secret that its webhooks prove themselves by; several lines are several secrets; without one they are refused",
    ),
    key("forge.webhook_secret_env", Shape::Variable, "", "variable with that secret"),
    key(
        "rules.critical_in",
        Shape::Texts,
        "[\"production\"]",
        "environments in which a finding may be critical",
    ),
    key("rules.*.after", Shape::Duration, "", "how long it must last before it is a finding"),
    key(
        "rules.*.severity",
        Shape::Word(&["critical", "warning", "notice"]),
        "",
        "severity, whatever the rule says",
    ),
    key("rules.*.off", Shape::Switch, "false", "never open this finding"),
    key("view.name", Shape::Text, "", "saved view's name, shown to all"),
    key("view.query", Shape::Text, "", "its query string, as in the address of the board"),
    key("review.at", Shape::Text, "", "weekday and time of the weekly review, `Fri 15:00`"),
    key("review.timezone", Shape::Text, "\"UTC\"", "time zone of that time, `Asia/Tokyo`"),
    key("history.keep_months", Shape::Number, "13", "months of history that are kept, 1 to 120"),
    key("limits.list_page", Shape::Number, "500", "objects per page of a list, 10 to 5000"),
    key("limits.object_mib", Shape::Number, "8", "largest object that is read, in MiB, 1 to 64"),
    key(
        "limits.connections",
        Shape::Number,
        "10000",
        "open connections to the pages, 10 to 100000; more are refused",
    ),
    key(
        "limits.connections_per_address",
        Shape::Number,
        "1024",
        "the same of one client address, which behind a proxy is the proxy's",
    ),
    key(
        "limits.event_streams",
        Shape::Number,
        "10000",
        "tabs that are told of changes, 1 to 100000; others are shown without",
    ),
    key(
        "limits.event_streams_per_address",
        Shape::Number,
        "512",
        "the same of one client address, which behind a proxy is the proxy's",
    ),
    key("log.format", Shape::Word(&["text", "json"]), "\"text\"", "form of the log on standard error"),
    key("log.filter", Shape::Text, "\"info\"", "level, or levels by target: `info,landfall::watch=debug`"),
];

/// The key with this path; names that stand for `*` are given as `*`.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Names that may stand directly in a section (`""` is the top level).
pub fn names_in(section: &str) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = KEYS
        .iter()
        .filter_map(|key| {
            let rest = if section.is_empty() {
                key.path
            } else {
                key.path.strip_prefix(section)?.strip_prefix('.')?
            };
            rest.split('.').next()
        })
        .collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether something stands below this path.
pub fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether this section may stand several times.
pub fn is_list(path: &str) -> bool {
    LISTS.iter().any(|(list, _)| *list == path)
}
