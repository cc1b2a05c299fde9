//! The program itself, with a secret wherever a URL, a file, a variable or an object can hold one: none of them may
//! come out again, in a page, the API, the metrics, the log, the database, or a command's output.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use landfall::web::routes::ROUTES;
use landfall_sandbox::{
    Running, World,
    registry::{Dialect, Image, Registry, RegistryFault, RunningRegistry},
};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    program::{Program, command, database_url, free_address},
    watch::seen::application,
    web::client::{Stream, get},
};

/// Every secret holds this.
const CANARY: &str = "sec7canary";

fn canary(name: &str) -> String {
    format!("{CANARY}-{name}")
}

/// A world, a configuration full of secrets, and where the program listens.
struct Stage {
    address: SocketAddr,
    folder: tempfile::TempDir,
    database: String,
    running: Running,
    /// One is signed in at by name and password, the other by token.
    registries: [RunningRegistry; 2],
}

/// A registry that repeats in its errors what it was sent.
async fn registry(dialect: Dialect, password: &str) -> RunningRegistry {
    let registry = Registry::new(dialect);
    registry.protect("me", password);
    registry.push("web", "1", &Image::plain("a", "2026-11-20T10:00:00Z"));
    registry.inject(RegistryFault::Echo);
    registry.start().await.unwrap()
}

impl Stage {
    async fn new(pool: &PgPool) -> Self {
        let world = World::empty();
        let prod = world.cluster("prod");
        prod.set_token(Some(&canary("token")));
        let mut app = application(1, "OutOfSync");
        app["metadata"]["annotations"] = json!({
            "kubectl.kubernetes.io/last-applied-configuration": canary("applied"),
            "link.argocd.argoproj.io/x": format!("https://me:{}@link.example/", canary("link")),
        });
        app["spec"]["source"] = json!({
            "repoURL": format!("https://me:{}@git.example/web.git", canary("repository")), "path": "deploy",
            "helm": {"values": canary("values"), "parameters": [{"name": "password", "value": canary("parameter")}]},
            "plugin": {"env": [{"name": "TOKEN", "value": canary("plugin")}]},
        });
        app["status"]["summary"] =
            json!({"externalURLs": [format!("https://me:{}@web.example", canary("external"))]});
        prod.apply(app).unwrap();
        prod.apply(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "web"},
            "spec": {"containers": [{
                "name": "web", "image": "registry.example/web:1",
                "env": [{"name": "PASSWORD", "value": canary("environment")}], "args": [canary("argument")],
            }]},
            "status": {"phase": "Pending", "containerStatuses": [{
                "name": "web", "image": "registry.example/web:1", "imageID": "", "ready": false, "restartCount": 0,
                "state": {"waiting": {"reason": "ErrImagePull", "message": "pull failed"}},
            }]},
        }))
        .unwrap();
        let running = world.start().await.unwrap();
        let address = free_address().await;
        let folder = tempfile::tempdir().unwrap();
        let mut database = database_url(pool);
        // A server that trusts this machine does not look at it.
        let _may_have_one =
            database.password().is_none().then(|| database.set_password(Some(&canary("database"))));
        let registries = [
            registry(Dialect::Distribution, &canary("password")).await,
            registry(Dialect::Harbor, &canary("docker")).await,
        ];
        let stage = Self { address, folder, database: database.to_string(), running, registries };
        let url = stage.running.url("prod").to_owned();
        stage.write("token", &canary("token"));
        stage.write("wrong-token", &canary("wrong-token"));
        stage.write("password", &canary("password"));
        stage.write(
            "docker.json",
            &json!({"auths": {&stage.registries[1].host: {"username": "me", "password": canary("docker")}}})
                .to_string(),
        );
        stage.kubeconfig(
            "basic",
            "https://127.0.0.1:9",
            &format!("username: me, password: {}", canary("basic")),
            "",
        );
        stage.kubeconfig(
            "proxied",
            &url,
            &format!("token: {}", canary("inline")),
            &format!(", proxy-url: 'http://me:{}@127.0.0.1:9'", canary("proxy")),
        );
        stage.kubeconfig(
            "userinfo",
            &format!("https://me:{}@127.0.0.1:9", canary("userinfo")),
            "token: x",
            "",
        );
        stage.kubeconfig(
            "plugin",
            &url,
            &format!(
                "exec: {{command: ./plugin, args: ['{}'], env: [{{name: A, value: '{}'}}]}}",
                canary("arg"),
                canary("env")
            ),
            "",
        );
        stage.write("plugin", &format!("#!/bin/sh\necho {0}\necho {0} >&2\nexit 1\n", canary("printed")));
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(stage.path("plugin"), executable).unwrap();
        stage.write("landfall.toml", &stage.toml(&url));
        stage
    }

    fn toml(&self, url: &str) -> String {
        let mut text = format!(
            "[server]\nlisten = \"{}\"\n\
             [[cluster]]\nname = \"prod\"\nserver = \"{url}\"\ntoken_file = \"token\"\n\
             [[cluster]]\nname = \"wrong\"\nserver = \"{url}\"\ntoken_file = \"wrong-token\"\n\
             [[argocd]]\nname = \"main\"\ncluster = \"prod\"\nnamespaces = []\n\
             [[registry]]\nhost = \"{}\"\nauth = {{ username = \"me\", password_file = \"password\" }}\n\
             plain_http = true\nallow_private = true\nrepositories = [\"web\"]\n\
             [[registry]]\nhost = \"{}\"\nauth = {{ docker_config = \"docker.json\" }}\n\
             plain_http = true\nallow_private = true\nrepositories = [\"web\"]\n\
             [[forge]]\nname = \"github\"\ntoken_env = \"FORGE_TOKEN\"\n[log]\nfilter = \"trace\"\n",
            self.address, self.registries[0].host, self.registries[1].host,
        );
        for name in ["basic", "proxied", "userinfo", "plugin"] {
            let way = format!("kubeconfig = \"{name}.yaml\"\nexec = [\"./plugin\"]\n");
            writeln!(text, "[[cluster]]\nname = \"{name}\"\n{way}").unwrap();
        }
        text
    }

    fn kubeconfig(&self, name: &str, url: &str, user: &str, more: &str) {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
             clusters:\n- name: c\n  cluster: {{server: '{url}'{more}}}\n\
             contexts:\n- name: c\n  context: {{cluster: c, user: u}}\nusers:\n- name: u\n  user: {{{user}}}\n"
        );
        self.write(&format!("{name}.yaml"), &text);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments, &self.path("landfall.toml"), &self.database);
        command.env("FORGE_TOKEN", canary("forge"));
        command
    }
}

