//! What registries send, and that it makes the leader look, soon and not too often.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use landfall::{
    config::Registry as Config,
    hook::{self, Ask, HookMetrics, Hooks, Pushed, Wish, pushed},
    store::Store,
};
use landfall_sandbox::registry::{Dialect, Image, RegistryFault};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{looking::Looking, registry, stubborn};

const LIST: &str = "(list)";

/// What is to be looked at, in short: repository and tags.
fn names(body: &Value) -> BTreeMap<String, Vec<String>> {
    let Ok(Pushed::Repositories(found)) = pushed(body.to_string().as_bytes()) else { panic!("{body}") };
    let short = |wish: Wish| wish.tags.into_iter().chain(wish.list.then(|| LIST.to_owned())).collect();
    found.into_iter().map(|(name, wish)| (name, short(wish))).collect()
}

#[track_caller]
fn says(body: &Value, repository: &str, tags: &[&str]) {
    let found = names(body);
    assert_eq!(found.keys().collect::<Vec<_>>(), [repository], "{body}");
    assert_eq!(found[repository], tags, "{body}");
}

#[test]
fn every_registry_in_its_own_form() {
    let digest = "sha256:213bbc182920ab41e18edc2001e06abcca6735d87782d9cef68abd83941cf0e5";
    let event = |action: &str, target: Value| json!({"id": "1", "action": action, "target": target});
    let target = json!({"repository": "hosting/web", "tag": "1.0", "digest": digest});
    says(&json!({"events": [event("push", target.clone())]}), "hosting/web", &["1.0"]);
    let by_digest = event("push", json!({"repository": "hosting/web", "digest": digest}));
    assert!(names(&json!({"events": [by_digest, event("pull", target.clone())]})).is_empty());
    says(&json!({"events": [event("delete", json!({"repository": "hosting/web"}))]}), "hosting/web", &[LIST]);
    // Azure: one event by itself, or as Event Grid wraps it.
    says(&event("push", target.clone()), "hosting/web", &["1.0"]);
    let grid =
        json!([{"eventType": "Microsoft.ContainerRegistry.ImagePushed", "data": event("push", target)}]);
    says(&grid, "hosting/web", &["1.0"]);

    let resource =
        |tag: &str| json!({"digest": digest, "tag": tag, "resource_url": "harbor.example/hosting/web:1.0"});
    let repository = json!({"name": "web", "namespace": "hosting", "repo_full_name": "hosting/web"});
    let harbor = |kind: &str, resources: Value| {
        json!({"type": kind, "occur_at": 1_680_501_893, "operator": "admin",
               "event_data": {"resources": resources, "repository": repository}})
    };
    says(
        &harbor("PUSH_ARTIFACT", json!([resource("1.0"), resource("latest")])),
        "hosting/web",
        &["1.0", "latest"],
    );
    says(&harbor("PUSH_ARTIFACT", json!([resource(digest)])), "hosting/web", &[LIST]);
    says(&harbor("DELETE_ARTIFACT", json!([resource("1.0")])), "hosting/web", &[LIST]);
    assert!(names(&harbor("PULL_ARTIFACT", json!([resource("1.0")]))).is_empty());
    let cloud = json!({"specversion": "1.0", "type": "harbor.artifact.pushed", "source": "/projects/1/webhook/policies/9",
                       "data": {"resources": [resource("1.0")], "repository": repository}});
    says(&cloud, "hosting/web", &["1.0"]);

    let package = |tag: Value| {
        json!({"name": "Web", "namespace": "Hosting", "package_type": "CONTAINER", "owner": {"login": "Hosting"},
               "package_version": {"container_metadata": {"tag": tag, "manifest": {"digest": digest}}}})
    };
    let tagged = package(json!({"name": "1.0", "digest": digest}));
    for key in ["package", "registry_package"] {
        says(&json!({"action": "published", key: tagged}), "hosting/web", &["1.0"]);
    }
    says(
        &json!({"action": "published", "package": package(json!({"name": "", "digest": digest}))}),
        "hosting/web",
        &[LIST],
    );
    assert!(
        names(&json!({"package": {"name": "web", "package_type": "npm", "owner": {"login": "hosting"}}}))
            .is_empty()
    );

    let quay = |tags: Value| {
        json!({"name": "web", "repository": "hosting/web", "namespace": "hosting", "updated_tags": tags,
               "docker_url": "quay.io/hosting/web", "homepage": "https://quay.io/repository/hosting/web"})
    };
    says(&quay(json!(["1.0", "latest"])), "hosting/web", &["1.0", "latest"]);
    says(&quay(json!({"latest": "b750fe79269d"})), "hosting/web", &["latest"]);
    let hub = |name: &str| {
        json!({"callback_url": "https://registry.hub.docker.com/u/x/hook/1/", "repository": {"repo_name": name, "name": "web"},
               "push_data": {"pushed_at": 1_417_566_161, "pusher": "ci", "tag": "1.0"}})
    };
    says(&hub("hosting/web"), "hosting/web", &["1.0"]);
    says(&hub("nginx"), "library/nginx", &["1.0"]);
    let amazon = json!({"source": "aws.ecr", "detail-type": "ECR Image Action", "detail": {"result": "SUCCESS",
        "repository-name": "hosting/web", "image-digest": digest, "action-type": "PUSH", "image-tag": "1.0"}});
    says(&amazon, "hosting/web", &["1.0"]);
}

