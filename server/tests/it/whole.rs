//! The program itself on a real PostgreSQL and API servers: what only holds if every part of it does.

use std::fmt::Write as _;
use std::{net::SocketAddr, time::Duration};

use landfall_sandbox::{
    Running, World,
    registry::{Dialect, Image, Registry},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    program::{Program, database_url, free_address},
    watch::seen::application,
    web::client::{get, post},
};

/// A world with its program.
struct Stage {
    address: SocketAddr,
    folder: tempfile::TempDir,
    database: String,
    _running: Running,
}

impl Stage {
    /// Each cluster of the world has an Argo CD of its own, which deploys into it. `more` goes on in the configuration.
    async fn new(pool: &PgPool, world: &World, instances: &[(&str, &str)], more: &str) -> Self {
        let running = world.start().await.unwrap();
        let address = free_address().await;
        let mut toml = format!("[server]\nlisten = \"{address}\"\n");
        for (instance, cluster) in instances {
            let server = running.url(cluster);
            let _ = write!(
                toml,
                "[[cluster]]\nname = \"{cluster}\"\nserver = \"{server}\"\n\
                 [[argocd]]\nname = \"{instance}\"\ncluster = \"{cluster}\"\nurl = \"https://{instance}.example\"\n\
                 [[argocd.destination]]\nserver = \"https://kubernetes.default.svc\"\ncluster = \"{cluster}\"\n"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("landfall.toml"), toml + more).unwrap();
        Self { address, folder, database: database_url(pool).to_string(), _running: running }
    }

    fn serve(&self) -> Program {
        Program::start(&["serve"], &self.folder.path().join("landfall.toml"), &self.database)
    }

    /// Asks until the answer is as it should be.
    async fn until(&self, path: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                last = get(self.address, path, &[]).await.json();
                if is(&last) {
                    return last;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what}: never so at {path}: {last:#}");
    }

    async fn page(&self, path: &str) -> String {
        get(self.address, path, &[("Accept", "text/html")]).await.text()
    }
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

/// Two instances have an Application of the same name in a namespace of the same name. `more` names environments.
async fn equal_names(pool: PgPool, more: &str, environments: [&str; 2]) {
    let world = World::empty();
    for cluster in ["prod", "edge"] {
        let mut app = application(1, "Synced");
        app["metadata"]["name"] = "web".into();
        world.cluster(cluster).apply(app).unwrap();
    }
    let stage = Stage::new(&pool, &world, &[("main", "prod"), ("other", "edge")], more).await;
    let _program = stage.serve();
    let both =
        |view: &Value| items(view).iter().any(|s| s["environments"].as_array().is_some_and(|e| e.len() == 2));
    let services = stage.until("/api/v1/services", "both are there", both).await;
    assert_eq!(items(&services).len(), 1, "one service: {services:#}");
    let mut told: Vec<[&str; 4]> = items(&services)[0]["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| ["id", "name", "instance", "application"].map(|key| e[key].as_str().unwrap()))
        .collect();
    told.sort_unstable();
    let [first, second] = environments;
    assert_eq!(
        told,
        [
            ["main:argocd/web", first, "main", "argocd/web"],
            ["other:argocd/web", second, "other", "argocd/web"]
        ]
    );

    // Each changes alone, and its history is its own.
    world
        .cluster("edge")
        .modify("applications", "argocd", "web", |app| app["status"]["health"]["status"] = "Degraded".into())
        .unwrap()
        .unwrap();
    let history = "/api/v1/history?service=web&since=2020-01-01";
    let degraded = |view: &Value| items(view).iter().any(|t| t["kind"] == "health" && t["to"] == "Degraded");
    let told = stage.until(history, "the change is told", degraded).await;
    let of = |kind: &str| -> Vec<&str> {
        let mut all: Vec<_> =
            items(&told).iter().filter(|t| t["kind"] == kind).map(|t| &t["entity"]).collect();
        all.sort_by_key(ToString::to_string);
        all.iter().map(|entity| entity.as_str().unwrap()).collect()
    };
    assert_eq!(of("health"), ["other:argocd/web"], "{told:#}");
    assert_eq!(of("appeared"), ["main:argocd/web", "other:argocd/web"], "{told:#}");

    let board = stage.page("/").await;
    let row =
        board.split("<tr data-row=\"web\">").nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap();
    assert!(row.contains("Degraded") || row.contains("degraded"), "{row}");
    if first != second {
        assert!(row.contains("healthy"), "both have a cell: {row}");
    }
    let page = stage.page("/services/web").await;
    for instance in ["main", "other"] {
        let link = format!("href=\"https://{instance}.example/applications/argocd/web\"");
        assert!(page.contains(&link), "{instance}: each leads to its own Argo CD");
    }
    let timeline = stage.page("/history?since=2020-01-01").await;
    assert_eq!(
        timeline.matches("argocd/other").count().min(1),
        1,
        "the source of the change stands beside it"
    );
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn equal_names_in_two_instances_are_two_environments(pool: PgPool) {
    let rules = "[[environment]]\nname = \"production\"\ncluster = \"prod\"\n\
                 [[environment]]\nname = \"edge\"\ncluster = \"edge\"\n";
    equal_names(pool, rules, ["production", "edge"]).await;
}

/// Nothing tells them apart but the instance: they share a column, and both are there.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn equal_names_in_one_environment_are_two_still(pool: PgPool) {
    equal_names(pool, "[[environment]]\nname = \"all\"\napplication = \"*\"\n", ["all", "all"]).await;
}

/// What Argo CD remembers of deployments before anybody looked is told once: not again after a restart, and what is
/// deployed later is told without that it is unknown.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_remembered_past_is_told_once(pool: PgPool) {
    let deployed = |id: u32| {
        let day = id + 1;
        json!({
            "id": id, "revision": format!("{id}").repeat(40),
            "deployStartedAt": format!("2026-11-0{day}T10:00:00Z"), "deployedAt": format!("2026-11-0{day}T10:00:05Z"),
            "initiatedBy": {"username": "anna"},
            "source": {"repoURL": "https://git.example/web", "path": "deploy"},
        })
    };
    let world = World::empty();
    let mut app = application(1, "Synced");
    app["metadata"]["creationTimestamp"] = "2026-10-01T00:00:00Z".into();
    app["status"]["history"] = json!([deployed(0), deployed(1)]);
    world.cluster("prod").apply(app).unwrap();
    let stage = Stage::new(&pool, &world, &[("main", "prod")], "").await;
    let path = "/api/v1/history?kind=revision&since=2020-01-01";
    let tell = |view: &Value| -> Vec<(String, String)> {
        let one = |t: &Value| (t["at"].to_string(), t["detail"].as_str().unwrap_or_default().to_owned());
        items(view).iter().map(one).collect()
    };
    let past: Vec<_> = ["2026-11-02T10:00:05Z", "2026-11-01T10:00:05Z"]
        .map(|at| (format!("\"{at}\""), "deployed, by anna, images unknown".to_owned()))
        .into();

    for start in 0..3 {
        // Killed each time: what comes back is what was written.
        let _program = stage.serve();
        let lists = world.counters().lists("prod", "applications");
        let seen = stage.until(path, "the past is told", |view| items(view).len() >= 2).await;
        assert_eq!(tell(&seen), past, "start {start}");
        // It has read the Application again before it is asked again.
        for _ in 0..600 {
            if world.counters().lists("prod", "applications") > lists {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stage
            .until("/api/v1/sources", "it was read", |view| {
                items(view).iter().any(|s| s["name"] == "argocd/main" && s["state"] == "ok")
            })
            .await;
        assert_eq!(tell(&stage.until(path, "an answer", |_| true).await), past, "start {start}");
    }

    let _program = stage.serve();
    stage.until(path, "the past is there", |view| items(view).len() == 2).await;
    world
        .cluster("prod")
        .modify("applications", "argocd", "app-1", |app| {
            app["status"]["history"] = json!([deployed(0), deployed(1), deployed(2)]);
        })
        .unwrap()
        .unwrap();
    let seen = stage.until(path, "the new one is told", |view| items(view).len() == 3).await;
    assert_eq!(tell(&seen)[0], ("\"2026-11-03T10:00:05Z\"".to_owned(), "deployed, by anna".to_owned()));
    assert_eq!(tell(&seen)[1..], past);
}

/// Two replicas, a registry that is looked at once an hour: what is pushed is seen because the registry says so, whichever
/// replica it calls.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_push_is_seen_because_the_registry_says_so(pool: PgPool) {
    let registry = Registry::new(Dialect::Distribution);
    let running = registry.start().await.unwrap();
    let host = running.host.clone();
    let world = World::empty();
    world.cluster("prod").apply(application(1, "Synced")).unwrap();
    let more = format!(
        "[[registry]]\nhost = \"{host}\"\nrepositories = [\"web\"]\ninterval = \"1h\"\nplain_http = true\n\
         allow_private = true\nwebhook_secret_file = \"secret\"\n"
    );
    let one = Stage::new(&pool, &world, &[("main", "prod")], &more).await;
    let two = Stage::new(&pool, &world, &[("main", "prod")], &more).await;
    for stage in [&one, &two] {
        std::fs::write(stage.folder.path().join("secret"), "hunter2hunter2").unwrap();
    }
    registry.push("web", "1.0.0", &Image::plain("a", "2026-11-20T10:00:00Z"));
    let _programs = (one.serve(), two.serve());
    let seen = async |expected: &[[String; 2]]| {
        let mut edges = Vec::new();
        for _ in 0..600 {
            // The tables are made by the program.
            let found =
                sqlx::query_as::<_, (String, String)>("select tag, seen_by from tag_sightings order by tag");
            edges = found.fetch_all(&pool).await.unwrap_or_default();
            if edges.iter().map(|(tag, by)| [tag, by]).eq(expected.iter().map(|[tag, by]| [tag, by])) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never {expected:?}, but {edges:?}");
    };
    let edge = |tag: &str, by: &str| [tag.to_owned(), by.to_owned()];
    let mut expected = vec![edge("1.0.0", "poll")];
    seen(&expected).await;
    for stage in [&one, &two] {
        stage.until("/api/v1/services", "both show something", |view| !items(view).is_empty()).await;
    }
    for (n, stage) in [&one, &two, &one].into_iter().enumerate() {
        let tag = format!("1.0.{}", n + 1);
        registry.push("web", &tag, &Image::plain(&tag, "2026-11-20T11:00:00Z"));
        let event = json!({"events": [{"action": "push", "target": {"repository": "web", "tag": tag}}]});
        let call = format!("/webhooks/registry/{host}");
        let bearer = [("Authorization", "Bearer hunter2hunter2")];
        assert_eq!(post(stage.address, &call, &event.to_string(), &bearer).await.status, 202);
        expected.push(edge(&tag, "webhook"));
        seen(&expected).await;
    }
    assert_eq!(registry.counters().of("list"), 1, "no regular look in between");
}

/// A generator names the repository; a webhook to any replica makes the leader look; all of it comes to both.
#[sqlx::test]
async fn a_pull_request_is_read_because_a_generator_names_it_and_again_because_its_forge_calls(pool: PgPool) {
    use landfall_sandbox::{
        Clock,
        forge::{Forge, hook},
    };
    let forge = Forge::new(Clock::real());
    forge.let_in("hunter2", "landfall");
    forge.open("shop/web", 7, "Dark mode", "mika", "dark-mode");
    forge.label("shop/web", 7, "preview", "anna");
    let running = forge.start().await.unwrap();
    let world = World::empty();
    world.cluster("prod").apply(application(1, "Synced")).unwrap();
    let github = json!({"owner": "shop", "repo": "web", "api": running.url, "labels": ["preview"]});
    let set = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
        "metadata": {"name": "previews", "namespace": "argocd"},
        "spec": {"generators": [{"pullRequest": {"github": github}}],
                 "template": {"metadata": {"name": "web-pr-{{.number}}"}}}});
    world.cluster("prod").apply(set).unwrap();
    let more = format!(
        "[[forge]]\nname = \"github\"\nurl = \"{}\"\ninterval = \"1h\"\nplain_http = true\nallow_private = true\n\
         token_file = \"token\"\nwebhook_secret_file = \"secret\"\n",
        running.url
    );
    let one = Stage::new(&pool, &world, &[("main", "prod")], &more).await;
    let two = Stage::new(&pool, &world, &[("main", "prod")], &more).await;
    for stage in [&one, &two] {
        std::fs::write(stage.folder.path().join("token"), "hunter2").unwrap();
        std::fs::write(stage.folder.path().join("secret"), "hunter2hunter2").unwrap();
    }
    let _programs = (one.serve(), two.serve());
    let head = async |sha: &str| {
        let mut last = None;
        for _ in 0..600 {
            // The tables are made by the program.
            last = sqlx::query_scalar::<_, Value>(
                "select body from observations where source = 'forge/github' and kind = 'Pull' and name = '7'",
            )
            .fetch_optional(&pool)
            .await
            .unwrap_or_default();
            if last.as_ref().is_some_and(|body| body["of"]["head"]["sha"] == sha) {
                return last.unwrap_or_default();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never {sha}, but {last:?}");
    };
    let first = head(&forge.head("shop/web", 7).unwrap()).await;
    assert_eq!(first["of"]["labels"][0]["by"], "anna", "{first:#}");
    for stage in [&one, &two] {
        let source = |view: &Value| items(view).iter().find(|it| it["name"] == "forge/github").cloned();
        let well = |view: &Value| source(view).is_some_and(|it| it["state"] == "ok" && it["objects"] == 1);
        let sources = stage.until("/api/v1/sources", "the forge is well", well).await;
        assert_eq!(source(&sources).unwrap()["budget_limit"], 5_000, "{sources:#}");
        let page = stage.page("/sources").await;
        assert!(page.contains("data-part=\"window\""), "the budget of its hour is shown");
    }
    for (n, stage) in [&two, &one].into_iter().enumerate() {
        let sha = forge.push("shop/web", 7, &format!("commit {n}"));
        let event = hook::pull_event("shop/web", 7, "synchronize");
        let delivery = hook::github("hunter2hunter2", &format!("delivery-{n}"), "pull_request", &event);
        let headers: Vec<_> = delivery.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = String::from_utf8(delivery.body.clone()).unwrap();
        assert_eq!(post(stage.address, "/webhooks/github", &body, &headers).await.status, 202);
        head(&sha).await;
    }
}
