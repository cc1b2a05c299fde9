//! Mistakes with their places, variables, and the promise that every key is documented.

use std::{collections::BTreeSet, path::Path};

use landfall_model::words::{Rule, Severity};

use super::{
    keys::{KEYS, LISTS},
    *,
};

const EXAMPLE: &str = include_str!("../../../deploy/landfall.example.toml");
const DOCS: &str = include_str!("../../../docs/configuration.md");

fn parse(text: &str) -> Result<Config, Problems> {
    parse_with(text, &[])
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, Problems> {
    let mut all: Variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    all.entry("HOME".into()).or_insert_with(|| "/home/me".into());
    Config::parse(Path::new("landfall.toml"), text, &all)
}

fn problems(text: &str) -> String {
    parse(text).expect_err("must be refused").to_string()
}

#[test]
fn a_first_look_takes_few_lines() {
    let config = parse("[[cluster]]\nname = \"prod\"\nkubeconfig = \"~/.kube/config\"\n\n[[argocd]]\nname = \"main\"\ncluster = \"prod\"\n").unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database.url, Secret::Variable("DATABASE_URL".into()));
    assert_eq!(config.instances[0].namespaces, ["argocd"]);
    assert_eq!(&*config.instances[0].settings.namespace, "argocd");
    assert_eq!(config.settings.critical_in, ["production".into()]);
    assert_eq!(
        config.clusters[0].access,
        Access::Kubeconfig { path: "/home/me/.kube/config".into(), context: None, exec: Vec::new() }
    );
    assert!(config.check_serve(false).is_ok());
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    insta::assert_snapshot!(problems(r#"
[server]
listn = "127.0.0.1:3000"
[[cluster]]
name = "prod"
server = "http://10.0.0.1:6443"
[[cluster]]
name = "prod"
kubeconfg = "x"
namespaces = ["a", 7, "b-*"]
[argocd]
name = "main"
[clusters]
[[environment]]
name = "production"
application = "[a"
order = "first"
[rules.degradd]
after = "5 parsecs"
severity = "critcal"
[history]
keep_months = 900
token_file = "x"
[auth]
"#), @r"
    error: landfall.toml:3:1: unknown key `listn` in `server`
    help: did you mean `listen`?
    error: landfall.toml:6:10: a plain http API server that is not on this machine
    help: use https; or set `insecure_http = true` if nobody can read that network
    error: landfall.toml:7:1: how is this cluster reached?
    help: give one of: `kubeconfig` (and `context`), `in_cluster = true`, or `server` with `token_file` and `ca_file`
    error: landfall.toml:9:1: unknown key `kubeconfg` in `cluster`
    help: did you mean `kubeconfig`?
    error: landfall.toml:10:20: `namespaces` is an integer, expected only texts in this list, none empty
    error: landfall.toml:10:23: `b-*` is no namespace
    help: patterns cannot be watched: name each one, or use [] for all
    error: landfall.toml:11:2: `argocd` can stand several times
    help: write it with two brackets: [[argocd]]
    error: landfall.toml:13:2: unknown section `clusters`
    help: did you mean `cluster`?
    error: landfall.toml:16:15: `[a` is no pattern: unclosed character class; missing ']'
    help: `*`, `?` and `{a,b}` may be used
    error: landfall.toml:17:9: `order` is a string, expected a whole number
    error: landfall.toml:18:8: unknown rule `degradd`
    help: did you mean `degraded`?
    error: landfall.toml:22:15: `keep_months` must be a whole number from 1 to 120
    error: landfall.toml:23:1: unknown key `token_file` in `history`
    help: `token_file` is a key of `cluster`
    error: landfall.toml:24:2: section `auth` is not read by this version
    help: access control is not part of this version: listen on a loopback address behind a proxy that checks who asks
    ");
}

#[test]
fn rules_are_read_and_their_values_checked() {
    let config = parse("[rules]\ncritical_in = [\"live\"]\n[rules.out-of-sync]\nafter = \"1h 30m\"\nseverity = \"warning\"\n[rules.degraded]\noff = true\n").unwrap();
    let rule = &config.settings.rules[&Rule::OutOfSync];
    assert_eq!(rule.after, Some(jiff::SignedDuration::from_mins(90)));
    assert_eq!(rule.severity, Some(Severity::Warning));
    assert!(config.settings.rules[&Rule::Degraded].off);
    assert_eq!(config.settings.rules.len(), 2);
    insta::assert_snapshot!(problems("[rules.degraded]\nafter = \"5 parsecs\"\nseverity = \"critcal\"\n"), @r#"
    error: landfall.toml:2:9: `5 parsecs` is no duration
    help: write it like "90s", "10m" or "1h 30m"
    error: landfall.toml:3:12: `severity` cannot be `critcal`
    help: did you mean `critical`?
    "#);
}

#[test]
fn how_often_image_updater_looks_is_read_and_checked() {
    let with = |more: &str| {
        format!(
            "[[cluster]]\nname = \"a\"\nin_cluster = true\n[[argocd]]\nname = \"b\"\ncluster = \"a\"\n{more}"
        )
    };
    let looks = |more: &str| parse(&with(more)).unwrap().settings.instances[0].updater_interval.as_secs();
    assert_eq!((looks(""), looks("updater_interval = \"20s\"\n")), (120, 20));
    let text = problems(&with("updater_interval = \"0s\"\n"));
    assert!(text.contains("landfall.toml:7:20: `updater_interval` must be between 1s and 24h"), "{text}");
}

#[test]
fn mistakes_of_syntax_have_places_too() {
    insta::assert_snapshot!(problems("[server]\nlisten = 127.0.0.1\n[database\n"), @r"
    error: landfall.toml:2:15: invalid float, expected nothing
    help: texts stand in quotes, sections in brackets; see https://toml.io/en/v1.0.0
    error: landfall.toml:3:10: unclosed table, expected `]`
    help: texts stand in quotes, sections in brackets; see https://toml.io/en/v1.0.0
    ");
}

#[test]
fn a_secret_in_the_file_is_refused() {
    let text = problems("[database]\nurl = \"postgres://a:hunter2@b/c\"\n");
    assert!(text.contains("unknown key `url` in `database`") && text.contains("url_env"), "{text}");
    let text = problems("[[cluster]]\nname = \"a\"\nserver = \"https://u:hunter2@b\"\n");
    assert!(text.contains("credentials are never in the file") && !text.contains("hunter2"), "{text}");
}

#[test]
fn variables_win_over_the_file() {
    let text = "[server]\nlisten = \"127.0.0.1:1\"\n[[cluster]]\nname = \"prod-eu\"\nkubeconfig = \"/k\"\n\
        [[argocd]]\nname = \"main\"\ncluster = \"prod-eu\"\n";
    let config = parse_with(
        text,
        &[
            ("LANDFALL_SERVER_LISTEN", "127.0.0.1:2"),
            ("LANDFALL_CLUSTER_PROD_EU_CONTEXT", "eu"),
            ("LANDFALL_CLUSTER_PROD_EU_NAMESPACES", "a, b"),
            ("LANDFALL_ARGOCD_MAIN_NAMESPACES", ""),
            ("LANDFALL_RULES_IMAGE_DRIFT_AFTER", "20m"),
            ("LANDFALL_DATABASE_URL_ENV", "PGURL"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.listen.port(), 2);
    assert_eq!(config.clusters[0].namespaces, ["a", "b"]);
    assert_eq!(
        config.clusters[0].access,
        Access::Kubeconfig { path: "/k".into(), context: Some("eu".into()), exec: Vec::new() }
    );
    assert!(config.instances[0].namespaces.is_empty());
    assert_eq!(config.settings.rules.len(), 1);
    assert_eq!(config.database.url, Secret::Variable("PGURL".into()));

    let error = parse_with(text, &[("LANDFALL_SERVER_LISTEN", "nonsense")]).unwrap_err().to_string();
    assert!(error.starts_with("error: LANDFALL_SERVER_LISTEN: `nonsense` is no address"), "{error}");
}

#[test]
fn variables_that_mean_nothing_are_named_but_not_those_of_kubernetes() {
    let text = "[[cluster]]\nname = \"prod\"\nserver = \"https://a\"\ntoken_env = \"LANDFALL_PROD_TOKEN\"\n";
    let config = parse(text).unwrap();
    let names = [
        "LANDFALL_SERVER_LISTEN",
        "LANDFALL_SERVER_LISTNE",
        "LANDFALL_CLUSTER_PROD_CA_FILE",
        "LANDFALL_CLUSTER_PRUD_CA_FILE",
        "LANDFALL_RULES_IMAGE_DRIFT_AFTER",
        "LANDFALL_PROD_TOKEN",
        "LANDFALL_PORT_3000_TCP_ADDR",
        "LANDFALL_PORT",
        "LANDFALL_SERVICE_HOST",
        "LANDFALL_SEVER_LISTEN",
        "LANDFALL_CONFIG",
    ];
    let variables = names.map(|name| (name.to_owned(), String::new())).into();
    assert_eq!(
        config.unused_variables(&variables),
        ["LANDFALL_CLUSTER_PRUD_CA_FILE", "LANDFALL_SERVER_LISTNE", "LANDFALL_SEVER_LISTEN"]
    );
}

#[test]
fn only_loopback_without_sign_in() {
    let cluster = "[[cluster]]\nname = \"a\"\nin_cluster = true\n";
    for (listen, fine) in [
        ("127.0.0.1:1", true),
        ("[::1]:1", true),
        ("0.0.0.0:1", false),
        ("[::]:1", false),
        ("10.0.0.1:1", false),
        ("[::ffff:127.0.0.1]:1", true),
    ] {
        let config = parse(&format!("[server]\nlisten = \"{listen}\"\n{cluster}")).unwrap();
        assert_eq!(config.check_serve(false).is_ok(), fine, "{listen}");
        assert!(config.check_serve(true).is_ok(), "{listen}");
    }
    let config = parse(&format!("[server]\nlisten = \"0.0.0.0:80\"\n{cluster}")).unwrap();
    let error = config.check_serve(false).unwrap_err().to_string();
    assert!(error.starts_with("error: landfall.toml:2:10: 0.0.0.0:80 is not a loopback address"), "{error}");
}

#[test]
fn plain_http_is_for_loopback() {
    for (server, fine) in [
        ("http://127.0.0.1:80", true),
        ("http://localhost:80", true),
        ("http://[::1]:80", true),
        ("http://10.0.0.1", false),
        ("https://10.0.0.1", true),
        ("http://127.0.0.1.evil.example", false),
    ] {
        let text = format!("[[cluster]]\nname = \"a\"\nserver = \"{server}\"\n");
        assert_eq!(parse(&text).is_ok(), fine, "{server}");
        assert!(parse(&format!("{text}insecure_http = true\n")).is_ok(), "{server}");
    }
}

#[test]
fn where_a_registry_is_asked() {
    let host = "[[registry]]\nhost = \"registry.example\"\n";
    let asked = |keys: &str| parse(&format!("{host}{keys}"));
    let server = |keys: &str| asked(keys).unwrap().registries[0].server.clone();
    assert_eq!(server(""), None);
    assert_eq!(server("server = \"https://mirror.example/\"\n").as_deref(), Some("https://mirror.example"));
    let plain = "server = \"http://127.0.0.1:5000\"\n";
    assert_eq!(server(&format!("{plain}plain_http = true\n")).as_deref(), Some("http://127.0.0.1:5000"));
    for (keys, why) in [
        (plain, "without TLS"),
        ("server = \"https://mirror.example/proxy\"\n", "more than scheme, host and port"),
        ("server = \"https://mirror.example?a=b\"\n", "more than scheme, host and port"),
        ("server = \"https://me:secret@mirror.example\"\n", "user name or password"),
        ("server = \"mirror.example\"\n", "no URL"),
    ] {
        let error = asked(keys).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("landfall.toml:3:10"), "{error}");
    }
}

#[test]
fn a_catalogue_file_has_places_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("services.toml"),
        "[[service]]\nname = \"web\"\nowner = \"a\"\n[[service]]\nname = \"web\"\n[[service]]\nnam = \"x\"\n",
    )
    .unwrap();
    let file = folder.path().join("landfall.toml");
    let error = Config::parse(&file, "[catalog]\nfile = \"services.toml\"\n", &Variables::new()).unwrap_err();
    let text = error.to_string().replace(&folder.path().display().to_string(), "DIR");
    insta::assert_snapshot!(text, @r"
    error: DIR/services.toml:5:8: two services are named `web`
    help: the first is at DIR/services.toml:2:8
    error: DIR/services.toml:6:1: `name` is missing
    error: DIR/services.toml:7:1: unknown key `nam` in `catalog.service`
    help: did you mean `name`?
    ");
}

#[test]
fn the_last_review_is_on_its_day_in_its_zone() {
    let review = parse("[review]\nat = \"Fri 15:00\"\ntimezone = \"Asia/Tokyo\"\n").unwrap().review.unwrap();
    for (now, last) in [
        ("2026-11-24T05:00:00Z", "2026-11-20T06:00:00Z"),
        ("2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"),
        ("2026-11-20T05:59:59Z", "2026-11-13T06:00:00Z"),
    ] {
        assert_eq!(review.last_before(now.parse().unwrap()), Some(last.parse().unwrap()), "{now}");
    }
}

#[test]
fn the_example_loads() {
    let config = parse(EXAMPLE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.clusters.len(), 1);
    assert_eq!(config.settings.catalog.len(), 1);
    assert_eq!(config.instances[0].settings.destinations.len(), 2);
}

/// Keys that stand in the example, commented out or not, in the section that is open there.
fn example_keys() -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines() {
        let line = line.trim_start_matches("# ").trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_matches(['[', ']']).to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once(" = ") else { continue };
        if !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let path = match section.strip_prefix("rules.") {
            Some(_) => format!("rules.*.{key}"),
            None => format!("{section}.{key}"),
        };
        if let Some(inner) = value.strip_prefix("{ ").and_then(|value| value.strip_suffix(" }")) {
            keys.extend(
                inner.split(", ").filter_map(|pair| Some(format!("{path}.{}", pair.split_once(" = ")?.0))),
            );
        } else {
            keys.insert(path);
        }
    }
    keys
}

#[test]
fn the_example_lists_every_key() {
    let known: BTreeSet<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    let listed = example_keys();
    assert_eq!(known.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the example");
    assert_eq!(
        listed.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "in the example, but no key"
    );
}

#[test]
fn every_key_is_read() {
    // A key in the table that nobody asks for would be accepted and do nothing.
    let variables = Variables::from([("HOME".to_owned(), "/home/me".to_owned())]);
    let reader = Reader::new(&variables);
    read(&reader, Path::new("landfall.toml"), EXAMPLE);
    let asked = reader.asked();
    let never: Vec<_> = KEYS.iter().filter(|key| !asked.contains(key.path)).map(|key| key.path).collect();
    assert_eq!(never, Vec::<&str>::new());
}

/// A key that is read and then forgotten would do nothing: each one, changed, makes another configuration.
#[test]
fn every_key_changes_something() {
    const BASE: &str = "[[cluster]]\nname = \"prod\"\n{way}\n[[cluster]]\nname = \"other\"\nin_cluster = true\n\
        [[argocd]]\nname = \"main\"\ncluster = \"prod\"\n[[argocd.destination]]\n{of}cluster = \"prod\"\n\
        [[environment]]\nname = \"production\"\napplication = \"*\"\n[catalog]\n[[catalog.service]]\nname = \"web\"\n\
        [[registry]]\nhost = \"registry.example\"\n{auth}[[forge]]\nname = \"github\"\n{app}\
        [[view]]\nname = \"all\"\nquery = \"q=x\"\n[review]\nat = \"Fri 15:00\"\n";
    const SERVER: &str = "server = \"http://127.0.0.1:1\"";
    const FILE: &str = "kubeconfig = \"/k\"";
    let folder = tempfile::tempdir().unwrap();
    let services = folder.path().join("services.toml");
    std::fs::write(&services, "[[service]]\nname = \"mail\"\n").unwrap();
    let services = services.display().to_string();
    let base = |path: &str| {
        let way = match path {
            "cluster.in_cluster" => "",
            "cluster.context" | "cluster.exec" | "cluster.kubeconfig" => FILE,
            "cluster.insecure_http" => "server = \"http://10.0.0.1\"",
            _ => SERVER,
        };
        let of = if path == "argocd.destination.name" { "" } else { "server = \"https://s\"\n" };
        let auth = match path {
            "registry.auth.username" => "auth = { password_env = \"P\" }\n",
            "registry.auth.password_file" | "registry.auth.password_env" => "auth = { username = \"u\" }\n",
            _ => "",
        };
        let app = match path {
            "forge.app_id" | "forge.private_key_file" | "forge.installation_id" => {
                "app_id = 1\nprivate_key_file = \"/k\"\n"
            }
            _ => "",
        };
        BASE.replace("{way}", way).replace("{of}", of).replace("{auth}", auth).replace("{app}", app)
    };
    for key in KEYS {
        let value = match (key.path, key.shape) {
            ("server.listen", _) => "127.0.0.1:9",
            ("cluster.name", _) => "third",
            ("argocd.cluster" | "argocd.destination.cluster", _) => "other",
            ("catalog.file", _) => services.as_str(),
            ("environment.label", _) => "a=b",
            ("registry.auth.anonymous", _) => "false",
            ("forge.repositories", _) => "shop/web",
            ("registry.auth.secret", _) => "prod/landfall/registry",
            ("rules.*.severity", _) => "critical",
            ("review.at", _) => "Mon 09:00",
            ("review.timezone", _) => "Asia/Tokyo",
            ("log.format", _) => "json",
            ("log.filter", _) => "debug",
            (_, keys::Shape::Switch) => "true",
            (_, keys::Shape::Number) => "33",
            (_, keys::Shape::Duration) => "77s",
            (_, keys::Shape::Url) => "https://changed.example",
            (_, keys::Shape::Word(words)) => words[0],
            _ => "changed",
        };
        // These say what is so anyhow, or have one word only.
        if matches!(key.path, "registry.auth.anonymous" | "forge.kind") {
            continue;
        }
        let text = base(key.path);
        let (section, name) = key.path.rsplit_once('.').unwrap();
        let id = match section {
            "cluster" => "_PROD",
            "argocd" => "_MAIN",
            "environment" => "_PRODUCTION",
            "catalog.service" => "_WEB",
            "registry" => "_REGISTRY_EXAMPLE",
            "forge" => "_GITHUB",
            "view" => "_ALL",
            _ => "",
        };
        let section = match section {
            "argocd.destination" => "ARGOCD_MAIN_DESTINATION_1".to_owned(),
            "registry.auth" => "REGISTRY_REGISTRY_EXAMPLE_AUTH".to_owned(),
            other => reader::screaming(&other.replace('*', "DEGRADED")),
        };
        let variable = format!("LANDFALL_{section}{id}_{}", reader::screaming(name));
        // Some bases are not whole without the key.
        let before = parse(&text).ok();
        // A cluster that others name cannot be called otherwise: that is a change as well.
        let after = parse_with(&text, &[(variable.as_str(), value)]);
        if key.path == "cluster.name" {
            assert!(after.is_err());
            continue;
        }
        let after = after.unwrap_or_else(|problems| panic!("{variable}={value}\n{problems}"));
        assert!(before.is_none_or(|before| before != after), "{variable}={value} changes nothing");
    }
}

#[test]
fn lists_are_named_by_keys_that_exist() {
    for (list, id) in LISTS {
        if let Some(id) = id {
            assert!(keys::find(&format!("{list}.{id}")).is_some(), "{list}.{id}");
        }
    }
}

/// The table of `docs/configuration.md`, made from the table of keys.
fn documented() -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.path.rsplit_once('.').unwrap();
        if of != section {
            section = of;
            let title = match LISTS.iter().find(|(list, _)| *list == of) {
                Some(_) => format!("[[{of}]]"),
                None => format!("[{}]", of.replace('*', "RULE")),
            };
            let _ = write!(
                out,
                "\n### `{title}`\n\n| key | value | default | what it does |\n|---|---|---|---|\n"
            );
        }
        let value = match key.shape {
            keys::Shape::Word(words) => words.join(", "),
            other => other.name().to_owned(),
        };
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let _ = writeln!(out, "| `{name}` | {value} | {default} | {} |", key.what);
    }
    out
}

#[test]
fn the_documentation_has_every_key() {
    let (_, rest) = DOCS.split_once("<!-- keys: from server/src/config/keys.rs -->\n").unwrap();
    let (table, _) = rest.split_once("\n<!-- end of keys -->").unwrap();
    if table.trim() != documented().trim() {
        let place = std::env::temp_dir().join("landfall-keys.md");
        std::fs::write(&place, documented()).unwrap();
        panic!(
            "docs/configuration.md differs from the table of keys; the right text is in {}",
            place.display()
        );
    }
}

#[test]
fn a_view_that_the_board_does_not_understand_is_refused_where_it_stands() {
    const CLUSTER: &str = "[[cluster]]\nname = \"prod\"\nin_cluster = true\n";
    let view = |query: &str| parse(&format!("{CLUSTER}[[view]]\nname = \"mine\"\nquery = \"{query}\"\n"));
    for fine in ["state=drifted&team=a&sort=-since&group=none", "?q=mail", "since=-7d"] {
        assert_eq!(view(fine).unwrap().views.len(), 1, "{fine}");
    }
    let refused = view("stat=drifted").unwrap_err().to_string();
    assert!(refused.contains("landfall.toml:6:9"), "{refused}");
    assert!(refused.contains("`mine`: `stat` is no parameter of this list"), "{refused}");
}

#[test]
fn a_secret_of_a_cluster_is_named_with_a_cluster_that_is_there() {
    const CLUSTER: &str = "[[cluster]]\nname = \"prod\"\nserver = \"https://10.0.0.1\"\n";
    let with = |more: &str| parse(&format!("{CLUSTER}[[registry]]\nhost = \"r.example\"\n{more}\n"));
    let found = with("auth = { secret = \"prod/landfall/registry\" }\npush_times = \"harbor\"").unwrap();
    let RegistryAuth::Secret(secret) = &found.registries[0].auth else { panic!("{found:?}") };
    assert_eq!(secret.to_string(), "prod/landfall/registry");
    assert_eq!(secret.access, found.clusters[0].access);
    assert_eq!(found.registries[0].push_times, Some(PushTimes::Harbor));
    for (wrong, said) in [
        ("landfall/registry", "names no Secret"),
        ("prdo/landfall/registry", "did you mean `prod`?"),
        ("prod/landfall/../x", "names no Secret"),
        ("prod/landfall/a?b", "is no namespace and name"),
        ("prod//registry", "is no namespace and name"),
    ] {
        let refused = with(&format!("auth = {{ secret = \"{wrong}\" }}")).unwrap_err().to_string();
        assert!(refused.contains("landfall.toml:6:") && refused.contains(said), "{wrong}: {refused}");
    }
    let two = with("auth = { secret = \"prod/a/b\", anonymous = true }").unwrap_err().to_string();
    assert!(two.contains("more than one way to sign in"), "{two}");
    assert!(with("push_times = \"ecr\"").is_err());
}

#[test]
fn a_forge_is_known_by_its_address_however_that_is_written() {
    const CLUSTER: &str = "[[cluster]]\nname = \"prod\"\nin_cluster = true\n";
    let with = |more: &str| parse(&format!("{CLUSTER}[[forge]]\nname = \"git\"\n{more}\n"));
    for (kind, url, found) in [
        ("github", "https://api.github.com", "https://github.com"),
        ("github", "https://git.example/api/v3/", "https://git.example"),
        ("github", "https://git.example/api/graphql", "https://git.example"),
        ("gitlab", "https://git.example/gitlab/api/v4", "https://git.example/gitlab"),
        ("gitea", "https://git.example/api/v1/", "https://git.example"),
    ] {
        let config = with(&format!("kind = \"{kind}\"\nurl = \"{url}\"")).unwrap();
        assert_eq!(config.forges[0].url, found);
        assert_eq!(&*config.settings.forges[0].url, found);
    }
    assert_eq!(with("kind = \"gitlab\"").unwrap().forges[0].url, "https://gitlab.com");
    assert!(with("kind = \"bitbucket\"").unwrap().settings.forges.is_empty(), "it is not asked");
    assert!(with("links_only = true").unwrap().settings.forges.is_empty());
    for (wrong, said) in [
        ("url = \"http://git.example\"", "is asked without TLS"),
        ("app_id = 7", "needs both `app_id` and `private_key_file`"),
        ("app_id = 7\nprivate_key_file = \"/k\"\ntoken_file = \"/t\"", "both a token and an App"),
        ("kind = \"gitea\"\napp_id = 7\nprivate_key_file = \"/k\"", "are for GitHub Apps"),
        ("repositories = [\"web\"]", "`web` is no repository"),
        ("repositories = [\"../web\"]", "is no repository"),
        ("interval = \"1s\"", "between 10s and 24h"),
        ("preview_command = \"please preview\"", "is one word"),
    ] {
        let refused = with(wrong).unwrap_err().to_string();
        assert!(refused.contains(said), "{wrong}: {refused}");
    }
}