#[test]
fn names_that_nobody_can_have_are_not_taken() {
    let event = |repository: &str, tag: &str| json!({"action": "push", "target": {"repository": repository, "tag": tag}});
    for wrong in
        ["", "../v2", "a//b", "a b", "A/B", "a:b", "a@sha256:0", "/a", "a/", "a?n=1", &"a/".repeat(200)]
    {
        assert!(names(&event(wrong, "1")).is_empty(), "{wrong}");
    }
    for wrong in ["", "../../x", "a/b", "-a", "a b", "a?b", "ä", &"a".repeat(129)] {
        assert!(names(&event("web", wrong)).is_empty(), "{wrong}");
    }
    let many: Vec<_> = (0..10_000).map(|n| event("web", &n.to_string())).collect();
    assert_eq!(names(&json!({"events": many}))["web"].len(), 17, "sixteen tags, and the list");
}

/// Looks as a leader does that hears of webhooks through the database, while `work` goes on. Gives back the looker.
async fn while_looking<T>(mut looking: Looking, work: impl Future<Output = T>) -> (Looking, T) {
    let work = Box::pin(work);
    let stop = CancellationToken::new();
    let hosts = BTreeMap::from([(looking.looker.registry.host.clone(), Arc::clone(&looking.looker.asks))]);
    let store = looking.store.clone();
    let metrics = HookMetrics::default();
    let hears = hook::receive(&hosts, &store, &metrics, &stop);
    let far = Instant::now() + Duration::from_hours(1);
    let looks = async { looking.looker.look_when_asked(far).await.unwrap() };
    let done = tokio::select! {
        () = hears => panic!("it hears until it is stopped"),
        () = looks => panic!("an hour has not passed"),
        done = work => done,
    };
    (looking, done)
}

/// A replica that does not lead, and is called by registries.
fn follower(pool: &PgPool) -> (Arc<Hooks>, Store, CancellationToken) {
    let hooks = Arc::new(Hooks::default());
    let store = Store::with_options(pool.connect_options().as_ref().clone(), 2);
    let stop = CancellationToken::new();
    tokio::spawn(hook::hand_on(Arc::clone(&hooks), store.clone(), stop.clone()));
    (hooks, store, stop)
}

