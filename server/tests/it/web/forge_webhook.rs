//! `POST /webhooks/forge/{name}` and `/webhooks/github`: who may call, what is heard twice, what is too much.

use std::sync::Arc;

use landfall::{
    config::{Config, Variables},
    hook::Hooks,
};
use landfall_sandbox::forge::hook::{self, Delivery, pull_event};
use serde_json::json;

use super::{
    client::{Answer, post},
    world::World,
};

const SECRET: &str = "0e1c4b62a5d94f0b";

/// A server that three forges are configured at, and a fourth without a secret.
async fn world() -> (World, Arc<Hooks>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    let forge = |name: &str, kind: &str| {
        format!(
            "[[forge]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"https://{name}.example\"\n\
             webhook_secret_file = \"secret\"\n"
        )
    };
    let text = forge("hub", "github")
        + &forge("lab", "gitlab")
        + &forge("tea", "gitea")
        + "[[forge]]\nname = \"silent\"\nkind = \"github\"\n";
    let config = Config::parse(&folder.path().join("landfall.toml"), &text, &Variables::default()).unwrap();
    let hooks = Hooks::new(&config);
    (World::called(Arc::clone(&hooks)).await, hooks, folder)
}

async fn send(world: &World, to: &str, delivery: &Delivery) -> Answer {
    let headers: Vec<(&str, &str)> = delivery.headers.iter().map(|(name, value)| (*name, &**value)).collect();
    post(world.address, &format!("/webhooks/{to}"), std::str::from_utf8(&delivery.body).unwrap(), &headers)
        .await
}

fn taken(hooks: &Hooks) -> Vec<(String, String)> {
    hooks.asks.take().into_keys().collect()
}

#[tokio::test]
async fn each_forge_is_heard_in_its_own_way() {
    let (world, hooks, _folder) = world().await;
    let event = pull_event("shop/web", 7, "labeled");
    let merge = hook::merge_request_event("group/sub/web", 7, "update");
    for (to, delivery, asked) in [
        ("forge/hub", hook::github(SECRET, "1", "pull_request", &event), ("forge/hub", "shop/web")),
        ("github", hook::github(SECRET, "2", "workflow_run", &event), ("forge/hub", "shop/web")),
        (
            "forge/lab",
            hook::gitlab(SECRET, "3", "Merge Request Hook", &merge),
            ("forge/lab", "group/sub/web"),
        ),
        ("forge/tea", hook::gitea(SECRET, "4", "pull_request", &event), ("forge/tea", "shop/web")),
    ] {
        let answer = send(&world, to, &delivery).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{to}");
        assert_eq!(taken(&hooks), [(asked.0.to_owned(), asked.1.to_owned())], "{to}");
        // Another secret, another body, another forge: not proven.
        let mut changed = delivery.clone();
        changed.body.push(b' ');
        let is_signed = to != "forge/lab";
        assert_eq!(send(&world, to, &changed).await.status, if is_signed { 401 } else { 202 }, "{to}");
        for nobody in ["forge/silent", "forge/nobody"] {
            assert_eq!(send(&world, nobody, &delivery).await.status, 401, "{nobody}");
        }
        hooks.asks.take();
    }
    let wrong = hook::github("another secret", "9", "pull_request", &event);
    for to in ["forge/hub", "github", "forge/tea"] {
        assert_eq!(send(&world, to, &wrong).await.status, 401, "{to}");
    }
    let wrong = hook::gitlab("another secret", "9", "Merge Request Hook", &merge);
    assert_eq!(send(&world, "forge/lab", &wrong).await.status, 401);
    assert!(hooks.asks.is_empty());
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_heard_once() {
    let (world, hooks, _folder) = world().await;
    let delivery = hook::github(SECRET, "a-delivery", "issue_comment", &pull_event("shop/web", 7, "created"));
    for _ in 0..50 {
        assert_eq!(send(&world, "github", &delivery).await.status, 202);
    }
    assert_eq!(taken(&hooks).len(), 1);
    assert_eq!(send(&world, "forge/hub", &delivery).await.status, 202);
    assert!(hooks.asks.is_empty(), "the same forge by its other address");
}

#[tokio::test]
async fn a_package_is_for_the_registry_and_what_says_nothing_is_left() {
    let (world, hooks, _folder) = world().await;
    let package = json!({"action": "published", "package": {"name": "web", "package_type": "CONTAINER",
        "owner": {"login": "Shop"}, "package_version": {"container_metadata": {"tag": {"name": "1.0"}}}}});
    assert_eq!(send(&world, "github", &hook::github(SECRET, "1", "package", &package)).await.status, 202);
    assert_eq!(taken(&hooks), [("ghcr.io".to_owned(), "shop/web".to_owned())]);
    for (n, (event, body)) in [
        ("ping", json!({"zen": "Design for failure."})),
        ("star", pull_event("shop/web", 7, "created")),
        ("pull_request", pull_event("../../etc", 7, "opened")),
        ("pull_request", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let delivery = hook::github(SECRET, &format!("n{n}"), event, &body);
        assert_eq!(send(&world, "github", &delivery).await.status, 202, "{event}");
    }
    assert!(hooks.asks.is_empty());
    let garbage = hook::github(SECRET, "g", "pull_request", &json!("text"));
    assert_eq!(send(&world, "github", &garbage).await.status, 400);
}

/// F15: bodies of 25 MB are cut off before they are read, and a flood is taken as few asks.
#[tokio::test]
async fn too_large_and_too_many() {
    let (world, hooks, _folder) = world().await;
    let large = json!({"repository": {"full_name": "shop/web"}, "padding": "x".repeat(1 << 20)});
    let delivery = hook::github(SECRET, "large", "push", &large);
    assert_eq!(send(&world, "github", &delivery).await.status, 413);
    assert!(hooks.asks.is_empty());
    for n in 0..2_000 {
        let body = pull_event(&format!("shop/service-{}", n % 40), n, "synchronize");
        let delivery = hook::github(SECRET, &format!("flood-{n}"), "pull_request", &body);
        assert_eq!(send(&world, "github", &delivery).await.status, 202);
    }
    assert_eq!(taken(&hooks).len(), 40, "each repository once");
    // More repositories than may wait: to come again, and then heard although the id is the same.
    let one = |n: usize| {
        hook::github(SECRET, &format!("full-{n}"), "push", &pull_event(&format!("many/repo-{n}"), 1, "x"))
    };
    for n in 0..2_000 {
        assert_eq!(send(&world, "github", &one(n)).await.status, 202, "{n}");
    }
    assert_eq!(send(&world, "github", &one(2_000)).await.status, 503);
    hooks.asks.take();
    assert_eq!(send(&world, "github", &one(2_000)).await.status, 202);
    assert_eq!(taken(&hooks).len(), 1);
}
