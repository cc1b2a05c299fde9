//! What is kept of a representative dozen, in full.

use landfall_model::words::Kind;

use super::fixtures::{objects_of, observation};

fn snapshot(name: &str, file: &str, at: usize) {
    let recorded = &objects_of(file)[at];
    insta::assert_json_snapshot!(name, observation(recorded.kind, &recorded.text));
}

#[test]
fn a_representative_dozen() {
    for (name, file, at) in [
        ("application", "states/application-synced-healthy-automated.json", 0),
        ("application_multi_source", "states/application-multi-source.json", 0),
        ("application_first_instant", "states/application-running.json", 0),
        ("application_retrying", "states/application-sync-failing.json", 0),
        ("application_would_wipe", "states/application-sync-error-would-wipe.json", 0),
        ("application_app_of_apps", "states/application-app-of-apps.json", 0),
        ("application_invalid_spec", "states/application-odd-no-cluster.json", 0),
        ("application_helm_images", "image-updater/application-iu-helm-updated.json", 0),
        (
            "application_rolled_back_by_hand",
            "image-updater/application-iu-newest-rolled-back-by-hand.json",
            0,
        ),
        ("application_preview", "previews/application-preview.json", 0),
        ("application_set_failing", "previews/applicationset-generator-failing.json", 0),
        ("app_project", "states/appproject.json", 0),
        ("deployment", "states/deployment.json", 0),
        ("replica_set", "states/replicasets-after-a-roll.json", 0),
        ("pod", "states/pods-running.json", 0),
        ("pod_pull_failing", "states/pods-pull-failing.json", 0),
        ("pod_without_image_id", "states/pod-of-plain-kwok.json", 0),
        ("job", "states/hook-job-and-pod.json", 0),
        ("ingress", "states/ingress.json", 0),
        ("image_updater_failing", "image-updater/imageupdater-git-failing.json", 0),
        ("event_images_updated", "image-updater/events-images-updated.json", 0),
    ] {
        snapshot(name, file, at);
    }
}

/// Of all Events a namespace has, those that tell of Argo CD or of trouble are kept.
#[test]
fn events_that_matter() {
    let kept = |file: &str| {
        let events = objects_of(file);
        let all = events.len();
        let kept = events.iter().filter_map(|event| {
            super::fixtures::reduced(Kind::Event, &event.text).expect("a name").observation
        });
        (kept.count(), all)
    };
    let (argocd, all) = kept("states/events-argocd.json.gz");
    assert_eq!(argocd, all);
    let (workloads, all) = kept("states/events-workloads.json");
    assert!(workloads < all / 2, "{workloads} of {all}");
}
