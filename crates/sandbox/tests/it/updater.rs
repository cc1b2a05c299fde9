//! Image Updater in the story: what it picks, what it writes, what it never sees.

use std::time::Duration;

use jiff::Timestamp;
use landfall_sandbox::{Action, Clock, Policy, Push, World};
use serde_json::Value;

use crate::support::shape;

/// Version 1.3's own.
const RECORDED: &str = include_str!("../../../model/tests/fixtures/image-updater/imageupdater-trapped.json");
const TRAPPED: &str = "registry.hosting.example/billing/tax-rates";

fn story() -> World {
    let start: Timestamp = "2026-11-24T05:05:12Z".parse().unwrap();
    World::story(1, Clock::manual(start))
}

fn pushes(world: &World, repository: &str) -> Vec<Push> {
    world.pushes().into_iter().filter(|push| push.repository == repository).collect()
}

fn app(world: &World, name: &str) -> Value {
    world.cluster("prod").get("applications", "argocd", name).unwrap()
}

/// Image and digest of every pod.
fn runs(world: &World, namespace: &str) -> Vec<(String, String)> {
    let pods = world.cluster("prod").list("pods").into_iter();
    pods.filter(|pod| {
        pod["metadata"]["namespace"] == namespace && pod["metadata"]["deletionTimestamp"].is_null()
    })
    .map(|pod| {
        let status = &pod["status"]["containerStatuses"][0];
        let text = |at: &str| status[at].as_str().unwrap().to_owned();
        (text("image"), text("imageID").rsplit_once('@').unwrap().1.to_owned())
    })
    .collect()
}

fn push(world: &World, tag: &str, like: Option<&str>) {
    let like = like.map(str::to_owned);
    let action = Action::Push { tag: tag.to_owned(), like, created: None };
    world.act("tax-rates", "production", action).unwrap();
}

#[test]
fn a_revert_is_not_picked_and_all_is_green() {
    let world = story();
    let log = pushes(&world, TRAPPED);
    let [.., a, b, again] = log.as_slice() else { panic!("{log:#?}") };
    assert!(a.digest == again.digest && a.digest != b.digest && a.tag < b.tag && b.tag < again.tag);
    let running = runs(&world, "tax-rates");
    assert_eq!(running.len(), 2);
    assert!(running.iter().all(|run| *run == (format!("{TRAPPED}:{}", b.tag), b.digest.clone())));
    let app = app(&world, "tax-rates-production");
    assert_eq!(app["status"]["sync"]["status"], "Synced");
    assert_eq!(app["status"]["health"]["status"], "Healthy");
    assert_eq!(app["spec"]["source"]["kustomize"]["images"][0], format!("{TRAPPED}:{}", b.tag));
    let by_hand = &app["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"];
    assert!(!by_hand.as_str().unwrap().contains("kustomize"), "{by_hand}");
    assert_eq!(app["metadata"]["managedFields"][1]["manager"], "argocd-image-updater");
}

#[test]
fn another_policy_ends_it() {
    let world = story();
    let again = pushes(&world, TRAPPED).pop().unwrap();
    world.advance(Duration::from_mins(10));
    assert!(runs(&world, "tax-rates").iter().all(|run| run.1 != again.digest), "it stays");
    let to = Action::SetPolicy { policy: Policy::Alphabetical, allow: None };
    world.act("tax-rates", "production", to).unwrap();
    world.advance(Duration::from_mins(4));
    assert!(
        runs(&world, "tax-rates")
            .iter()
            .all(|run| *run == (format!("{TRAPPED}:{}", again.tag), again.digest.clone()))
    );
    let object = world.cluster("prod").get("imageupdaters", "argocd", "releases").unwrap();
    let references = object["spec"]["applicationRefs"].as_array().unwrap();
    let ours = references.iter().find(|one| one["namePattern"] == "tax-rates-production").unwrap();
    assert_eq!(ours["images"][0]["commonUpdateSettings"]["updateStrategy"], "alphabetical");
    assert_eq!(object["status"]["recentUpdates"][0]["newVersion"], again.tag.as_str());
}

#[test]
fn what_is_pushed_is_rolled_out_at_the_next_look() {
    let world = story();
    push(&world, "20261124-140500", None);
    world.act("tax-rates", "production", Action::LookNow).unwrap();
    world.advance(Duration::from_mins(1));
    let newest = pushes(&world, TRAPPED).pop().unwrap();
    assert!(runs(&world, "tax-rates").iter().all(|run| run.1 == newest.digest));
    push(&world, "20261124-140700", Some("20261124-140500"));
    world.advance(Duration::from_mins(5));
    assert!(
        runs(&world, "tax-rates").iter().all(|run| run.0.ends_with("20261124-140700")),
        "of a tie the last name"
    );
}

#[test]
fn what_it_does_not_see_and_what_is_all_the_same() {
    let world = story();
    for (repository, namespace) in
        [("support/satisfaction", "satisfaction"), ("internal/access-review", "access-review")]
    {
        let last = pushes(&world, &format!("registry.hosting.example/{repository}")).pop().unwrap();
        let running = runs(&world, namespace);
        assert!(running.iter().all(|run| run.1 != last.digest), "{repository}: {last:?} is not picked");
    }
}

#[test]
fn it_looks_like_the_real_one() {
    let world = story();
    world.advance(Duration::from_mins(5));
    let object = world.cluster("prod").get("imageupdaters", "argocd", "releases").unwrap();
    let checked: Timestamp = object["status"]["lastCheckedAt"].as_str().unwrap().parse().unwrap();
    assert!(world.clock().now().duration_since(checked).as_secs() <= 30);
    push(&world, "20261124-140500", None);
    world.act("tax-rates", "production", Action::LookNow).unwrap();
    let events = world.cluster("prod").list("events");
    let event = events.iter().find(|event| event["reason"] == "ImagesUpdated").unwrap();
    let change =
        |name: &str| event["metadata"]["annotations"][format!("argocd-image-updater.image-0/{name}")].clone();
    assert_eq!((change("full-image-name"), change("new-tag")), (TRAPPED.into(), "20261124-140500".into()));
    assert_eq!(event["source"]["component"], "ArgocdImageUpdater");
    let object = world.cluster("prod").get("imageupdaters", "argocd", "releases").unwrap();
    let fields = |value: &Value| {
        let all = shape(value).into_iter();
        let left_out = [
            "managedFields",
            "/metadata/annotations",
            "resourceVersion",
            "manifestTargets",
            "writeBackConfig",
        ];
        all.filter(|at| !left_out.iter().any(|part| at.contains(part))).collect::<Vec<_>>()
    };
    assert_eq!(fields(&object), fields(&serde_json::from_str(RECORDED).unwrap()));
}