/// What a command prints, both ways.
async fn printed(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn is_clean(what: &str, text: &str) {
    if let Some(at) = text.find(CANARY) {
        let begin = text.floor_char_boundary(at.saturating_sub(300));
        panic!("{what} holds a secret: …{}", &text[begin..text.ceil_char_boundary(at + 60)]);
    }
}

async fn is_up(stage: &Stage) {
    for _ in 0..1_200 {
        if tokio::net::TcpStream::connect(stage.address).await.is_ok() {
            let sources = get(stage.address, "/api/v1/sources", &[]).await.json();
            let item = |name: &str| {
                sources["items"].as_array().unwrap().iter().find(|item| item["name"] == name).cloned()
            };
            // Every source has had its say.
            let all = ["wrong", "basic", "proxied", "userinfo", "plugin"]
                .iter()
                .all(|name| item(&format!("cluster/{name}")).is_some_and(|item| !item["error"].is_null()));
            let registries = stage.registries.iter().all(|registry| {
                item(&format!("registry/{}", registry.host)).is_some_and(|item| item["state"] == "ok")
            });
            if all && registries && item("argocd/main").is_some_and(|item| item["state"] == "ok") {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the program does not come up: {}", get(stage.address, "/api/v1/sources", &[]).await.text());
}

/// Every link on a page that stays on this server.
fn links(page: &str) -> Vec<String> {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found.filter(|link| link.starts_with('/')).map(|link| link.replace("&amp;", "&")).collect()
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn no_secret_comes_out_anywhere(pool: PgPool) {
    let stage = Stage::new(&pool).await;
    for arguments in
        [&["doctor"][..], &["doctor", "--json"], &["doctor", "--explain-mapping"], &["migrate", "--check"]]
    {
        let text = printed(stage.program(arguments)).await;
        assert!(text.len() > 10, "{arguments:?}");
        is_clean(&arguments.join(" "), &text);
    }

    let log = stage.path("log");
    let mut serve = stage.program(&["serve"]);
    let out = std::fs::File::create(&log).unwrap();
    serve.stdout(Stdio::null()).stderr(out);
    let program = Program(serve.spawn().unwrap());
    is_up(&stage).await;

    let mut paths: Vec<String> = ROUTES
        .iter()
        .filter(|route| !route.path.contains('{') && route.path != "/events")
        .map(|route| route.path.to_owned())
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        // Two steps from every page are all that exists in so small a world.
        if seen.len() > 400 || !seen.insert(path.clone()) || path.starts_with("/docs/") {
            continue;
        }
        let answer = get(stage.address, &path, &[]).await;
        assert_ne!(answer.status, 500, "{path}");
        is_clean(&path, &answer.text());
        paths.extend(links(&answer.text()));
    }
    assert!(seen.iter().any(|path| path.starts_with("/services/")), "{seen:?}");
    assert!(seen.contains("/metrics") && seen.contains("/api/v1/history.jsonl"), "{seen:?}");
    metrics_are_documented(&get(stage.address, "/metrics", &[]).await.text());
    let events = Stream::open(stage.address, "").await.until("event: revision").await.unwrap();
    is_clean("/events", &events);

    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.iter().any(|table| table.contains("observations")), "{tables:?}");
    let mut rows = 0;
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("select t::text from {table} t"));
        for row in sqlx::query_scalar::<_, String>(sql).fetch_all(&pool).await.unwrap() {
            rows += 1;
            is_clean(&table, &row);
        }
    }
    assert!(rows > 10, "only {rows} rows");
    let edges: i64 = sqlx::query_scalar("select count(*) from tag_sightings").fetch_one(&pool).await.unwrap();
    let read: i64 = sqlx::query_scalar("select count(*) from digests where created_at is not null")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((edges, read), (2, 1), "the program looks at its registries");
    drop(program);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("TRACE") && log.len() > 10_000, "the log is the whole log");
    is_clean("the log", &log);
}