async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_follower_is_called_and_the_leader_looks_a_few_times_at_most(pool: PgPool) {
    let (registry, running, config) = registry(Dialect::Distribution).await;
    let config = Config { repositories: vec!["web".into()], interval: Duration::from_hours(1), ..config };
    let mut looking = Looking::lead(&pool, &config, stubborn()).await;
    registry.push("web", "1.0.0", &Image::plain("a", "2026-11-20T10:00:00Z"));
    looking.look().await;
    registry.reset_counters();
    let (hooks, other, stop) = follower(&pool);
    let (host, name) = (running.host.clone(), format!("{}/web", running.host));
    let b = registry.push("web", "1.0.1", &Image::plain("b", "2026-11-20T11:00:00Z"));
    let (looking, ()) = Box::pin(while_looking(looking, async {
        // Who listens is not told when it begins to: the first calls may come before that.
        until("the leader looks", async || {
            hooks.asks.add(&host, "web", Wish::tag("1.0.1"));
            !other.sightings(&name, 10).await.unwrap().iter().all(|edge| edge.tag == "1.0.0")
        })
        .await;
        registry.reset_counters();
        for _ in 0..1_000 {
            hooks.asks.add(&host, "web", Wish::tag("1.0.1"));
            hooks.asks.add(&host, "unknown", Wish::tag("1.0.1"));
            tokio::task::yield_now().await;
        }
        until("the burst is over", async || hooks.asks.is_empty()).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }))
    .await;
    let counted = registry.counters();
    assert!((1..=4).contains(&counted.of("head")), "{counted:?}");
    assert_eq!(counted.of(""), counted.of("head"), "no list, and nothing of the unknown one: {counted:?}");
    let edges = looking.edges(&name).await;
    let seen: Vec<_> = edges.iter().map(|edge| (edge.tag.as_str(), edge.seen_by.as_str())).collect();
    assert_eq!(seen, [("1.0.0", "poll"), ("1.0.1", "webhook")]);
    assert_eq!(
        (edges[1].digest.as_str(), edges[1].created.is_some()),
        (b.as_str(), true),
        "it is read as well"
    );
    stop.cancel();
    other.close().await;
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn while_a_registry_is_left_alone_asks_wait_and_are_not_lost(pool: PgPool) {
    let (registry, _running, config) = registry(Dialect::Harbor).await;
    let config = Config { repositories: vec!["web".into()], interval: Duration::from_hours(1), ..config };
    let mut looking = Looking::lead(&pool, &config, stubborn()).await;
    let name = format!("{}/web", config.host);
    let host = config.host.clone();
    registry.push("web", "latest", &Image::plain("a", "2026-11-20T10:00:00Z"));
    looking.look().await;
    registry.push("web", "latest", &Image::plain("b", "2026-11-20T11:00:00Z"));
    registry.delete("web", "gone");
    registry.inject(RegistryFault::Status { of: "head", code: 429, retry_after: Some("2".into()), times: 1 });
    assert!(looking.looker.asks.add(&host, "web", Wish::tag("latest")));
    assert!(!looking.looker.look_at_asked().await.unwrap());
    registry.reset_counters();
    assert!(!looking.looker.look_at_asked().await.unwrap());
    assert_eq!(registry.counters().of(""), 0, "not one request while it is left alone");
    let (looking, ()) = Box::pin(while_looking(looking, async {
        let store = Store::with_options(pool.connect_options().as_ref().clone(), 2);
        until("the asked for is looked at", async || store.sightings(&name, 9).await.unwrap().len() == 2)
            .await;
        store.close().await;
    }))
    .await;
    let seen: BTreeSet<_> =
        looking.edges(&name).await.into_iter().map(|edge| (edge.seen_by, edge.ended_at.is_none())).collect();
    assert_eq!(seen, [("poll".to_owned(), false), ("poll".to_owned(), true)].into(), "no longer just now");
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_was_deleted_ends_when_the_list_is_asked_for(pool: PgPool) {
    let (registry, _running, config) = registry(Dialect::Harbor).await;
    let config = Config { repositories: vec!["web".into(), "other".into()], ..config };
    let mut looking = Looking::lead(&pool, &config, stubborn()).await;
    for name in ["web", "other"] {
        registry.push(name, "1.0.0", &Image::plain("a", "2026-11-20T10:00:00Z"));
        registry.push(name, "1.0.1", &Image::plain("b", "2026-11-20T10:00:00Z"));
    }
    looking.look().await;
    registry.delete("web", "1.0.0");
    registry.delete("other", "1.0.0");
    registry.push("web", "1.0.2", &Image::plain("a", "2026-11-20T10:00:00Z"));
    registry.reset_counters();
    looking.looker.asks.add(&config.host, "web", Wish::list());
    assert!(looking.looker.look_at_asked().await.unwrap());
    let open = async |looking: &Looking, name: &str| -> Vec<String> {
        let edges = looking.short(&format!("{}/{name}", config.host)).await;
        edges.into_iter().filter(|(_, _, open)| *open).map(|(tag, _, _)| tag).collect()
    };
    assert_eq!(open(&looking, "web").await, ["1.0.1", "1.0.2"]);
    assert_eq!(open(&looking, "other").await, ["1.0.0", "1.0.1"], "it was not asked for");
    assert_eq!(registry.counters().of("list"), 1);
    // An ask that comes while a regular look is at work is taken up by it.
    looking.looker.asks.add(&config.host, "web", Wish::tag("1.0.2"));
    looking.look().await;
    assert!(looking.looker.asks.is_empty());
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_goes_through_the_database_comes_out_as_it_was(pool: PgPool) {
    let store = Store::with_options(pool.connect_options().as_ref().clone(), 2);
    let mut listener = store.asked_to_look().await.unwrap();
    let ask = |n: usize| Ask {
        host: "registry.example:5000".into(),
        repository: "a".repeat(255),
        tags: (0..16).map(|tag| format!("{tag:0>128}")).collect(),
        list: n == 1,
        late: n == 0,
    };
    let asks = [ask(0), ask(1)];
    store.ask_to_look(&asks).await.unwrap();
    for sent in asks {
        assert_eq!(listener.next().await, Some(sent));
    }
    drop(listener);
    store.close().await;
}
