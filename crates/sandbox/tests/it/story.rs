//! The story: its states at the start, its past, what its verbs do, and that its objects look like real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use landfall_sandbox::{Action, Clock, PastVerb, World};
use serde_json::Value;

use crate::support::{fixture, http, serve, shape};

fn start() -> Timestamp {
    "2026-11-24T05:05:12Z".parse().unwrap()
}

fn story() -> World {
    World::story(1, Clock::manual(start()))
}

fn app(world: &World, cluster: &str, name: &str) -> Value {
    world
        .cluster(cluster)
        .get("applications", "argocd", name)
        .unwrap_or_else(|| panic!("no {name} in {cluster}"))
}

fn says(app: &Value) -> (&str, &str) {
    let text = |at: &str| app.pointer(at).and_then(Value::as_str).unwrap();
    (text("/status/sync/status"), text("/status/health/status"))
}

fn pods(world: &World, cluster: &str, namespace: &str) -> Vec<Value> {
    let all = world.cluster(cluster).list("pods");
    all.into_iter().filter(|pod| pod["metadata"]["namespace"] == namespace).collect()
}

fn ready(pods: &[Value]) -> usize {
    pods.iter().filter(|pod| pod["status"]["containerStatuses"][0]["ready"] == true).count()
}

#[test]
fn it_starts_with_every_state_that_it_tells_of() {
    let world = story();
    for (cluster, name, want) in [
        ("prod", "mypage-production", ("Synced", "Healthy")),
        ("prod", "dns-editor-production", ("Synced", "Degraded")),
        ("prod", "control-panel-production", ("OutOfSync", "Healthy")),
        ("stg", "control-panel-staging", ("OutOfSync", "Healthy")),
        ("prod", "session-api-production", ("Synced", "Progressing")),
        ("prod", "spam-report-production", ("OutOfSync", "Missing")),
        ("prod", "dunning-production", ("Synced", "Suspended")),
        ("prod", "mail-quota-production", ("Synced", "Healthy")),
        ("prod", "mail-search-production", ("Synced", "Progressing")),
        ("prod", "ticket-inbox-production", ("Synced", "Degraded")),
        ("stg", "status-page-staging", ("Unknown", "Healthy")),
        ("stg", "faq-search-staging", ("OutOfSync", "Healthy")),
        ("stg", "coupon-api-staging", ("OutOfSync", "Healthy")),
        ("stg", "old-banner-staging", ("OutOfSync", "Progressing")),
        ("prod", "identity-sync-staging", ("Synced", "Healthy")),
    ] {
        assert_eq!(says(&app(&world, cluster, name)), want, "{name}");
    }
    let failed = app(&world, "prod", "spam-report-production");
    assert_eq!(failed["status"]["operationState"]["phase"], "Failed");
    assert_eq!(failed["status"]["operationState"]["retryCount"], 5);
    assert_eq!(failed["operation"], Value::Null);

    let dns = pods(&world, "prod", "dns-editor");
    assert_eq!(ready(&dns), 1, "{dns:#?}");
    let reason = |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].clone();
    assert!(dns.iter().filter(|pod| reason(pod) == "CrashLoopBackOff").count() >= 3);
    let session = ready(&pods(&world, "prod", "session-api"));
    assert!((6..=9).contains(&session), "{session} ready in the middle of a roll");

    let set = world.cluster("prod").get("statefulsets", "mail-quota", "mail-quota").unwrap();
    let meant = &set["spec"]["template"]["spec"]["containers"][0]["image"];
    assert!(
        pods(&world, "prod", "mail-quota").iter().all(|pod| pod["spec"]["containers"][0]["image"] != *meant)
    );
    let digests: BTreeSet<String> = pods(&world, "prod", "cdn-purger")
        .iter()
        .map(|pod| pod["status"]["containerStatuses"][0]["imageID"].to_string())
        .collect();
    assert_eq!(digests.len(), 2, "one tag, two digests");
    assert!(world.cluster("stg").get("deployments", "coupon-api", "coupon-api").is_none());
    let gone = app(&world, "stg", "old-banner-staging");
    assert!(gone["metadata"]["deletionTimestamp"].is_string());
    let orphan = app(&world, "stg", "partner-feed-legacy-staging");
    let owner = orphan["metadata"]["ownerReferences"][0]["name"].as_str().unwrap();
    assert!(world.cluster("stg").get("applicationsets", "argocd", owner).is_none());
    assert!(app(&world, "stg", "control-panel-pr-482")["metadata"]["ownerReferences"].is_array());
    let off = app(&world, "prod", "whois-proxy-production");
    assert_eq!(off["spec"]["syncPolicy"]["automated"]["enabled"], false);
    let chat = app(&world, "prod", "chat-widget-production");
    assert_ne!(
        chat["status"]["summary"]["images"][0],
        pods(&world, "prod", "chat-widget")[0]["spec"]["containers"][0]["image"]
    );
    assert!(
        world.cluster("stg").get("applications", "argocd", "billing-import").unwrap()["spec"].is_string()
    );
    assert!(world.units().len() > 110, "{}", world.units().len());
    let names = |cluster: &str| -> BTreeSet<String> {
        let apps = world.cluster(cluster).list("applications");
        apps.iter().map(|app| app["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names("prod").intersection(&names("stg")).count() >= 4, "names are not unique across instances");
}

#[test]
fn most_of_it_is_well_and_nothing_contradicts_itself() {
    let world = story();
    let (mut well, mut all) = (0, 0);
    for cluster in ["prod", "stg"] {
        for app in world.cluster(cluster).list("applications").iter().filter(|app| app["spec"].is_object()) {
            all += 1;
            well += usize::from(says(app) == ("Synced", "Healthy"));
        }
        for deployment in world.cluster(cluster).list("deployments") {
            let text = |at: &str| deployment.pointer(at).and_then(Value::as_str).unwrap().to_owned();
            let pods = pods(&world, cluster, &text("/metadata/namespace"));
            let alive: Vec<Value> =
                pods.into_iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).collect();
            let number = |at: &str| deployment.pointer(at).and_then(Value::as_u64).unwrap_or(0);
            assert_eq!(number("/status/replicas"), alive.len() as u64, "{}", text("/metadata/name"));
            assert_eq!(number("/status/readyReplicas"), ready(&alive) as u64, "{}", text("/metadata/name"));
        }
    }
    assert!(all > 110 && well * 100 > all * 85, "{well} of {all} are well");
}

#[test]
fn objects_have_the_shape_of_recorded_ones() {
    let world = story();
    // What real objects carry that depends on how a test deployed them.
    let optional = [
        "/hookType",
        "ingressClassName",
        "/metadata/labels",
        "envFrom",
        "initContainer",
        "/info",
        "syncStrategy",
        "observedAt",
        "zone",
        "retryCount",
    ];
    let mut wrong: Vec<String> = Vec::new();
    let mut check = |ours: &Value, fixture_name: &str, apart: &[&str]| {
        let mut real = fixture(fixture_name);
        if real.is_array() {
            real = real[0].clone();
        }
        if real["items"].is_array() {
            real = real["items"][0].clone();
        }
        let fields = |value: &Value| -> BTreeSet<String> {
            shape(value)
                .into_iter()
                .filter(|at| !at.contains("managedFields") && !optional.iter().any(|part| at.contains(part)))
                .filter(|at| {
                    !at.starts_with("/metadata/labels/") && !at.starts_with("/metadata/annotations/")
                })
                .filter(|at| !at.contains("/matchLabels/") && !at.contains("/template/metadata/labels/"))
                .collect()
        };
        let (ours, real) = (fields(ours), fields(&real));
        let expected =
            |at: &&String| !apart.iter().any(|part| at.contains(part)) && *at != "/metadata/resourceVersion";
        let missing: Vec<_> = real.difference(&ours).filter(expected).collect();
        let invented: Vec<_> = ours.difference(&real).filter(expected).collect();
        if !(missing.is_empty() && invented.is_empty()) {
            wrong.push(format!("{fixture_name}: lacks {missing:?}, invents {invented:?}"));
        }
    };
    check(
        &app(&world, "prod", "on-call-production"),
        "states/application-synced-healthy-automated.json",
        &[],
    );
    check(
        &world.cluster("prod").get("deployments", "on-call", "on-call").unwrap(),
        "states/deployment.json",
        &[],
    );
    check(&pods(&world, "prod", "on-call")[0], "states/pods-running.json", &[]);
    let sets = world.cluster("prod").list("replicasets");
    let set = sets
        .iter()
        .find(|set| set["metadata"]["namespace"] == "on-call" && set["spec"]["replicas"] == 2)
        .unwrap();
    check(set, "states/replicasets-after-a-roll.json", &[]);
    check(&world.cluster("prod").get("ingresses", "on-call", "on-call").unwrap(), "states/ingress.json", &[]);
    let set = world.cluster("stg").get("applicationsets", "argocd", "previews-control-panel").unwrap();
    check(
        &set,
        "states/applicationset-two-children.json",
        &["api", "title", "commonAnnotations", "/metadata/annotations"],
    );
    check(&app(&world, "stg", "faq-search-staging"), "states/application-sync-error-would-wipe.json", &[]);
    check(&app(&world, "stg", "status-page-staging"), "states/application-comparison-error.json", &[]);
    check(&app(&world, "stg", "old-banner-staging"), "states/application-deletion-stuck.json", &[]);
    world.fail_sync("on-call", "production", "no").unwrap();
    world.advance(Duration::from_secs(10));
    check(&app(&world, "prod", "on-call-production"), "states/application-sync-failing.json", &[]);
    world.advance(Duration::from_secs(400));
    check(&app(&world, "prod", "on-call-production"), "states/application-sync-failed-for-good.json", &[]);
    let failing = pods(&world, "prod", "mail-search");
    let failing = failing.iter().find(|pod| pod["status"]["phase"] == "Pending").unwrap();
    // A kubelet says more than the recorded stand-in for one.
    check(
        failing,
        "states/pods-pull-failing.json",
        &["podIP", "conditions[]/message", "/metadata/annotations"],
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_past_ends_with_exactly_the_start() {
    let world = story();
    let mut replayed = BTreeMap::new();
    let (mut last, mut count) = (Timestamp::MIN, 0);
    for event in world.past().unwrap() {
        assert!(event.at >= last && event.at <= start());
        last = event.at;
        count += 1;
        let key = (event.cluster.clone(), event.kind.plural, event.namespace.clone(), event.name.clone());
        match event.verb {
            PastVerb::Apply => _ = replayed.insert(key, event.object),
            PastVerb::Delete => assert!(replayed.remove(&key).is_some(), "{key:?} was never there"),
        }
    }
    assert!(count > 5_000, "{count}");
    let mut served = 0;
    for cluster in world.clusters() {
        for kind in landfall_sandbox::KINDS {
            for object in cluster.list(kind.plural) {
                served += 1;
                let text =
                    |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
                let key = (
                    cluster.name().to_owned(),
                    kind.plural,
                    text("/metadata/namespace"),
                    text("/metadata/name"),
                );
                let past: Value = serde_json::from_slice(&replayed[&key]).unwrap();
                assert_eq!(past, object, "{key:?}");
            }
        }
    }
    assert_eq!(served, replayed.len());
}

#[test]
fn what_runs_stands_in_the_registry() {
    let world = story();
    let registry = world.registry().unwrap();
    let mut running = 0;
    for cluster in world.clusters() {
        for pod in cluster.list("pods") {
            for container in pod["status"]["containerStatuses"].as_array().into_iter().flatten() {
                let Some(("registry.hosting.example", image)) =
                    container["image"].as_str().and_then(|image| image.split_once('/'))
                else {
                    panic!("{container}")
                };
                let Some((_, digest)) = container["imageID"].as_str().and_then(|id| id.split_once('@'))
                else {
                    continue;
                };
                running += 1;
                let (repository, tag) = image.rsplit_once(':').unwrap();
                let points = registry.tags(repository).remove(tag);
                // One tag was pushed again over what most pods run.
                assert!(points.as_deref() == Some(digest) || image.contains("cdn-purger"), "{image}");
                assert!(registry.created(digest).is_some(), "{image}");
            }
        }
    }
    assert!(running > 200, "{running}");
    let search = registry.tags("mail/mail-search");
    let meant = app(&world, "prod", "mail-search-production")["status"]["operationState"].to_string();
    assert!(search.keys().all(|tag| !meant.contains(&format!("mail-search:{tag}"))), "no registry has it");
    // The log tells how it came to be so.
    let mut told = BTreeMap::new();
    for push in world.pushes() {
        told.insert((push.repository, push.tag), push.digest);
    }
    for ((repository, tag), digest) in told {
        let path = repository.split_once('/').unwrap().1;
        assert_eq!(registry.tags(path)[&tag], digest, "{repository}:{tag}");
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let (one, two, other) = (story(), story(), World::story(2, Clock::manual(start())));
    assert_eq!(one.cluster("prod").list("pods"), two.cluster("prod").list("pods"));
    assert_ne!(one.cluster("prod").resource_version(), other.cluster("prod").resource_version());
}

#[test]
fn a_deployment_takes_its_real_steps() {
    let world = story();
    let cluster = world.cluster("prod");
    world.deploy("mypage", "production", "20261124-150000").unwrap();
    let mut seen = Vec::new();
    for _ in 0..120 {
        let app = app(&world, "prod", "mypage-production");
        let phase = app["status"]["operationState"]["phase"].as_str().unwrap();
        let now = format!("{} {} {phase}", says(&app).0, says(&app).1);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        world.advance(Duration::from_secs(1));
    }
    let expected = [
        "OutOfSync Healthy Succeeded",
        "OutOfSync Healthy Running",
        "Synced Progressing Succeeded",
        "Synced Healthy Succeeded",
    ];
    assert_eq!(seen, expected);
    let pods = pods(&world, "prod", "mypage");
    assert_eq!(pods.len(), 4);
    assert!(
        pods.iter()
            .all(|pod| pod["spec"]["containers"][0]["image"].as_str().unwrap().ends_with("20261124-150000"))
    );
    let sets = cluster.list("replicasets");
    let of = sets
        .iter()
        .filter(|set| set["metadata"]["namespace"] == "mypage" && set["spec"]["replicas"] != 0)
        .count();
    assert_eq!(of, 1);
    let events = cluster.list("events");
    let told = |text: &str| events.iter().any(|event| event["message"].as_str().unwrap().contains(text));
    assert!(
        told("Updated sync status: Synced -> OutOfSync")
            && told("Updated health status: Progressing -> Healthy")
    );
    assert!(world.deploy("nobody", "production", "1").is_err());
}

#[test]
fn every_verb_ends_where_it_should() {
    let world = story();
    let image = |service: &str| pods(&world, "prod", service)[0]["spec"]["containers"][0]["image"].clone();
    let state = |service: &str| {
        let app = app(&world, "prod", &format!("{service}-production"));
        let (sync, health) = says(&app);
        (sync.to_owned(), health.to_owned())
    };
    let is = |sync: &str, health: &str| (sync.to_owned(), health.to_owned());
    let later = |seconds: u64| world.advance(Duration::from_secs(seconds));

    world.drift("db-admin", "production", None).unwrap();
    later(60);
    assert_eq!(state("db-admin"), is("OutOfSync", "Healthy"));
    world.act("db-admin", "production", Action::Sync).unwrap();
    later(60);
    assert_eq!(state("db-admin"), is("Synced", "Healthy"));
    assert_eq!(pods(&world, "prod", "db-admin").len(), 4);

    let before = image("mypage");
    world.deploy("mypage", "production", "next").unwrap();
    later(120);
    assert_ne!(image("mypage"), before);
    world.rollback("mypage", "production").unwrap();
    later(120);
    assert_eq!(image("mypage"), before);
    assert_eq!(state("mypage"), is("OutOfSync", "Healthy"), "Git still means the newer one");
    world.act("mypage", "production", Action::AutoSync { on: true }).unwrap();
    later(120);
    assert_ne!(image("mypage"), before);
    assert_eq!(state("mypage"), is("Synced", "Healthy"));

    world.scale("webmail-front", "production", 9).unwrap();
    later(60);
    assert_eq!(ready(&pods(&world, "prod", "webmail-front")), 9);

    world.fail_sync("on-call", "production", "no").unwrap();
    later(30);
    let failing = app(&world, "prod", "on-call-production");
    assert_eq!(failing["status"]["operationState"]["phase"], "Running");
    assert!(failing["status"]["operationState"]["finishedAt"].is_string(), "as real: running, with an end");
    assert!(failing["operation"].is_object());
    later(400);
    assert_eq!(app(&world, "prod", "on-call-production")["status"]["operationState"]["phase"], "Failed");

    world.crash_pod("job-runner", "production", 40).unwrap();
    later(5);
    assert_eq!(state("job-runner").1, "Progressing");
    later(60);
    assert_eq!(state("job-runner"), is("Synced", "Healthy"));

    world.delete_app("wiki", "production").unwrap();
    later(10);
    assert!(world.cluster("prod").get("applications", "argocd", "wiki-production").is_none());
    assert!(pods(&world, "prod", "wiki").is_empty());
    assert!(world.cluster("prod").get("deployments", "wiki", "wiki").is_none());
}

#[test]
fn it_plays_on_for_an_hour_and_stays_mostly_well() {
    let world = story();
    world.autoplay(true);
    let before = world.cluster("prod").resource_version();
    world.advance(Duration::from_hours(1));
    assert!(world.cluster("prod").resource_version() > before + 1_000);
    let apps = world.cluster("prod").list("applications");
    let well = apps.iter().filter(|app| says(app).1 == "Healthy").count();
    assert!(well * 100 > apps.len() * 75, "{well} of {}", apps.len());
}

#[test]
fn one_that_is_begun_again_is_the_one_that_ran_all_the_while() {
    let ran = story();
    ran.go_on();
    for _ in 0..40 {
        ran.advance(Duration::from_secs(37));
    }
    let later = start() + Duration::from_secs(40 * 37);
    let again = World::story_since(1, start(), Clock::manual(later));
    for cluster in ["prod", "stg", "ssl"] {
        for kind in ["applications", "deployments", "replicasets", "pods", "events"] {
            let (a, b) = (ran.cluster(cluster).list(kind), again.cluster(cluster).list(kind));
            assert_eq!(a.len(), b.len(), "{cluster} {kind}");
            for (a, b) in a.into_iter().zip(b) {
                assert_eq!(without_version(a), without_version(b), "{cluster} {kind}");
            }
        }
        let version = |world: &World| world.cluster(cluster).resource_version();
        assert!(version(&again) >= version(&ran), "{cluster}: it never goes back in time");
    }
}

fn without_version(mut object: Value) -> Value {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    object
}

#[tokio::test]
async fn it_is_served_with_a_configuration() {
    let served = serve(story()).await;
    let toml = served.world.landfall_toml();
    assert!(toml.contains(&served.running.clusters[1].url), "{toml}");
    let ssl = served.world.cluster("ssl");
    assert_eq!((ssl.list("pods").len(), ssl.sizes().get("pods"), ssl.sizes()["deployments"]), (2, None, 1));
    let url = format!("{}/api/v1/pods", served.running.url("ssl"));
    assert_eq!(http().get(&url).send().await.unwrap().status(), 403);
    ssl.allow("pods", None).unwrap();
    assert_eq!(http().get(&url).send().await.unwrap().status(), 200);
    let list = served.get("/apis/argoproj.io/v1alpha1/applications?limit=3").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    served.running.shutdown().await;
}