/// Names and kinds of the metrics against the table of `docs/metrics.md`, both ways.
fn metrics_are_documented(text: &str) {
    let docs = include_str!("../../../docs/metrics.md");
    let documented: BTreeSet<(&str, &str)> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| `landfall_"))
        .filter_map(|line| {
            let mut cells = line.split(" | ");
            Some((cells.next()?.trim_end_matches('`'), cells.next()?))
        })
        .filter(|(_, kind)| matches!(*kind, "counter" | "gauge" | "histogram"))
        .collect();
    let told: BTreeSet<(&str, &str)> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE landfall_")?.split_once(' ')).collect();
    assert_eq!(
        told.difference(&documented).collect::<Vec<_>>(),
        Vec::<&(&str, &str)>::new(),
        "not documented"
    );
    // Nothing of these has happened in so short a life.
    let rare = ["watch_unreadable", "store_unreadable_rows"];
    let lost: Vec<_> = documented.difference(&told).filter(|(name, _)| !rare.contains(name)).collect();
    assert_eq!(lost, Vec::<&(&str, &str)>::new(), "documented, but no metric");
}

/// What is wrong with the database's URL is said without its password.
#[tokio::test]
async fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("landfall.toml");
    std::fs::write(&file, "[[cluster]]\nname = \"a\"\nserver = \"http://127.0.0.1:9\"\n").unwrap();
    for url in [
        format!("postgres://me:{CANARY}@127.0.0.1:9/landfall"),
        format!("postgres://me:{CANARY}@no-such-host.invalid/landfall"),
        format!("postgres://me:{CANARY}@127.0.0.1:notaport/landfall"),
        format!("mysql://me:{CANARY}@127.0.0.1/landfall"),
        CANARY.to_owned(),
    ] {
        for arguments in [&["doctor"][..], &["migrate"]] {
            let text = printed(command(arguments, &file, &url)).await;
            is_clean(&format!("{arguments:?}"), &text);
            assert!(text.contains("database"), "{text}");
        }
    }
}
